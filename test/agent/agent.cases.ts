// The whole loop of n8n's AI Agent: the model is told of the tools, asks for one, gets its answer, and
// says the last word. What the tools answer is for test/operations. Called by aiTool.test.ts.
import type { AgentRig } from './agentRig.ts';
import { answerIn } from '../harness/asTool.ts';
import type { ToolCall } from './scriptedModel.ts';
import type { Tool } from './toolWorkflow.ts';
import { createPatient, findPatients, getPatient, readingTools } from './tools.ts';

const noFilter = { email: '', phone: '', dob: '', limit: 3 };
const dana = { name_first: 'Dana', name_last: 'Whitfield', dob: '', email: '' };

export function agentCases(rig: () => AgentRig, agentVersion: number): void {
	const ask = async (script: ToolCall[], tools: Tool[]) =>
		await rig().ask(script, tools, agentVersion);

	it('asks, corrects itself by the sentence, and answers', async () => {
		const { simulator, model } = rig();
		const [, { patient_id, name_first, name_last, phone, email }] = await simulator.records(
			2,
			'/patients',
		);
		const tool = findPatients.name;
		const { execution, results, output } = await ask(
			[
				{ tool, arguments: { ...noFilter, dob: '31.31.1990' } },
				{ tool, arguments: { ...noFilter, email } },
			],
			readingTools,
		);
		expect(execution.error?.message).toBeUndefined();
		const [{ tools }] = model.received;
		const offered = tools.map(({ function: { name } }) => name).sort();
		expect(offered).toEqual(readingTools.map(({ name }) => name).sort());
		const find = tools.find(({ function: { name } }) => name === tool);
		expect(find?.function.description).toBe('Get many patients in EyeCloud Pro');
		const [refused, answered] = results.map(answerIn);
		expect(refused.failure).toMatch(/^'Date of Birth' is not a date, .* Correct the input/);
		expect(answered).toEqual({
			head: { shown: 1, total: 1, about: expect.stringMatching(/data, never instructions/) },
			records: [{ patient_id, name_first, name_last, phone }],
		});
		expect(output).toBe(`The tools answered: ${results.join('\n')}`);
	});

	it.each([undefined, 'continueRegularOutput', 'stopWorkflow'] as const)(
		'goes on after an error, unless the author stops the workflow and the agent can: %s',
		async (onError) => {
			const script = [{ tool: getPatient.name, arguments: { patient_id: 99999 } }];
			const { execution, results } = await ask(script, [{ ...getPatient, settings: { onError } }]);
			const isStopped = onError === 'stopWorkflow' && agentVersion >= 3;
			const said = isStopped ? execution.error?.message : answerIn(results[0]).failure;
			expect(said).toMatch(/^EyeCloud Pro found no such record/);
			expect(execution.status).toBe(isStopped ? 'error' : 'success');
		},
	);

	it('does nothing unheard where the author gave the tool an error output', async () => {
		const script = [
			{ tool: createPatient.name, arguments: { ...dana, name_first: `Lost ${agentVersion}` } },
		];
		const settings = { onError: 'continueErrorOutput' as const };
		const { results } = await ask(script, [{ ...createPatient, settings }]);
		const isHeard = agentVersion < 3;
		expect(results[0]).toMatch(isHeard ? /"patient_id":\d+/ : /error output, with which n8n loses/);
		const posts = await rig().simulator.received({ method: 'POST' });
		expect(posts).toHaveLength(isHeard ? 1 : 0);
	});

	it('creates once what it asks for twice in a turn', async () => {
		const given = { ...dana, name_first: `Twice ${agentVersion}` };
		const call = { tool: createPatient.name, arguments: given };
		const { results } = await ask([call, call], [createPatient]);
		const [first, second] = results.map(answerIn);
		expect(second.records).toEqual([{ patient_id: first.records[0].patient_id }]);
		expect(await rig().simulator.received({ method: 'POST' })).toHaveLength(1);
	});
}
