// A user whose EyeCloud Pro is otherwise than the node expects: Check API says what to paste, the user pastes
// it into the credential, and then all works. Called by browser.test.ts.
import { madeUpDialect } from '../dialects/madeUp.ts';
import { scene, type Editor } from './editor.ts';
import { NodeForm } from './nodeForm.ts';

export function checkApiCases(editor: () => Editor): void {
	scene('finds out what to paste, and once it is pasted all works', editor, async (user) => {
		const { page, pictures, simulator } = user;
		await simulator.configure({ dialect: madeUpDialect });
		const { scopes } = simulator.clients.practice;
		const client = await simulator.createClient({ scopes: [...scopes, 'read:crm:people'] });
		const credential = await user.addWithoutCredential('Check API');
		await credential.fillIn(simulator, client);
		await credential.save();
		expect(await credential.failure()).toMatch(/no list of patients.*run 'Check API'/);
		await credential.close();

		const form = new NodeForm(page);
		await form.execute();
		const [heading, summary, first] = await form.table(17);
		expect(summary[heading.indexOf('to_do')]).toMatch(/^Paste api_differences into/);
		expect(first[heading.indexOf('differs')]).toMatch(/is at \/crm\/people, not at \/patients/);
		await pictures.take('check-api', page);
		const differences = summary[heading.indexOf('api_differences')];
		expect(JSON.parse(differences)).toEqual({ patient: { path: '/crm/people' } });

		await credential.openChosen();
		// n8n tests it as it opens; what comes later would be taken for the test of what is pasted.
		await credential.failure();
		await credential.paste('apiDifferences', differences);
		await credential.save();
		await credential.modal.getByText('Connection tested successfully').waitFor();
		await credential.close();
		await form.execute();
		await form.output.getByText('Nothing.', { exact: true }).first().waitFor();
		await form.choose(form.field('resource'), 'Patient');
		await form.choose(form.field('operation'), 'Get Many');
		await form.execute();
		await form.output.getByText('50 items', { exact: true }).waitFor();
	});
}
