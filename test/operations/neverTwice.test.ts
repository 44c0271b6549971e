// What was done is not done again: by no try of Retry On Fail, whichever way failures are dealt with,
// and by no press of n8n's Retry button. From the promise in the README, not from the code.
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import { parse } from 'flatted';
import type { IDataObject, IPairedItemData, IRunExecutionData } from 'n8n-workflow';

import { asTool } from '../harness/asTool.ts';
import type { NodeRun } from '../harness/runNode.ts';

const practice = simulatedPractice({ patients: 5 });

const people = [1, 2, 3, 4, 5].map((number): IDataObject => {
	return { name_first: 'New', name_last: `Patient ${number}`, email: `new${number}@example.com` };
});
const names = people.map(({ name_last }) => name_last);
const three = names.slice(0, 3);
/** Another text at each try. */
const changing = mapped({
	name_first: 'New',
	name_last: '={{ $json.name_last + " " + $now.toMillis() }}',
});

type Changes = Partial<Omit<NodeRun, 'parameters'>> & { parameters?: IDataObject };

async function run(operation: string, { parameters, ...changes }: Changes = {}) {
	const all = { columns: automatic, matchOn: ['email'], ...parameters };
	// What a tool has done is remembered with the very objects of its input.
	const items = structuredClone(changes.items ?? people.slice(0, 3));
	const more = { ...changes, items };
	return await practice.run('patient', operation, all, more);
}

/** Of price tiers by the items' `id`, of which the first may be none. */
async function onTiers(operation: string, ids: unknown[], changes: Changes = {}) {
	const columns = mapped({ tier_name: '={{ "T" + $now.toMillis() }}' });
	const more = { items: ids.map((id) => ({ id: String(id) })), ...changes };
	const parameters = { recordId: byId('={{ $json.id }}'), columns };
	return await practice.run('priceTier', operation, parameters, more as NodeRun);
}

async function tierIds(count: number) {
	const tiers = await practice.simulator.records(2, '/configurations/pricetiers');
	return tiers.slice(0, count).map(({ pricetier_id }) => pricetier_id);
}

async function createdNames() {
	const records = await practice.simulator.records(2, '/patients');
	return records.slice(5).map(({ name_last }) => name_last);
}

const namesIn = ({ records }: { records: IDataObject[] }) =>
	records.map(({ name_last }) => name_last);
const sent = async (method: string) => (await practice.received(method)).length;
const refuseAt = async (nth: number, times = 1) =>
	await practice.simulator.addFault({
		match: { method: 'POST', nth, times },
		fault: { kind: 'status', status: 400 },
	});
const loseAt = async (nth: number, when: 'before' | 'after' = 'after') =>
	await practice.simulator.addFault({
		...{ match: { method: 'POST', nth }, when, fault: { kind: 'reset' } },
	});

describe.each([
	{ onError: 'continueRegularOutput', retryOnFail: true },
	{ onError: 'continueErrorOutput', retryOnFail: true },
] as const)('Retry On Fail, On Error $onError', (settings) => {
	test.each<[what: string, operation: string, refused: number, changes: Changes]>([
		['the first is refused once', 'create', 1, {}],
		['each is looked for first', 'findOrCreate', 1, {}],
		['batches of one', 'createMany', 2, { parameters: { options: { batchSize: 1 } } }],
		[
			'other batches at each try',
			'createMany',
			1,
			{ parameters: { options: { batchSize: '={{ 2 + ($now.toMillis() % 2) }}' } } },
		],
	])('%s, by %s: all are created, nobody twice', async (_, operation, refused, changes) => {
		await refuseAt(1, refused);
		const result = await run(operation, { ...settings, ...changes });
		expect(result.error).toBeUndefined();
		expect(namesIn(result)).toEqual(three);
		expect((await createdNames()).sort()).toEqual(three);
		if (operation === 'findOrCreate') {
			expect(result.records.map(({ _created }) => _created)).toEqual([true, true, true]);
		}
	});

	test('the first item is refused at each try; the others are created once', async () => {
		const items = [{ email: 'not an address' }, ...people.slice(0, 2)];
		const result = await run('create', { ...settings, items });
		expect(await createdNames()).toEqual(names.slice(0, 2));
		// Those of the error output come last.
		const pairs = result.items.map(({ pairedItem }) => (pairedItem as IPairedItemData).item);
		expect(pairs.sort()).toEqual([0, 1, 2]);
	});

	test.each([
		['create', 'after', three],
		// It is lost before it reaches the API: nobody can know.
		['findOrCreate', 'before', names.slice(1, 3)],
	] as const)('%s: an unknown outcome is not sent again', async (operation, when, created) => {
		await loseAt(1, when);
		const { records } = await run(operation, settings);
		expect((await createdNames()).sort()).toEqual(created);
		expect(await sent('POST')).toBe(3);
		expect(records.find(({ error }) => error)?.error).toMatch(/^It is unknown whether/);
	});

	test('what is sent changes at each try', async () => {
		await refuseAt(1);
		await run('create', { ...settings, parameters: { columns: changing } });
		expect(await createdNames()).toHaveLength(3);
	});

	test.each(['update', 'delete'])('%s: what worked is answered the same', async (operation) => {
		const result = await onTiers(operation, ['no-such', ...(await tierIds(2))], settings);
		expect(result.records.filter(({ error }) => error)).toHaveLength(1);
		expect(await sent(operation === 'update' ? 'PATCH' : 'DELETE')).toBe(2 + 3);
	});
});

