// The probe from a terminal: the report that Check API gives, and no secret. Check API itself is for test/operations.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { catalogue } from '../harness/catalogue.ts';
import { startSimulator, type Dialect, type Simulator } from '../simulator/start.ts';
import { madeUpDialect } from './madeUp.ts';

const root = join(__dirname, '../..');
let simulator: Simulator;

afterEach(async () => await simulator?.stop());

function run(variables: Record<string, string>) {
	const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--selectProjects', 'probe'];
	const env = { ...process.env, ...variables };
	return spawnSync(process.execPath, jest, { cwd: root, encoding: 'utf8', env });
}

async function probed(dialect: Partial<Dialect>, secret?: string) {
	simulator = await startSimulator({ patients: 20, dialect });
	const { clients, apiUrl, authUrl, audience } = simulator;
	const client = await simulator.createClient({
		scopes: [...clients.practice.scopes, 'read:crm:people'],
	});
	const { status, stdout, stderr } = run({
		EYECLOUDPRO_CLIENT_ID: client.clientId,
		EYECLOUDPRO_CLIENT_SECRET: secret ?? String(client.clientSecret),
		EYECLOUDPRO_PRACTICE_ID: '2',
		EYECLOUDPRO_API_BASE_URL: apiUrl,
		EYECLOUDPRO_AUTH_SERVER_URL: authUrl,
		EYECLOUDPRO_AUDIENCE: audience,
	});
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
	expect(first.received.length).toBeLessThanOrEqual(3 * catalogue.length);
	for (const { email, name_last } of await simulator.records(2, '/patients')) {
		for (const value of [email, name_last]) expect(first.text).not.toContain(String(value));
	}
});

test('a wrong secret, and a variable that is missing', async () => {
	const wrong = await probed({}, 'wrong');
	expect([wrong.status, wrong.received]).toEqual([1, []]);
	expect(wrong.text).toMatch(/The auth server refused this credential/);
	const bare = run({});
	expect([bare.status, bare.stderr]).toEqual([1, expect.stringMatching(/EYECLOUDPRO_CLIENT_ID/)]);
});
