// What the tools cost a model in tokens: their descriptions in every turn, and what they answer.
// Counted on what the scripted model received. Called by aiTool.test.ts.
import { encode } from 'gpt-tokenizer';
import type { AgentRig } from './agentRig.ts';
import { answerIn } from '../harness/asTool.ts';
import { everyTool, findPatients, getPatient, listPatients } from './tools.ts';

function tokensOf(text: string): number {
	return encode(text).length;
}

export function costCases(rig: () => AgentRig): void {
	it('of each description are few', async () => {
		await rig().ask([], everyTool);
		const { tools } = rig().model.received[0];
		expect(tools).toHaveLength(everyTool.length);
		for (const tool of tools) {
			expect(tokensOf(JSON.stringify(tool.function))).toBeLessThan(200);
		}
	});

	it('of ten patients are fewer, the less a model needs', async () => {
		const tool = 'list_patients';
		const fields = 'patient_id, name_first, name_last, phone';
		const outputs = ['raw', 'simplified', 'selected'];
		const script = outputs.map((output) => ({ tool, arguments: { output, fields, sort: '' } }));
		const { results } = await rig().ask(script, [listPatients]);
		for (const result of results) expect(answerIn(result).records).toHaveLength(10);
		const [raw, simplified, selected] = results.map(tokensOf);
		expect(simplified).toBeLessThan(raw * 0.7);
		expect(selected).toBeLessThan(simplified * 0.5);
	});

	it('of a refusal and of an empty list are few', async () => {
		const nobody = { email: 'nobody@example.com', phone: '', dob: '', limit: 5 };
		const { results } = await rig().ask(
			[
				{ tool: 'find_patients', arguments: nobody },
				{ tool: 'get_patient', arguments: { patient_id: 99999, practice: '2' } },
			],
			[findPatients, getPatient],
		);
		const [nothing, unknownId] = results.map(tokensOf);
		expect(Math.max(nothing, unknownId)).toBeLessThan(80);
	});
}
