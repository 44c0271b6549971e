// What the trigger has to withstand, one case each: wrong answers, replicas behind, slow servers, edited settings,
// dates of any precision, and a database of n8n's that fails.
import { fakeClock } from '../harness/fastTime.ts';
import { simulatedTrigger } from '../harness/simulatedTrigger.ts';

import { ManualExecutionCancelledError, type IDataObject } from 'n8n-workflow';

import { hashOf } from '../../nodes/EyeCloudPro/trigger/fingerprint';
import type { Poller } from '../harness/pollNode.ts';

const PATIENTS = '/patients';
const FRAMES = '/pricebooks/frames';
const MINUTE_MS = 60_000;
const tooFew = 'Page 1 of the list holds fewer records than it should';
const tooSoon = 'The time that n8n gives a poll was over too soon';

const ids = (records: IDataObject[]) => records.map(({ patient_id }) => patient_id);

/** The time of the machine, as the practice's clock shows it. */
const now = (offMs = 0) => new Date(fakeClock.now() + offMs).toISOString().slice(0, 19);

async function polls(polled: Poller, times: number): Promise<IDataObject[]> {
	const records: IDataObject[] = [];
	for (let poll = 0; poll < times; poll++) {
		for (const record of (await polled.poll()).records) records.push(record);
		await fakeClock.sleep(MINUTE_MS);
	}
	return records;
}

