// Several input items: each output paired with its input, each with its own practice, and one that
// fails leaves the others alone.
import { fakeClock } from '../harness/fastTime.ts';

import { startSimulator, type ApiRecord, type Simulator } from '../simulator/start.ts';
import { runNode, type NodeResult } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

let simulator: Simulator;
let credential: StoredCredential;
let patients: ApiRecord[];

beforeAll(async () => {
	simulator = await startSimulator({ patients: 30 });
	patients = await simulator.records(2, '/patients');
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ data: true });
	const client = await simulator.createClient({ practiceIds: [2, 123] });
	credential = StoredCredential.for(simulator, client);
});

function pairs({ items }: NodeResult) {
	return items.map(({ pairedItem }) => pairedItem);
}

const byExpression = {
	resource: 'patient',
	operation: 'get',
	recordId: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
};

test('one record for each item, paired with it', async () => {
	const wanted = [patients[9], patients[0], patients[4]];
	const result = await runNode({
		credential,
		items: wanted.map(({ patient_id }) => ({ id: patient_id as number })),
		parameters: { ...byExpression, simplify: false },
	});
	expect(result.records).toEqual(wanted);
	expect(pairs(result)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
});

test('lists of different lengths, each record paired with the item that asked', async () => {
	const result = await runNode({
		credential,
		items: [{ limit: 2 }, { limit: 1 }, { limit: 7 }],
		parameters: { resource: 'patient', operation: 'getAll', limit: '={{ $json.limit }}' },
	});
	expect(pairs(result)).toEqual([0, 0, 1, 2, 2, 2, 2, 2, 2, 2].map((item) => ({ item })));
});

test('another practice for each item, by expression', async () => {
	const result = await runNode({
		credential,
		items: [{ practice: '123' }, { practice: 2 }, { practice: 123 }, { practice: ' 2 ' }],
		parameters: {
			resource: 'patient',
			operation: 'count',
			options: { practiceId: '={{ $json.practice }}' },
		},
	});
	expect(result.error).toBeUndefined();
	expect(result.records).toEqual([40, 30, 40, 30].map((count) => ({ count })));
	expect((await simulator.received()).map(({ practiceId }) => practiceId)).toEqual([
		'123',
		'2',
		'123',
		'2',
	]);
});

describe('a bad item in the middle', () => {
	const items = [{ id: '1001' }, { id: 'a/b' }, { id: '1001' }];

	test('Continue On Fail: an error item in its place, paired; the others as ever', async () => {
		const result = await runNode({
			credential,
			items,
			continueOnFail: true,
			parameters: { ...byExpression, simplify: false },
		});
		expect(result.status).toBe('success');
		expect(result.records).toEqual([
			patients[0],
			{
				error: 'The ID is not one that a record can have',
				message: expect.stringContaining('Enter the ID alone'),
			},
			patients[0],
		]);
		expect(pairs(result)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
	});

	test('Continue On Fail: refusals of the API and of the practice as well', async () => {
		const result = await runNode({
			credential,
			items: [{ practice: 2 }, { practice: 7 }, { practice: 'abc' }, { practice: 123 }],
			continueOnFail: true,
			parameters: {
				resource: 'patient',
				operation: 'count',
				options: { practiceId: '={{ $json.practice }}' },
			},
		});
		expect(result.records.map(({ count, error }) => count ?? error)).toEqual([
			30,
			'EyeCloud Pro does not let this credential use practice 7',
			"The 'Practice Client ID' must be a whole number",
			40,
		]);
	});

	test('otherwise the node fails, names the item, and goes no further', async () => {
		const result = await runNode({ credential, items, parameters: byExpression });
		expect(result.error).toMatchObject({
			message: 'The ID is not one that a record can have',
			itemIndex: 1,
		});
		expect(result.items).toEqual([]);
		expect(await simulator.received()).toHaveLength(1);
	});
});

test('creating from several items: one record each, in order; a refused one paired', async () => {
	const result = await runNode({
		credential,
		continueOnFail: true,
		items: [
			{ name_first: 'Ada', name_last: 'One' },
			{ name_first: 'Bea' },
			{ name_first: 'Cleo', name_last: 'Three' },
		],
		parameters: {
			resource: 'patient',
			operation: 'create',
			columns: { mappingMode: 'autoMapInputData', value: null, schema: [] },
		},
	});
	const created = (await simulator.records(2, '/patients')).slice(30);
	expect(created.map(({ name_first }) => name_first)).toEqual(['Ada', 'Cleo']);
	expect(result.records[0]).toEqual(created[0]);
	expect(result.records[1].error).toBe(
		"EyeCloud Pro did not accept the input: 'Last Name' is required",
	);
	expect(result.records[2]).toEqual(created[1]);
	expect(pairs(result)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
});
