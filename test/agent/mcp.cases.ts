// Tools called by the official MCP client through n8n's MCP Server Trigger. Called by aiTool.test.ts.
import { connect, type AgentRig, type McpConnection } from './agentRig.ts';
import { readAnswer } from './readAnswer.ts';
import {
	createPatient,
	deletePriceTier,
	everyTool,
	findOrCreatePatient,
	readingTools,
} from './tools.ts';

const noFilter = { email: '', phone: '', dob: '' };
const dana = { name_first: 'Dana', name_last: 'Whitfield', dob: '', email: '' };

const list = { output: 'simplified', fields: '', sort: '' };

/** What a model may get wrong, and the sentence that it can correct itself by. */
const mistakes: Array<{
	what: string;
	tool: string;
	given: Record<string, unknown>;
	sentence: RegExp;
}> = [
	{
		what: 'a bad date',
		tool: 'find_patients',
		given: { ...noFilter, limit: 5, dob: '2000-JAN-51' },
		sentence: /'Date of Birth' is not a date, e\.g\. 2000-01-31\. Nothing was sent/,
	},
	{
		what: 'a bad email',
		tool: 'find_patients',
		given: { ...noFilter, limit: 5, email: 'dana@x' },
		sentence: /'Email' is not an email address, e\.g\. .*Correct the input/,
	},
	{
		what: 'a bad limit',
		tool: 'find_patients',
		given: { ...noFilter, limit: 0, email: 'dana@example.com' },
		sentence: /'Limit' must be a whole number, 1 or more\. Give one up to 50/,
	},
	{
		what: 'an unknown id',
		tool: 'get_patient',
		given: { patient_id: 99999, practice: '2' },
		sentence: /found no such record\. Check the ID/,
	},
	{
		what: 'a path for an id',
		tool: 'get_patient_from_list',
		given: { patient_id: '../stores' },
		sentence: /ID is not one that a record can have\. .*Enter the ID alone/,
	},
	{
		what: 'a foreign practice',
		tool: 'get_patient',
		given: { patient_id: 1001, practice: '123' },
		sentence: /does not let this credential use practice 123/,
	},
	{
		what: 'a practice left out',
		tool: 'get_patient',
		given: { patient_id: 1001, practice: '' },
		sentence: /'Practice Client ID' .* gives nothing\. Give the number of the practice/,
	},
	{
		what: 'a search without anything to search by',
		tool: 'find_patients',
		given: { ...noFilter, limit: 5 },
		sentence: /nothing to search by\. Give a value for at least one of: Email, Phone, Date of/,
	},
	{
		what: 'a practice in words',
		tool: 'get_patient',
		given: { patient_id: 1001, practice: 'main' },
		sentence: /'Practice Client ID' must be a whole number/,
	},
	{
		what: 'an unknown sort field',
		tool: 'list_patients',
		given: { ...list, sort: 'shoe_size' },
		sentence:
			/'Sort' names a field that can't be sorted by\. Fields you can sort by: patient_id, name/,
	},
	{
		what: 'an unknown output',
		tool: 'list_patients',
		given: { ...list, output: 'Everything' },
		sentence: /'Output' .*It must be one of simplified, raw, selected/,
	},
	{
		what: 'unknown fields',
		tool: 'list_patients',
		given: { ...list, output: 'selected', fields: 'first_name, surname' },
		sentence:
			/'Field Names or IDs' names no field of the records\. Fields that there are: patient_id, name_first/,
	},
	{
		what: 'an empty last name',
		tool: 'create_patient',
		given: { ...dana, name_last: '' },
		sentence: /'Last Name' is required\. Nothing was changed/,
	},
	{
		what: 'a missing argument',
		tool: 'create_patient',
		given: { name_first: 'Dana' },
		sentence: /input did not match expected schema[^]*Required[^]*at name_last/,
	},
	{
		what: 'an argument of another type',
		tool: 'find_patients',
		given: { ...noFilter, limit: 'all' },
		sentence: /Expected number, received string[^]*at limit/,
	},
];