describe('patients', () => {
	const trigger = simulatedTrigger({ resource: 'patient', path: PATIENTS }, { patients: 300 });
	const { poller, add, change, practice } = trigger;

	/** What the API answers from now on, whatever is asked for. */
	async function answer(data: IDataObject[], total_count = data.length, page?: number) {
		const body = { data, pagination: { total_count } };
		const fault = { kind: 'status', status: 200, body } as const;
		await practice.simulator.addFault({ match: { times: 1_000, page }, fault });
	}

	async function newest(): Promise<IDataObject[]> {
		const records = (await practice.simulator.answeredRecords(2, PATIENTS)) as IDataObject[];
		const date = (record: IDataObject) => String(record.create_date);
		return records.sort((a, b) => (date(a) < date(b) ? 1 : -1));
	}

	test.each([
		['created by date', {}, []],
		['created by IDs', {}, ['create_date']],
		['changed', { event: 'changed', options: { includeDeleted: true } }, []],
	])('%s: an empty answer, and one with 60, hand nothing on', async (_, parameters, refused) => {
		for (const field of refused) await practice.simulator.refuseSort({ path: PATIENTS, field });
		const polled = poller(parameters);
		await polled.poll();
		const all = await newest();
		for (const wrong of [[], all.slice(-60)]) {
			await answer(wrong);
			await polled.poll();
			await practice.simulator.clearFaults();
			expect(await polls(polled, 3)).toEqual([]);
		}
		const record = await add({ create_date: now() });
		expect(ids(await polls(polled, 2))).toEqual([record.patient_id]);
	});

	test('a list that has collapsed is a sentence once, and believed at the second poll', async () => {
		const polled = poller();
		await polled.poll();
		await answer([]);
		expect((await polled.poll()).error?.message).toBe('The list has 0 records, and had 300 before');
		expect((await polled.poll()).error).toBeUndefined();
	});

	test.each([
		['a field to ignore', { options: { fieldsToIgnore: ['phone'] } }],
		['Include Deleted', { options: { includeDeleted: true } }],
	])('%s: what changed meanwhile is not lost', async (_, parameters) => {
		const event = { event: 'changed' };
		const value = '2020-01-01T10:00:00';
		await practice.simulator.addField({
			path: PATIENTS,
			name: 'update_date',
			value,
			sortable: true,
		});
		const polled = poller(event);
		await polled.poll();
		await change(1001, { email: 'one@example.com', update_date: now() });
		polled.options.parameters = { ...polled.options.parameters, ...parameters };
		expect(ids(await polls(polled, 1))).toEqual([1001]);
		expect(await polls(polled, 9)).toEqual([]);
		await change(1004, { email: 'two@example.com', update_date: now() });
		expect(await polls(polled, 1)).toMatchObject([
			{ patient_id: 1004, _changedFields: ['email', 'update_date'] },
		]);
	});

	test('another OAuth client of the same practice goes on', async () => {
		const polled = poller();
		await polled.poll();
		const record = await add({ create_date: now() });
		polled.options.credential = await practice.credentialFor({ practiceIds: [2] });
		expect(ids((await polled.poll()).records)).toEqual([record.patient_id]);
	});

	test('in no order: a server that keeps its pages to 100 is a sentence, not a gap', async () => {
		const all = (await newest()).reverse();
		await answer(all.slice(100, 200), 240, 2);
		await answer(all.slice(0, 100), 240, 1);
		expect((await poller().poll()).error?.message).toBe(tooFew);
	});

	test('by date: the same, once a list has become longer than its pages', async () => {
		const polled = poller();
		const all = await newest();
		await answer(all.slice(-30));
		expect((await polled.poll()).error).toBeUndefined();
		await practice.simulator.clearFaults();
		await answer(all.slice(-150, -100), 150);
		expect((await polled.poll()).error?.message).toBe(tooFew);
	});

	test('a record that was created and changed since, of which a replica shows the version before', async () => {
		const value = '2020-01-01T10:00:00';
		const name = 'update_date';
		await practice.simulator.addField({ path: PATIENTS, name, value, sortable: true });
		const polled = poller({ event: 'changed' });
		await polled.poll();
		const [id] = ids([await add({ update_date: now() })]);
		const before = (await practice.simulator.answeredRecords(2, PATIENTS)) as IDataObject[];
		await fakeClock.sleep(1_000);
		await change(Number(id), { email: 'new@example.com', update_date: now() });
		expect(ids((await polled.poll()).records)).toEqual([id]);
		const date = (record: IDataObject) => String(record[name]);
		await answer(before.sort((a, b) => (date(a) < date(b) ? 1 : -1)));
		expect((await polled.poll()).records).toEqual([]);
	});

	test('a place that was stored for an address with a slash at its end goes on', async () => {
		const polled = poller();
		await polled.poll();
		const record = await add({ create_date: now() });
		// What was watched, as the versions before stored it.
		const address = `${practice.simulator.apiUrl}/`;
		const watched = hashOf([address, '2', 'patient', '', 'created', {}]);
		polled.stored = polled.stored.replace(/"watched":"[^"]+"/, `"watched":"${watched}"`);
		expect(ids((await polled.poll()).records)).toEqual([record.patient_id]);
	});

	test.each([
		['', '/'],
		['/', ''],
	])("the API's address, typed with '%s' at its end and then with '%s'", async (before, after) => {
		const polled = poller();
		const { apiUrl } = practice.simulator;
		polled.options.credential.change({ apiBaseUrl: apiUrl + before });
		await polled.poll();
		const record = await add({ create_date: now() });
		polled.options.credential.change({ apiBaseUrl: apiUrl + after });
		expect(ids((await polled.poll()).records)).toEqual([record.patient_id]);
	});

	test.each([
		[{ custom: {} }, { custom: { parameter: [] } }],
		[{}, { email: '', custom: { parameter: [{ name: '', value: '' }] } }],
	])('a filter that was added and left empty is none: %j, then %j', async (before, after) => {
		const polled = poller({ filters: before });
		await polled.poll();
		const record = await add({ create_date: now() });
		polled.options.parameters = { ...polled.options.parameters, filters: after };
		expect(ids((await polled.poll()).records)).toEqual([record.patient_id]);
	});

	test('a filter that moves with time is followed where the list has a date', async () => {
		const dob = '={{ DateTime.fromISO("2000-01-31T20:00:00Z").toISODate() }}';
		const polled = poller({ filters: { dob } }, { timezone: 'America/Chicago' });
		await polled.poll();
		const record = await add({ create_date: now(), dob: '2000-02-01' });
		polled.options.timezone = 'Asia/Tokyo';
		expect(ids((await polled.poll()).records)).toEqual([record.patient_id]);
	});

	test('elsewhere, a filter that moves with time is refused with a sentence', async () => {
		await practice.simulator.refuseSort({ path: PATIENTS, field: 'create_date' });
		const dob = '={{ DateTime.fromISO("2000-01-31T20:00:00Z").toISODate() }}';
		const polled = poller({ filters: { dob } }, { timezone: 'America/Chicago' });
		await polled.poll();
		polled.options.timezone = 'Asia/Tokyo';
		const { error } = await polled.poll();
		expect(error?.message).toBe('The value of a filter is not what it was at the poll before');
		polled.options.timezone = 'America/Chicago';
		const record = await add({ dob: '2000-01-31' });
		expect(ids((await polled.poll()).records)).toEqual([record.patient_id]);
	});

	test.each([10, 16, 19])('five changes within an update date of %i characters', async (length) => {
		const value = '2020-01-01T10:00:00';
		await practice.simulator.addField({
			path: PATIENTS,
			name: 'update_date',
			value,
			sortable: true,
		});
		const polled = poller({ event: 'changed' });
		await polled.poll();
		const update_date = now().slice(0, length);
		const emails: unknown[] = [];
		for (let count = 0; count < 5; count++) {
			await change(1001, { email: `${count}@example.com`, update_date });
			for (const { email } of (await polled.poll()).records) emails.push(email);
		}
		expect(emails).toEqual([0, 1, 2, 3, 4].map((count) => `${count}@example.com`));
	});

	test('a record without a date stops nothing', async () => {
		const polled = poller();
		await polled.poll();
		const undated = await add({ create_date: null });
		const found = ids(await polls(polled, 2));
		expect([[], [undated.patient_id]]).toContainEqual(found);
		const record = await add({ create_date: now() });
		expect(ids(await polls(polled, 2))).toEqual([record.patient_id]);
	});

	test.each([true, false])(
		'an execution that n8n can’t make is made again, durable: %s',
		async (hasDurableCursors) => {
			const polled = poller({}, { hasDurableCursors });
			await polled.poll();
			const added = [await add({ create_date: now() }), await add({ create_date: now() })];
			await polled.poll({ isMade: false, isKept: !hasDurableCursors });
			await fakeClock.sleep(MINUTE_MS);
			expect(ids(await polls(polled, 2)).sort()).toEqual(ids(added).sort());
		},
	);

	test('a change of today is found at once where all other records are dated ahead', async () => {
		const value = '2099-01-01T10:00:00';
		const field = { path: PATIENTS, name: 'update_date', value, sortable: true };
		await practice.simulator.addField(field);
		const polled = poller({ event: 'changed' });
		await polled.poll();
		await change(1001, { email: 'one@example.com', update_date: now() });
		expect(ids(await polls(polled, 1))).toEqual([1001]);
	});

	test('an execution that a user cancels was made, and does not come again', async () => {
		const polled = poller({}, { hasDurableCursors: false });
		await polled.poll();
		await add({ create_date: now() });
		await polled.poll({ isMade: false, why: new ManualExecutionCancelledError('1') });
		await fakeClock.sleep(MINUTE_MS);
		expect(await polls(polled, 2)).toEqual([]);
	});

	test('Overlap: how far back a record may be dated, in whichever zone', async () => {
		const [none, twoDays] = [0, 2 * 24 * 60].map((overlapMinutes) =>
			poller({ options: { overlapMinutes } }),
		);
		await add({ create_date: now() });
		for (const polled of [none, twoDays]) await polled.poll();
		const late = await add({ create_date: now(-36 * 60 * MINUTE_MS) });
		expect(await polls(none, 2)).toEqual([]);
		expect(ids(await polls(twoDays, 2))).toEqual([late.patient_id]);
	});

	test('a list that does not come in the order of its dates is compared', async () => {
		const [first, second, ...others] = await newest();
		await answer([second, first, ...others]);
		const polled = poller();
		await polled.poll();
		await practice.simulator.clearFaults();
		const late = await add({ patient_id: 7, create_date: '2001-01-01T00:00:00' });
		expect(ids(await polls(polled, 1))).toEqual([late.patient_id]);
	});

	test('a field that the API hides for a while is no change', async () => {
		const polled = poller({ event: 'changed' });
		await polled.poll();
		const all = await newest();
		await answer(all.map(({ phone: _, ...record }) => record));
		expect(await polls(polled, 1)).toEqual([]);
		await practice.simulator.clearFaults();
		expect(await polls(polled, 1)).toEqual([]);
	});

	test('one execution for each record, of which n8n can make none: all again', async () => {
		const polled = poller({ options: { executionPerRecord: true } }, { hasDurableCursors: false });
		await polled.poll();
		for (let count = 0; count < 3; count++) await add({ create_date: now(count * 1_000) });
		await polled.poll({ isMade: false });
		const { executions } = await polled.poll();
		expect(executions.map((items) => items.length)).toEqual([1, 1, 1]);
	});

	test.each([
		['created', {}, []],
		['created by IDs', {}, ['create_date']],
		['changed', { event: 'changed' }, []],
	])(
		'%s: one of the first executions fails, and it alone comes again',
		async (_, more, refused) => {
			for (const field of refused) await practice.simulator.refuseSort({ path: PATIENTS, field });
			const options = { executionPerRecord: true, startFrom: 'everything' };
			const polled = poller({ ...more, options });
			const { records } = await polled.poll({ isMade: (execution) => execution !== 7 });
			expect(records).toHaveLength(299);
			await fakeClock.sleep(MINUTE_MS);
			const again = await polls(polled, 3);
			expect(again).toHaveLength(1);
			expect(ids(records)).not.toContain(again[0].patient_id);
		},
	);

	test.each([true, false])(
		'fields chosen at a poll of which one execution fails: it alone comes again, dated: %s',
		async (isDated) => {
			const field = { path: PATIENTS, name: 'update_date', value: '2020-01-01T10:00:00' };
			if (isDated) await practice.simulator.addField({ ...field, sortable: true });
			const parameters = { event: 'changed', options: { executionPerRecord: true } };
			const polled = poller(parameters);
			await polled.poll();
			for (const id of [1001, 1004, 1007])
				await change(id, { email: 'new@example.com', update_date: now() });
			const options = { ...parameters.options, fieldsToIgnore: ['phone'] };
			polled.options.parameters = { ...polled.options.parameters, options };
			const { records } = await polled.poll({ isMade: (execution) => execution !== 1 });
			expect(records).toHaveLength(2);
			await fakeClock.sleep(MINUTE_MS);
			const again = await polls(polled, 3);
			expect(again).toHaveLength(1);
			expect(ids(records)).not.toContain(again[0].patient_id);
		},
	);

	test.each([
		['as in the US', () => '11/28/2026 10:00'],
		['seconds', () => Math.floor(fakeClock.now() / 1_000)],
		['none', () => null],
		['that can be read', () => now()],
	])(
		'a list that is empty at first, dates: %s: every record comes',
		async (_, date) => {
			const polled = poller({ filters: { email: 'nobody@example.com' } });
			expect(await polls(polled, 2)).toEqual([]);
			const [added, found]: IDataObject[][] = [[], []];
			for (let poll = 0; poll < 4; poll++) {
				for (let count = 0; count < 130; count++)
					added.push(await add({ email: 'nobody@example.com', create_date: date() }));
				for (const record of await polls(polled, 1)) found.push(record);
			}
			expect(ids(found).sort()).toEqual(ids(added).sort());
		},
		60_000,
	);

	test('a count that is always 3 too high is doubted once, and then believed', async () => {
		await answer((await newest()).slice(0, 100), 103);
		const polled = poller({ options: { startFrom: 'everything' } });
		expect((await polled.poll()).error?.message).toBe(tooFew);
		expect((await polled.poll()).records).toHaveLength(100);
		for (let poll = 0; poll < 3; poll++) {
			await fakeClock.sleep(20 * MINUTE_MS);
			expect(await polled.poll()).toEqual({ records: [], executions: [] });
		}
	});

	test.each([200, 400])(
		'a refusal with status %i asks nobody to run a poll again',
		async (status) => {
			const polled = poller();
			await polled.poll();
			const body = { status: 'ERROR', message: 'Not now' };
			const fault = { kind: 'status', status, body } as const;
			await practice.simulator.addFault({ match: { times: 9 }, fault });
			const { error } = await polled.poll();
			expect(error?.description).toMatch(/^Nothing was handed on, and the next poll begins/);
		},
	);

	test('newest records whose dates can’t be read are not passed over in silence', async () => {
		const polled = poller();
		await polled.poll();
		for (let count = 0; count < 130; count++) await add({ create_date: '3/1/2027 10:00' });
		const { error } = await polled.poll();
		expect(error?.message).toBe("The newest records have no 'create_date' that can be read");
	});

	test.each<[string, (all: IDataObject[]) => IDataObject[]]>([
		['is half empty', (all) => all.slice(250, 275)],
		['is empty', () => []],
		['comes as page 1', (all) => all.slice(0, 250)],
	])('by IDs: page 2 of the first poll %s, and no old record comes', async (_, wrong) => {
		await practice.simulator.refuseSort({ path: PATIENTS, field: 'create_date' });
		const data = wrong((await practice.simulator.answeredRecords(2, PATIENTS)) as IDataObject[]);
		const body = { data, pagination: { total_count: 300 } };
		const fault = { kind: 'status', status: 200, body } as const;
		const polled = poller();
		await practice.simulator.addFault({ match: { times: 1, page: 2 }, fault });
		expect((await polled.poll()).records).toEqual([]);
		expect(await polls(polled, 3)).toEqual([]);
	});

	test('a place that an older version has stored begins anew, and hands on nothing old', async () => {
		const polled = poller({ options: { startFrom: 'everything' } });
		const strategy = { strategy: 'date', field: 'create_date', sinceMs: 0, known: 'n' };
		polled.stored = JSON.stringify({ cursor: { watched: 'AbCdEfGh', strategy } });
		expect((await polled.poll()).records).toEqual([]);
		const record = await add({ create_date: now() });
		expect(ids((await polled.poll()).records)).toEqual([record.patient_id]);
	});

	test('a restart whose first polls fail hands on later what may have been lost', async () => {
		const polled = poller({}, { hasDurableCursors: false });
		await polled.poll();
		await add({ create_date: now() });
		expect((await polled.poll()).records).toHaveLength(1);
		polled.stored = polled.stored.replace(/"by":"[^"]+"/, '"by":"the one before"');
		await practice.simulator.addFault({
			match: { times: 9 },
			fault: { kind: 'status', status: 403 },
		});
		for (let poll = 0; poll < 4; poll++) {
			expect((await polled.poll()).error).toBeDefined();
			await fakeClock.sleep(MINUTE_MS);
		}
		await practice.simulator.clearFaults();
		expect((await polled.poll()).records).toHaveLength(1);
	});

	test('Fetch Test Event lets no second poll in beside one that is under way', async () => {
		for (let count = 0; count < 700; count++) await add();
		await practice.simulator.configure({ latencyMs: 80 });
		const options = { startFrom: 'everything' };
		const polled = poller({ options });
		const first = polled.poll();
		await poller({ options }, { isTest: true, credential: polled.options.credential }).poll();
		const second = await polled.poll();
		expect((await first).records.length + second.records.length).toBe(1_000);
	});

	test.each([
		['{{ false }}', 1],
		['{{ "false" }}', 1],
		['{{ "true" }}', 3],
	])('One Execution per Record given as %s', async (expression, executions) => {
		const options = { executionPerRecord: `=${expression}` };
		const polled = poller({ options, simplify: `=${expression}` });
		await polled.poll();
		for (let count = 0; count < 3; count++) await add({ create_date: now(count * 1_000) });
		expect((await polled.poll()).executions).toHaveLength(executions);
	});

	test.each([
		[{ options: { executionPerRecord: '={{ "perhaps" }}' } }, 'One Execution per Record'],
		[{ simplify: '={{ "perhaps" }}' }, 'Simplify'],
		[{ event: 'changed', options: { includeDeleted: '={{ "perhaps" }}' } }, 'Include Deleted'],
	])('%j is refused', async (parameters, label) => {
		const polled = poller({ ...parameters });
		const { error } = await polled.poll();
		expect(error?.message).toBe(`'${label}' must be true or false`);
	});
});

