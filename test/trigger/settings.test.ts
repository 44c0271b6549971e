// What a user chooses in the trigger's form, each once. That polls keep their promises whatever happens is
// played by test/model/trigger.test.ts.
import { fakeClock } from '../harness/fastTime.ts';
import { requestLine } from '../harness/simulatedPractice.ts';
import { MINUTE_MS, now, simulatedTrigger } from './simulatedTrigger.ts';

import type { IDataObject } from 'n8n-workflow';

import { FieldFingerprints } from '../../nodes/EyeCloudPro/trigger/fieldFingerprints';
import type { PollSettings } from '../../nodes/EyeCloudPro/trigger/strategy';

const patients = simulatedTrigger({ resource: 'patient', path: '/patients' });
const frames = simulatedTrigger({ resource: 'frame', path: '/pricebooks/frames' });

const ids = (records: IDataObject[]) => records.map(({ patient_id }) => patient_id);

describe('patients', () => {
	const { poller, add, change, counted, practice, addUpdateDate, refuseSort } = patients;

	test('starts from now: each new record once, the oldest first, by one request', async () => {
		const polled = poller();
		expect((await polled.poll()).executions).toEqual([]);
		const later = await add({ create_date: '2030-01-02T10:00:00' });
		const earlier = await add({ create_date: '2030-01-02T09:00:00' });
		const { executions, requests } = await counted(polled);
		expect([executions, requests]).toEqual([[[{ json: earlier }, { json: later }]], 1]);
		const [line] = (await practice.received()).slice(-1).map(requestLine);
		expect(line).toBe('GET /v2/2/patients?page=1&page_size=100&sort=-create_date,-patient_id');
		expect((await polled.poll()).executions).toEqual([]);
	});

	test('without a creation date to sort by: one request as well', async () => {
		await refuseSort('create_date');
		const polled = poller();
		await polled.poll();
		const records = [await add({ patient_id: 7 }), await add()];
		expect((await polled.poll()).records).toEqual(records);
		expect((await counted(polled)).requests).toBe(1);
		await patients.remove(1001);
		expect((await counted(polled)).requests).toBe(1);
	});

	test('Created or Changed by an update date: one request, and nothing about what changed', async () => {
		await addUpdateDate();
		const polled = poller({ event: 'changed' });
		await polled.poll();
		const changed = await change(1001, { email: 'one@example.com', update_date: now() });
		const { records, requests } = await counted(polled);
		expect([records, requests]).toEqual([[changed], 1]);
		const test = await poller({ event: 'changed' }, { isTest: true }).poll();
		expect(test.records[0]).not.toHaveProperty('_sample');
	});

	test('fields that are chosen where a date told of changes so far: all are compared from then on', async () => {
		await addUpdateDate();
		const polled = poller({ event: 'changed' });
		await polled.poll();
		const options = { fieldsToIgnore: ['phone'] };
		polled.options.parameters = { ...polled.options.parameters, options };
		expect((await polled.poll()).records).toEqual([]);
		await change(1001, { phone: '5125550100', update_date: now() });
		expect((await polled.poll()).records).toMatchObject([{ _changedFields: ['update_date'] }]);
	});

	test('Start From: all records, as many at once as the maximum says; a date', async () => {
		const polled = poller({ options: { startFrom: 'everything', maximumPerPoll: 250 } });
		const dates = [await polled.poll(), await polled.poll()].map(({ records }) =>
			records.map(({ create_date }) => create_date),
		);
		expect(dates.map(({ length }) => length)).toEqual([250, 50]);
		expect(dates.flat()).toEqual(dates.flat().sort());
		await add({ create_date: '2029-12-31T23:59:59' });
		const wanted = await add({ create_date: '2030-01-01T00:00:00' });
		const options = { startFrom: 'date', startDate: '2030-01-01T00:00:00.000-06:00' };
		expect((await poller({ options }).poll()).records).toEqual([wanted]);
	});

	test.each<[string, number, IDataObject]>([
		['another filter', 0, { filters: { email: 'somebody@example.com' } }],
		['another practice', 0, { options: { practiceId: '123' } }],
		['another resource', 0, { resource: 'appointment' }],
		['another event', 0, { event: 'changed' }],
		['a filter that was left empty', 1, { filters: { email: '', custom: { parameter: [] } } }],
		['Simplify', 1, { simplify: true }],
	])('%s: of a record that came meanwhile, %i come', async (_, count, change) => {
		const polled = poller();
		await polled.poll();
		await add();
		polled.options.parameters = { ...polled.options.parameters, ...change };
		expect((await polled.poll()).records).toHaveLength(count);
		expect((await polled.poll()).records).toEqual([]);
	});

	test('API Differences that change nothing here do not start over', async () => {
		const polled = poller();
		await polled.poll();
		const record = await add();
		practice.credential.change({ apiDifferences: '{"patient":{"updateMethod":"PUT"}}' });
		expect((await polled.poll()).records).toEqual([record]);
		practice.credential.change({ apiDifferences: '' });
	});

	test('filters go along in the API’s form; Simplify; one execution for each record', async () => {
		const filters = { phone: '(512) 555-0100', dob: '2000-01-31T00:00:00.000-06:00' };
		const polled = poller({ filters, simplify: true, options: { executionPerRecord: true } });
		await polled.poll();
		await add({ phone: '5125550101' });
		const wanted = { phone: '5125550100', dob: '2000-01-31' };
		const added = [await add(wanted), await add(wanted)];
		const { executions, records } = await polled.poll();
		expect(executions).toHaveLength(2);
		expect(ids(records)).toEqual(ids(added));
		expect(Object.keys(records[0])).toHaveLength(10);
		const [{ query }] = (await practice.received()).slice(-1);
		expect(query).toMatchObject(wanted);
		expect(polled.stored).not.toMatch(/512|2000/);
	});

	test.each([
		['followed where the list has a date', false],
		['refused with a sentence elsewhere', true],
	])('a filter that moves with time is %s', async (_, isRefused) => {
		if (isRefused) await refuseSort('create_date');
		const dob = '={{ DateTime.fromISO("2000-01-31T20:00:00Z").toISODate() }}';
		const polled = poller({ filters: { dob } }, { timezone: 'America/Chicago' });
		await polled.poll();
		const record = await add({ create_date: now(), dob: '2000-02-01' });
		polled.options.timezone = 'Asia/Tokyo';
		const { error, records } = await polled.poll();
		const sentence = 'The value of a filter is not what it was at the poll before';
		expect(error?.message).toBe(isRefused ? sentence : undefined);
		expect(ids(records)).toEqual(isRefused ? [] : [record.patient_id]);
	});

	test('Overlap: how far back a record may be dated, in whichever zone', async () => {
		const both = [0, 2 * 24 * 60].map((overlapMinutes) => poller({ options: { overlapMinutes } }));
		await add({ create_date: now() });
		for (const polled of both) await polled.poll();
		await add({ create_date: now(-36 * 60 * MINUTE_MS) });
		const found: number[] = [];
		for (const polled of both) found.push((await polled.poll()).records.length);
		expect(found).toEqual([0, 1]);
	});

	test.each<[IDataObject, string]>([
		[{ options: { overlapMinutes: -1 } }, "'Overlap' must be a whole number, 0 or more"],
		[{ options: { maximumPerPoll: 0 } }, "'Maximum per Poll' must be a whole number, 1 or more"],
		[{ options: { startFrom: '={{ " now" }}' } }, "'Start From' must be date, everything or now"],
		[{ options: { startFrom: 'date' } }, "'Start Date' is not a date, e.g. 2000-01-31"],
		[{ filters: { email: 'nobody' } }, "'Email' is not an email address, e.g. nathan@example.com"],
		[{ resource: 'account' }, 'Choose a resource first'],
		[{ filters: { email: '={{ undefined }}' } }, "'Email' is an expression that gives nothing"],
		[
			{ filters: { custom: { parameter: [{ name: 'store_id', value: '={{ "" }}' }] } } },
			"'store_id' is an expression that gives nothing",
		],
		[
			{ options: { practiceId: '={{ null }}' } },
			"'Practice Client ID' in 'Options' is an expression that gives nothing",
		],
		[
			{ options: { executionPerRecord: '={{ "perhaps" }}' } },
			"'One Execution per Record' must be true or false",
		],
	])('%j is refused with a sentence, and asks for nothing', async (parameters, sentence) => {
		const polled = poller(parameters);
		const { error, records } = await polled.poll();
		expect([error?.message, records, polled.stored]).toEqual([sentence, [], '{}']);
		expect(await practice.received()).toEqual([]);
	});
});

