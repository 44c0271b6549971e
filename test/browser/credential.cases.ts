// A new user makes the credential by typing into its form, and reads what is wrong with it. Called by
// browser.test.ts.
import type { Editor } from './editor.ts';
import { NodeForm } from './nodeForm.ts';
import { scene } from './scene.ts';

/** A port that nothing listens on: the lowest, which the system gives to nobody. */
const refusingHost = 'http://127.0.0.1:1';

export function credentialCases(editor: () => Editor): void {
	scene('asks for nothing that it knows', editor, async (user) => {
		const { page, pictures } = user;
		// High enough for most of the form; n8n lets it grow no higher.
		await page.setViewportSize({ width: 1280, height: 950 });
		const form = await user.addWithoutCredential('Get many patients');
		expect(await form.labels()).toEqual([
			'Grant Type',
			'Client ID',
			'Client Secret',
			'Environment',
			'Practice Client ID',
			'Requests per Minute',
			'API Differences',
		]);
		await pictures.take('credential-new', page, page.locator('.el-dialog:visible'));
		await form.choose('environment', 'Staging');
		expect(await form.labels()).toEqual(
			expect.arrayContaining(['Auth Server URL', 'Audience', 'Practice Client ID']),
		);
		const notice = form.modal.getByText('An address must begin with https://');
		await form.type({ authServerUrl: 'https://auth.example.com' });
		expect(await notice.count()).toBe(0);
		await form.type({ authServerUrl: 'http://auth.example.com' });
		await notice.scrollIntoViewIfNeeded();
		await pictures.take('credential-http', page, page.locator('.el-dialog:visible'));
	});

	scene('says yes, and is used', editor, async (user) => {
		const { page, pictures, simulator } = user;
		const form = await user.addWithoutCredential('Get many patients');
		await form.fillIn(simulator, simulator.clients.practice);
		await form.save();
		// n8n closes the form of a credential that works.
		await form.modal.waitFor({ state: 'hidden' });
		await form.openChosen();
		await form.modal.getByText('Connection tested successfully').waitFor();
		await pictures.take('credential-tested', page, page.locator('.el-dialog:visible'));
		await form.close();

		const node = new NodeForm(page);
		await node.execute();
		expect(await node.table()).toHaveLength(1 + 25);
	});

	scene('says what is wrong', editor, async (user) => {
		const { page, pictures, n8n, simulator } = user;
		const wrong: Array<[Record<string, string>, RegExp]> = [
			[{ clientSecret: 'wrong' }, /Client authentication failed/],
			[{ clientId: 'nobody' }, /Client authentication failed/],
			[{ audience: 'https://elsewhere.example' }, /audience/i],
			[{ authServerUrl: refusingHost }, /refused the connection/],
			[{ apiBaseUrl: refusingHost }, /ECONNREFUSED|refused the connection/],
			[{ apiBaseUrl: n8n.url }, /There is no EyeCloud Pro API at this address/],
			[{ practiceId: 'abc' }, /The 'Practice Client ID' is not a whole number/],
			[
				{ practiceId: String(simulator.otherPracticeId) },
				/This credential may not read that practice/,
			],
		];
		const form = await user.addWithoutCredential('Get many patients');
		for (const [changes, sentence] of wrong) {
			await form.fillIn(simulator, simulator.clients.practice, changes);
			await form.save();
			expect(await form.failure()).toMatch(sentence);
		}
		await pictures.take('credential-refused', page, page.locator('.el-dialog:visible'));
	});
}
