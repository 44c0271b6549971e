// The probe from a terminal: the report that Check API gives, and no secret. Check API itself is for test/operations.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { startSimulator, type Dialect, type Simulator } from '../simulator/start.ts';
import { madeUpDialect } from './madeUp.ts';

jest.setTimeout(180_000);

const root = join(__dirname, '../..');
let simulator: Simulator;

afterEach(async () => await simulator?.stop());

async function probed(dialect: Partial<Dialect>, more: string[] = [], secret?: string) {
	simulator = await startSimulator({ patients: 20, dialect });
	const { clients, apiUrl, authUrl, audience } = simulator;
	const client = await simulator.createClient({
		scopes: [...clients.practice.scopes, 'read:crm:people'],
	});
	const flags = ['--api-base-url', apiUrl, '--auth-server-url', authUrl, '--audience', audience];
	const env = {
		...process.env,
		EYECLOUDPRO_CLIENT_ID: client.clientId,
		EYECLOUDPRO_CLIENT_SECRET: secret ?? client.clientSecret,
		EYECLOUDPRO_PRACTICE_ID: '2',
	};
	const all = [join(root, 'tools/probe.mts'), ...flags, ...more];
	const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', env });
	const text = stdout + stderr;
	expect(text).not.toContain(client.clientSecret);
	expect(text).not.toMatch(/eyJ[\w-]{10}/);
	return { status, text, received: await simulator.received() };
}

test('the report, by requests that read alone', async () => {
	const dialect: Partial<Dialect> = {
		...madeUpDialect,
		...{ totalCount: 'text', unknownParameter: 'ignored', timePrecision: 'millisecond' },
	};
	const first = await probed(dialect);
	expect(first).toMatchObject({ status: 0 });
	expect(first.text).toContain('"idKind": "GUID"');
	expect(first.text).toContain('"path": "/crm/people"');
	expect(first.received.every(({ method }) => method === 'GET')).toBe(true);
	expect(first.received.length).toBeLessThanOrEqual(45);
	for (const { email, name_last } of await simulator.records(2, '/patients')) {
		for (const value of [email, name_last]) expect(first.text).not.toContain(String(value));
	}
});

test('a wrong secret, and a variable that is missing', async () => {
	const wrong = await probed({}, [], 'wrong');
	expect([wrong.status, wrong.received]).toEqual([1, []]);
	expect(wrong.text).toMatch(/The auth server gave no token \(invalid_client\)/);
	const bare = spawnSync(process.execPath, [join(root, 'tools/probe.mts')], { encoding: 'utf8' });
	expect([bare.status, bare.stderr]).toEqual([1, expect.stringMatching(/EYECLOUDPRO_CLIENT_ID/)]);
});