describe('as a tool with several items, Retry On Fail', () => {
	const settings = { retryOnFail: true, nodeType: asTool(), executionId: '' } as const;
	const columns = mapped({ name_first: 'New', name_last: '={{ $json.name_last }}' });

	test.each<[string, 'continueRegularOutput' | 'stopWorkflow', IDataObject, boolean]>([
		['create', 'continueRegularOutput', {}, true],
		['create', 'stopWorkflow', {}, true],
		['createMany', 'continueRegularOutput', { batchSize: 1 }, true],
		// An option of the first item is no value.
		[
			'create',
			'continueRegularOutput',
			{ timeout: '={{ $json.name_last.endsWith("1") ? "soon" : 5000 }}' },
			false,
		],
	])('%s, On Error %s, %j: nobody twice', async (operation, onError, options, isRefused) => {
		if (isRefused) await refuseAt(onError === 'stopWorkflow' ? 2 : 1);
		await run(operation, { ...settings, onError, parameters: { columns, options } });
		const created = await createdNames();
		expect(created.length).toBeGreaterThan(0);
		expect(new Set(created).size).toBe(created.length);
	});

	test('a Delete that worked is no missing record', async () => {
		const more = { ...settings, onError: 'continueRegularOutput' } as const;
		const { records } = await onTiers('delete', ['', ...(await tierIds(1))], more);
		expect(records.at(-1)).toMatchObject({ deleted: true });
		expect(await sent('DELETE')).toBe(1);
	});
});

test('100 executions at once do not push each other out', async () => {
	const waiting = Array.from({ length: 100 }, async (_, index) => {
		const items = [`a${index}@example.com`, index % 2 === 0 ? 'none' : `b${index}@example.com`];
		await run('create', {
			items: items.map((email) => ({ ...people[0], email })),
			...{ retryOnFail: true, executionId: `many ${index}` },
		});
	});
	await Promise.all(waiting);
	expect(await createdNames()).toHaveLength(100 + 50);
});

describe("n8n's Retry button", () => {
	const inBatches = { parameters: { options: { batchSize: 2 } }, items: people };

	test.each<[string, number, Changes]>([
		['create', 3, { items: people }],
		['createMany', 2, inBatches],
	])('%s creates what is missing, and nobody twice', async (operation, refusedAt, changes) => {
		await refuseAt(refusedAt);
		const failed = await run(operation, changes);
		expect(failed.error).toBeDefined();
		const again = await failed.retry();
		expect(again.error).toBeUndefined();
		expect(namesIn(again)).toEqual(names);
		expect(await createdNames()).toEqual(names);
	});

	test('pressed once more, with other values, and in the workflow as it was corrected', async () => {
		await refuseAt(3, 2);
		const second = await (await run('create', { parameters: { columns: changing } })).retry();
		expect(second.error?.itemIndex).toBe(2);
		const parameters = { resource: 'patient', operation: 'create', columns: automatic };
		expect((await second.retry({ parameters })).error).toBeUndefined();
		expect(await createdNames()).toHaveLength(3);
	});

	test('pressed again on the same execution: what the first press created is not created again', async () => {
		await refuseAt(2);
		const failed = await run('create', { items: people });
		await refuseAt(3);
		const first = await failed.retry();
		expect(first.error?.itemIndex).toBe(3);
		const again = await failed.retry();
		expect(again.error).toMatchObject({
			...{ message: 'This execution has been retried before', itemIndex: 1 },
		});
		expect((await again.retry()).error?.message).toBe(again.error?.message);
		expect(await createdNames()).toEqual(three);
		expect((await first.retry()).error).toBeUndefined();
		expect((await first.retry()).error?.message).toBe(again.error?.message);
		expect(await createdNames()).toEqual(names);
	});

	test.each(['createMany', 'findOrCreate'])('pressed again, %s', async (operation) => {
		await refuseAt(2);
		const parameters = { options: { batchSize: 1 }, matchOn: ['name_last'] };
		const failed = await run(operation, { items: people, parameters });
		await refuseAt(3);
		await failed.retry();
		await failed.retry();
		const created = await createdNames();
		expect(new Set(created).size).toBe(created.length);
	});

	test('does not send again what is unknown, though the try before it had bad values', async () => {
		await loseAt(1, 'before');
		const failed = await run('create');
		const parameters = { resource: 'patient', operation: 'create', columns: automatic };
		const columns = mapped({ name_first: 'New', email: 'none' });
		const second = await failed.retry({ parameters: { ...parameters, columns } });
		expect(second.error?.message).toMatch(/^'Email' is not an email address/);
		expect((await second.retry({ parameters })).error?.message).toMatch(/^It is unknown whether/);
		expect(await sent('POST')).toBe(1);
	});

	test('does not send again whose outcome is unknown', async () => {
		await loseAt(2);
		const again = await (await (await run('create')).retry()).retry();
		expect(again.error?.message).toMatch(/^It is unknown whether/);
		expect(await createdNames()).toEqual(names.slice(0, 2));
	});

	test('a Delete that worked is no missing record', async () => {
		const [tier, other] = await tierIds(2);
		const failed = await onTiers('delete', [tier, 'a/b']);
		expect(failed.error?.itemIndex).toBe(1);
		const items = [tier, other].map((id) => ({ id: String(id) }));
		// The stored input counts, so the second one fails again; the first one does not.
		expect((await failed.retry({ items })).error?.itemIndex).toBe(1);
	});
});

test('what ended well leaves nothing behind in the execution', async () => {
	const { stored } = await run('create', { retryOnFail: true });
	const { executionData } = parse(stored()) as IRunExecutionData;
	expect(JSON.stringify(executionData?.contextData)).not.toContain('New');
});