describe('frames, which are compared', () => {
	const { poller, add, change, remove, counted, practice, answer } = frames;
	const changed = (options: IDataObject = {}) => poller({ event: 'changed', options });

	test('what is created, changed and deleted, and the names of the fields that changed', async () => {
		const polled = changed({ includeDeleted: true });
		const silent = changed();
		for (const each of [polled, silent]) await each.poll();
		const first = await change(105, { price: 1, description: 'Quixotic' });
		const created = await add();
		await remove(107);
		const records = [
			{ ...first, _change: 'changed', _changedFields: ['description', 'price'] },
			{ ...created, _change: 'created' },
		];
		const { requests, ...outcome } = await counted(polled);
		expect(requests).toBe(2);
		expect(outcome.records).toEqual(records);
		expect((await silent.poll()).records).toEqual(records);
		expect(polled.stored).not.toContain('Quixotic');
		// One look that does not see it may be wrong.
		expect((await polled.poll()).records).toEqual([{ frame_id: 107, _change: 'deleted' }]);
		for (let poll = 0; poll < 3; poll++) expect((await silent.poll()).records).toEqual([]);
	});

	test('Fetch Test Event shows a change, says that it is a sample, and changes nothing', async () => {
		const polled = poller(
			{ event: 'changed', options: { fieldsToWatch: ['price', 'cost'] } },
			{ isTest: true },
		);
		const [first, ...others] = (await polled.poll()).records;
		expect(first).toMatchObject({ _change: 'changed', _changedFields: ['cost'], _sample: true });
		expect(others).toHaveLength(4);
		for (const other of others) expect(other).toMatchObject({ _change: 'created', _sample: true });
		const options = { fieldsToIgnore: ['sku'] };
		const any = await poller(
			{ event: 'changed', options, simplify: true },
			{ isTest: true },
		).poll();
		const [name] = any.records[0]._changedFields as string[];
		expect(any.records[0]).toHaveProperty(name);
		expect(name).not.toBe('sku');
		expect(polled.stored).toBe('{}');
	});

	test('fields to watch, and fields to ignore', async () => {
		const watching = changed({ fieldsToWatch: ['price'] });
		const ignoring = changed({ fieldsToIgnore: ['price', 'cost'] });
		for (const polled of [watching, ignoring]) await polled.poll();
		await change(105, { price: 1, cost: 1 });
		await change(106, { description: 'Another' });
		expect((await watching.poll()).records).toMatchObject([
			{ frame_id: 105, _changedFields: ['price'] },
		]);
		expect((await ignoring.poll()).records).toMatchObject([
			{ frame_id: 106, _changedFields: ['description'] },
		]);
	});

	test('a field that the API gives or hides from now on is no change; one that a few records get is', async () => {
		const polled = changed();
		await polled.poll();
		const { simulator } = practice;
		await simulator.addField({ path: '/pricebooks/frames', name: 'season', value: 'Spring' });
		expect((await polled.poll()).records).toEqual([]);
		for (let id = 200; id < 240; id++) await change(id, { maker: 'Acme' });
		expect((await polled.poll()).records).toEqual([]);
		await change(106, { discontinued: true });
		expect((await polled.poll()).records).toMatchObject([
			{ frame_id: 106, _changedFields: ['discontinued'] },
		]);
		const all = (await simulator.answeredRecords(2, '/pricebooks/frames')) as IDataObject[];
		await answer(
			all.slice(0, 250).map(({ price: _, ...record }) => record),
			all.length,
			1,
		);
		await answer(
			all.slice(250).map(({ price: _, ...record }) => record),
			all.length,
			2,
		);
		expect((await polled.poll()).records).toEqual([]);
		await simulator.clearFaults();
		await change(300, { season: 'Fall' });
		await fakeClock.sleep(10 * MINUTE_MS);
		expect((await polled.poll()).records).toMatchObject([
			{ frame_id: 300, _changedFields: ['season'] },
		]);
	});

	test('one answer with a list that has nothing to do with this one is a sentence', async () => {
		const polled = changed();
		await polled.poll();
		const all = (await practice.simulator.answeredRecords(
			2,
			'/pricebooks/frames',
		)) as IDataObject[];
		const frame_id = (record: IDataObject) => Number(record.frame_id) + 70_000;
		await answer(
			all.slice(0, 250).map((each) => ({ ...each, frame_id: frame_id(each) })),
			all.length,
			1,
		);
		const { error, records } = await polled.poll();
		const message = 'No record on page 1 of the list was there before';
		expect([error?.message, records]).toEqual([message, []]);
		await practice.simulator.clearFaults();
		expect((await polled.poll()).records).toEqual([]);
	});

	test('a field that the last records lose, which the pages before them have, is a change', () => {
		const settings = { watch: ['note'], ignore: [] } as unknown as PollSettings;
		const before = { fields: [], selection: '', given: [], hidden: [], shown: [] };
		const fields = new FieldFingerprints(before, settings, ['id']);
		const print = fields.printOf({ note: 'x' });
		const pageOf = (record: IDataObject) =>
			Array.from({ length: 12 }, (): [IDataObject, string] => [record, print]);
		fields.beginLook();
		fields.prepare(pageOf({ note: 'x' }));
		fields.prepare(pageOf({}));
		expect(fields.changedBetween(print, fields.printOf({}, print))).toEqual(['note']);
		fields.beginLook();
		fields.prepare(pageOf({}));
		expect(fields.changedBetween(print, fields.printOf({}, print))).toEqual([]);
	});

	test('more than can be remembered: a sentence says what to do, before the list is read', async () => {
		const record = Object.fromEntries(Array.from({ length: 28 }, (_, at) => [`field_${at}`, at]));
		await answer(
			Array.from({ length: 5 }, (_, at) => ({ frame_id: at, ...record })),
			60_000,
		);
		const { error, requests } = await counted(changed());
		expect(error).toEqual({
			message:
				'There are 60000 frames with 28 fields to compare: 7.0 MB to remember, and 6.0 MB can be stored',
			description: expect.stringMatching(
				/^Choose at most 24 fields under 'Field Names or IDs to Watch'/,
			),
		});
		expect(requests).toBeLessThan(5);
	});
});
