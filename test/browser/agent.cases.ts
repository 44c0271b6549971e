// A person at the front desk talks to the agent of examples/ in n8n's chat, and approves what it books. Called by
// browser.test.ts.
import { startScriptedModel } from '../agent/scriptedModel.ts';
import { answerIn } from '../harness/asTool.ts';
import { isOurs, readExample } from '../n8n/example.ts';
import { scene, type Editor } from './editor.ts';

const day = '2031-07-01';

export function agentCases(editor: () => Editor): void {
	scene('asks in the chat before it books', editor, async (user) => {
		const { page, pictures, n8n, simulator } = user;
		const model = await startScriptedModel();
		try {
			const [ann] = await simulator.records(2, '/patients');
			const booking = {
				...{ patient_id: ann.patient_id, store_id: 2, duration_minutes: 30 },
				start_date: `${day}T09:30:00`,
			};
			model.follow([
				{
					tool: 'Find_Patients',
					arguments: { last_name: '', email: ann.email, phone: '', dob: '' },
				},
				{ tool: 'List_Stores', arguments: {} },
				{ tool: 'List_Appointments_of_a_Day', arguments: { day } },
				{
					tool: 'Book_an_Appointment',
					arguments: { toolParameters: booking, hitlParameters: {} },
				},
			]);
			const key = { apiKey: 'of-the-scripted-model', url: model.baseUrl };
			const ofModel = await n8n.createCredential('Model', key, 'openAiApi');
			const credential = await user.saveCredential();
			const example = readExample('front-desk-ai-agent');
			for (const node of example.nodes) {
				if (isOurs(node)) node.credentials = { [credential.type]: credential };
				if (node.name === 'Chat Model') node.credentials = { openAiApi: ofModel };
			}
			// High enough for all of the question.
			await page.setViewportSize({ width: 1280, height: 1600 });
			await page.goto(`${n8n.url}/workflow/${await n8n.createWorkflow(example)}`);
			await page.getByTestId('workflow-chat-button').click();
			const chat = page.getByTestId('canvas-chat');
			await chat.locator('textarea').fill('Book Ann for July 1st at 9:30, please.');
			await chat.locator('textarea').press('Enter');
			await chat.getByText('To be booked, if you agree:').waitFor();
			await chat.getByText(`Start: ${booking.start_date}`).waitFor();
			const before = await simulator.records(2, '/appointments');
			expect(before).not.toContainEqual(expect.objectContaining(booking));
			const book = chat.getByText('Book', { exact: true });
			await book.scrollIntoViewIfNeeded();
			await pictures.take('approve-in-chat', page, chat);
			await book.click();
			await chat.getByText('The tools answered').waitFor();
			const after = await simulator.records(2, '/appointments');
			expect(after).toHaveLength(before.length + 1);
			expect(after.at(-1)).toMatchObject(booking);
			// No more than the example's author lets out.
			const shown = model.toolResults().map((result) => answerIn(result).records);
			expect(shown.map(([first]) => Object.keys(first ?? {}))).toEqual([
				['patient_id', 'name_first', 'name_last', 'dob'],
				['store_id', 'store_name'],
				expect.not.arrayContaining(['patient_id']),
				['appt_id', 'start_date', 'status'],
			]);
		} finally {
			await model.stop();
		}
	});
}
