// The trigger's Created where a list can be sorted by its creation date: what is new comes once, oldest
// first, with as few requests as it takes.
import { requestLine } from '../harness/simulatedPractice.ts';
import { simulatedTrigger } from '../harness/simulatedTrigger.ts';

import type { IDataObject } from 'n8n-workflow';

const trigger = simulatedTrigger({ resource: 'patient', path: '/patients' });
const { poller, add, remove, counted, practice } = trigger;

const ids = (records: IDataObject[]) => records.map(({ patient_id }) => patient_id);

test('starts from now, and hands on each new record once, oldest first', async () => {
	const polled = poller();
	expect((await polled.poll()).executions).toEqual([]);
	const later = await add({ create_date: '2030-01-02T10:00:00' });
	const earlier = await add({ create_date: '2030-01-02T09:00:00' });
	expect((await polled.poll()).executions).toEqual([[{ json: earlier }, { json: later }]]);
	expect((await polled.poll()).executions).toEqual([]);
});

test('needs one request where little or nothing is new', async () => {
	const polled = poller();
	await polled.poll();
	expect((await counted(polled)).requests).toBe(1);
	for (let count = 0; count < 45; count++) await add();
	const { records, requests } = await counted(polled);
	expect([records.length, requests]).toEqual([45, 1]);
	const [line] = (await practice.received()).slice(-1).map(requestLine);
	expect(line).toBe('GET /v2/2/patients?page=1&page_size=100&sort=-create_date,-patient_id');
});

test('hands on every record of one and the same second', async () => {
	const polled = poller();
	const create_date = '2030-01-02T10:00:00';
	const before = await add({ create_date });
	await polled.poll();
	const first = await add({ create_date });
	expect((await polled.poll()).records).toEqual([first]);
	const second = await add({ create_date });
	expect((await polled.poll()).records).toEqual([second]);
	await remove(Number(before.patient_id));
	expect((await polled.poll()).records).toEqual([]);
});

test('finds records that appear late, with an older date, as far back as the overlap goes', async () => {
	const polled = poller();
	await add({ create_date: '2030-01-02T10:00:00' });
	await polled.poll();
	for (let minute = 10; minute < 59; minute++) {
		await add({ create_date: `2030-01-02T10:${minute}:00` });
		await add({ create_date: `2030-01-02T10:${minute}:30` });
	}
	expect((await polled.poll()).records).toHaveLength(98);
	const late = await add({ create_date: '2030-01-02T09:49:00' });
	expect((await polled.poll()).records).toEqual([late]);
});

test('a clock that is years ahead hides nothing', async () => {
	const polled = poller();
	await polled.poll();
	const ahead = await add({ create_date: '2099-01-01T00:00:00' });
	expect((await polled.poll()).records).toEqual([ahead]);
	for (let poll = 0; poll < 5; poll++) {
		const record = await add({ create_date: `2030-01-0${poll + 1}T10:00:00` });
		expect((await polled.poll()).records).toEqual([record]);
	}
});

test('dates without a time of day overlap by a day', async () => {
	for (let count = 0; count < 80; count++) await add({ create_date: '2030-01-02' });
	const polled = poller();
	await polled.poll();
	for (let count = 0; count < 60; count++) await add({ create_date: '2030-01-03' });
	expect((await polled.poll()).records).toHaveLength(60);
	const late = await add({ create_date: '2030-01-02' });
	expect((await polled.poll()).records).toEqual([late]);
});

test('an empty list: the first records that come are new', async () => {
	for (const { patient_id } of await practice.simulator.records(2, '/patients')) {
		await remove(Number(patient_id));
	}
	const polled = poller();
	expect((await polled.poll()).records).toEqual([]);
	const first = await add();
	expect((await polled.poll()).records).toEqual([first]);
});

test('starts from all records: the oldest first, at most so many at once', async () => {
	const all = await practice.simulator.records(2, '/patients');
	const polled = poller({ options: { startFrom: 'everything', maximumPerPoll: 25 } });
	const polls = [await polled.poll(), await polled.poll(), await polled.poll()];
	expect(polls.map(({ records }) => records.length)).toEqual([25, 25, 10]);
	const dates = polls.flatMap(({ records }) => records.map(({ create_date }) => create_date));
	expect(dates).toEqual(all.map(({ create_date }) => create_date).sort());
	const fresh = await add();
	expect((await polled.poll()).records).toEqual([fresh]);
});

test('starts from a date', async () => {
	const dates = ['2029-12-31T23:59:59', '2030-01-01T00:00:00', '2030-06-01T12:00:00'];
	const added = [];
	for (const create_date of dates) added.push(await add({ create_date }));
	const options = { startFrom: 'date', startDate: '2030-01-01T00:00:00.000-06:00' };
	const { records } = await poller({ options }).poll();
	expect(records).toEqual(added.slice(1));
});

