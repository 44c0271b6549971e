// Where something is not as it should be: the trigger says so with a sentence, or goes on as if nothing were. That
// nothing is missed and nothing comes twice is played by test/model/trigger.test.ts.
import { fakeClock } from '../harness/fastTime.ts';
import { MINUTE_MS, now, simulatedTrigger } from './simulatedTrigger.ts';

import { ManualExecutionCancelledError, type IDataObject } from 'n8n-workflow';

const { poller, add, change, practice, answer, addUpdateDate } = simulatedTrigger({
	resource: 'patient',
	path: '/patients',
});
const tooFew = 'Page 1 of the list holds fewer records than it should';

async function newest(): Promise<IDataObject[]> {
	const records = (await practice.simulator.answeredRecords(2, '/patients')) as IDataObject[];
	return records.sort((a, b) => (String(a.create_date) < String(b.create_date) ? 1 : -1));
}

test('while the API is down each poll says so; what came meanwhile comes then', async () => {
	const polled = poller();
	await polled.poll();
	const record = await add();
	const { stored } = polled;
	const fault = { kind: 'status', status: 400, body: { message: 'Not now' } } as const;
	await practice.simulator.addFault({ match: { times: 9 }, fault });
	const { error } = await polled.poll();
	expect(error?.description).toMatch(/^Nothing was handed on, and the next poll begins/);
	expect(polled.stored).toBe(stored);
	await practice.simulator.clearFaults();
	expect((await polled.poll()).records).toEqual([record]);
});

test('a poll whose time is over before the first answer says so, and changes nothing', async () => {
	const polled = poller({}, { budgetMs: 50 });
	await practice.simulator.addFault({ match: { times: 9 }, fault: { kind: 'hang' } });
	const { error } = await polled.poll();
	expect(error?.message).toBe('The time that n8n gives a poll was over too soon');
	expect(polled.stored).toBe('{}');
});

test('a second poll while one is under way leaves it to that one', async () => {
	const polled = poller();
	await polled.poll();
	const record = await add();
	const [first, second] = await Promise.all([polled.poll(), polled.poll()]);
	expect([...first.records, ...second.records]).toEqual([record]);
});

test('without durable cursors a new process hands on again what the one before did at last', async () => {
	const polled = poller({}, { hasDurableCursors: false });
	await polled.poll();
	const record = await add();
	expect((await polled.poll()).records).toEqual([record]);
	const { stored } = polled;
	expect((await polled.poll()).records).toEqual([]);
	polled.stored = stored.replace(/"by":"[^"]+"/, '"by":"the one before"');
	expect((await polled.poll()).records).toEqual([record]);
	polled.stored = stored.replace(/"by":"[^"]+"/, '"by":"the one before"');
	await fakeClock.sleep(11 * MINUTE_MS);
	expect((await polled.poll()).records).toEqual([]);
});

test('an execution that a user cancels was made, and does not come again', async () => {
	const polled = poller({}, { hasDurableCursors: false });
	await polled.poll();
	await add();
	await polled.poll(new ManualExecutionCancelledError('1'));
	expect((await polled.poll()).records).toEqual([]);
});

test('a list that has collapsed is a sentence once, and believed at the second poll', async () => {
	const polled = poller();
	await polled.poll();
	await answer([]);
	expect((await polled.poll()).error?.message).toBe('The list has 0 records, and had 300 before');
	await fakeClock.sleep(25 * 60 * MINUTE_MS);
	expect((await polled.poll()).error).toBeUndefined();
	// Short lists come and go.
	const short = poller();
	await practice.simulator.clearFaults();
	await answer((await newest()).slice(0, 60));
	await short.poll();
	await practice.simulator.clearFaults();
	await answer((await newest()).slice(0, 20));
	expect(await short.poll()).toEqual({ records: [], executions: [] });
});

