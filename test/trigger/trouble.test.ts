// The trigger where something goes wrong: a poll that fails changes nothing, says why, and the next one
// makes up for it.
import { fakeClock } from '../harness/fastTime.ts';
import { simulatedTrigger } from '../harness/simulatedTrigger.ts';

import type { FaultRule } from '../simulator/start.ts';

const trigger = simulatedTrigger({ resource: 'patient', path: '/patients' });
const { poller, add, practice } = trigger;

const always = { times: 1_000 };

test('while the API is down each poll says so, and nothing is missed', async () => {
	const polled = poller();
	await polled.poll();
	const before = await add();
	const { stored } = polled;
	await practice.simulator.addFault({ match: always, fault: { kind: 'status', status: 503 } });
	for (let poll = 0; poll < 3; poll++) {
		const { records, error } = await polled.poll();
		expect(records).toEqual([]);
		expect(error?.message).toBe('EyeCloud Pro could not process the request (HTTP 503)');
	}
	expect(polled.stored).toBe(stored);
	await practice.simulator.clearFaults();
	const after = await add();
	expect((await polled.poll()).records).toEqual([before, after]);
});

test.each<[string, FaultRule['fault']]>([
	['429', { kind: 'status', status: 429, headers: { 'Retry-After': '2' } }],
	['an expired token', { kind: 'expireTokens' }],
	['a lost connection', { kind: 'reset' }],
	['half an answer', { kind: 'truncate' }],
	['a web page', { kind: 'html' }],
])('%s in the middle: nothing missed, nothing twice', async (_, fault) => {
	const polled = poller({ options: { startFrom: 'everything' } });
	for (let count = 0; count < 700; count++) await add();
	await practice.simulator.addFault({ match: { nth: 2 }, fault });
	const { records, error } = await polled.poll();
	expect(error).toBeUndefined();
	const all = await practice.simulator.records(2, '/patients');
	expect(new Set(records.map(({ patient_id }) => patient_id)).size).toBe(760);
	expect(records).toHaveLength(all.length);
	expect((await polled.poll()).records).toEqual([]);
});

describe('without durable cursors', () => {
	/** As if n8n had been started again. */
	function anotherProcess(polled: ReturnType<typeof poller>): void {
		polled.stored = polled.stored.replace(/"by":"[^"]+"/, '"by":"the one before"');
	}

	test.each([
		['created', {}],
		['changed', { event: 'changed' }],
	])('%s: a new process hands on again what the one before did at last', async (_, parameters) => {
		const polled = poller(parameters, { hasDurableCursors: false });
		await polled.poll();
		await add();
		const lost = await polled.poll();
		expect(lost.records).toHaveLength(1);
		anotherProcess(polled);
		const fresh = await add();
		const again = await polled.poll();
		expect(again.records).toHaveLength(2);
		expect(again.records).toEqual(
			expect.arrayContaining([lost.records[0], expect.objectContaining(fresh)]),
		);
		expect((await polled.poll()).records).toEqual([]);
	});

	test('what its first poll does not see, as a replica is behind, comes however much later', async () => {
		const polled = poller({}, { hasDurableCursors: false });
		await polled.poll();
		const data = await practice.simulator.answeredRecords(2, '/patients');
		const record = await add();
		await polled.poll();
		anotherProcess(polled);
		const body = { data: data.reverse(), pagination: { total_count: data.length } };
		await practice.simulator.addFault({
			match: always,
			fault: { kind: 'status', status: 200, body },
		});
		expect(await polled.poll()).toEqual({ records: [], executions: [] });
		await practice.simulator.clearFaults();
		anotherProcess(polled);
		await fakeClock.sleep(3 * 60 * 60_000);
		expect((await polled.poll()).records).toMatchObject([record]);
		expect((await polled.poll()).records).toEqual([]);
	});

	test('not when it comes much later, or in the same process, or with them', async () => {
		const polled = poller({}, { hasDurableCursors: false });
		const durable = poller();
		await polled.poll();
		await durable.poll();
		await add();
		expect((await polled.poll()).records).toHaveLength(1);
		expect((await durable.poll()).records).toHaveLength(1);
		anotherProcess(durable);
		expect((await durable.poll()).records).toEqual([]);
		const { stored } = polled;
		expect((await polled.poll()).records).toEqual([]);
		polled.stored = stored;
		anotherProcess(polled);
		await fakeClock.sleep(11 * 60_000);
		expect((await polled.poll()).records).toEqual([]);
	});
});

