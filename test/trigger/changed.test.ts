// The trigger's Created or Changed: by comparison with fingerprints, and by an update date where there is
// one to sort by.
import { simulatedTrigger } from '../harness/simulatedTrigger.ts';

import type { IDataObject } from 'n8n-workflow';

const FRAMES = '/pricebooks/frames';
/** 320 frames by default, so that these are 10,000. */
const size = 31.25;

describe('by comparison', () => {
	const { poller, add, change, remove, counted, practice } = simulatedTrigger({
		resource: 'frame',
		path: FRAMES,
	});
	const changed = (options: IDataObject = {}) => poller({ event: 'changed', options });

	test('a changed record comes once, with the names of the fields that changed', async () => {
		const polled = changed();
		expect((await polled.poll()).records).toEqual([]);
		const record = await change(105, { price: 1, description: 'Another' });
		expect((await polled.poll()).records).toEqual([
			{ ...record, _change: 'changed', _changedFields: ['description', 'price'] },
		]);
		expect((await polled.poll()).records).toEqual([]);
		await change(105, { price: 2 });
		expect((await polled.poll()).records).toMatchObject([{ _changedFields: ['price'] }]);
	});

	test('Fetch Test Event shows a change, says that it is a sample, and changes nothing', async () => {
		const poll = async (options: IDataObject, simplify = false) => {
			const polled = poller({ event: 'changed', options, simplify }, { isTest: true });
			const { records } = await polled.poll();
			expect(polled.stored).toBe('{}');
			return records;
		};
		const [first, ...others] = await poll({ fieldsToWatch: ['price', 'cost'] });
		expect(first).toMatchObject({ _change: 'changed', _changedFields: ['cost'], _sample: true });
		expect(first).toHaveProperty('frame_id');
		expect(Object.keys(first).at(-1)).toBe('_sample');
		expect(others).toHaveLength(4);
		for (const other of others) expect(other).toMatchObject({ _change: 'created', _sample: true });
		const [any] = await poll({ fieldsToIgnore: ['sku'] }, true);
		expect(Object.keys(any)).toContain((any._changedFields as string[])[0]);
		expect(any._changedFields).not.toContain('sku');
	});

	test('a new record comes once', async () => {
		const polled = changed();
		await polled.poll();
		const record = await add();
		expect((await polled.poll()).records).toEqual([{ ...record, _change: 'created' }]);
		expect((await polled.poll()).records).toEqual([]);
	});

	test('a deleted record is told where the user asks for it', async () => {
		const [told, silent] = [changed({ includeDeleted: true }), changed()];
		await told.poll();
		await silent.poll();
		await remove(107);
		// One look that does not see it may be a wrong answer.
		expect((await told.poll()).records).toEqual([]);
		expect((await told.poll()).records).toEqual([{ frame_id: 107, _change: 'deleted' }]);
		expect((await silent.poll()).records).toEqual([]);
		expect((await silent.poll()).records).toEqual([]);
		expect((await told.poll()).records).toEqual([]);
		const again = await add({ frame_id: 107 });
		expect((await told.poll()).records).toEqual([{ ...again, _change: 'created' }]);
	});

	test('fields to watch, and fields to ignore', async () => {
		const watching = changed({ fieldsToWatch: ['price'] });
		const ignoring = changed({ fieldsToIgnore: ['price', 'cost'] });
		await watching.poll();
		await ignoring.poll();
		await change(105, { price: 1, cost: 1 });
		await change(106, { description: 'Another' });
		expect((await watching.poll()).records).toMatchObject([
			{ frame_id: 105, _changedFields: ['price'] },
		]);
		expect((await ignoring.poll()).records).toMatchObject([
			{ frame_id: 106, _changedFields: ['description'] },
		]);
	});

	test('nothing of a record is in the cursor', async () => {
		const polled = changed();
		await polled.poll();
		await change(105, { description: 'Quixotic' });
		expect((await polled.poll()).records).toHaveLength(1);
		expect(polled.stored).not.toContain('Quixotic');
	});

	test('a field that the API gives to all records is no change; one that a single record gets is', async () => {
		const polled = changed();
		await polled.poll();
		await practice.simulator.addField({ path: FRAMES, name: 'season', value: 'Spring' });
		expect((await polled.poll()).records).toEqual([]);
		await change(105, { season: 'Fall' });
		expect((await polled.poll()).records).toMatchObject([
			{ frame_id: 105, _changedFields: ['season'] },
		]);
		await change(106, { discontinued: true });
		expect((await polled.poll()).records).toMatchObject([
			{ frame_id: 106, _changedFields: ['discontinued'] },
		]);
		expect((await polled.poll()).records).toEqual([]);
	});

	test('what is more than the maximum follows', async () => {
		const polled = changed({ maximumPerPoll: 4, includeDeleted: true });
		await polled.poll();
		for (const id of [110, 111, 112, 113, 114]) await change(id, { price: 1 });
		for (const id of [120, 121]) await remove(id);
		const polls = [await polled.poll(), await polled.poll(), await polled.poll()];
		const ids = polls.map(({ records }) => records.map(({ frame_id }) => frame_id));
		expect(ids).toEqual([[110, 111, 112, 113], [114], [120, 121]]);
		expect((await polled.poll()).records).toEqual([]);
	});

	test('starts from all records', async () => {
		const { records } = await changed({ startFrom: 'everything' }).poll();
		expect(records).toHaveLength(320);
		expect(new Set(records.map(({ _change }) => _change))).toEqual(new Set(['created']));
	});

	test('a list that changes while it is read is compared whole or not at all', async () => {
		const polled = changed({ includeDeleted: true });
		await polled.poll();
		const fault = { kind: 'deleteRecord', path: FRAMES, position: 3 } as const;
		await practice.simulator.addFault({ match: { nth: 2 }, fault });
		// Twice unseen by then, wherever the deletion came between the two pages.
		const polls = [await polled.poll(), await polled.poll(), await polled.poll()];
		const records = polls.flatMap((outcome) => outcome.records);
		expect(records).toEqual([{ frame_id: 104, _change: 'deleted' }]);
	});

	test('two polls on one cursor hand on the same', async () => {
		const polled = changed();
		await polled.poll();
		await change(105, { price: 1 });
		const lost = await polled.poll({ isKept: false });
		expect((await polled.poll()).records).toEqual(lost.records);
		expect(lost.records).toHaveLength(1);
	});

	test('one request for every 250 records', async () => {
		const polled = changed();
		await polled.poll();
		expect((await counted(polled)).requests).toBe(2);
	});
});

