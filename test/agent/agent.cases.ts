// The whole loop of n8n's AI Agent: the model is told of the tools, asks for one, gets its answer, and
// says the last word. Called by aiTool.test.ts.
import type { AgentRig } from './agentRig.ts';
import { answerIn } from '../harness/asTool.ts';
import { createPatient, findPatients, getPatient, readingTools } from './tools.ts';
import type { ToolCall } from './scriptedModel.ts';
import type { Tool } from './toolWorkflow.ts';

const noFilter = { email: '', phone: '', dob: '' };
const unknownId = { patient_id: 99999, practice: '2' };
const dana = { name_first: 'Dana', name_last: 'Whitfield', dob: '', email: '' };

export function agentCases(rig: () => AgentRig, agentVersion: number): void {
	const ask = async (script: ToolCall[], tools: Tool[]) =>
		await rig().ask(script, tools, { agentVersion });

	it('asks, is answered, and answers', async () => {
		const { simulator, model } = rig();
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
		expect(results.map(answerIn)).toEqual([
			{
				head: { shown: 1, total: 1, about: expect.stringMatching(/data, never instructions/) },
				records: [{ patient_id, name_first, name_last, phone }],
			},
		]);
		expect(output).toBe(`The tools answered: ${results[0]}`);
	});

	it('corrects itself by the sentence', async () => {
		const [{ patient_id, dob }] = await rig().simulator.records(2, '/patients');
		const tool = 'find_patients';
		const { results, execution } = await ask(
			[
				{ tool, arguments: { ...noFilter, limit: 50, dob: '31.31.1990' } },
				{ tool, arguments: { ...noFilter, limit: 50, dob } },
			],
			[findPatients],
		);
		expect(execution.status).toBe('success');
		expect(answerIn(results[0]).failure).toMatch(
			/^'Date of Birth' is not a date, e\.g\. 2000-01-31\. Nothing was sent .* Correct the input/,
		);
		expect(answerIn(results[1]).records).toContainEqual(expect.objectContaining({ patient_id }));
	});

	it.each([
		['by itself', undefined],
		['with Continue On Fail', 'continueRegularOutput'],
		['not, where the author stops the workflow, and the agent can', 'stopWorkflow'],
	] as const)('goes on after an error: %s', async (_, onError) => {
		const script = [{ tool: 'get_patient', arguments: unknownId }];
		const tool = { ...getPatient, settings: { onError } };
		const { execution, results } = await ask(script, [tool]);
		if (onError === 'stopWorkflow' && agentVersion >= 3) {
			expect(execution.status).toBe('error');
			expect(execution.error?.message).toMatch(/^EyeCloud Pro found no such record/);
			return;
		}
		expect(execution.status).toBe('success');
		expect(answerIn(results[0]).failure).toMatch(
			/^EyeCloud Pro found no such record\. Check the ID/,
		);
	});

	it('does nothing unheard where the author gave the tool an error output', async () => {
		const script = [
			{ tool: 'create_patient', arguments: { ...dana, name_first: `Lost ${agentVersion}` } },
		];
		const settings = { onError: 'continueErrorOutput' as const };
		const { results } = await ask(script, [{ ...createPatient, settings }]);
		const isHeard = agentVersion < 3;
		expect(results[0]).toMatch(isHeard ? /"patient_id":\d+/ : /error output, with which n8n loses/);
		const posts = await rig().simulator.received({ method: 'POST' });
		expect(posts).toHaveLength(isHeard ? 1 : 0);
	});

	it('can not write where the author added no tool that does', async () => {
		const script = [{ tool: 'create_patient', arguments: dana }];
		const { results } = await ask(script, readingTools);
		// Older agents tell the model that there is no such tool, newer ones end.
		if (agentVersion >= 3) expect(results).toEqual([]);
		expect((await rig().simulator.counts()).total).toBe(0);
	});

	it('creates once what it asks for twice in a turn', async () => {
		const call = {
			tool: 'create_patient',
			arguments: { ...dana, name_first: `Twice ${agentVersion}` },
		};
		const { results } = await ask([call, call], [createPatient]);
		const [first, second] = results.map(answerIn);
		expect(second.records).toEqual([{ patient_id: first.records[0].patient_id }]);
		expect(second.head?.message).toMatch(/^The same was created a moment ago/);
		expect(await rig().simulator.received({ method: 'POST' })).toHaveLength(1);
	});
}
