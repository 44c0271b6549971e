// What the editor shows when a credential is tested: yes for every token that the API takes, and
// otherwise which of the things that can be wrong it is. Called by realN8n.test.ts.
import { listen } from '../harness/ports.ts';
import { credentialData } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

/** A port that nothing listens on: the lowest, which the system gives to nobody. */
const refusingHost = 'http://127.0.0.1:1';

export function credentialCases(rig: () => Rig): void {
	const test = async (changes: Record<string, unknown> = {}) => {
		const { n8n, simulator } = rig();
		return await n8n.testCredential(credentialData(simulator, simulator.clients.practice, changes));
	};

	it.each([[undefined], [['read:stores']]])('says yes to a token for %j', async (scopes) => {
		const { simulator } = rig();
		const { clientId, clientSecret } = await simulator.createClient({ scopes });
		const answer = await test({ clientId, clientSecret });
		expect(answer).toEqual({ status: 'OK', message: 'Connection successful!' });
		// No patient is read for it.
		expect((await simulator.received())[0].query).toMatchObject({ dob: '1800-01-01' });
	});

	it.each([
		[{ practiceId: 'abc' }, /'Practice Client ID' is not a whole number/],
		[{ practiceId: '123' }, /may not read that practice/],
		[{ clientSecret: 'wrong' }, /Client authentication failed/],
		[{ authServerUrl: refusingHost }, /refused the connection/],
		[{ apiBaseUrl: refusingHost }, /ECONNREFUSED|refused the connection/],
	])('names what is wrong with %j', async (changes, words) => {
		expect(await test(changes)).toEqual({
			status: 'Error',
			message: expect.stringMatching(words),
		});
	});

	it.each(['authServerUrl', 'apiBaseUrl'])('sends nothing by plain http to %s', async (field) => {
		const server = await listen();
		// Another name of this machine than those that count as such.
		const { status } = await test({ [field]: server.address.replace('127.0.0.1', '0.0.0.0') });
		server.close();
		expect(status).toBe('Error');
		expect(server.received).toEqual([]);
	});
}
