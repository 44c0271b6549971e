// Create: what is sent, and what comes back. That nothing is created twice is in api/faultMatrix.test.ts.
import { fakeClock } from '../harness/fastTime.ts';

import { startSimulator, type Simulator } from '../simulator/start.ts';
import { runNode, type NodeRun } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

const PATIENTS = 20;

let simulator: Simulator;

beforeAll(async () => {
	simulator = await startSimulator({ patients: PATIENTS });
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ data: true, options: true });
});

const marge = { name_first: 'Marge', name_last: 'Example' };

async function create(columns: object, run: Partial<NodeRun> = {}) {
	const credential = StoredCredential.for(simulator, await simulator.createClient());
	const result = await runNode({
		credential,
		...run,
		parameters: {
			resource: 'patient',
			operation: 'create',
			columns: { schema: [], ...columns },
		},
	});
	const posts = await simulator.received({ method: 'POST' });
	const created = (await simulator.records(2, '/patients')).slice(PATIENTS);
	return { ...result, posts, created };
}

function mapped(value: object | null) {
	return { mappingMode: 'defineBelow', value };
}

describe('what is sent', () => {
	test('the fields that are mapped by hand, in the form of the API', async () => {
		const { error, records, created, posts } = await create(
			mapped({
				...marge,
				email: ' marge@example.com ',
				phone: '(512) 555-0100',
				dob: '1980-02-29T00:00:00.000+14:00',
				gender: '',
				recall_date: null,
			}),
		);
		expect(error).toBeUndefined();
		expect(posts.map(({ body }) => body)).toEqual([
			{ ...marge, email: 'marge@example.com', phone: '5125550100', dob: '1980-02-29' },
		]);
		expect(created).toHaveLength(1);
		expect(records).toEqual(created);
	});

	test('by expressions, a date as an object too', async () => {
		const { error, posts } = await create(
			mapped({
				name_first: '={{ $json.first }}',
				name_last: 'Example',
				dob: '={{ DateTime.fromISO($json.born) }}',
			}),
			{ items: [{ first: 'Marge', born: '1980-02-29' }] },
		);
		expect(error).toBeUndefined();
		expect(posts[0].body).toEqual({ ...marge, dob: '1980-02-29' });
	});

	test('the input item, mapped automatically, nested fields included, null left out', async () => {
		const item = { ...marge, dob: '1980-02-29', recall_date: null, address: { city: 'Austin' } };
		const { error, posts, created } = await create(
			{ mappingMode: 'autoMapInputData', value: null },
			{ items: [item] },
		);
		expect(error).toBeUndefined();

		expect(posts[0].body).toEqual({ ...item, recall_date: undefined });
		expect(created).toHaveLength(1);
	});

	test.each([mapped(null), mapped({}), mapped({ name_first: '', email: null })])(
		'nothing, where no field is filled in: %j',
		async (columns) => {
			const { error, posts } = await create(columns);
			expect(error?.message).toBe('No field is filled in');
			expect(posts).toEqual([]);
		},
	);

	test('nothing, where the input item is empty', async () => {
		const { error, posts } = await create({ mappingMode: 'autoMapInputData', value: null });
		expect(error?.message).toBe('No field is filled in');
		expect(posts).toEqual([]);
	});
});

test.each(['data', 'bare'] as const)('the answer is the record, its body %s', async (body) => {
	await simulator.configure({ dialect: { created: body } });
	const { records, created } = await create(mapped(marge));
	expect(records).toEqual(created);
	expect(records[0]).toMatchObject(marge);
});

describe('refused', () => {
	test('before it is sent: each field by the name that the form shows', async () => {
		const { error, posts } = await create(
			mapped({ ...marge, email: 'marge@nowhere', phone: '555-12', dob: '1980-02-30' }),
		);
		expect(error?.message.split('; ')).toEqual([
			"'Email' is not an email address, e.g. nathan@example.com",
			"'Phone' is not a phone number of 10 digits, e.g. (512) 555-0100",
			"'Date of Birth' is not a date, e.g. 2000-01-31",
		]);
		expect(posts).toEqual([]);
	});

	test("by the API: each thing that it says, its names replaced by the form's", async () => {
		const { error, created } = await create(
			mapped({ name_first: 'M'.repeat(101), gender: 'Z', nickname: 'Midge' }),
		);
		expect(error?.message).toContain('EyeCloud Pro did not accept the input: ');
		for (const sentence of [
			"'First Name' length must be less than or equal to 100 characters long",
			"'Last Name' is required",
			'"gender" must be one of [F, M, U]',
			'"nickname" is not allowed',
		]) {
			expect(error?.message.split(': ')[1].split('; ')).toContain(sentence);
		}
		expect(error?.message).not.toMatch(/MMM|Midge/);
		expect(created).toEqual([]);
	});
});

test('a bad item after good ones: the text says how many were created already', async () => {
	const bad = { ...marge, email: 'nobody' };
	const { error, created } = await create(
		{ mappingMode: 'autoMapInputData', value: null },
		{ items: [marge, marge, bad] },
	);
	expect(created).toHaveLength(2);
	expect(error?.description).toBe(
		"Nothing was sent to EyeCloud Pro for this item. Correct the input and run it again. Items created before this one: 2. Leave them out when you start the workflow anew; the 'Retry' of this execution leaves them out by itself.",
	);
});
