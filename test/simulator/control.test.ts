// Control: what it counts, what it changes while the simulator runs, and that the process goes when
// it should.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { send, tokenFor } from './caller.ts';
import { connectControl, startSimulator, type Simulator } from './start.ts';

let simulator: Simulator;
let token: string;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 12, rateLimit: { requestsPerMinute: 10_000 } });
	token = await tokenFor(simulator, simulator.clients.practice);
});

afterAll(() => simulator.stop());
beforeEach(() => simulator.reset({ data: true, options: true }));

function read(path: string) {
	return send(simulator, `/v2/2${path}`, { token });
}

test('counts by route and outcome, and keeps what came in', async () => {
	await read('/patients?page=2');
	await read('/patients/1001');
	await read('/patients/7');
	await read('/pricebooks/lenses');
	expect(await simulator.counts()).toEqual({
		total: 4,
		byRoute: { 'GET /patients': 1, 'GET /patients/{id}': 2, 'GET /pricebooks/lenses': 1 },
		byOutcome: { 200: 3, 404: 1 },
		maxInFlight: 1,
		tokenRequests: 0,
		tokensIssued: 0,
	});
	const [first] = await simulator.received({ path: '/patients' });
	expect(first).toMatchObject({
		method: 'GET',
		path: '/v2/2/patients',
		query: { page: '2' },
		oauthClientId: simulator.clients.practice.clientId,
		practiceId: '2',
		userAgent: 'node',
	});
	expect(await simulator.received({ path: '/v2/2/patients/7' })).toHaveLength(1);
	expect(await simulator.received({ method: 'post' })).toEqual([]);
	await simulator.reset();
	expect(await simulator.counts()).toMatchObject({ total: 0, byRoute: {}, byOutcome: {} });
});

test('latency holds requests up, and the books say how many there were at once', async () => {
	await simulator.configure({ latencyMs: 100 });
	const startMs = performance.now();
	await Promise.all(Array.from({ length: 5 }, () => read('/stores')));
	expect(performance.now() - startMs).toBeGreaterThanOrEqual(99);
	expect((await simulator.counts()).maxInFlight).toBe(5);
});

test('records change behind the back of the API', async () => {
	const added = await simulator.addRecord(2, '/patients', { name_last: 'Quiet' });
	expect(added).toMatchObject({ name_last: 'Quiet', email: expect.stringContaining('@example.') });
	expect((await read(`/patients/${added.patient_id}`)).body.data).toEqual(added);
	await expect(simulator.addRecord(2, '/patients', added)).rejects.toThrow('already');
	const id = Number(added.patient_id);
	expect(await simulator.deleteRecord(2, '/patients', { id })).toBe(true);
	expect(await simulator.deleteRecord(2, '/patients', { id })).toBe(false);
	expect(await simulator.deleteRecord(2, '/patients', { position: 0 })).toBe(true);
	expect((await read('/patients')).body.pagination.total_count).toBe(11);
	await simulator.reset({ data: true });
	expect((await read('/patients')).body.pagination.total_count).toBe(12);
	expect((await simulator.counts()).byRoute).toEqual({ 'GET /patients': 1 });
});

