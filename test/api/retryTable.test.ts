// The retry table of the design, cell by cell: each verb against each failure, by the number of
// requests that the API got, by what exists afterwards, and by what the user reads.
import { fakeClock } from '../harness/fastTime.ts';

import { startSimulator, type Fault, type FaultRule, type Simulator } from '../simulator/start.ts';
import { expectDone, sayings, sendVerb, TRIES, verbs, type Verb } from '../harness/verbs.ts';

let simulator: Simulator;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 5 });
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ data: true, options: true });
});

const repeatable: Verb[] = ['GET', 'PATCH', 'DELETE'];

/** Short where the time-out is the failure; long elsewhere, so that a slow machine makes none. */
function timeoutFor({ kind }: Fault) {
	return { timeoutMs: kind === 'hang' ? 250 : 20_000 };
}

function always(rule: FaultRule): FaultRule {
	return { ...rule, match: { ...rule.match, times: 1_000 } };
}

describe('429', () => {
	test.each(verbs)('%s waits and is sent again', async (verb) => {
		await simulator.addFault({ match: { times: 2 }, fault: { kind: 'status', status: 429 } });
		const outcome = await sendVerb(simulator, verb);
		expectDone(outcome, verb);
		expect(outcome.received.map((entry) => entry.outcome)).toEqual([
			429,
			429,
			{ GET: 200, POST: 201, PATCH: 200, DELETE: 204 }[verb],
		]);
	});

	test.each(verbs)('%s gives up in bounded time when it never ends', async (verb) => {
		await simulator.addFault(always({ fault: { kind: 'status', status: 429 } }));
		const startMs = fakeClock.now();
		const outcome = await sendVerb(simulator, verb);
		expect(sayings(outcome)).toMatch(
			/keeps refusing requests because of its rate limit.*higher limit/,
		);
		expect(outcome.done).toBe(0);
		expect(outcome.received.length).toBeLessThanOrEqual(30);
		expect(fakeClock.now() - startMs).toBeLessThan(20 * 60_000);
	});
});

const unknown: Array<[string, Fault, FaultRule['when'][]]> = [
	['a time-out', { kind: 'hang' }, ['before', 'after']],
	['a reset', { kind: 'reset' }, ['before', 'after']],
	['500', { kind: 'status', status: 500 }, ['before', 'after']],
	['502', { kind: 'status', status: 502 }, ['before', 'after']],
	['503', { kind: 'status', status: 503 }, ['before', 'after']],
	['504', { kind: 'status', status: 504 }, ['before', 'after']],
	['499', { kind: 'status', status: 499 }, ['before', 'after']],
	['a truncated 2xx', { kind: 'truncate' }, ['after']],
	['HTML as a 2xx', { kind: 'html' }, ['before', 'after']],
];
const unknownCells = unknown.flatMap(([name, fault, moments]) =>
	moments.map((when): [string, FaultRule['when'], Fault] => [name, when, fault]),
);

describe.each(unknownCells)('%s, %s the work', (_name, when, fault) => {
	test.each(repeatable)('%s is sent again', async (verb) => {
		await simulator.addFault({ when, fault });
		const outcome = await sendVerb(simulator, verb, timeoutFor(fault));
		expectDone(outcome, verb);
		expect(outcome.received).toHaveLength(2);
	});

	test('POST is sent once, and its outcome is unknown', async () => {
		await simulator.addFault({ when, fault });
		const outcome = await sendVerb(simulator, 'POST', timeoutFor(fault));
		expect(outcome.received).toHaveLength(1);
		expect(outcome.done).toBe(when === 'after' ? 1 : 0);
		expect(outcome.error?.message).toBe('It is unknown whether EyeCloud Pro created the record');
		expect(outcome.error?.description).toMatch(
			/not sent again, so that nothing is created twice\. Look in EyeCloud Pro.* before you run/,
		);
	});
});

test.each([300, 301, 302, 303, 304])('a POST answered by %i may have worked', async (status) => {
	const fault = { kind: 'redirect', location: '/v2/2/patients/1', status } as const;
	await simulator.addFault(always({ when: 'after', fault }));
	const outcome = await sendVerb(simulator, 'POST');
	expect(outcome.received).toHaveLength(1);
	expect(outcome.done).toBe(1);
	expect(outcome.error?.message).toBe('It is unknown whether EyeCloud Pro created the record');
});

test.each(verbs)('%s answered by 425 was not worked on, and is sent again', async (verb) => {
	await simulator.addFault({ fault: { kind: 'status', status: 425 } });
	const outcome = await sendVerb(simulator, verb);
	expectDone(outcome, verb);
	expect(outcome.received).toHaveLength(2);
});

