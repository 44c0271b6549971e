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

	it.each([
		['any scopes', undefined],
		['one narrow scope', ['read:patients']],
		['no scope for patients', ['read:stores']],
	])('says yes to a token with %s, and reads no patient', async (_which, scopes) => {
		const { simulator } = rig();
		const { clientId, clientSecret } = await simulator.createClient({ scopes });
		const answer = await test({ clientId, clientSecret });
		expect(answer).toEqual({ status: 'OK', message: 'Connection successful!' });
		const [request] = await simulator.received();
		expect(request.query).toMatchObject({ dob: '1800-01-01' });
	});

	it.each([
		['a practice client ID', { practiceId: 'abc' }, /'Practice Client ID' is not a whole number/],
		['a practice of others', { practiceId: '123' }, /may not read that practice/],
		['a wrong secret', { clientSecret: 'wrong' }, /Client authentication failed/],
		['no auth server', { authServerUrl: refusingHost }, /refused the connection/],
		['no API', { apiBaseUrl: refusingHost }, /ECONNREFUSED|refused the connection/],
	])('names %s', async (_what, changes, words) => {
		const { status, message } = await test(changes);
		expect(status).toBe('Error');
		expect(message).toMatch(words);
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
