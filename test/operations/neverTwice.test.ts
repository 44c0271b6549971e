// What was done is not done again: by no try of Retry On Fail, whichever way failures are dealt with,
// and by no press of n8n's Retry button. From the promise in the README, not from the code.
import { fakeClock } from '../harness/fastTime.ts';

import type { IDataObject, IPairedItemData } from 'n8n-workflow';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { asTool } from '../harness/asTool.ts';
import { runNode, type NodeRun } from '../harness/runNode.ts';
import { automatic, byId, mapped } from '../harness/simulatedPractice.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

let simulator: Simulator;
let credential: StoredCredential;

beforeAll(async () => {
	simulator = await startSimulator({
		patients: 5,
		rateLimit: { requestsPerMinute: 100_000 },
	});
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ data: true, options: true });
	credential = StoredCredential.for(simulator, await simulator.createClient());
});

const people = Array.from({ length: 5 }, (_, index): IDataObject => {
	return { name_first: 'New', name_last: `Patient ${index + 1}`, email: `new${index}@example.com` };
});
const names = people.map(({ name_last }) => name_last);

function nodeRun(operation: string, changes: Partial<NodeRun> = {}): NodeRun {
	const { parameters, ...rest } = changes;
	return {
		credential,
		items: people.slice(0, 3),
		executionId: 'first',
		...rest,
		parameters: { resource: 'patient', operation, columns: automatic, ...parameters },
	};
}

const run = async (operation: string, changes?: Partial<NodeRun>) =>
	await runNode(nodeRun(operation, changes));

async function createdNames() {
	const records = await simulator.records(2, '/patients');
	return records.slice(5).map(({ name_last }) => name_last);
}

const sent = async (method: string) => (await simulator.received({ method })).length;

const refusalAt = async (nth: number, times = 1) => {
	for (let time = 0; time < times; time++) {
		await simulator.addFault({
			match: { method: 'POST', nth: nth + time },
			fault: { kind: 'status', status: 400 },
		});
	}
};
const lossAt = async (nth: number) =>
	await simulator.addFault({
		match: { method: 'POST', nth },
		when: 'after',
		fault: { kind: 'reset' },
	});

const continuing = [
	{ onError: 'continueRegularOutput', retryOnFail: true },
	{ onError: 'continueErrorOutput', retryOnFail: true },
] as const;