test('a poll that runs twice hands on the same', async () => {
	const polled = poller();
	await polled.poll();
	for (let count = 0; count < 7; count++) await add();
	const lost = await polled.poll({ isKept: false });
	const again = await polled.poll();
	expect(lost.records).toHaveLength(7);
	expect(again.records).toEqual(lost.records);
	expect((await polled.poll()).records).toEqual([]);
});

test.each([
	['filter', { filters: { email: 'somebody@example.com' } }],
	['practice', { options: { practiceId: '123' } }],
	['resource', { resource: 'appointment' }],
	['event', { event: 'changed' }],
])('another %s starts over from now', async (_, change) => {
	const polled = poller();
	await polled.poll();
	await add();
	polled.options.parameters = { ...polled.options.parameters, ...change };
	expect((await polled.poll()).records).toEqual([]);
	expect((await polled.poll()).records).toEqual([]);
});

test('filters and further parameters go along, dates and phone numbers in the API’s form', async () => {
	const polled = poller({
		filters: { phone: '(512) 555-0100', dob: '2000-01-31T00:00:00.000-06:00' },
	});
	await polled.poll();
	const other = await add({ phone: '5125550101' });
	const wanted = await add({ phone: '5125550100', dob: '2000-01-31' });
	expect(ids((await polled.poll()).records)).toEqual([wanted.patient_id]);
	expect(other.patient_id).not.toBe(wanted.patient_id);
	const [line] = (await practice.received()).slice(-1).map(requestLine);
	expect(line).toContain('&dob=2000-01-31'.slice(1));
	expect(line).toContain('phone=5125550100');
});

test('Simplify keeps at most ten fields', async () => {
	const polled = poller({ simplify: true });
	await polled.poll();
	const record = await add();
	const { records } = await polled.poll();
	expect(records).toHaveLength(1);
	expect(Object.keys(records[0])).toHaveLength(10);
	expect(records[0].patient_id).toBe(record.patient_id);
	expect(records[0]).not.toHaveProperty('insurances');
});

test('one execution per record', async () => {
	const polled = poller({ options: { executionPerRecord: true } });
	await polled.poll();
	const added = [await add(), await add(), await add()];
	const { executions } = await polled.poll();
	expect(executions).toEqual(added.map((json) => [{ json }]));
});

test('Fetch Test Event shows the latest records at once, and changes nothing', async () => {
	const polled = poller({}, { isTest: true });
	const latest = await add({ create_date: '2030-01-02T10:00:00' });
	const { records } = await polled.poll();
	expect(records).toHaveLength(5);
	expect(records[0]).toEqual(latest);
	expect(polled.stored).toBe('{}');
});

test('the cursor holds no value of a record or filter', async () => {
	const polled = poller({ filters: { email: 'somebody@example.com' } });
	await polled.poll();
	await add({ email: 'somebody@example.com', name_last: 'Quixotic' });
	expect((await polled.poll()).records).toHaveLength(1);
	expect(polled.stored).not.toMatch(/somebody|Quixotic/);
	expect(polled.storedBytes).toBeLessThan(500);
});

test.each([
	[{ options: { overlapMinutes: -1 } }, "'Overlap' must be a whole number, 0 or more"],
	[{ options: { maximumPerPoll: 0 } }, "'Maximum per Poll' must be a whole number, 1 or more"],
	[{ options: { startFrom: 'date' } }, "'Start Date' is not a date, e.g. 2000-01-31"],
	[{ filters: { email: 'nobody' } }, "'Email' is not an email address, e.g. nathan@example.com"],
	[{ resource: 'account' }, 'Choose a resource first'],
])('%j is refused with a sentence', async (parameters, sentence) => {
	expect((await poller(parameters).poll()).error?.message).toBe(sentence);
});

describe('where a list can’t be sorted by its creation date', () => {
	const byIds = simulatedTrigger({ resource: 'patient', path: '/patients' }, { patients: 300 });

	test('a new record with a low ID comes at the next poll; a deletion costs nothing', async () => {
		const { simulator } = byIds.practice;
		await simulator.refuseSort({ path: '/patients', field: 'create_date' });
		const polled = byIds.poller();
		await polled.poll();
		expect((await byIds.counted(polled)).requests).toBe(1);
		const low = await byIds.add({ patient_id: 7 });
		const high = await byIds.add();
		expect((await polled.poll()).records).toEqual([low, high]);
		expect((await byIds.counted(polled)).requests).toBe(1);
		await byIds.remove(1001);
		expect((await byIds.counted(polled)).requests).toBe(1);
		expect((await byIds.counted(polled)).requests).toBe(1);
	});
});
