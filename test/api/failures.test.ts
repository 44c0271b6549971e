// The retry table of the design: what becomes of each operation at each failure, before and after the API did the
// work, by the requests that went out, by what exists afterwards, and by what the user reads.
import { fakeClock } from '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import type { SharedCredential } from '../../nodes/EyeCloudPro/api/sharedCredential';
import { send, type NoAnswer, type RequestContext } from '../../nodes/EyeCloudPro/api/transport';
import { closedAddress, forward } from '../harness/ports.ts';
import type { NodeResult } from '../harness/runNode.ts';
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';
import type { ApiRecord, Fault } from '../simulator/start.ts';

const practice = simulatedPractice({ patients: 700 });
const TIERS = '/configurations/pricetiers';

/** How often a request is tried that never gets through. */
const TRIES = 6;

/**
 * In each cell, what must come out:
 * - a number: all is well, the work was done exactly once, and so many requests were sent for it;
 * - `?+`, `?-`: sent once, an error says that the outcome is unknown; the API did the work, or didn't;
 * - `!`: sent once, an error says what was refused, and nothing was done;
 * - `.`: no such cell, as the API refuses before it works, and cuts a body only after it.
 */
const table = `
                 | 429 | 401 | 425 | 400 | 403 | 302 | 500 | 499 | reset | hang | truncate | html
reading, before  |  2  |  2  |  2  |  !  |  !  |  !  |  2  |  2  |   2   |  2   |    2     |  2
creating, before |  2  |  2  |  2  |  !  |  !  |  ?- |  ?- |  ?- |   ?-  |  ?-  |    .     |  ?-
creating, after  |  .  |  .  |  .  |  .  |  .  |  ?+ |  ?+ |  ?+ |   ?+  |  ?+  |    ?+    |  ?+
changing, before |  2  |  2  |  2  |  !  |  !  |  !  |  2  |  2  |   2   |  2   |    .     |  2
changing, after  |  .  |  .  |  .  |  .  |  .  |  .  |  2  |  2  |   2   |  2   |    2     |  2
`;

function faultOf(name: string): Fault {
	if (name === '302') return { kind: 'redirect', location: '/v2/2/patients/1', status: 302 };
	if (/^\d/.test(name)) return { kind: 'status', status: Number(name) };
	return { kind: name } as Fault;
}

interface Task {
	/** What it does, and the method that does it. */
	effect: string;
	method: string;
	resource?: string;
	parameters: IDataObject;
	items?: IDataObject[];
	/** The request at which it happens, where there are several. */
	at?: { page: number; nth: number };
	/** What the price tiers are when the work was done, given what they were. */
	after?: (tiers: ApiRecord[]) => unknown[];
}

const tier = { tier_name: 'New', discount_percent: 10 };
const second = { tier_name: 'Second', discount_percent: 11 };
const like = (record: object): unknown => expect.objectContaining(record);
const matched = { columns: mapped(tier), matchOn: ['tier_name'] };
const change = { discount_percent: 33 };

const list = {
	...{ effect: 'reading', method: 'GET', resource: 'patient' },
	parameters: { operation: 'getAll', returnAll: true, simplify: false },
};
const creating = { effect: 'creating', method: 'POST' };
const created = { ...creating, after: (tiers: ApiRecord[]) => [...tiers, like(tier)] };
const changed = {
	...{ effect: 'changing', method: 'PATCH' },
	after: (tiers: ApiRecord[]) => tiers.with(1, { ...tiers[1], ...change }),
};

const tasks: Record<string, Task> = {
	// The newest first, which tells how many there are; then all others, from the oldest on.
	'the newest of a list': { ...list, at: { page: 1, nth: 1 } },
	'the last page': { ...list, at: { page: 2, nth: 1 } },
	Get: {
		...{ effect: 'reading', method: 'GET' },
		parameters: { operation: 'get', recordId: byId(2), simplify: false },
	},
	Create: { ...created, parameters: { operation: 'create', columns: mapped(tier) } },
	'Create Many': {
		...{ ...creating, parameters: { operation: 'createMany', columns: automatic } },
		...{ items: [tier, second], after: (tiers) => [...tiers, like(tier), like(second)] },
	},
	'Find or Create': { ...created, parameters: { operation: 'findOrCreate', ...matched } },
	'Create or Update': { ...created, parameters: { operation: 'upsert', ...matched } },
	Update: {
		...changed,
		parameters: { operation: 'update', recordId: byId(2), columns: mapped(change) },
	},
	Delete: {
		...{ effect: 'changing', method: 'DELETE', after: (tiers) => tiers.toSpliced(1, 1) },
		parameters: { operation: 'delete', recordId: byId(2) },
	},
};

