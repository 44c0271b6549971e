// Tools called by the official MCP client through n8n's MCP Server Trigger. What they answer is for test/operations.
// Called by aiTool.test.ts.
import type { AgentRig, McpConnection } from './agentRig.ts';
import { answerIn } from '../harness/asTool.ts';
import {
	createPatient,
	everyTool,
	findOrCreatePatient,
	findPatients,
	getPatient,
	readingTools,
} from './tools.ts';

const noFilter = { email: '', phone: '', dob: '', limit: 5 };
const dana = { name_first: 'Dana', name_last: 'Whitfield', dob: '', email: '' };

/** What a model may get wrong, and the sentence that it can correct itself by. */
const mistakes: Array<[tool: string, given: Record<string, unknown>, says: RegExp]> = [
	[findPatients.name, { ...noFilter, dob: '2000-JAN-51' }, /'Date of Birth' is not a date, e\.g\./],
	[findPatients.name, noFilter, /nothing to search by\. Give a value for at least one of: Email,/],
	[getPatient.name, { patient_id: 99999 }, /found no such record\. Check the ID/],
	[createPatient.name, { name_first: 'Dana' }, /did not match expected schema[^]*at name_last/],
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

	it('is offered what the author added, and nothing else', async () => {
		const find = (await writer.list()).find(({ name }) => name === findPatients.name);
		expect(find).toMatchObject({
			description: 'Get many patients in EyeCloud Pro',
			inputSchema: {
				properties: { limit: { type: 'number', description: 'How many patients at most' } },
				required: ['limit', 'email', 'phone', 'dob'],
			},
		});
		const names = (await reader.list()).map(({ name }) => name).sort();
		expect(names).toEqual(readingTools.map(({ name }) => name).sort());
		await expect(reader.call(createPatient.name, dana)).rejects.toThrow(/Tool not found/);
		expect((await rig().simulator.counts()).total).toBe(0);
	});

	it('finds, reads and creates by its arguments', async () => {
		const [, { patient_id, name_first, name_last, phone, email }] = await patients();
		const selected = { patient_id, name_first, name_last, phone };
		expect(await answered(findPatients.name, { ...noFilter, email })).toEqual([selected]);
		expect(await answered(getPatient.name, { patient_id })).toMatchObject([{ patient_id, email }]);
		const [created] = await answered(createPatient.name, { ...dana, dob: 'March 5, 1990' });
		const stored = (await patients()).find((each) => each.patient_id === created.patient_id);
		expect(stored).toMatchObject({ name_last: 'Whitfield', dob: '1990-03-05', email: null });
		// No more than the author selected of a patient that was there already.
		const given = { ...dana, name_first, email };
		expect(await answered(findOrCreatePatient.name, given)).toEqual([
			{ patient_id, _created: false },
		]);
	});

	it.each(mistakes)('can correct what it gave to %s: %p', async (tool, given, says) => {
		const { text, isError } = await writer.call(tool, given);
		// Arguments that do not fit the schema are refused by n8n, before there is an answer of the tool.
		expect(isError ? text : answerIn(text).failure).toMatch(says);
		expect(await patients()).toHaveLength(60);
	});

	it.each([createPatient.name, findOrCreatePatient.name])(
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
			const { text } = await connection.call(createPatient.name, dana);
			expect(answerIn(text).failure).toMatch(/unknown whether EyeCloud Pro created the record\./);
		}
		expect(await rig().simulator.received({ method: 'POST' })).toHaveLength(1);
	});
}
