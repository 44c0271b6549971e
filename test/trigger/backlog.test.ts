// The trigger where more records wait than a poll has time for: each poll hands on what it got, and the
// next goes on from there. Real time: the budget is n8n's.
import { realClock, useClock } from '../harness/fastTime.ts';
import { simulatedTrigger } from '../harness/simulatedTrigger.ts';

import type { IDataObject } from 'n8n-workflow';

const PATIENTS = 20_000;
const BUDGET_MS = 2_000;
const MOST_POLLS = 80;
const tooSoon = 'The time that n8n gives a poll was over too soon';
const trigger = simulatedTrigger(
	{ resource: 'patient', path: '/patients' },
	{ patients: PATIENTS },
);

beforeEach(() => useClock(realClock));

test('a backlog of 20,000 comes out over several polls of 2 seconds, in order', async () => {
	await trigger.practice.simulator.configure({ latencyMs: 100 });
	const polled = trigger.poller(
		{ options: { startFrom: 'everything' } },
		{ budgetMs: BUDGET_MS, credential: trigger.practice.credential },
	);
	polled.options.credential.change({ requestsPerMinute: 100_000 });
	const records: IDataObject[] = [];
	const counts: number[] = [];
	let requests = 0;
	while (records.length < PATIENTS && counts.length < MOST_POLLS) {
		const outcome = await trigger.counted(polled);
		// A machine that is too busy for one answer in that time is no reason to lose anything.
		expect([undefined, tooSoon]).toContain(outcome.error?.message);
		counts.push(outcome.records.length);
		requests += outcome.requests;
		for (const record of outcome.records) records.push(record);
	}
	const dates = records.map(({ create_date }) => String(create_date));
	expect(dates).toEqual(dates.slice().sort());
	expect(new Set(records.map(({ patient_id }) => patient_id)).size).toBe(PATIENTS);
	expect(records).toHaveLength(PATIENTS);
	expect(counts.length).toBeGreaterThan(2);
	console.log(
		`20,000 records: ${counts.length} polls of at most ${BUDGET_MS} ms with ${requests} requests: ${counts.join(', ')}`,
	);
	const fresh = await trigger.add({ create_date: '2030-01-01T10:00:00' });
	polled.options.budgetMs = 60_000;
	expect((await polled.poll()).records).toEqual([fresh]);
}, 120_000);

test('a poll whose time is over before the first answer says so, and changes nothing', async () => {
	const polled = trigger.poller({}, { budgetMs: 150 });
	await trigger.practice.simulator.configure({ latencyMs: 2_000 });
	const { error } = await polled.poll();
	expect(error?.message).toBe(tooSoon);
	expect(polled.stored).toBe('{}');
});