describe.each(continuing)('Retry On Fail, On Error $onError', (settings) => {
	test('Create: the first item is refused once; nobody twice', async () => {
		await refusalAt(1);
		const result = await run('create', settings);
		expect(result.error).toBeUndefined();
		expect(result.records.map(({ name_last }) => name_last)).toEqual(names.slice(0, 3));
		expect((await createdNames()).sort()).toEqual(names.slice(0, 3));
	});

	test('Create: the first item is refused at each try; the others are created once', async () => {
		const items = [{ email: 'not an address' }, ...people.slice(0, 2)];
		const result = await run('create', { ...settings, items });
		expect(await createdNames()).toEqual(names.slice(0, 2));
		// Those of the error output come last.
		const pairs = result.items.map(({ pairedItem }) => (pairedItem as IPairedItemData).item);
		expect(pairs.sort()).toEqual([0, 1, 2]);
	});

	test('Create: the outcome of the first item is unknown; it is not sent again', async () => {
		await lossAt(1);
		const result = await run('create', settings);
		expect(await createdNames()).toEqual(names.slice(0, 3));
		expect(await sent('POST')).toBe(3);
		expect(result.records.find(({ error }) => error)?.error).toMatch(/^It is unknown whether/);
	});

	test('Create: what is sent changes at each try', async () => {
		await refusalAt(1);
		const last = '={{ $json.name_last + " " + $now.toMillis() }}';
		await run('create', {
			...settings,
			parameters: { columns: mapped({ name_first: 'New', name_last: last }) },
		});
		expect(await createdNames()).toHaveLength(3);
	});

	test('Create Many: a second batch comes once', async () => {
		await refusalAt(1, 2);
		const parameters = { options: { batchSize: 1 } };
		const result = await run('createMany', { ...settings, parameters, items: people.slice(0, 4) });
		expect((await createdNames()).sort()).toEqual(names.slice(0, 4));
		expect(result.records.map(({ name_last }) => name_last)).toEqual(names.slice(0, 4));
	});

	test('Create Many: other batches at each try', async () => {
		await refusalAt(1);
		await run('createMany', {
			...settings,
			items: people,
			parameters: { options: { batchSize: '={{ 2 + ($now.toMillis() % 2) }}' } },
		});
		expect((await createdNames()).sort()).toEqual(names);
	});

	test('Find or Create: those that were created come out as created', async () => {
		await refusalAt(1);
		const result = await run('findOrCreate', { ...settings, parameters: { matchOn: ['email'] } });
		expect(result.records.map(({ _created }) => _created)).toEqual([true, true, true]);
		expect((await createdNames()).sort()).toEqual(names.slice(0, 3));
	});

	test('Find or Create: after an unknown outcome it looks, and does not create again', async () => {
		// The first request is lost before it reaches the API: nobody can know.
		await simulator.addFault({ match: { method: 'POST', nth: 1 }, fault: { kind: 'reset' } });
		const result = await run('findOrCreate', { ...settings, parameters: { matchOn: ['email'] } });
		expect(await sent('POST')).toBe(3);
		expect((await createdNames()).sort()).toEqual(names.slice(1, 3));
		expect(result.records[0].error ?? result.records[2].error).toMatch(/^It is unknown whether/);
	});

	test('Delete and Update: what worked is answered the same, and sent once', async () => {
		const tiers = await simulator.records(2, '/configurations/pricetiers');
		const ids = ['no-such', ...tiers.slice(0, 2).map(({ pricetier_id }) => String(pricetier_id))];
		for (const operation of ['update', 'delete']) {
			const result = await run(operation, {
				...settings,
				items: ids.map((id) => ({ id })),
				parameters: {
					resource: 'priceTier',
					recordId: byId('={{ $json.id }}'),
					columns: mapped({ tier_name: '={{ "T" + $now.toMillis() }}' }),
				},
			});
			expect(result.records.filter(({ error }) => error)).toHaveLength(1);
		}
		expect(await sent('PATCH')).toBe(2 + 3);
		expect(await sent('DELETE')).toBe(2 + 3);
	});
});

describe('as a tool with several items, Retry On Fail', () => {
	const settings = { retryOnFail: true, nodeType: asTool(), executionId: '' } as const;
	const columns = mapped({ name_first: 'New', name_last: '={{ $json.name_last }}' });

	test.each(['continueRegularOutput', 'stopWorkflow'] as const)(
		'Create, On Error %s: nobody twice',
		async (onError) => {
			await refusalAt(onError === 'stopWorkflow' ? 2 : 1);
			await run('create', { ...settings, onError, parameters: { columns } });
			const created = await createdNames();
			expect(created.length).toBeGreaterThan(0);
			expect(new Set(created).size).toBe(created.length);
		},
	);

	test('Create, an option of the first item is no value', async () => {
		const options = { timeout: '={{ $json.name_last.endsWith("1") ? "soon" : 5000 }}' };
		await run('create', {
			...settings,
			onError: 'continueRegularOutput',
			parameters: { columns, options },
		});
		expect(await createdNames()).toEqual(names.slice(1, 3));
	});

	test('Create Many: batches that are in come once', async () => {
		await refusalAt(1);
		const parameters = { columns, options: { batchSize: 1 } };
		await run('createMany', { ...settings, onError: 'continueRegularOutput', parameters });
		const created = await createdNames();
		expect(new Set(created).size).toBe(created.length);
	});

	test('Delete that worked is no missing record', async () => {
		const [tier] = await simulator.records(2, '/configurations/pricetiers');
		const { records } = await run('delete', {
			...settings,
			onError: 'continueRegularOutput',
			items: [{ id: '' }, { id: String(tier.pricetier_id) }],
			parameters: { resource: 'priceTier', recordId: byId('={{ $json.id }}') },
		});
		expect(records.at(-1)).toMatchObject({ deleted: true });
		expect(await sent('DELETE')).toBe(1);
	});
});