describe('a slow server', () => {
	const { poller, add, practice, counted } = simulatedTrigger(
		{ resource: 'patient', path: PATIENTS },
		{ patients: 4_000 },
	);

	test('a whole look by IDs goes on at the next poll', async () => {
		await practice.simulator.refuseSort({ path: PATIENTS, field: 'create_date' });
		const polled = poller();
		await polled.poll();
		await fakeClock.sleep(61 * MINUTE_MS);
		await practice.simulator.configure({ latencyMs: 300 });
		polled.options.budgetMs = 1_000;
		const low = await add({ patient_id: 7 });
		const found: unknown[] = [];
		for (let poll = 0, rest = 3; poll < 300 && rest > 0; poll++) {
			if (found.length > 0) rest--;
			const { records, error } = await polled.poll();
			// A machine that is too busy for one answer in that time is no reason to lose anything.
			expect([undefined, tooSoon]).toContain(error?.message);
			for (const id of ids(records)) found.push(id);
		}
		expect(found).toEqual([low.patient_id]);
		expect((await counted(polled)).error).toBeUndefined();
	}, 60_000);
});

describe('frames', () => {
	const { poller, change } = simulatedTrigger({ resource: 'frame', path: FRAMES }, { size: 12 });

	test('a sparse field that the API gives from now on is no change', async () => {
		const polled = poller({ event: 'changed' });
		await polled.poll();
		for (let id = 200; id < 800; id++) await change(id, { season: 'Fall' });
		expect((await polled.poll()).records).toEqual([]);
		await change(300, { season: 'Spring' });
		expect((await polled.poll()).records).toMatchObject([
			{ frame_id: 300, _changedFields: ['season'] },
		]);
	});
});
