// Lists in a real n8n: complete, in order, whatever happens in between. Called by realN8n.test.ts.
import { startSimulator } from '../simulator/start.ts';
import { credentialData } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const everyPatient = { resource: 'patient', operation: 'getAll', returnAll: true, simplify: false };

export function readingCases(rig: () => Rig): void {
	it.each([
		['as it is', undefined, { '200': 5 }],
		[
			'with a token that expires',
			{ kind: 'expireTokens' },
			{ '200': 5, '401': expect.any(Number) },
		],
		[
			'with a 429',
			{ kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
			{ '200': 5, '429': 1 },
		],
	] as const)('returns all 1,000 patients, %s', async (_what, fault, outcomes) => {
		const { simulator, run } = rig();
		const match = { path: '/patients$', page: 3 };
		if (fault) await simulator.addFault({ match, fault });
		const { items, error } = await run(everyPatient);
		expect(error?.message).toBeUndefined();
		const expected = await simulator.records(2, '/patients');
		expect(items.map(({ json }) => json)).toEqual(expected);
		expect(items[999].pairedItem).toEqual({ item: 0 });
		expect((await simulator.counts()).byOutcome).toEqual(outcomes);
	});

	it('returns 10,000 patients with 41 requests, several in flight', async () => {
		const simulator = await startSimulator({ patients: 10_000, latencyMs: 100 });
		try {
			const data = credentialData(simulator, simulator.clients.practice);
			const credential = await rig().n8n.createCredential('10,000 patients', data);
			const { items, executionTimeMs } = await rig().run(everyPatient, { credential });
			const expected = await simulator.records(2, '/patients');
			expect(items.map(({ json }) => json.patient_id)).toEqual(expected.map((p) => p.patient_id));
			const { byRoute, maxInFlight } = await simulator.counts();
			expect(byRoute).toEqual({ 'GET /patients': 41 });
			expect(maxInFlight).toBeGreaterThan(1);
			console.log(`10,000 patients: ${executionTimeMs} ms, ${maxInFlight} requests in flight`);
		} finally {
			await simulator.stop();
		}
	});
}
