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
	const good = { status: 'OK', message: 'Connection successful!' };

	it('says yes', async () => {
		expect(await test()).toEqual(good);
	});

	it('says yes to a token with one narrow scope', async () => {
		const { clientId, clientSecret } = rig().simulator.clients.reader;
		expect(await test({ clientId, clientSecret })).toEqual(good);
	});

	it('says yes to a token that may not read patients', async () => {
		const { simulator } = rig();
		const { clientId, clientSecret } = await simulator.createClient({ scopes: ['read:stores'] });
		expect(await test({ clientId, clientSecret })).toEqual(good);
	});

	it('names a practice client ID that is not a whole number', async () => {
		const { status, message } = await test({ practiceId: 'abc' });
		expect(status).toBe('Error');
		expect(message).toMatch(/'Practice Client ID' is not a whole number/);
	});

	it('names a practice that the token may not read', async () => {
		const { otherPracticeId } = rig().simulator;
		const { status, message } = await test({ practiceId: String(otherPracticeId) });
		expect(status).toBe('Error');
		expect(message).toMatch(/may not read that practice/);
	});

	it('says that the auth server refused the client', async () => {
		const { status, message } = await test({ clientSecret: 'wrong' });
		expect(status).toBe('Error');
		expect(message).toMatch(/Client authentication failed/);
	});

	it('says that the auth server can not be reached', async () => {
		const { status, message } = await test({ authServerUrl: refusingHost });
		expect(status).toBe('Error');
		expect(message).toMatch(/refused the connection/);
	});

	it('says that the API can not be reached', async () => {
		const { status, message } = await test({ apiBaseUrl: refusingHost });
		expect(status).toBe('Error');
		expect(message).toMatch(/ECONNREFUSED|refused the connection/);
	});

	it.each(['authServerUrl', 'apiBaseUrl'])(
		'sends nothing by plain http to the %s',
		async (field) => {
			const server = await listen();
			// Another name of this machine than those that count as such.
			const { status } = await test({
				[field]: server.address.replace('127.0.0.1', '0.0.0.0'),
			});
			server.close();
			expect(status).toBe('Error');
			expect(server.received).toEqual([]);
		},
	);

	it('reads no patient', async () => {
		const { simulator } = rig();
		await test();
		const [request] = await simulator.received();
		expect(request.query).toMatchObject({ dob: '1800-01-01' });
	});
}