/** Short where the time-out is the failure; long elsewhere, so that a slow machine makes none. */
async function run(name: string, isHanging = false): Promise<NodeResult> {
	const { resource = 'priceTier', parameters, items } = tasks[name];
	const { operation, ...others } = parameters;
	const given = { ...others, options: { timeout: isHanging ? 250 : 20_000 } };
	return await practice.run(resource, String(operation), given, items ? { items } : {});
}

/** All that the user reads. */
function sayings({ error }: NodeResult): string {
	return `${error?.message} ${error?.description ?? ''}`;
}

const [header, ...rows] = table
	.trim()
	.split('\n')
	.map((line) => line.split('|').map((text) => text.trim()));
const cells = rows.flatMap(([row, ...expected]) => {
	const [effect, when] = row.split(', ') as [string, 'before' | 'after'];
	const names = Object.keys(tasks).filter((name) => tasks[name].effect === effect);
	return header.slice(-expected.length).flatMap((fault, index) => {
		const cell = { when, fault, expected: expected[index] };
		return cell.expected === '.' ? [] : names.map((name) => ({ name, ...cell }));
	});
});

test.each(cells)('$name: $fault $when the work → $expected', async (cell) => {
	const { name, when, fault, expected } = cell;
	const { method, at, after } = tasks[name];
	const stored = async () => await practice.simulator.records(2, TIERS);
	const before = await stored();
	const match = { method, ...at };
	await practice.simulator.addFault({ match, when, fault: faultOf(fault) });
	const result = await run(name, fault === 'hang');

	const isDone = after !== undefined && !/[!-]/.test(expected);
	expect(await stored()).toEqual(isDone ? after(before) : before);
	const received = await practice.received(method);
	if (!at) expect(received).toHaveLength(Number.isNaN(Number(expected)) ? 1 : Number(expected));
	if (/^\d/.test(expected)) {
		expect(result.error).toBeUndefined();
		// The premise, two pages, and what was sent again: nobody is missing and nobody twice.
		if (at) expect(received).toHaveLength(4);
		if (at) expect(result.records).toEqual(await practice.simulator.records(2, '/patients'));
		return;
	}
	expect(result.records).toEqual([]);
	if (expected === '!') expect(sayings(result)).not.toMatch(/unknown whether|undefined/);
	else {
		expect(sayings(result)).toMatch(
			/^It is unknown whether EyeCloud Pro created.* not sent again, so that nothing is created twice/,
		);
	}
});

const always = (fault: Fault) => ({ match: { times: 1_000 }, fault });

afterEach(() => jest.restoreAllMocks());