describe('10,000 frames', () => {
	const { poller, change, counted } = simulatedTrigger(
		{ resource: 'frame', path: FRAMES },
		{ size },
	);

	test('37 prices changed: 37 items with the right field names', async () => {
		const polled = poller({ event: 'changed' });
		const first = await counted(polled);
		const ids = Array.from({ length: 37 }, (_, index) => 101 + index * 269);
		for (const id of ids) await change(id, { price: 1_000 });
		const { records, requests } = await counted(polled);
		expect(records.map(({ frame_id }) => frame_id)).toEqual(ids);
		expect(records.map(({ _changedFields }) => _changedFields)).toEqual(ids.map(() => ['price']));
		// The last page is full, so the one after it is asked for as well.
		expect(requests).toBe(41);
		console.log(
			`10,000 frames: ${first.requests} requests to begin, then ${requests} a poll; cursor ${polled.storedBytes} bytes`,
		);
	}, 60_000);
});

describe('more than can be remembered', () => {
	const { poller, counted, practice } = simulatedTrigger(
		{ resource: 'patient', path: '/patients' },
		{ patients: 60_000 },
	);

	test('a sentence says what to do with the numbers, before they are read', async () => {
		for (let field = 1; field <= 25; field++) {
			await practice.simulator.addField({
				path: '/patients',
				name: `custom_${field}`,
				value: field,
			});
		}
		const { error, requests } = await counted(poller({ event: 'changed' }));
		expect(error).toEqual({
			message: expect.stringMatching(
				/^There are 60000 patients with \d+ fields to compare: [\d.]+ MB to remember, and 6.0 MB can be stored$/,
			),
			description: expect.stringMatching(
				/^Choose at most 24 fields under 'Field Names or IDs to Watch'/,
			),
		});
		expect(requests).toBeLessThan(5);
	});

	test('three fields to watch of 60,000', async () => {
		const polled = poller({
			event: 'changed',
			options: { fieldsToWatch: ['price', 'cost', 'upc'] },
		});
		const { error } = await polled.poll();
		expect(error).toBeUndefined();
		console.log(`60,000 records, three fields: cursor ${polled.storedBytes} bytes`);
	}, 60_000);
});