test('a count that is always 3 too high hides nothing', async () => {
	const create_date = '2020-01-01T10:00:00';
	const records = (await newest()).slice(0, 100).map((each) => ({ ...each, create_date }));
	await answer(records, 103, 1);
	await answer([], 103, 2);
	const polled = poller({ options: { startFrom: 'everything' } });
	expect((await polled.poll()).records).toHaveLength(100);
	await fakeClock.sleep(20 * MINUTE_MS);
	expect(await polled.poll()).toEqual({ records: [], executions: [] });
});

test('a server that keeps its pages to fewer records is a sentence, not a gap', async () => {
	const all = await newest();
	const [dated, compared] = [poller(), poller({ event: 'changed' })];
	await answer(all.slice(0, 30));
	for (const polled of [dated, compared]) expect((await polled.poll()).error).toBeUndefined();
	await practice.simulator.clearFaults();
	await answer(all.slice(100, 200), 240, 2);
	await answer(all.slice(0, 50), 240, 1);
	for (const polled of [dated, compared]) expect((await polled.poll()).error?.message).toBe(tooFew);
});

test('a list that does not come in the order of its dates is compared', async () => {
	const [first, second, ...others] = await newest();
	await answer([second, first, ...others]);
	const polled = poller();
	await polled.poll();
	await practice.simulator.clearFaults();
	const late = await add({ patient_id: 7, create_date: '2001-01-01T00:00:00' });
	expect((await polled.poll()).records).toEqual([late]);
});

test('a list that the API does not sort, though it seemed so, is a sentence', async () => {
	await answer(await newest());
	const { error } = await poller({ options: { startFrom: 'everything' } }).poll();
	expect(error?.message).toBe("The list is not in the order of 'create_date'");
});

test('a newest page that lacks a record is not taken for the whole list', async () => {
	const polled = poller();
	await polled.poll();
	for (let count = 0; count < 130; count++) await add();
	await answer((await newest()).slice(1, 100), 430, 1);
	expect((await polled.poll()).records).toHaveLength(130);
});

test('days alone, beside dates with a time, are seen until the day is over', async () => {
	await add({ create_date: now().slice(0, 10) });
	const polled = poller();
	await polled.poll();
	const untilEvening = 24 * 60 * MINUTE_MS + 20 * 60 * MINUTE_MS - (fakeClock.now() % 86_400_000);
	await fakeClock.sleep(untilEvening);
	for (const create_date of [now(), now().slice(0, 10)]) {
		const record = await add({ create_date });
		expect((await polled.poll()).records).toEqual([record]);
	}
});

test('where new records have no update date, all are compared', async () => {
	await addUpdateDate();
	await add({ update_date: null });
	const polled = poller({ event: 'changed' });
	await polled.poll();
	const record = await change(1001, { email: 'new@example.com' });
	expect((await polled.poll()).records).toEqual([
		{ ...record, _change: 'changed', _changedFields: ['email'] },
	]);
});

test('newest records whose dates can’t be read are not passed over in silence', async () => {
	const polled = poller();
	await polled.poll();
	for (let count = 0; count < 130; count++) await add({ create_date: '3/1/2027 10:00' });
	const { error } = await polled.poll();
	expect(error?.message).toBe("The newest records have no 'create_date' that can be read");
});

test.each([
	['as in the US', () => '11/28/2026 10:00'],
	['none', () => null],
	['that can be read', () => now()],
])('a list that is empty at first, dates: %s: every record comes once', async (_, date) => {
	const polled = poller({ filters: { email: 'nobody@example.com' } });
	await polled.poll();
	for (let poll = 0; poll < 3; poll++) {
		const added = [];
		for (let count = 0; count < 3; count++)
			added.push(await add({ email: 'nobody@example.com', create_date: date() }));
		const { records } = await polled.poll();
		expect(new Set(records)).toEqual(new Set(added));
		await fakeClock.sleep(MINUTE_MS);
	}
});
