// The whole loop of n8n's AI Agent: the model is told of the tools, asks for one, gets its answer, and
// says the last word. Called by aiTool.test.ts.
import type { AgentRig } from './agentRig.ts';
import { createPatient, findPatients, getPatient, listPatients, readingTools } from './tools.ts';

const noFilter = { email: '', phone: '', dob: '' };
const unknownId = { patient_id: 99999, practice: '2' };
const dana = { name_first: 'Dana', name_last: 'Whitfield', dob: '', email: '' };

export function agentCases(rig: () => AgentRig): void {
	it('asks, is answered, and answers', async () => {
		const { simulator, model, ask } = rig();
		const [, wanted] = await simulator.records(2, '/patients');
		const { patient_id, name_first, name_last, phone } = wanted;
		const script = [
			{ tool: 'find_patients', arguments: { ...noFilter, limit: 3, email: wanted.email } },
		];
		const { execution, results, output } = await ask(script, readingTools);
		expect(execution.error?.message).toBeUndefined();
		expect(model.received).toHaveLength(2);
		const [{ tools, messages }] = model.received;
		expect(messages.at(-1)).toMatchObject({ role: 'user', content: 'Look it up.' });
		const offered = tools.map(({ function: { name } }) => name).sort();
		expect(offered).toEqual(readingTools.map(({ name }) => name).sort());
		const find = tools.find(({ function: { name } }) => name === 'find_patients');
		expect(find?.function).toMatchObject({
			description: 'Get many patients in EyeCloud Pro',
			parameters: {
				properties: { dob: { type: 'string', description: expect.stringContaining('YYYY-MM-DD') } },
				required: ['limit', 'email', 'phone', 'dob'],
			},
		});
		const selected = JSON.stringify([{ patient_id, name_first, name_last, phone }]);
		expect(results).toEqual([selected]);
		expect(output).toBe(`The tools answered: ${selected}`);
	});

	it('corrects itself by the sentence', async () => {
		const [{ patient_id, dob }] = await rig().simulator.records(2, '/patients');
		const tool = 'find_patients';
		const { results, execution } = await rig().ask(
			[
				{ tool, arguments: { ...noFilter, limit: 50, dob: '31.31.1990' } },
				{ tool, arguments: { ...noFilter, limit: 50, dob } },
			],
			[findPatients],
		);
		expect(execution.status).toBe('success');
		expect(sentenceIn(results[0])).toMatch(
			/^'Date of Birth' is not a date, e\.g\. 2000-01-31\. Nothing was sent .* Correct the input/,
		);
		expect(JSON.parse(results[1])).toContainEqual(expect.objectContaining({ patient_id }));
	});

	it('is told what to choose from', async () => {
		const tool = 'list_patients';
		const { results } = await rig().ask(
			[
				{ tool, arguments: { output: 'simplified', fields: '', sort: 'shoe_size' } },
				{ tool, arguments: { output: 'all', fields: '', sort: '' } },
				{ tool, arguments: { output: 'selected', fields: 'first_name', sort: '' } },
			],
			[listPatients],
		);
		expect(results.map(sentenceIn)).toEqual([
			expect.stringMatching(/Fields you can sort by: patient_id, name_first, name_last/),
			expect.stringMatching(/one of simplified, raw, selected/),
			expect.stringMatching(/Fields that there are: patient_id, name_first, name_last/),
		]);
	});

	it('is told in words that nothing was found', async () => {
		const { results } = await rig().ask(
			[{ tool: 'find_patients', arguments: { ...noFilter, limit: 3, phone: '5120000000' } }],
			[findPatients],
		);
		expect(JSON.parse(results[0])).toEqual([
			{ found: 0, message: expect.stringMatching(/^No patients were found/) },
		]);
	});

	it.each([
		['by itself', undefined, 'success'],
		['with Continue On Fail', 'continueRegularOutput', 'success'],
		['not, where the author stops the workflow', 'stopWorkflow', 'error'],
	] as const)('goes on after an error: %s', async (_, onError, status) => {
		const script = [{ tool: 'get_patient', arguments: unknownId }];
		const tool = { ...getPatient, settings: { onError } };
		const { execution, results } = await rig().ask(script, [tool]);
		expect(execution.status).toBe(status);
		const sentence = /^EyeCloud Pro found no such record\. Check the ID/;
		if (status === 'error') expect(execution.error?.message).toMatch(sentence);
		else expect(sentenceIn(results[0])).toMatch(sentence);
	});

	it('can not write where the author added no tool that does', async () => {
		const script = [{ tool: 'create_patient', arguments: dana }];
		const { execution, results } = await rig().ask(script, readingTools);
		expect(execution.status).toBe('error');
		expect(results).toEqual([]);
		expect((await rig().simulator.counts()).total).toBe(0);
	});

	it('creates nothing twice where the outcome is unknown, though it asks again', async () => {
		const { simulator, ask } = rig();
		const match = { method: 'POST', path: '/patients$' };
		await simulator.addFault({ match, when: 'after', fault: { kind: 'reset' } });
		const call = { tool: 'create_patient', arguments: { ...dana, name_first: 'Sam' } };
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
		const { results } = await ask([call, call], [{ ...createPatient, settings }]);
		for (const result of results) expect(sentenceIn(result)).toMatch(/^It is unknown whether/);
		expect(results).toHaveLength(2);
		expect(await simulator.received({ method: 'POST' })).toHaveLength(1);
	});
}

/** The one error that the model was given. */
function sentenceIn(result: string): string {
	const [{ error }] = JSON.parse(result) as Array<{ error: string }>;
	return error;
}