test('a field that the API has from now on, until data are reset', async () => {
	const badge = { path: '/patients', name: 'badge_number', value: 7, sortable: true };
	await simulator.addField({ path: '/patients', name: 'shirt', value: 'M' });
	await simulator.addField(badge);
	const { data } = (await read('/patients?page_size=250&sort=-badge_number')).body;
	expect(data).toHaveLength(12);
	for (const record of data) expect(record).toMatchObject({ shirt: 'M', badge_number: 7 });
	expect((await read('/patients?sort=shirt')).body.message).toContain(
		'(-?(patient_id|name_first|name_last|email|dob|create_date|badge_number)(',
	);
	const [elsewhere] = await simulator.records(123, '/patients');
	expect(elsewhere).toMatchObject({ shirt: 'M', badge_number: 7 });
	expect(await simulator.addRecord(2, '/patients')).toMatchObject({ badge_number: 7 });

	const create = (body: object) =>
		send(simulator, '/v2/2/patients', { method: 'POST', body, token });
	const marge = { name_first: 'Marge', name_last: 'Example' };
	expect((await create({ ...marge, badge_number: 8 })).body.data).toMatchObject({
		badge_number: 8,
		shirt: 'M',
	});
	expect((await create({ ...marge, badge_number: 'none' })).body.message).toBe(
		'"badge_number" must be a number',
	);

	await expect(simulator.addField(badge)).rejects.toThrow('already');
	await expect(simulator.addField({ ...badge, path: '/pets' })).rejects.toThrow('/pets');
	await expect(simulator.addField({ ...badge, name: 'a|b' })).rejects.toThrow('pattern');
	await simulator.reset({ data: true });
	expect((await read('/patients')).body.data[0]).not.toHaveProperty('badge_number');
	expect((await read('/patients?sort=badge_number')).status).toBe(400);
});

test('a switch that there is not is refused', async () => {
	const misspelt = { latencyMS: 5 } as object;
	await expect(simulator.configure(misspelt)).rejects.toThrow('"latencyMS" is not allowed');
	await expect(simulator.reset({ date: true } as object)).rejects.toThrow('"date" is not allowed');
	await expect(simulator.records(2, '/pets')).rejects.toThrow('/pets');
	await expect(startSimulator({ patients: 0 })).rejects.toThrow('"patients" must be');
});

test('state tells addresses, clients and options, to a second caller as well', async () => {
	await simulator.configure({ latencyMs: 3, rateLimit: { headers: 'draft7' } });
	const state = await connectControl(simulator.controlUrl).state();
	expect(state).toMatchObject({
		apiUrl: simulator.apiUrl,
		clients: simulator.clients,
		options: { latencyMs: 3, rateLimit: { requestsPerMinute: 10_000, headers: 'draft7' } },
	});
	const secrets = Object.values(state.clients).map(({ clientSecret }) => clientSecret);
	expect(new Set(secrets).size).toBe(3);
});

test('every server is on loopback', async () => {
	for (const url of [simulator.apiUrl, simulator.authUrl, simulator.controlUrl]) {
		expect(new URL(url).hostname).toBe('127.0.0.1');
	}
});

test('stop ends it', async () => {
	const other = await startSimulator({ patients: 5 });
	await other.stop();
	await expect(fetch(other.controlUrl)).rejects.toThrow('fetch failed');
	await other.stop();
});

test.each([
	['is killed', 'process.kill(process.pid, "SIGKILL")', 'SIGKILL'],
	['is done and forgot to stop it', '', null],
])('it goes when the process that started it %s', async (_what, end, expectedSignal) => {
	const parent = `
		import { startSimulator } from ${JSON.stringify(join(__dirname, 'start.ts'))};
		const { controlUrl } = await startSimulator({ patients: 5 });
		console.log(controlUrl);
		${end}`;
	const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', parent], {
		timeout: 30_000,
	});
	expect(signal).toBe(expectedSignal);
	const controlUrl = stdout.toString().trim();
	expect(controlUrl).toMatch(/^http:/);
	const deadlineMs = Date.now() + 30_000;
	const alive = () => fetch(controlUrl).then(Boolean, () => false);
	while ((await alive()) && Date.now() < deadlineMs);
	expect(await alive()).toBe(false);
});

test('by hand: help, and a sentence when the port is taken', () => {
	const run = (...flags: string[]) =>
		spawnSync(process.execPath, [join(__dirname, 'main.ts'), ...flags], { encoding: 'utf8' });
	expect(run('--help').stdout).toContain('--port N');
	const taken = run('--port', new URL(simulator.apiUrl).port);
	expect(taken.status).toBe(1);
	expect(taken.stderr).toContain("can't start: listen EADDRINUSE");
	expect(run('--latency-ms=soon').stderr).toContain('"latencyMs" must be a number');
});
