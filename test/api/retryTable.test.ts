// The retry table of the design, cell by cell: each verb against each failure, by the number of
// requests that the API got, by what exists afterwards, and by what the user reads.
import { fakeClock } from '../harness/fastTime.ts';

import type { SharedCredential } from '../../nodes/EyeCloudPro/api/sharedCredential';
import { send, type RequestContext } from '../../nodes/EyeCloudPro/api/transport';
import { startSimulator, type Fault, type FaultRule, type Simulator } from '../simulator/start.ts';
import { closedAddress, forward, listen } from '../harness/ports.ts';
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

const repeatable = verbs.filter((verb) => verb !== 'POST');
const status = (code: number, headers?: Record<string, string>): Fault => ({
	...{ kind: 'status', status: code, headers },
});

/** Short where the time-out is the failure; long elsewhere, so that a slow machine makes none. */
const timeoutFor = ({ kind }: Fault) => ({ timeoutMs: kind === 'hang' ? 250 : 20_000 });

const always = (rule: FaultRule) => ({ ...rule, match: { ...rule.match, times: 1_000 } });

describe('429', () => {
	test.each(verbs)('%s waits and is sent again', async (verb) => {
		await simulator.addFault({ match: { times: 2 }, fault: status(429) });
		const outcome = await sendVerb(simulator, verb);
		expectDone(outcome, verb);
		expect(outcome.received.map((entry) => entry.outcome)).toEqual([
			...[429, 429],
			{ GET: 200, POST: 201, PATCH: 200, DELETE: 204 }[verb],
		]);
	});

	test.each(verbs)('%s gives up in bounded time when it never ends', async (verb) => {
		await simulator.addFault(always({ fault: status(429) }));
		const startMs = fakeClock.now();
		const outcome = await sendVerb(simulator, verb);
		expect(sayings(outcome)).toMatch(/keeps refusing requests because of its rate limit.*higher/);
		expect(outcome.done).toBe(0);
		expect(outcome.received.length).toBeLessThanOrEqual(30);
		expect(fakeClock.now() - startMs).toBeLessThan(20 * 60_000);
	});
});

const unknown: Array<[string, Fault, ...Array<'before' | 'after'>]> = [
	['a time-out', { kind: 'hang' }, 'before', 'after'],
	['a reset', { kind: 'reset' }, 'before', 'after'],
	...[500, 502, 503, 504, 499].map((code): [string, Fault, 'after'] => [
		String(code),
		status(code),
		'after',
	]),
	['a truncated 2xx', { kind: 'truncate' }, 'after'],
	['HTML as a 2xx', { kind: 'html' }, 'before', 'after'],
];

describe.each(
	unknown.flatMap(([name, fault, ...moments]) => moments.map((when) => ({ name, when, fault }))),
)('$name, $when the work', ({ when, fault }) => {
	test('whatever may be repeated is sent again', async () => {
		for (const verb of repeatable) {
			await simulator.reset({ data: true });
			await simulator.addFault({ when, fault });
			const outcome = await sendVerb(simulator, verb, timeoutFor(fault));
			expectDone(outcome, verb);
			expect([verb, outcome.received.length]).toEqual([verb, 2]);
		}
	});

	test('POST is sent once, and its outcome is unknown', async () => {
		await simulator.addFault({ when, fault });
		const outcome = await sendVerb(simulator, 'POST', timeoutFor(fault));
		expect([outcome.received.length, outcome.done]).toEqual([1, when === 'after' ? 1 : 0]);
		expect(outcome.error?.message).toBe('It is unknown whether EyeCloud Pro created the record');
		expect(outcome.error?.description).toMatch(
			/not sent again, so that nothing is created twice\. Look in EyeCloud Pro.* before you run/,
		);
	});
});

test.each([300, 301, 302, 303, 304])('a POST answered by %i may have worked', async (code) => {
	const fault = { kind: 'redirect', location: '/v2/2/patients/1', status: code } as const;
	await simulator.addFault(always({ when: 'after', fault }));
	const outcome = await sendVerb(simulator, 'POST');
	expect([outcome.received.length, outcome.done]).toEqual([1, 1]);
	expect(outcome.error?.message).toBe('It is unknown whether EyeCloud Pro created the record');
});

