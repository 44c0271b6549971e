// What becomes of each operation at each fault, and at each moment that makes a difference, by the real
// n8n-core. The table is the whole truth: what is not in it cannot happen.
import { byId, mapped, automatic, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { ApiRecord, Fault, FaultRule } from '../simulator/start.ts';
import type { NodeResult, NodeRun } from '../harness/runNode.ts';

/**
 * In each cell, what must come out:
 * - a number: all is well, the work was done exactly once, and so many requests were sent for it;
 * - `?+`, `?-`: sent once, an error says that the outcome is unknown; the API did the work, or didn't;
 * - `.`: no such cell. A 429 comes before the work, and a body can be cut only after it.
 */
const matrix = `
                       | 429 | 500 | reset | hang | truncate | html
Return All, first page |  2  |  2  |   2   |  2   |    2     |  2
Return All, middle     |  2  |  2  |   2   |  2   |    2     |  2
Return All, last page  |  2  |  2  |   2   |  2   |    2     |  2
Get                    |  2  |  2  |   2   |  2   |    2     |  2
Create, before         |  2  |  ?- |   ?-  |  ?-  |    .     |  ?-
Create, after          |  .  |  ?+ |   ?+  |  ?+  |    ?+    |  ?+
Create Many, before    |  2  |  ?- |   ?-  |  ?-  |    .     |  ?-
Create Many, after     |  .  |  ?+ |   ?+  |  ?+  |    ?+    |  ?+
Find or Create, before |  2  |  ?- |   ?-  |  ?-  |    .     |  ?-
Find or Create, after  |  .  |  ?+ |   ?+  |  ?+  |    ?+    |  ?+
Upsert creates, before|  2  |  ?- |   ?-  |  ?-  |    .     |  ?-
Upsert creates, after |  .  |  ?+ |   ?+  |  ?+  |    ?+    |  ?+
Upsert changes, before|  2  |  2  |   2   |  2   |    .     |  2
Upsert changes, after |  .  |  2  |   2   |  2   |    2     |  2
Update, before         |  2  |  2  |   2   |  2   |    .     |  2
Update, after          |  .  |  2  |   2   |  2   |    2     |  2
Delete, before         |  2  |  2  |   2   |  2   |    .     |  2
Delete, after          |  .  |  2  |   2   |  2   |    2     |  2
`;

const faults: Record<string, Fault> = {
	'429': { kind: 'status', status: 429 },
	'500': { kind: 'status', status: 500 },
	reset: { kind: 'reset' },
	hang: { kind: 'hang' },
	truncate: { kind: 'truncate' },
	html: { kind: 'html' },
};

interface Cell {
	row: string;
	fault: string;
	expected: string;
}

function cellsOf(table: string): Cell[] {
	const [header, ...rows] = table
		.trim()
		.split('\n')
		.map((line) => line.split('|').map((text) => text.trim()));
	const names = header.slice(-Object.keys(faults).length);
	return rows
		.flatMap(([row, ...cells]) =>
			cells.map((expected, index): Cell => ({ row, fault: names[index], expected })),
		)
		.filter(({ expected }) => expected !== '.');
}

const PATIENTS = 750;
const TIERS = '/configurations/pricetiers';
const newTier = { tier_name: 'New', discount_percent: 10 };
const secondTier = { tier_name: 'Second', discount_percent: 11 };

interface Task {
	resource: string;
	operation: string;
	method: string;
	parameters: IDataObject;
	items?: IDataObject[];
	/** What the price tiers are when the work was done, given what they were. */
	after: (tiers: ApiRecord[]) => unknown[];
}

const unchanged = (tiers: ApiRecord[]) => tiers;
const withNew = (tiers: ApiRecord[]) => [...tiers, expect.objectContaining(newTier)];
const changed = (tiers: ApiRecord[]) => tiers.with(1, { ...tiers[1], discount_percent: 33 });
const tier = { resource: 'priceTier', method: 'POST' };
const columns = mapped(newTier);
const matchOn = ['tier_name'];
const change = mapped({ discount_percent: 33 });
const changeOfB = mapped({ tier_name: 'Tier B', discount_percent: 33 });
const second = { recordId: byId(2) };

const tasks: Record<string, Task> = {
	'Return All': {
		...{ resource: 'patient', operation: 'getAll', method: 'GET', after: unchanged },
		parameters: { returnAll: true, simplify: false },
	},
	Get: {
		...{ ...tier, operation: 'get', method: 'GET', after: unchanged },
		parameters: { ...second, simplify: false },
	},
	Create: { ...tier, operation: 'create', parameters: { columns }, after: withNew },
	'Create Many': {
		...{ ...tier, operation: 'createMany', parameters: { columns: automatic } },
		items: [newTier, secondTier],
		after: (tiers) => [...withNew(tiers), expect.objectContaining(secondTier)],
	},
	'Find or Create': {
		...{ ...tier, operation: 'findOrCreate', parameters: { columns, matchOn }, after: withNew },
	},
	'Upsert creates': {
		...{ ...tier, operation: 'upsert', parameters: { columns, matchOn }, after: withNew },
	},
	'Upsert changes': {
		...{ ...tier, operation: 'upsert', method: 'PATCH', after: changed },
		parameters: { columns: changeOfB, matchOn },
	},
	Update: {
		...{ ...tier, operation: 'update', method: 'PATCH', after: changed },
		parameters: { ...second, columns: change },
	},
	Delete: {
		...{ ...tier, operation: 'delete', method: 'DELETE', parameters: second },
		after: (tiers) => tiers.toSpliced(1, 1),
	},
};

/** The newest first, which tells how many there are; then all others, from the oldest on. */
const pages: Record<string, { page: number; nth: number; sort: string }> = {
	'first page': { page: 1, nth: 1, sort: '-patient_id' },
	middle: { page: 1, nth: 2, sort: 'patient_id' },
	'last page': { page: 2, nth: 1, sort: 'patient_id' },
};

const practice = simulatedPractice({ patients: PATIENTS });

/** What the user gets when it went well. */
function outputOf(
	{ operation, method }: Task,
	tiers: ApiRecord[],
	patients: ApiRecord[],
): unknown[] {
	const outputs: Record<string, unknown[]> = {
		getAll: patients,
		get: [tiers[1]],
		create: [expect.objectContaining(newTier)],
		createMany: [newTier, secondTier].map((each) => expect.objectContaining(each) as unknown),
		findOrCreate: [expect.objectContaining({ ...newTier, _created: true })],
		upsert: [
			method === 'PATCH'
				? { ...tiers[1], discount_percent: 33, _action: 'updated' }
				: expect.objectContaining({ ...newTier, _action: 'created' }),
		],
		update: [{ ...tiers[1], discount_percent: 33 }],
		delete: [{ deleted: true, pricetier_id: 2 }],
	};
	return outputs[operation];
}

async function run(task: Task, rule: FaultRule): Promise<NodeResult> {
	await practice.simulator.addFault(rule);
	// Short where the time-out is the fault; long elsewhere, so that a slow machine makes none.
	const options = { timeout: rule.fault.kind === 'hang' ? 250 : 20_000 };
	const more: Partial<NodeRun> = task.items ? { items: task.items } : {};
	const parameters = { ...task.parameters, options };
	return await practice.run(task.resource, task.operation, parameters, more);
}

const cells = cellsOf(matrix);

test.each(cells)('$row: $fault → $expected', async ({ row, fault, expected }) => {
	const [name, moment = ''] = row.split(', ');
	const task = tasks[name];
	const before = await practice.simulator.records(2, TIERS);
	const isList = task.operation === 'getAll';
	const patients = isList ? await practice.simulator.records(2, '/patients') : [];
	const { method } = task;
	const { sort, ...place } = pages[moment] ?? {};
	const when = moment === 'after' ? 'after' : 'before';
	const result = await run(task, { match: { method, ...place }, when, fault: faults[fault] });

	const received = (await practice.received(method)).filter(
		({ query }) => sort === undefined || (query.page === String(place.page) && query.sort === sort),
	);
	const isDone = expected !== '?-';
	expect(await practice.simulator.records(2, TIERS)).toEqual(isDone ? task.after(before) : before);
	if (expected.startsWith('?')) {
		expect(result.error?.message).toMatch(/unknown whether EyeCloud Pro created/);
		expect(result.records).toEqual([]);
		expect(received).toHaveLength(1);
		return;
	}
	expect(result.error).toBeUndefined();
	expect(result.records).toEqual(outputOf(task, before, patients));
	expect(received).toHaveLength(Number(expected));
});