export function mcpCases(rig: () => AgentRig): void {
	let reader: McpConnection;
	let writer: McpConnection;

	beforeAll(async () => {
		reader = await rig().serve(readingTools);
		writer = await rig().serve(everyTool);
	});

	const patients = async () => await rig().simulator.records(2, '/patients');
	const answered = async (tool: string, toolArguments: Record<string, unknown>) => {
		const { text, isError } = await writer.call(tool, toolArguments);
		expect({ text, isError }).toEqual({ text, isError: false });
		const { records, failure } = readAnswer(text);
		expect(failure).toBeUndefined();
		return records;
	};

	it('lists what the author added, with descriptions to act on', async () => {
		const tools = await writer.list();
		const described = Object.fromEntries(tools.map((tool) => [tool.name, tool.description]));
		expect(described).toEqual({
			find_patients: 'Get many patients in EyeCloud Pro',
			list_patients: 'Get many patients in EyeCloud Pro',
			get_patient: 'Get patient in EyeCloud Pro',
			get_patient_from_list: 'Get patient in EyeCloud Pro',
			count_patients: 'Count patients in EyeCloud Pro',
			create_patient: 'Create patient in EyeCloud Pro',
			find_or_create_patient: 'Find or create patient in EyeCloud Pro',
			update_frame: 'Update frame in EyeCloud Pro',
			delete_price_tier: 'Delete price tier in EyeCloud Pro',
			get_access: 'Get credential access in EyeCloud Pro',
		});
		const find = tools.find(({ name }) => name === 'find_patients');
		expect(find?.inputSchema).toMatchObject({
			type: 'object',
			properties: {
				limit: { type: 'number', description: 'How many patients at most' },
				email: { type: 'string', description: 'Email of the patient, or empty' },
			},
			required: ['limit', 'email', 'phone', 'dob'],
		});
	});

	it('hands arguments to filters, limit and sort', async () => {
		const [, second] = await patients();
		const { patient_id, name_first, name_last, phone } = second;
		const selected = { patient_id, name_first, name_last, phone };
		const email = String(second.email);
		expect(await answered('find_patients', { ...noFilter, limit: 5, email })).toEqual([selected]);
		expect(await answered('count_patients', { ...noFilter, email })).toEqual([{ count: 1 }]);
		const sorted = await answered('list_patients', {
			...{ sort: 'name_last', output: 'selected', fields: 'name_last' },
		});
		expect(sorted).toHaveLength(10);
		const requests = await rig().simulator.received({ path: '/patients' });
		expect(requests.at(-1)?.query).toMatchObject({ sort: expect.stringMatching(/^name_last\b/) });
	});

	it('hands arguments to the record to get, by ID or in the list', async () => {
		const [{ patient_id }] = await patients();
		const byId = await answered('get_patient', { patient_id, practice: '2' });
		const inList = await answered('get_patient_from_list', { patient_id: String(patient_id) });
		expect(byId[0].patient_id).toBe(patient_id);
		expect(inList).toEqual(byId);
	});

	it('hands arguments to the columns of a new record', async () => {
		const [created] = await answered('create_patient', { ...dana, dob: 'March 5, 1990' });
		const stored = (await patients()).find(({ patient_id }) => patient_id === created.patient_id);
		expect(stored).toMatchObject({ name_last: 'Whitfield', dob: '1990-03-05', email: null });
	});

	it('hands arguments to an update and to a deletion', async () => {
		const frames = '/pricebooks/frames';
		const [{ frame_id }] = await rig().simulator.records(2, frames);
		const frame = { frame_id: String(frame_id), color: 'Sand' };
		expect((await answered('update_frame', frame))[0]).toMatchObject({ frame_id, color: 'Sand' });
		expect((await rig().simulator.records(2, frames))[0].color).toBe('Sand');
		const tiers = '/configurations/pricetiers';
		const [{ pricetier_id }, ...others] = await rig().simulator.records(2, tiers);
		const price_tier_id = String(pricetier_id);
		expect(await answered('delete_price_tier', { price_tier_id })).toMatchObject([
			{ deleted: true },
		]);
		expect(await rig().simulator.records(2, tiers)).toEqual(others);
	});

	it.each(['simplified', 'raw', 'selected'])('gets %s output', async (output) => {
		const records = await answered('list_patients', { output, fields: 'patient_id,dob', sort: '' });
		const expected = (await patients()).slice(0, 10);
		expect(records.map(({ patient_id }) => patient_id)).toEqual(
			expected.map(({ patient_id }) => patient_id),
		);
		if (output === 'raw') expect(records).toEqual(expected);
		else if (output === 'selected') expect(Object.keys(records[0])).toEqual(['patient_id', 'dob']);
		else {
			expect(Object.keys(records[0]).length).toBeLessThanOrEqual(10);
			expect(records[0]).not.toHaveProperty('insurances');
		}
	});

	it('sees no more of a patient that was there already than the author selected', async () => {
		const [{ patient_id, email, name_first }] = await patients();
		const given = { ...dana, name_first, email };
		expect(await answered('find_or_create_patient', given)).toEqual([
			{ patient_id, _created: false },
		]);
	});

	it('is told in words that nothing was found', async () => {
		const email = 'nobody@example.com';
		const [answer] = await answered('find_patients', { ...noFilter, limit: 5, email });
		expect(answer).toEqual({
			found: 0,
			message: expect.stringMatching(/No patients were found.*check their values/),
		});
	});

	it('is not offered what the author did not add, and can not call it', async () => {
		const names = (await reader.list()).map(({ name }) => name).sort();
		expect(names).toEqual(readingTools.map(({ name }) => name).sort());
		for (const { name } of [createPatient, findOrCreatePatient, deletePriceTier]) {
			await expect(reader.call(name, dana)).rejects.toThrow(/Tool not found/);
		}
		expect((await rig().simulator.counts()).total).toBe(0);
	});

	it("is turned away without the callers' token", async () => {
		await expect(connect(`${rig().n8n.url}/mcp/tools-0`, 'another')).rejects.toThrow(
			/Authorization data is wrong/,
		);
	});

	it.each(mistakes)('can correct $what', async ({ tool, given, sentence }) => {
		const { text, isError } = await writer.call(tool, given);
		// Arguments that do not fit the schema are refused by n8n, before there is an answer of the tool.
		const told = isError ? text : readAnswer(text).failure;
		expect(told).toMatch(sentence);
		expect(told).not.toMatch(/\n\s+at |\{"|statusCode|http/);
		expect(await patients()).toHaveLength(60);
	});

	it.each(['create_patient', 'find_or_create_patient'])(
		'%s: creates once what it asks for eight times at once',
		async (tool) => {
			const given = { ...dana, name_first: tool, email: `${tool}@example.com` };
			const answers = await Promise.all(
				Array.from({ length: 8 }, async () => await answered(tool, given)),
			);
			const ids = answers.map(([{ patient_id }]) => patient_id);
			expect(new Set(ids).size).toBe(1);
			expect(await rig().simulator.received({ method: 'POST' })).toHaveLength(1);
		},
	);

	it('creates nothing twice where the outcome is unknown, whoever tries again', async () => {
		const settings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const retrying = await rig().serve([{ ...createPatient, settings }]);
		const match = { method: 'POST', path: '/patients$' };
		await rig().simulator.addFault({ match, when: 'after', fault: { kind: 'reset' } });
		for (const connection of [retrying, retrying]) {
			const { text } = await connection.call('create_patient', dana);
			expect(readAnswer(text).failure).toMatch(
				/unknown whether EyeCloud Pro created the record\. .*Look in EyeCloud/,
			);
		}
		expect(await rig().simulator.received({ method: 'POST' })).toHaveLength(1);
		const other = await retrying.call('create_patient', { ...dana, name_first: 'Robin' });
		expect(other.isError).toBe(false);
		expect(await patients()).toHaveLength(62);
	});
}
