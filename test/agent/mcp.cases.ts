// Tools called by the official MCP client through n8n's MCP Server Trigger. Called by aiTool.test.ts.
import { connect, type AgentRig, type McpConnection } from './agentRig.ts';
import { answerIn } from '../harness/asTool.ts';
import { createPatient, everyTool, findOrCreatePatient, readingTools } from './tools.ts';

const noFilter = { email: '', phone: '', dob: '' };
const dana = { name_first: 'Dana', name_last: 'Whitfield', dob: '', email: '' };

/** What a model may get wrong, and the sentence that it can correct itself by. More are in agentsHands.test.ts. */
const mistakes: Array<[what: string, tool: string, given: Record<string, unknown>, says: RegExp]> =
	[
		[
			'a bad date',
			'find_patients',
			{ ...noFilter, limit: 5, dob: '2000-JAN-51' },
			/'Date of Birth' is not a date, e\.g\. 2000-01-31\. Nothing was sent/,
		],
		[
			'an unknown ID',
			'get_patient',
			{ patient_id: 99999, practice: '2' },
			/found no such record\. Check the ID/,
		],
		[
			'a search without anything to search by',
			'find_patients',
			{ ...noFilter, limit: 5 },
			/nothing to search by\. Give a value for at least one of: Email, Phone, Date of/,
		],
		[
			'an unknown output',
			'list_patients',
			{ output: 'Everything', fields: '', sort: '' },
			/'Output' .*It must be one of simplified, raw, selected/,
		],
		[
			'a missing argument',
			'create_patient',
			{ name_first: 'Dana' },
			/input did not match expected schema[^]*Required[^]*at name_last/,
		],
		[
			'an argument of another type',
			'find_patients',
			{ ...noFilter, limit: 'all' },
			/Expected number, received string[^]*at limit/,
		],
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
		const { records, failure } = answerIn(text);
		expect(failure).toBeUndefined();
		return records;
	};

	it('lists what the author added, with descriptions to act on', async () => {
		const tools = await writer.list();
		expect(tools.map(({ name }) => name).sort()).toEqual(everyTool.map(({ name }) => name).sort());
		const update = tools.find(({ name }) => name === 'update_frame');
		expect(update?.description).toBe('Update frame in EyeCloud Pro');
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

	it('hands arguments to an update', async () => {
		const frames = '/pricebooks/frames';
		const [{ frame_id }] = await rig().simulator.records(2, frames);
		const frame = { frame_id: String(frame_id), color: 'Sand' };
		expect(await answered('update_frame', frame)).toMatchObject([{ frame_id, color: 'Sand' }]);
		expect((await rig().simulator.records(2, frames))[0].color).toBe('Sand');
	});

	it('sees no more of a patient that was there already than the author selected', async () => {
		const [{ patient_id, email, name_first }] = await patients();
		const given = { ...dana, name_first, email };
		expect(await answered('find_or_create_patient', given)).toEqual([
			{ patient_id, _created: false },
		]);
	});

	it('is not offered what the author did not add, and can not call it', async () => {
		const names = (await reader.list()).map(({ name }) => name).sort();
		expect(names).toEqual(readingTools.map(({ name }) => name).sort());
		for (const { name } of [createPatient, findOrCreatePatient]) {
			await expect(reader.call(name, dana)).rejects.toThrow(/Tool not found/);
		}
		expect((await rig().simulator.counts()).total).toBe(0);
	});

	it("is turned away without the callers' token", async () => {
		await expect(connect(`${rig().n8n.url}/mcp/tools-0`, 'another')).rejects.toThrow(
			/Authorization data is wrong/,
		);
	});

	it.each(mistakes)('can correct %s', async (_what, tool, given, says) => {
		const { text, isError } = await writer.call(tool, given);
		// Arguments that do not fit the schema are refused by n8n, before there is an answer of the tool.
		const told = isError ? text : answerIn(text).failure;
		expect(told).toMatch(says);
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
			expect(answerIn(text).failure).toMatch(
				/unknown whether EyeCloud Pro created the record\. .*Look in EyeCloud/,
			);
		}
		expect(await rig().simulator.received({ method: 'POST' })).toHaveLength(1);
		const other = await retrying.call('create_patient', { ...dana, name_first: 'Robin' });
		expect(other.isError).toBe(false);
		expect(await patients()).toHaveLength(62);
	});
}
