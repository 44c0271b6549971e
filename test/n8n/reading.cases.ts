// Lists, single records and counts in a real n8n: complete, in order, whatever happens in between.
// Called by realN8n.test.ts.
import { startSimulator } from '../simulator/start.ts';
import { credentialData } from '../harness/eyeCloudPro.ts';
import type { Outcome, Rig } from '../harness/realN8n.ts';

const everyPatient = { resource: 'patient', operation: 'getAll', returnAll: true };

export function readingCases(rig: () => Rig): void {
	const expectEveryPatient = async ({ execution, items }: Outcome) => {
		const { simulator } = rig();
		expect(execution.error?.message).toBeUndefined();
		const expected = await simulator.records(simulator.practiceId, '/patients');
		expect(items.map(({ json }) => json.patient_id)).toEqual(expected.map((p) => p.patient_id));
	};

	it('returns all 1,000 patients with 4 requests', async () => {
		const outcome = await rig().run(everyPatient);
		await expectEveryPatient(outcome);
		expect(outcome.items).toHaveLength(1_000);
		expect((await rig().simulator.counts()).byRoute).toEqual({ 'GET /patients': 5 });
		expect(outcome.items[999].pairedItem).toEqual({ item: 0 });
	});

	it('returns 10,000 patients with 41 requests, several in flight', async () => {
		const simulator = await startSimulator({ patients: 10_000, latencyMs: 100 });
		try {
			const data = credentialData(simulator, simulator.clients.practice);
			const credential = await rig().n8n.createCredential('10,000 patients', data);
			const { items, executionTimeMs } = await rig().run(everyPatient, { credential });
			const expected = await simulator.records(simulator.practiceId, '/patients');
			expect(items.map(({ json }) => json.patient_id)).toEqual(expected.map((p) => p.patient_id));
			expect(new Set(items.map(({ json }) => json.patient_id)).size).toBe(10_000);
			const { byRoute, maxInFlight } = await simulator.counts();
			expect(byRoute).toEqual({ 'GET /patients': 41 });
			expect(maxInFlight).toBeGreaterThan(1);
			console.log(`10,000 patients: ${executionTimeMs} ms, ${maxInFlight} requests in flight`);
		} finally {
			await simulator.stop();
		}
	});

	it('is complete when the token expires in the middle', async () => {
		const { simulator } = rig();
		const match = { path: '/patients$', page: 3 };
		await simulator.addFault({ match, fault: { kind: 'expireTokens' } });
		await expectEveryPatient(await rig().run(everyPatient));
		const { byOutcome } = await simulator.counts();
		expect(byOutcome['401']).toBeGreaterThan(0);
	});

	it('is complete when the API says 429 in the middle', async () => {
		const { simulator } = rig();
		await simulator.addFault({
			match: { path: '/patients$', page: 3 },
			fault: { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
		});
		await expectEveryPatient(await rig().run(everyPatient));
		// Four full pages, one of them twice, and one that shows that there are no more.
		expect((await simulator.counts()).byOutcome).toEqual({ '200': 5, '429': 1 });
	});

	it('gets one patient', async () => {
		const recordId = { __rl: true, mode: 'id', value: '1004' };
		const { items } = await rig().run({ resource: 'patient', operation: 'get', recordId });
		expect(items.map(({ json }) => json.patient_id)).toEqual([1004]);
	});

	it('counts patients', async () => {
		const { items } = await rig().run({ resource: 'patient', operation: 'count' });
		expect(items.map(({ json }) => json)).toEqual([{ count: 1_000 }]);
	});

	it('lists, gets and counts stores', async () => {
		const { run, simulator } = rig();
		const stores = await simulator.records(simulator.practiceId, '/stores');
		const storeIds = stores.map((store) => store.store_id);
		const list = await run({ resource: 'store', operation: 'getAll', returnAll: true });
		expect(list.items.map(({ json }) => json.store_id)).toEqual(storeIds);
		const recordId = { __rl: true, mode: 'id', value: String(storeIds[1]) };
		const one = await run({ resource: 'store', operation: 'get', recordId });
		expect(one.items.map(({ json }) => json.store_id)).toEqual([storeIds[1]]);
		const count = await run({ resource: 'store', operation: 'count' });
		expect(count.items.map(({ json }) => json)).toEqual([{ count: storeIds.length }]);
	});
}
