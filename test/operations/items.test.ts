// Several input items: each output paired with its input, each with its own practice. One that fails leaves the others
// alone, and with On Error → Continue gives one item that says so, whatever failed in it: n8n hands the input items on
// as results where a node throws, so it never may.
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { NodeResult } from '../harness/runNode.ts';

const PATIENTS = 30;
const practice = simulatedPractice({ patients: PATIENTS });

const stored = async () => await practice.simulator.records(2, '/patients');
const pairs = ({ items }: NodeResult) => items.map(({ pairedItem }) => pairedItem);
const byItem = { recordId: byId('={{ $json.id }}'), simplify: false };

test('one record for each item, paired with it', async () => {
	const [one, , , two, three] = await stored();
	const items = [three, one, two].map(({ patient_id }) => ({ id: patient_id as number }));
	const result = await practice.run('patient', 'get', byItem, { items });
	expect(result.records).toEqual([three, one, two]);
	expect(pairs(result)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
});

test('lists of different lengths, each record paired with the item that asked', async () => {
	const items = [{ limit: 2 }, { limit: 1 }, { limit: 7 }];
	const result = await practice.run(
		'patient',
		'getAll',
		{ limit: '={{ $json.limit }}' },
		{ items },
	);
	expect(pairs(result)).toEqual([0, 0, 1, 2, 2, 2, 2, 2, 2, 2].map((item) => ({ item })));
});

test('another practice for each item, by an option or by the credential', async () => {
	const practiceId = '={{ $json.practice }}';
	const items = [{ practice: '123' }, { practice: 2 }, { practice: 123 }, { practice: ' 2 ' }];
	const { records } = await practice.run(
		...(['patient', 'count', { options: { practiceId } }, { items }] as const),
	);
	expect(records).toEqual([40, 30, 40, 30].map((count) => ({ count })));
	practice.credential.change({ practiceId });
	const people = items.map((item, index) => ({ ...item, place: index }));
	const columns = mapped({ name_first: 'New', name_last: '={{ "P" + $json.place }}' });
	for (const operation of ['create', 'createMany']) {
		const created = await practice.run('patient', operation, { columns }, { items: people });
		expect(created.records.map(({ name_last }) => name_last)).toEqual(['P0', 'P1', 'P2', 'P3']);
	}
	const sentTo = (await practice.received('POST')).map((request) => request.practiceId);
	expect(sentTo.join()).toBe('123,2,123,2,123,2');
});

describe('a bad item in the middle', () => {
	const message = 'The ID is not one that a record can have';
	const items = [{ id: '1001' }, { id: 'a/b' }, { id: '1001' }];

	test('Continue On Fail: an error item in its place, paired; the others as ever', async () => {
		const result = await practice.run('patient', 'get', byItem, { items, continueOnFail: true });
		expect(result.status).toBe('success');
		const [one] = await stored();
		const failed = { error: message, message: expect.stringContaining('Enter the ID alone') };
		expect(result.records).toEqual([one, failed, one]);
		expect(pairs(result)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
	});

	test('otherwise the node fails, names the item, and goes no further', async () => {
		const result = await practice.run('patient', 'get', byItem, { items });
		expect(result.error).toMatchObject({ message, itemIndex: 1 });
		expect(result.items).toEqual([]);
		expect(await practice.received()).toHaveLength(1);
	});

	test('refusals of the API and of the practice as well', async () => {
		const options = { practiceId: '={{ $json.practice }}' };
		const practices = [{ practice: 2 }, { practice: 7 }, { practice: 'abc' }, { practice: 123 }];
		const more = { items: practices, continueOnFail: true };
		const { records } = await practice.run('patient', 'count', { options }, more);
		expect(records.map(({ count, error }) => count ?? error)).toEqual([
			30,
			'EyeCloud Pro does not let this credential use practice 7',
			"The 'Practice Client ID' must be a whole number",
			40,
		]);
	});
});

describe('On Error → Continue: one item for the one that fails', () => {
	/** Good for every item but the second. */
	const good = (value: string) => `={{ $json.place === 2 ? $('Nobody').item.json.x : ${value} }}`;
	const items = [1, 2, 3].map((place) => ({ place, practice: place === 2 ? 'abc' : '2' }));
	const person = { name_first: 'New', name_last: '={{ "P" + $json.place }}' };
	const columns = mapped(person);
	const failingIn: Record<string, IDataObject> = {
		'a column': { columns: mapped({ ...person, email: good('"a@example.com"') }) },
		'Dry Run': { options: { dryRun: good('false') } },
		'the practice': { options: { practiceId: good('2') } },
		'a practice that is none': { options: { practiceId: '={{ $json.practice }}' } },
		'an ID': { recordId: byId(good('1001')) },
		'a filter': { filters: { email: good('"a@example.com"') } },
		'Match On': { matchOn: good('"name_last"') },
		'what is sent': { columns: mapped({ ...person, dob: good('"1990-01-02"') }) },
	};
	const everywhere = ['a column', 'Dry Run', 'the practice', 'a practice that is none'];

	test.each([
		...everywhere.flatMap((where) => [
			['patient', 'create', where],
			['patient', 'createMany', where],
			['priceTier', 'upsert', where],
		]),
		['patient', 'createMany', 'what is sent'],
		['patient', 'findOrCreate', 'Match On'],
		['priceTier', 'upsert', 'Match On'],
		['patient', 'get', 'an ID'],
		['frame', 'update', 'an ID'],
		['priceTier', 'delete', 'an ID'],
		['patient', 'count', 'a filter'],
		['patient', 'getAll', 'a filter'],
	])('%s %s, where %s fails', async (resource, operation, where) => {
		const { options, ...failing } = failingIn[where];
		const batches = operation === 'createMany' ? { batchSize: 1 } : {};
		const { error, items: output } = await practice.run(
			resource,
			operation,
			{
				...{ simplify: false, columns, matchOn: ['name_last'], ...failing },
				options: { ...(options as IDataObject), ...batches },
			},
			{ items, continueOnFail: true },
		);
		expect(error).toBeUndefined();
		const isOfSecond = ({ pairedItem }: (typeof output)[number]) =>
			JSON.stringify(pairedItem).includes('"item":1');
		const text = expect.stringMatching(/./);
		expect(output.filter(isOfSecond).map(({ json }) => json)).toEqual([
			{ error: text, message: expect.any(String) },
		]);
		expect(output.filter(({ json }) => 'place' in json)).toEqual([]);
	});

	test.each([1, 0])('Create Many in batches of %s: a bad expression', async (batchSize) => {
		const parameters = { ...failingIn['a column'], options: { batchSize } };
		const more = { items, continueOnFail: true };
		const { records } = await practice.run('patient', 'createMany', parameters, more);
		const isError = records.map((record) => 'error' in record);
		expect(isError).toEqual(batchSize === 1 ? [false, true, false] : [true, true, true]);
		expect(await practice.received('POST')).toHaveLength(batchSize === 1 ? 2 : 0);
	});
});

test.each(['create', 'createMany', 'findOrCreate'])(
	'%s, On Error → Stop: the text names the item, and says what was created before',
	async (operation) => {
		const parameters = { columns: automatic, matchOn: ['name_last'], options: { batchSize: 1 } };
		const people = ['Ada', 'Bea', 'Cid'].map((name) => ({ name_first: name, name_last: name }));
		await practice.simulator.addFault({
			...{ match: { method: 'POST', nth: 3 }, fault: { kind: 'status', status: 403 } },
		});
		const { error } = await practice.run('patient', operation, parameters, { items: people });
		expect(error?.itemIndex ?? error?.message).toBe(2);
		expect(error?.description).toMatch(/\b2\b/);
		expect((await stored()).slice(PATIENTS)).toMatchObject(people.slice(0, 2));
	},
);