describe('10,000 frames of a server that says what is left', () => {
	const { poller, practice } = simulatedTrigger(
		{ resource: 'frame', path: FRAMES },
		{ size, latencyMs: 50, rateLimit: { requestsPerMinute: 100, headers: 'draft7' } },
	);

	test('as many pages at a time as pay, like any other list', async () => {
		await poller({ event: 'changed' }).poll();
		expect((await practice.simulator.counts()).maxInFlight).toBeGreaterThan(8);
	});
});

describe('by an update date', () => {
	const { poller, add, change, counted, practice } = simulatedTrigger(
		{ resource: 'patient', path: '/patients' },
		{ patients: 600 },
	);
	const field = { path: '/patients', name: 'update_date', sortable: true };
	const changed = (options: IDataObject = {}) => poller({ event: 'changed', options });

	test('each version of a record comes once, by one request', async () => {
		await practice.simulator.addField({ ...field, value: '2025-12-31T10:00:00' });
		for (let count = 0; count < 60; count++) await add({ update_date: '2026-01-01T09:00:00' });
		const polled = changed();
		expect((await polled.poll()).records).toEqual([]);
		const one = await change(1001, { update_date: '2026-01-01T10:00:00' });
		const two = await add({ update_date: '2026-01-01T10:00:00' });
		const { records, requests } = await counted(polled);
		expect(records).toEqual([one, two]);
		expect(requests).toBe(1);
		const again = await change(1001, { update_date: '2026-01-01T10:00:01' });
		expect((await polled.poll()).records).toEqual([again]);
		expect((await polled.poll()).records).toEqual([]);
	});

	test('a test event then looks as the events will: without what happened', async () => {
		await practice.simulator.addField({ ...field, value: '2025-12-31T10:00:00' });
		const { records } = await poller({ event: 'changed' }, { isTest: true }).poll();
		expect(records).toHaveLength(5);
		for (const record of records) {
			expect(Object.keys(record).filter((name) => name.startsWith('_'))).toEqual([]);
		}
	});

	test('where new records have none, all are compared', async () => {
		await practice.simulator.addField({ ...field, value: '2025-12-31T10:00:00' });
		await add({ update_date: null });
		const polled = changed();
		await polled.poll();
		const record = await add({ update_date: null });
		expect((await polled.poll()).records).toEqual([{ ...record, _change: 'created' }]);
	});

	test('where fields are chosen, all are compared', async () => {
		await practice.simulator.addField({ ...field, value: '2025-12-31T10:00:00' });
		const polled = changed({ fieldsToWatch: ['email'] });
		await polled.poll();
		await change(1001, { update_date: '2026-01-01T10:00:00' });
		await change(1004, { email: 'another@example.com' });
		expect((await polled.poll()).records).toMatchObject([
			{ patient_id: 1004, _changedFields: ['email'] },
		]);
	});
});
