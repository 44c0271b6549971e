// The retry table's row of requests that never reached the API: they go again, whatever the verb, and
// nothing about their outcome is unknown.
import { fakeClock } from '../harness/fastTime.ts';

import { startSimulator, type Simulator } from '../simulator/start.ts';
import { closedAddress, forward, listen } from '../harness/ports.ts';
import { expectDone, sayings, sendVerb, TRIES, verbs } from '../harness/verbs.ts';

let simulator: Simulator;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 5 });
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ data: true });
});

test.each(verbs)('%s: connection refused, until the API is back', async (verb) => {
	const apiBaseUrl = await closedAddress();
	let opened: ReturnType<typeof forward> | undefined;
	fakeClock.onSleep = () => (opened ??= forward(apiBaseUrl, simulator.apiUrl));
	const outcome = await sendVerb(simulator, verb, { apiBaseUrl });
	opened?.close();
	expectDone(outcome, verb);
	expect(outcome.received).toHaveLength(1);
	expect(fakeClock.slept.length).toBeGreaterThan(0);
});

test.each(verbs)('%s: connection refused for good', async (verb) => {
	const apiBaseUrl = await closedAddress();
	const outcome = await sendVerb(simulator, verb, { apiBaseUrl });
	expect(outcome.received).toHaveLength(0);
	expect(fakeClock.slept).toHaveLength(TRIES - 1);
	expect(sayings(outcome)).toMatch(
		/could not be reached.*ECONNREFUSED.*Nothing was changed.*tried 6 times/,
	);
});

test.each(verbs)('%s: the name is not resolved', async (verb) => {
	const apiBaseUrl = 'https://eyecloudpro.invalid';
	const outcome = await sendVerb(simulator, verb, { apiBaseUrl });
	expect(fakeClock.slept).toHaveLength(TRIES - 1);
	expect(sayings(outcome)).toMatch(/could not be reached.*(ENOTFOUND|EAI_AGAIN)/);
});

test.each(verbs)('%s: the auth server refuses the connection', async (verb) => {
	const authServerUrl = await closedAddress();
	let opened: ReturnType<typeof forward> | undefined;
	fakeClock.onSleep = () => (opened ??= forward(authServerUrl, simulator.authUrl));
	const outcome = await sendVerb(simulator, verb, { authServerUrl });
	opened?.close();
	expectDone(outcome, verb);
	expect(outcome.received).toHaveLength(1);
});

test.each(verbs)('%s: the auth server is out of order', async (verb) => {
	const auth = await listen(503, { message: 'Closed' });
	const outcome = await sendVerb(simulator, verb, { authServerUrl: auth.address });
	auth.close();
	expect(auth.received).toHaveLength(TRIES);
	expect(outcome.received).toHaveLength(0);
	// Nothing was sent to the API, so nothing about its outcome is unknown.
	expect(sayings(outcome)).not.toContain('unknown');
});
