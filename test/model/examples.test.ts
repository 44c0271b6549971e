// What went wrong once: work that was done twice or in the wrong place, and what went missing or came for everybody.
// Written from what users were told would hold.
import { simulatedPractice, mapped } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { differencesOf } from './balance.ts';
import { play, simulated } from './play.ts';
import type { CaseItem, Nothing, SettingsCase } from './settingsCase.ts';

simulated();
const practice = simulatedPractice({ patients: 48 });

const [create, createMany, findOrCreate] = [
	{ operation: 'create', resource: 'patient' },
	{ operation: 'createMany', resource: 'patient', batchSize: 1 },
	{ operation: 'findOrCreate', resource: 'patient', matchOn: ['email'] },
] as const satisfies Array<Partial<SettingsCase>>;
const [update, remove] = (['update', 'delete'] as const).map((operation) => ({
	...{ operation, resource: 'priceTier' as const },
}));
const [get, getAll, count] = (['get', 'getAll', 'count'] as const).map((operation) => ({
	...{ operation, resource: 'patient' as const },
}));
const continuing = [
	{ onError: 'continueRegularOutput', tries: 3 },
	{ onError: 'continueErrorOutput', tries: 5 },
] as const;
const nothings: Nothing[] = ['undefined', 'null', 'blank'];

/** Each with each. */
function crossed<A extends object, B extends object>(some: readonly A[], others: readonly B[]) {
	return some.flatMap((one) => others.map((other) => ({ ...one, ...other })));
}

const runs = (...items: CaseItem[]) => ({ runs: [items] });
const refused = (times?: number): CaseItem => ({ fault: { how: 'refused', times } });

const examples: Record<string, SettingsCase[]> = {
	'Retry On Fail, and the first item is refused for good, or its outcome is unknown': crossed(
		continuing,
		[
			{ ...create, ...runs(refused(99), {}, {}, {}) },
			{ ...create, ...runs({ fault: { how: 'reset' } }, {}, {}) },
			{ ...create, ...runs({ fault: { how: 'reset', after: true } }, {}, {}) },
			{ ...createMany, batchSize: 2, ...runs(refused(99), {}, {}, {}) },
			{ ...remove, ...runs({ fails: 'refused' }, {}, {}) },
		],
	),
	'the Retry button, after the third item failed': [create, createMany].flatMap((settings) => [
		{ ...settings, ...runs({}, {}, refused(), {}), retries: [{}] },
		{ ...settings, ...runs({}, {}, refused(), {}), retries: [{ restarted: true }] },
	]),
	'the Retry button of the first execution once more': [create, createMany, findOrCreate].map(
		(settings) => ({
			...settings,
			...runs({}, refused(1), {}, refused(1), {}),
			retries: [{}, { ofFirst: true }, {}],
		}),
	),
	'n8n died in the second of two nodes, and another process goes on': crossed(
		[create, createMany, remove],
		(['withoutProgress', 'withProgress', 'recovered', 'recoveredWithProgress'] as const).map(
			(killed) => ({
				...({ killed, killedInSecond: true, nodes: 2 } as const),
				...{
					runs: [[{}, {}], [{}]],
					retries: [{ restarted: true as const }, {}],
				},
			}),
		),
	),
	'a column with another value at each try': [
		{ ...create, ...runs({}, {}, refused(), {}), varies: true, tries: 2 },
	],
	'the option Practice Client ID is an expression that gives nothing': crossed(
		[create, createMany, findOrCreate, update, remove],
		nothings.map((practice) => runs({}, { practice })),
	),
	'the Practice Client ID of the credential is an expression': [
		...[create, createMany, findOrCreate, get, count].map((settings) => ({
			...{ ...settings, practiceIn: 'credential' as const },
			...runs({ practice: 123 }, {}, { practice: 123 }),
		})),
	],
	'a filter, an ID or a field to match on that gives nothing': nothings.flatMap((fails) => [
		...[get, getAll, count, update, remove].map((one) => ({ ...one, ...runs({ fails }) })),
		...crossed(
			[getAll, count].map((one) => ({ ...one, resource: 'frame' as const })),
			[{ onError: 'continueRegularOutput' as const, ...runs({}, { fails }, {}) }],
		),
		{ ...findOrCreate, ...runs({ fails }, {}) },
		{ ...findOrCreate, ...runs({ fails }, {}), automatic: true },
	]),
	'Create Many with one expression that throws, or gives no practice': crossed(
		[{ ...createMany, batchSize: undefined }],
		continuing.flatMap(({ onError }) => [
			{ onError, ...runs({}, { fails: 'throws' }, {}) },
			{ onError, ...runs({}, { practice: 'null' }, {}) },
		]),
	),
};