const lasting: Array<[string, Fault, RegExp]> = [
	['resets', { kind: 'reset' }, /did not answer.*connection was lost/],
	['500s', status(500), /could not process the request \(HTTP 500\).*later/],
	['HTML', { kind: 'html' }, /answer that can't be read.*Check the addresses/],
	['time-outs', { kind: 'hang' }, /did not answer.*option 'Timeout'/],
];

test.each(lasting)('%s without end: it gives up, and says so', async (_, fault, words) => {
	await simulator.addFault(always({ fault }));
	for (const verb of fault.kind === 'hang' ? (['GET'] as Verb[]) : repeatable) {
		fakeClock.reset();
		const outcome = await sendVerb(simulator, verb, timeoutFor(fault));
		const isRead = verb === 'GET';
		expect(sayings(outcome)).toMatch(
			isRead ? words : /unknown whether EyeCloud Pro made the change.*again is safe/,
		);
		if (isRead) expect(sayings(outcome)).toContain(`tried ${TRIES} times`);
		expect(outcome.received).toHaveLength(TRIES);
		expect(fakeClock.slept).toHaveLength(TRIES - 1);
	}
});

test('waits grow, at random; a 503 holds the module for the wait that it names', async () => {
	await simulator.addFault(always({ fault: status(500) }));
	await sendVerb(simulator, 'GET');
	const longest = [500, 1_000, 2_000, 4_000, 8_000];
	for (const [index, slept] of fakeClock.slept.entries()) {
		expect(slept).toBeLessThanOrEqual(longest[index]);
	}
	fakeClock.reset();
	await simulator.reset();
	await simulator.addFault({ fault: status(503, { 'Retry-After': '7' }) });
	expectDone(await sendVerb(simulator, 'PATCH'), 'PATCH');
	expect(fakeClock.slept).toEqual([7_000]);
});

test.each([
	['0', 3_750],
	['3600', 90_000],
])('a 503 that names %s s for ever: six tries at most, and 90 s', async (seconds, leastMs) => {
	jest.spyOn(Math, 'random').mockReturnValue(0.5);
	await simulator.addFault(always({ fault: status(503, { 'Retry-After': seconds }) }));
	const startMs = fakeClock.now();
	const outcome = await sendVerb(simulator, 'GET');
	jest.restoreAllMocks();
	expect(outcome.received.length).toBeLessThanOrEqual(TRIES);
	const tookMs = fakeClock.now() - startMs;
	expect(tookMs).toBeGreaterThanOrEqual(leastMs);
	expect(tookMs).toBeLessThanOrEqual(90_000);
});

test('another trouble that names a wait: this request alone waits so long', async () => {
	await simulator.addFault({ fault: status(500, { 'Retry-After': '7' }) });
	expectDone(await sendVerb(simulator, 'PATCH'), 'PATCH');
	expect(fakeClock.slept).toEqual([7_000]);
});

describe('refused for good', () => {
	test.each<[number, RegExp]>([
		[400, /did not accept the input.*Simulated fault 400/],
		[403, /does not allow this.*Simulated fault 403.*ask EyeCloud Pro support/],
		[404, /found no such record.*Check the ID|There is nothing at .v2.2/],
	])('%i: it is not sent again', async (code, words) => {
		await simulator.addFault(always({ fault: status(code) }));
		for (const verb of verbs) {
			const outcome = await sendVerb(simulator, verb);
			expect(sayings(outcome)).toMatch(words);
			expect([verb, outcome.received.length, outcome.done]).toEqual([verb, 1, 0]);
		}
		expect(fakeClock.slept).toEqual([]);
	});

	test.each(verbs)('401: %s goes again with a new token, once', async (verb) => {
		await simulator.addFault(always({ fault: status(401) }));
		const outcome = await sendVerb(simulator, verb);
		expect(sayings(outcome)).toMatch(/does not accept the access token.*Check 'Audience'/);
		expect([outcome.received.length, outcome.done]).toEqual([2, 0]);
		expect((await simulator.tokenRequests()).map((request) => request.status)).toEqual([200, 200]);
	});
});

test.each(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
	'a certificate that is not trusted is told, and not tried again: %s',
	async (code) => {
		const httpRequestWithAuthentication = () =>
			Promise.reject(Object.assign(new Error('It failed'), { code }));
		const context = { helpers: { httpRequestWithAuthentication } } as unknown as RequestContext;
		const request = { method: 'GET', url: 'https://api.example', timeoutMs: 1_000 } as const;
		expect(await send({ context } as SharedCredential, request)).toMatchObject({
			failure: 'final',
			error: { message: 'The certificate of the API address is not trusted' },
		});
	},
);

test('DELETE: a 404 is a success only after a try that got lost', async () => {
	await simulator.addFault({ when: 'after', fault: { kind: 'reset' } });
	const outcome = await sendVerb(simulator, 'DELETE');
	expect(outcome.received.map((entry) => entry.outcome)).toEqual(['reset', 404]);
	expectDone(outcome, 'DELETE');
});

describe('never sent: it goes again, and nothing about its outcome is unknown', () => {
	test.each(verbs)('%s: 425 was not worked on', async (verb) => {
		await simulator.addFault({ fault: status(425) });
		const outcome = await sendVerb(simulator, verb);
		expectDone(outcome, verb);
		expect(outcome.received).toHaveLength(2);
	});

	test.each(
		verbs.flatMap((verb) => [
			{ verb, what: 'the API', field: 'apiBaseUrl', target: 'apiUrl' } as const,
			{ verb, what: 'the auth server', field: 'authServerUrl', target: 'authUrl' } as const,
		]),
	)('$verb: $what refuses the connection, until it is back', async ({ verb, field, target }) => {
		const address = await closedAddress();
		let opened: ReturnType<typeof forward> | undefined;
		fakeClock.onSleep = () => (opened ??= forward(address, simulator[target]));
		const outcome = await sendVerb(simulator, verb, { [field]: address });
		opened?.close();
		expectDone(outcome, verb);
		expect(outcome.received).toHaveLength(1);
		expect(fakeClock.slept.length).toBeGreaterThan(0);
	});

	test.each(verbs)('%s: refused for good, or the name is not resolved', async (verb) => {
		const addresses: Array<[string, RegExp]> = [
			[await closedAddress(), /could not be reached.*ECONNREFUSED.*Nothing was.*tried 6 times/],
			['https://eyecloudpro.invalid', /could not be reached.*(ENOTFOUND|EAI_AGAIN)/],
		];
		for (const [apiBaseUrl, words] of addresses) {
			fakeClock.reset();
			const outcome = await sendVerb(simulator, verb, { apiBaseUrl });
			expect(outcome.received).toHaveLength(0);
			expect(fakeClock.slept).toHaveLength(TRIES - 1);
			expect(sayings(outcome)).toMatch(words);
		}
	});

	test.each(verbs)('%s: the auth server is out of order', async (verb) => {
		const auth = await listen(503, { message: 'Closed' });
		const outcome = await sendVerb(simulator, verb, { authServerUrl: auth.address });
		auth.close();
		expect(auth.received).toHaveLength(TRIES);
		expect(outcome.received).toHaveLength(0);
		expect(sayings(outcome)).not.toContain('unknown');
	});
});