test('a scope that is missing is a sentence, and activation fails with it', async () => {
	const credential = await practice.credentialFor({ scopes: ['read:stores'] });
	const { error } = await poller({}, { credential }).poll();
	expect(error?.message).toBe("The credential lacks the scope 'read:patients'");
});

test('a second poll while one is under way leaves it to that one', async () => {
	const polled = poller();
	await polled.poll();
	const record = await add();
	const [first, second] = await Promise.all([polled.poll(), polled.poll()]);
	expect([...first.records, ...second.records]).toEqual([record]);
});

test('most of a short list may go: fewer than 50 records are no sign of a wrong answer', async () => {
	const polled = poller();
	await polled.poll();
	for (let count = 0; count < 40; count++) {
		await practice.simulator.deleteRecord(2, '/patients', { position: 0 });
	}
	expect(await polled.poll()).toEqual({ records: [], executions: [] });
});

test('the same trigger in two processes: each hands on each record, once', async () => {
	const [one, other] = [poller(), poller()];
	await one.poll();
	other.stored = one.stored;
	for (let round = 0; round < 2; round++) {
		const record = await add();
		for (const polled of [one, other]) expect((await polled.poll()).records).toEqual([record]);
	}
});

test('its requests come out of the same rate limit as those of the action node', async () => {
	const polled = poller();
	polled.options.credential.change({ requestsPerMinute: 4 });
	await polled.poll();
	fakeClock.slept = [];
	await practice.run('patient', 'count', {}, { credential: polled.options.credential });
	expect(fakeClock.slept).toEqual([]);
	await polled.poll();
	const [waitedMs] = fakeClock.slept;
	expect(waitedMs).toBeGreaterThan(50_000);
	expect(waitedMs).toBeLessThan(61_000);
});

test('records that are deleted while a backlog is read push none out of sight', async () => {
	for (let index = 0; index < 1_200; index++) await add();
	const before = await practice.simulator.records(2, '/patients');
	for (const nth of [3, 4]) {
		const fault = { kind: 'deleteRecord', path: '/patients', position: 3 } as const;
		const rules = Array.from({ length: 120 }, () => ({ match: { nth }, fault }));
		await practice.simulator.addFault(...rules);
	}
	const { records } = await poller({ options: { startFrom: 'everything' } }).poll();
	const found = new Set(records.map(({ patient_id }) => patient_id));
	const there = await practice.simulator.records(2, '/patients');
	expect(there.length).toBe(before.length - 240);
	expect(there.filter(({ patient_id }) => !found.has(Number(patient_id)))).toEqual([]);
	expect(found.size).toBe(records.length);
});

test.each([
	[{ filters: { email: '={{ undefined }}' } }, "'Email' is an expression that gives nothing"],
	[
		{ filters: { custom: { parameter: [{ name: 'store_id', value: '={{ "" }}' }] } } },
		"'store_id' is an expression that gives nothing",
	],
	[
		{ options: { practiceId: '={{ null }}' } },
		"'Practice Client ID' in 'Options' is an expression that gives nothing",
	],
])('what an expression leaves empty does not watch everybody: %j', async (parameters, message) => {
	const polled = poller(parameters);
	const { error, records } = await polled.poll();
	expect([error?.message, records]).toEqual([message, []]);
	expect(await practice.received()).toEqual([]);
	expect(polled.stored).toBe('{}');
});