test.each(Object.entries(examples))('%s', async (_, cases) => {
	for (const settings of cases) {
		expect([settings, differencesOf(await play(settings))]).toEqual([settings, []]);
	}
});

test('230 executions at once, in each of which something is refused at first', async () => {
	const times = 230;
	const settings: SettingsCase = {
		...{ operation: 'create', resource: 'priceTier', ...runs({}, refused(times)) },
		...{ tries: 5, atOnce: times, automatic: true },
	};
	expect(differencesOf(await play(settings))).toEqual([]);
}, 120_000);

const morning = { patient_id: 1001, start_date: '2031-07-01T09:00:00' };
const afternoon = { patient_id: 1001, start_date: '2031-07-01T14:30:00', store_id: 1 };
const frame = { description: 'Half round', brand: 'Example', price: 99 };

/** One record is there; whether Find or Create takes it for the item. */
test.each<[string, string, IDataObject, IDataObject, boolean]>([
	['appointment', '/appointments', morning, afternoon, false],
	['appointment', '/appointments', morning, { ...morning, store_id: 1 }, true],
	[
		'frame',
		'/pricebooks/frames',
		{ sku: '2025-01-15 Smith' },
		{ ...frame, sku: '2025-01-15 Jones' },
		false,
	],
	...['miscellaneous', 'cell_code', 'phone_model'].map(
		(name): [string, string, IDataObject, IDataObject, boolean] => [
			...(['frame', '/pricebooks/frames'] as const),
			...([{ [name]: 'A-12' }, { ...frame, [name]: 'B-12' }, false] as const),
		],
	),
])(
	'Find or Create, %s: %s %j is taken for %j: %s',
	async (resource, path, known, item, isFound) => {
		const [name] = Object.keys(known);
		if (!['sku', 'patient_id'].includes(name)) {
			await practice.simulator.addField({ path, name, value: 'none' });
		}
		await practice.simulator.addRecord(2, path, { ...known });
		const names = Object.keys(item).map((field) => [field, `={{ $json.${field} }}`]);
		const parameters = { columns: mapped(Object.fromEntries(names)), matchOn: Object.keys(known) };
		const more = { items: [item], timezone: 'UTC' };
		const { error, records } = await practice.run(resource, 'findOrCreate', parameters, more);
		expect([error, records[0]?._created]).toEqual([undefined, !isFound]);
	},
);

test('Find or Create refuses where records come back that lack the field to match on', async () => {
	const record = { patient_id: 1001, name_first: 'Ann', name_last: 'Lee', mobile: '5125550142' };
	const pagination = { page: 1, page_size: 250, total_pages: 1, total_count: 1 };
	await practice.simulator.addFault({
		match: { method: 'GET', times: 9 },
		fault: { kind: 'status', status: 200, body: { data: [record], pagination } },
	});
	const columns = mapped({ name_first: 'Ann', name_last: 'Lee', phone: '5125550142' });
	const parameters = { columns, matchOn: ['phone'] };
	const { error } = await practice.run('patient', 'findOrCreate', parameters);
	expect(await practice.received('POST')).toEqual([]);
	expect(`${error?.message} ${error?.description}`).toMatch(/phone/i);
});