test('200 executions at once do not push each other out', async () => {
	const waiting = Array.from({ length: 250 }, async (_, index) => {
		const [person] = people;
		const items = [
			{ ...person, email: `a${index}@example.com` },
			{ ...person, email: index % 2 === 0 ? 'none' : `b${index}@example.com` },
		];
		await run('create', { items, retryOnFail: true, executionId: `many ${index}` });
	});
	await Promise.all(waiting);
	expect(await createdNames()).toHaveLength(250 + 125);
});

describe("n8n's Retry button", () => {
	test('creates what is missing, and nobody twice', async () => {
		await refusalAt(3);
		const failed = await run('create', { items: people.slice(0, 4) });
		expect(failed.error?.itemIndex).toBe(2);
		const again = await failed.retry();
		expect(again.error).toBeUndefined();
		expect(again.records.map(({ name_last }) => name_last)).toEqual(names.slice(0, 4));
		expect(await createdNames()).toEqual(names.slice(0, 4));
	});

	test('pressed once more, with other values, and in the workflow as it was corrected', async () => {
		await refusalAt(3, 2);
		const columns = mapped({
			name_first: 'New',
			name_last: '={{ $json.name_last + " " + $now.toMillis() }}',
		});
		const failed = await run('create', { parameters: { columns } });
		const second = await failed.retry();
		expect(second.error?.itemIndex).toBe(2);
		const third = await second.retry(nodeRun('create'));
		expect(third.error).toBeUndefined();
		expect(await createdNames()).toHaveLength(3);
	});

	test('pressed again on the same execution: what the first press created is not created again', async () => {
		await refusalAt(2);
		const failed = await run('create', { items: people });
		await refusalAt(3);
		const first = await failed.retry();
		expect(first.error?.itemIndex).toBe(3);
		const again = await failed.retry();
		expect(again.error).toMatchObject({
			message: 'This execution has been retried before',
			itemIndex: 1,
		});
		expect((await again.retry()).error?.message).toBe(again.error?.message);
		expect(await createdNames()).toEqual(names.slice(0, 3));
		expect((await first.retry()).error).toBeUndefined();
		expect((await first.retry()).error?.message).toBe(again.error?.message);
		expect(await createdNames()).toEqual(names);
	});

	test.each(['createMany', 'findOrCreate'])('pressed again, %s', async (operation) => {
		await refusalAt(2);
		const parameters = { options: { batchSize: 1 }, matchOn: ['name_last'] };
		const failed = await run(operation, { items: people, parameters });
		await refusalAt(3);
		await failed.retry();
		await failed.retry();
		const created = await createdNames();
		expect(new Set(created).size).toBe(created.length);
	});

	test('does not send again whose outcome is unknown', async () => {
		await lossAt(2);
		const failed = await run('create');
		const again = await (await failed.retry()).retry();
		expect(again.error?.message).toMatch(/^It is unknown whether/);
		expect(await createdNames()).toEqual(names.slice(0, 2));
	});

	test('Create Many: batches that are in stay as they are', async () => {
		await refusalAt(2);
		const parameters = { options: { batchSize: 2 } };
		const failed = await run('createMany', { items: people, parameters });
		const again = await failed.retry();
		expect(again.records.map(({ name_last }) => name_last)).toEqual(names);
		expect(await createdNames()).toEqual(names);
	});

	test('a Delete that worked is no missing record', async () => {
		const tiers = await simulator.records(2, '/configurations/pricetiers');
		const [tier, other] = tiers.map(({ pricetier_id }) => ({ id: String(pricetier_id) }));
		const failed = await run('delete', {
			items: [tier, { id: 'a/b' }],
			parameters: { resource: 'priceTier', recordId: byId('={{ $json.id }}') },
		});
		expect(failed.error?.itemIndex).toBe(1);
		const again = await failed.retry({ items: [tier, other] });
		// The stored input counts, so the second one fails again; the first one does not.
		expect(again.error?.itemIndex).toBe(1);
	});
});

test('what ended well leaves nothing behind in the execution', async () => {
	const result = await run('create', { retryOnFail: true });
	expect(JSON.stringify(result.stored.data.executionData?.contextData)).not.toContain('New');
});
