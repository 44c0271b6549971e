// Return All by the node, over the simulator: complete, in order, several pages at a time, whatever happens in the
// middle, or else a sentence and nothing. Many more lists, by chance: completeList.test.ts.
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import type { Fault } from '../simulator/start.ts';

const PATIENTS = 1_499;
const PAGES = 6;
const path = '/patients';

const practice = simulatedPractice({ patients: PATIENTS, latencyMs: 10 });
const read = (parameters = {}) =>
	practice.run('patient', 'getAll', { returnAll: true, simplify: false, ...parameters });

test('several pages at a time, each asked for once, of the largest size, by one token and one reading of the credential', async () => {
	const { calls } = jest.spyOn(practice.credential, 'getDecrypted').mock;
	const { records } = await read();
	expect(calls).toHaveLength(1);
	expect(records).toEqual(await practice.simulator.records(2, path));
	const counts = await practice.simulator.counts();
	expect([counts.byOutcome, counts.tokenRequests]).toEqual([{ 200: PAGES }, 1]);
	expect(counts.maxInFlight).toBeGreaterThan(1);
	const received = await practice.received();
	expect(new Set(received.map(({ query: { sort, page } }) => `${sort} ${page}`)).size).toBe(PAGES);
	expect(new Set(received.map(({ query }) => query.page_size))).toEqual(new Set(['250']));
});

test.each<[string, Fault, string]>([
	[
		'stays broken',
		{ kind: 'status', status: 500 },
		'page 4 of the list, so nothing of it is handed',
	],
	['has no count', { kind: 'status', status: 200, body: { data: [] } }, 'Page 4 of the list came'],
])('a page that %s is named, and nothing is handed on', async (_, fault, words) => {
	await practice.simulator.addFault({ match: { page: 4, times: 1_000 }, fault });
	const { error, records } = await read();
	expect(`${error?.message} ${error?.description}`).toContain(words);
	expect(records).toEqual([]);
});

const added: Fault = { kind: 'addRecord', path, record: { patient_id: 1 } };

test('one goes with each request, and one comes before all others: what stays, in order', async () => {
	const goes: Fault = { kind: 'deleteRecord', path, position: 1 };
	const scenes = Array.from({ length: 100 }, (_, index) => ({ match: { nth: index + 4 } }));
	await practice.simulator.addFault({ match: { nth: 3 }, fault: added });
	await practice.simulator.addFault(...scenes.map((scene) => ({ ...scene, fault: goes })));
	const ids = (await read()).records.map(({ patient_id: id }) => Number(id));
	expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
	const left = (await practice.simulator.records(2, path)).map(({ patient_id: id }) => Number(id));
	expect(ids).toEqual(expect.arrayContaining(left.slice(1)));
});

test('with a Limit, the first ones, also of a list that grows at the front', async () => {
	await practice.simulator.addFault({ match: { page: 2 }, fault: added });
	const { records } = await read({ returnAll: false, limit: 600 });
	expect(records).toEqual((await practice.simulator.records(2, path)).slice(0, 600));
});