test.each<[string, Fault, RegExp]>([
	['resets', { kind: 'reset' }, /did not answer.*connection was lost/],
	['500s', faultOf('500'), /could not process the request \(HTTP 500\).*later/],
	['HTML', { kind: 'html' }, /answer that can't be read.*Check the addresses/],
	['time-outs', { kind: 'hang' }, /did not answer.*option 'Timeout'/],
])('%s without end: it gives up, and says so', async (_, fault, words) => {
	jest.spyOn(Math, 'random').mockReturnValue(0.5);
	for (const name of fault.kind === 'hang' ? ['Get'] : ['Get', 'Update', 'Delete']) {
		fakeClock.reset();
		await practice.simulator.reset();
		await practice.simulator.addFault(always(fault));
		const result = await run(name, fault.kind === 'hang');
		expect(sayings(result)).toMatch(
			name === 'Get' ? words : /unknown whether EyeCloud Pro made the change.*again is safe/,
		);
		if (name === 'Get') expect(sayings(result)).toContain(`tried ${TRIES} times`);
		// One that was given up may not have arrived yet; the waits count the tries as well.
		const { length } = await practice.received(tasks[name].method);
		if (fault.kind !== 'hang') expect(length).toBe(TRIES);
		const [first, ...waits] = fakeClock.slept;
		expect(waits).toEqual([1, 2, 3, 4].map((tries) => first * 2 ** tries));
	}
});

test.each(['Get', 'Create'])('%s: refused without end', async (name) => {
	await practice.simulator.addFault(always(faultOf('429')));
	const startMs = fakeClock.now();
	expect(sayings(await run(name))).toMatch(/keeps refusing requests because of its rate limit/);
	expect((await practice.received()).length).toBeLessThanOrEqual(30);
	expect(fakeClock.now() - startMs).toBeLessThan(20 * 60_000);
	// Once more with a new token.
	await practice.simulator.reset();
	await practice.simulator.addFault(always(faultOf('401')));
	expect(sayings(await run(name))).toMatch(/does not accept the access token.*Check 'Audience'/);
	expect(await practice.received()).toHaveLength(2);
});

test.each<[Fault, number[]]>([
	[{ kind: 'status', status: 500 }, [250]],
	[{ kind: 'status', status: 503, headers: { 'Retry-After': '7' } }, [7_000]],
	[{ kind: 'status', status: 503, headers: { 'Retry-After': '3600' } }, [90_000]],
])('the wait after %j', async (fault, slept) => {
	jest.spyOn(Math, 'random').mockReturnValue(0.5);
	await practice.simulator.addFault({ fault });
	expect((await run('Update')).error).toBeUndefined();
	expect(fakeClock.slept).toEqual(slept);
});

test('Delete: a record that is gone after a refusal for the rate limit was not deleted here', async () => {
	await practice.simulator.addFault({ fault: faultOf('429') });
	await practice.simulator.addFault({ match: { nth: 2 }, fault: faultOf('404') });
	expect((await run('Delete')).error?.message).toBe('EyeCloud Pro found no such record');
});

describe('never sent: it goes again, and nothing about its outcome is unknown', () => {
	test.each([
		['the API', 'apiBaseUrl', 'apiUrl'],
		['the auth server', 'authServerUrl', 'authUrl'],
	] as const)('%s refuses the connection, until it is back', async (_, field, target) => {
		const address = await closedAddress();
		let opened: ReturnType<typeof forward> | undefined;
		fakeClock.onSleep = () => (opened ??= forward(address, practice.simulator[target]));
		practice.credential.change({ [field]: address });
		const { error } = await run('Create');
		opened?.close();
		expect(error).toBeUndefined();
		expect(await practice.received('POST')).toHaveLength(1);
	});

	test.each([
		['refused for good', closedAddress, /not be reached.*ECONNREFUSED.*Nothing was/],
		['not resolved', () => 'https://eyecloudpro.invalid', /not be reached.*(ENOTFOUND|EAI_AGAIN)/],
	])('%s', async (_, address, words) => {
		practice.credential.change({ apiBaseUrl: await address() });
		const result = await run('Create');
		expect(sayings(result)).toMatch(words);
		expect(sayings(result)).toContain(`tried ${TRIES} times`);
		expect(fakeClock.slept).toHaveLength(TRIES - 1);
	});
});

const certificate = { failure: 'final', error: { message: /^The certificate of/ } };
const unreached = { failure: 'neverSent', error: { message: /could not be reached/ } };
const lost = { failure: 'unknown', error: { message: /did not answer/ } };

test.each<[object, string, typeof lost]>([
	[{ code: 'CERT_HAS_EXPIRED' }, '', certificate],
	[{ code: 'EPROTO' }, 'write EPROTO ssl3_get_record:wrong version number', certificate],
	[{ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' }, '', certificate],
	[{ code: 'EPROTO' }, 'write EPROTO bad record mac', lost],
	[{ code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' }, '', lost],
	[{ code: 'EHOSTUNREACH', syscall: 'connect' }, '', unreached],
	[{ code: 'ENETUNREACH', errors: [] }, '', unreached],
	[{ httpCode: 'EHOSTDOWN', messages: ['connect EHOSTDOWN 10.0.0.1:443'] }, '', unreached],
	[{ code: 'EHOSTUNREACH', syscall: 'read' }, 'read EHOSTUNREACH', lost],
])('a connection that fails with %j %s', async (failed, words, expected) => {
	const httpRequestWithAuthentication = () =>
		Promise.reject(Object.assign(new Error(words), failed));
	const context = { helpers: { httpRequestWithAuthentication } } as unknown as RequestContext;
	const request = { method: 'GET', url: 'https://api.example', timeoutMs: 1_000 } as const;
	const { failure, error } = (await send({ context } as SharedCredential, request)) as NoAnswer;
	expect(failure).toBe(expected.failure);
	expect(error.message).toMatch(expected.error.message);
});