const lasting: Array<[string, Fault, RegExp]> = [
	['resets', { kind: 'reset' }, /did not answer.*connection was lost/],
	['500s', { kind: 'status', status: 500 }, /could not process the request \(HTTP 500\).*later/],
	['503s', { kind: 'status', status: 503 }, /could not process the request \(HTTP 503\).*later/],
	['HTML', { kind: 'html' }, /answer that can't be read.*Check the addresses/],
];

describe.each(lasting)('%s without end', (_name, fault, words) => {
	test('GET gives up after some tries, and says so', async () => {
		await simulator.addFault(always({ fault }));
		const outcome = await sendVerb(simulator, 'GET');
		expect(sayings(outcome)).toMatch(words);
		expect(sayings(outcome)).toContain(`tried ${TRIES} times`);
		expect(outcome.received).toHaveLength(TRIES);
		expect(fakeClock.slept).toHaveLength(TRIES - 1);
	});

	test.each<Verb>(['PATCH', 'DELETE'])('%s says that the outcome is unknown', async (verb) => {
		await simulator.addFault(always({ fault }));
		const outcome = await sendVerb(simulator, verb);
		expect(sayings(outcome)).toMatch(/unknown whether EyeCloud Pro made the change.*again is safe/);
		expect(outcome.received).toHaveLength(TRIES);
	});
});

test('time-outs without end: GET gives up after some tries, and says so', async () => {
	await simulator.addFault(always({ fault: { kind: 'hang' } }));
	const outcome = await sendVerb(simulator, 'GET', { timeoutMs: 250 });
	expect(sayings(outcome)).toMatch(/did not answer.*option 'Timeout'.*tried 6 times/);
	expect(outcome.received).toHaveLength(TRIES);
});

test('waits grow, at random, and follow Retry-After where there is one', async () => {
	await simulator.addFault(always({ fault: { kind: 'status', status: 500 } }));
	await sendVerb(simulator, 'GET');
	const longest = [500, 1_000, 2_000, 4_000, 8_000];
	for (const [index, slept] of fakeClock.slept.entries()) {
		expect(slept).toBeLessThanOrEqual(longest[index]);
	}
	fakeClock.reset();
	await simulator.reset();
	await simulator.addFault({
		fault: { kind: 'status', status: 503, headers: { 'Retry-After': '7' } },
	});
	expectDone(await sendVerb(simulator, 'PATCH'), 'PATCH');
	expect(fakeClock.slept).toEqual([7_000]);
});

describe('refused for good', () => {
	const final: Array<[number, RegExp]> = [
		[400, /did not accept the input.*Simulated fault 400/],
		[403, /does not allow this.*Simulated fault 403.*ask EyeCloud Pro support/],
		[404, /found no such record.*Check the ID|There is nothing at .v2.2/],
	];
	const cells = final.flatMap(([status, words]) =>
		verbs.map((verb): [number, Verb, RegExp] => [status, verb, words]),
	);
	test.each(cells)('%i: %s is not sent again', async (status, verb, words) => {
		await simulator.addFault(always({ fault: { kind: 'status', status } }));
		const outcome = await sendVerb(simulator, verb);
		expect(sayings(outcome)).toMatch(words);
		expect([outcome.received.length, outcome.done]).toEqual([1, 0]);
		expect(fakeClock.slept).toEqual([]);
	});

	test.each(verbs)('401: %s goes again with a new token, once', async (verb) => {
		await simulator.addFault(always({ fault: { kind: 'status', status: 401 } }));
		const outcome = await sendVerb(simulator, verb);
		expect(sayings(outcome)).toMatch(/does not accept the access token.*Check 'Audience'/);
		expect([outcome.received.length, outcome.done]).toEqual([2, 0]);
		expect((await simulator.tokenRequests()).map(({ status }) => status)).toEqual([200, 200]);
	});

	test.each(verbs)('401 once: %s is done with the new token', async (verb) => {
		await simulator.addFault({ fault: { kind: 'expireTokens' } });
		const outcome = await sendVerb(simulator, verb);
		expectDone(outcome, verb);
		expect(outcome.received).toHaveLength(2);
	});
});

test('DELETE: a 404 is a success only after a try that got lost', async () => {
	await simulator.addFault({ when: 'after', fault: { kind: 'reset' } });
	const outcome = await sendVerb(simulator, 'DELETE');
	expect(outcome.received.map((entry) => entry.outcome)).toEqual(['reset', 404]);
	expectDone(outcome, 'DELETE');
});
