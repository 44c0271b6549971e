// Return All over lists of every kind, quiet ones and such as change under its hands by chance: all that was there all
// the while comes out, once, and nothing that never was; with no more requests than are needed.
import type { IDataObject } from 'n8n-workflow';

import { countList, readList, type ListRequest } from '../../nodes/EyeCloudPro/api/pagination';
import { seeded } from '../harness/random.ts';
import { LivingList, type Entry, type Ways } from './changingList.ts';

const request: ListRequest = { segments: ['patients'], query: {}, idFields: ['patient_id'] };
const idsOf = (records: IDataObject[]) => records.map(({ patient_id }) => patient_id as number);
/** Full pages end a list only where nothing comes after them. */
const pagesFor = (count: number) => Math.floor(count / 250) + 1;

/** Reads it, and says what is wrong with the outcome: nothing, in the best case. */
async function read(list: LivingList, asked: Partial<ListRequest> = {}) {
	const startMs = list.clock.now();
	const records = await readList(list.client(), { ...request, ...asked });
	const ids = idsOf(records);
	const read = new Set<unknown>(ids);
	const missing = list.lasting(startMs).filter((id) => !read.has(id));
	const wrong = [
		...missing.map((id) => `${id} is missing`),
		...(read.size < ids.length ? ['one came twice'] : []),
		...ids.filter((id) => !list.ever.has(id)).map((id) => `${id} never was`),
	];
	return { records, ids, wrong };
}

/** The first answer like that is cut, once, or is that to another page, as often as said. */
function onceShort(sort: string, page: number, length: number, times = 1): Ways {
	let left = times;
	return {
		answers: (records, asked) =>
			asked.sort === sort && asked.page === page && left-- > 0 ? records.slice(0, length) : records,
	};
}
function pageTwice(times = 2) {
	let left = times;
	return (page: number, sort: string) =>
		page === 2 && sort === 'patient_id' && left-- > 0 ? 1 : page;
}
const oneDate = { sortable: ['name', 'create_date'], date: () => '2026-01-01' };

type Row = [string, number, Ways, Partial<ListRequest>, number];

const uncounted = { count: () => undefined };

test.each<Row>([
	...[0, 1, 249, 250, 251, 500, 10_001, 200_000].map(
		(length): Row => ['as documented', length, {}, {}, pagesFor(length)],
	),
	['behind a filter', 1_234, {}, { query: { x: '1' } }, 5],
	// The API refuses the sort by such an ID.
	['without IDs', 1_250, {}, { idFields: ['guid'] }, 7],
	['IDs that are numbers as texts', 1_234, { ids: 'digits' }, {}, 5],
	// The order of their creation is asked for, once.
	['GUIDs', 1_234, { ids: 'guids' }, {}, 6],
	['GUIDs, no dates', 1_234, { ids: 'guids', sortable: ['patient_id', 'name'] }, {}, 6],
	['no sort by ID', 1_234, { sortable: ['name'] }, {}, 6],
	['no sort by ID, but by date', 1_234, { sortable: ['create_date'] }, {}, 6],
	['one date, no sort by ID', 499, oneDate, {}, 3],
	['one date, no sort by ID', 749, oneDate, {}, 4],
	['one date, no sort by ID, behind a filter', 499, oneDate, { query: { x: '1' } }, 3],
	['one date, no sort by ID, no count', 749, { ...oneDate, ...uncounted }, {}, 7],
	['one date, no sort by ID, 100 a page', 199, { ...oneDate, largestPage: 100 }, {}, 5],
	[
		'a date of three at the edge of a page, no sort by ID',
		499,
		{ ...oneDate, date: (nth) => `2026-01-01 ${[249, 251].includes(nth) ? 1_250 : 1_000 + nth}` },
		{},
		3,
	],
	...[0, 100].map(
		(length): Row => [
			`no count, the first page once ${length}`,
			750,
			{ ...uncounted, ...onceShort('patient_id', 1, length) },
			{},
			11,
		],
	),
	[
		'no count, 100 a page, the first once 50',
		750,
		{ ...uncounted, largestPage: 100, ...onceShort('patient_id', 1, 50) },
		{},
		19,
	],
	['page 2 twice as page 1', 750, { pageFor: pageTwice() }, {}, 17],
	['a sort that is ignored', 1_234, { ignoresSort: true }, {}, 5],
	['a sort that is ignored, the newest first', 1_234, { ignoresSort: 'newestFirst' }, {}, 10],
	['a sort that is ignored, and GUIDs', 1_234, { ignoresSort: true, ids: 'guids' }, {}, 5],
	['a count as text', 1_234, { count: String }, {}, 5],
	['pages that are smaller than asked for', 1_234, { largestPage: 100 }, {}, 15],
	['counted later than read', 1_234, { readsAfterMs: () => 30 }, {}, 5],
	// As many as a server may well put on a page.
	['a round number', 50, {}, {}, 2],
	['uncounted', 37, uncounted, {}, 2],
	['uncounted, and too few for a page', 3, uncounted, {}, 1],
	['uncounted, always all', 37, { ...uncounted, ignoresPage: true, ignoresSort: true }, {}, 4],
])(
	'%s, %i records: each once, with just enough requests',
	async (name, length, ways, asked, most) => {
		const list = new LivingList(length, ways);
		const { records, wrong } = await read(list, asked);
		expect([records.length, wrong, list.requests]).toEqual([length, [], most]);
		if (name === 'as documented') expect(records).toEqual(list.entries);
	},
);

/** What servers say beside a page, whatever they put on it. */
const counts: Record<string, Ways['count']> = {
	counted: (count) => count,
	uncounted: () => undefined,
	'a count of 0': () => 0,
	'the count of the page': (_, shown) => shown,
};

test.each(
	Object.entries(counts).flatMap(
		([said, count]): Array<[string, number, Ways]> => [
			[`at most 50 a page, ${said}`, 50, { largestPage: 50, count }],
			[`always 10 a page, ${said}`, 10, { fixedPage: 10, count }],
		],
	),
)('%s: each record once', async (_name, size, ways) => {
	for (const length of [0, 3, size - 1, size, size + 1, 505]) {
		for (const more of [{}, { ignoresSort: true }, { ids: 'guids' as const }]) {
			const list = new LivingList(length, { ...ways, ...more });
			for (const asked of [{}, { sort: 'name' }, { limit: 5 }, { limit: 250 }]) {
				const { ids, wrong } = await read(list, asked);
				const wanted = Math.min(asked.limit ?? Infinity, length);
				expect([ids.length, asked.limit ? [] : wrong]).toEqual([wanted, []]);
			}
			expect((await countList(list.client(), request)).totalCount).toBe(length);
		}
	}
});

test.each<[string, Ways, Partial<ListRequest>]>([
	['no IDs, and always the same page', { ignoresPage: true }, { idFields: ['guid'] }],
	['page 2 is always page 1', { pageFor: pageTwice(Infinity) }, {}],
])('%s: a sentence, soon', async (_name, ways, asked) => {
	const list = new LivingList(750, ways);
	await expect(read(list, asked)).rejects.toThrow(/kept changing|does not fit/);
	expect(list.requests).toBeLessThan(60);
});

test.each([
	[1_000, 250, 1],
	[600, 50, 4],
])(
	'Limit %i, %i a page, a deletion each %i answers: none is missing',
	async (limit, size, each) => {
		const list = new LivingList(750, { largestPage: size });
		let looks = 0;
		list.beforeLook = () => void (looks++ % each === each >> 1 && list.delete(0));
		const { ids } = await read(list, { limit, sort: 'patient_id' });
		const last = ids[ids.length - 1];
		const there = list.lasting(list.clock.now()).filter((id) => Number(id) <= last);
		expect(there.filter((id) => !ids.includes(Number(id)))).toEqual([]);
	},
);

test('Count asks once, for a page of the smallest size', async () => {
	const list = new LivingList(1_234);
	expect((await countList(list.client(), request)).totalCount).toBe(1_234);
	expect(list.asked).toEqual([{ page: 1, size: 5, sort: '' }]);
	// One that counts without the filter shows by the page how many there are.
	const filtered = new LivingList(3, { count: () => 300 });
	expect((await countList(filtered.client(), request)).totalCount).toBe(3);
});

test.each(['patient_id', '-patient_id'])('GUIDs by %s come in their order', async (sort) => {
	const list = new LivingList(600, { ids: 'guids' });
	const { ids } = await read(list, { sort });
	const inOrder = list.entries.map(({ patient_id }) => String(patient_id)).sort();
	expect(ids).toEqual(sort.startsWith('-') ? inOrder.reverse() : inOrder);
});

test.each(['name', 'create_date'])(
	'no sort but by %s, whose equal values come in another order each time: never a part',
	async (field) => {
		for (const length of [251, 501, 1_000]) {
			const list = new LivingList(length, { sortable: [field], tieOrder: seeded(length) });
			for (const [position] of list.entries.entries()) {
				list.edit(position, { [field]: list.entries[position % 7][field] as string });
			}
			const outcome = await read(list).catch((thrown: unknown) => String(thrown));
			const isWhole = typeof outcome === 'object' && outcome.ids.length === length;
			expect(isWhole || /kept changing/.test(String(outcome))).toBe(true);
		}
	},
);

test('an ID that several records have tells none of them apart', async () => {
	const list = new LivingList(1_234, { sortable: ['owner', 'create_date'] });
	for (const [at] of list.entries.entries()) list.edit(at, { owner: `o${at % 300}` });
	expect((await read(list, { idFields: ['owner'] })).ids).toHaveLength(1_234);
});

/** Records come, go, change and come back; answers are late, empty or none at all; as often as chance will have it. */
function unsteadyList(seed: number, ways: Ways): LivingList {
	const random = seeded(seed * 7_919);
	const oneOf = <Value>(...values: Value[]) => values[Math.floor(random() * values.length)];
	const list = new LivingList(oneOf(3, 250, 500, 999, 1_001, Math.floor(random() * 4_000)), ways);
	const [spreadMs, faults] = [oneOf(0, 20, 300), oneOf(0, 0, 0.02)];
	list.latencyMs = () => 5 + random() * spreadMs + (random() < 0.01 ? 3_000 : 0);
	list.fault = () => (random() < faults ? oneOf('status', 'empty') : undefined);
	const [everyMs, deletions] = [oneOf(Infinity, 5, 20, 100, 400), oneOf(0, 0.2, 0.5, 0.9)];
	const deleted: Entry[] = [];
	let nextMs = list.clock.now() + everyMs;
	list.beforeLook = () => {
		for (; nextMs <= list.clock.now(); nextMs += everyMs * (0.5 + random())) {
			const chance = random();
			const position = Math.floor(random() * list.entries.length);
			// Often at the edge of a page.
			const edge = random() < 0.3 ? position - (position % 250) : position;
			if (chance < deletions) deleted.push(...list.delete(edge));
			else if (chance < deletions + 0.05)
				list.edit(position, { name: oneOf('name 7', `x${chance}`) });
			else if (chance < deletions + 0.08) list.restore(deleted.pop());
			else list.add();
		}
	};
	return list;
}

/** A server that counts and reads in two queries, one after the other, in either order. */
const twoQueries = (random: () => number) => ({ readsAfterMs: () => random() * 60 - 30 });

/** Every list of the table with `EYECLOUDPRO_LISTS=all`, which takes minutes; else a tenth of them. */
const share = process.env.EYECLOUDPRO_LISTS === 'all' ? 1 : 0.1;

type Scenery = [string, number, Ways | ((random: () => number) => Ways), Partial<ListRequest>];

const growing: Scenery[] = [
	['IDs that grow', 3_000, {}, {}],
	['IDs that grow, the last first', 200, {}, { sort: '-patient_id' }],
	['by name', 300, {}, { sort: 'name' }],
	['GUIDs by date', 300, { ids: 'guids' }, {}],
	['counted and read at a time', 3_000, twoQueries, {}],
	['counted and read at a time, by name', 200, twoQueries, { sort: 'name' }],
	['no count', 300, uncounted, {}],
	['no more counted than 750', 300, { count: (count) => Math.min(count, 750) }, {}],
];
/** Where nothing tells new records from others, a list that never holds still ends in a sentence. */
const others: Scenery[] = [
	['dates alone', 300, { sortable: ['name', 'create_date'] }, {}],
	['GUIDs alone', 300, { ids: 'guids', sortable: ['patient_id'] }, {}],
	['behind a filter', 300, { isShown: ({ name }) => name !== 'name 7' }, { query: { x: '1' } }],
];

test.each([
	...growing.map((row) => [...row, 'always whole'] as const),
	...others.map((row) => [...row, 'whole, or no list'] as const),
])(
	'by chance: %s',
	async (_name, seeds, ways, asked, outcome) => {
		const wrong: string[] = [];
		const requests = { sent: 0, needed: 0 };
		let refused = 0;
		for (let seed = 1; seed <= seeds * share; seed++) {
			const list = unsteadyList(seed, typeof ways === 'function' ? ways(seeded(seed)) : ways);
			requests.needed += pagesFor(list.entries.length);
			const { wrong: found } = await read(list, asked).catch((thrown: unknown) => {
				if (outcome === 'always whole' || !/kept changing/.test(String(thrown))) throw thrown;
				refused++;
				return { wrong: [] };
			});
			wrong.push(...found.map((text) => `${seed}: ${text}`));
			requests.sent += list.requests;
		}
		expect(wrong).toEqual([]);
		expect(refused).toBeLessThan(0.5 * seeds * share);
		if (outcome === 'always whole') expect(requests.sent / requests.needed).toBeLessThan(2.5);
	},
	600_000,
);

test('the log tells counts and times, and nothing of what was read or sent', async () => {
	const list = new LivingList(999);
	await readList(list.client(2), { ...request, query: { email: 'someone@example.com' } });
	expect(list.lines.join('\n')).toMatch(
		/^EyeCloud Pro: waited 60\.\d s for the rate limit of patients$/m,
	);
	expect(list.lines.at(-1)).toMatch(
		/^EyeCloud Pro: read 4 pages of \/patients in 60\.\d s, 0 retries, 0 repairs$/,
	);
	expect(list.lines.join()).not.toMatch(/someone|example|email|list 0/);
	const one = new LivingList(1);
	let tries = 0;
	// The first one is taken for the token's, which can't be read here.
	one.fault = () => (++tries <= 3 ? 'status' : undefined);
	const segments = ['patients', '4711'];
	await one.client().request({ method: 'GET', segments, query: { email: 'someone@example.com' } });
	const line = (nth: number) =>
		expect.stringMatching(`^EyeCloud Pro: try ${nth} of GET patients in [0-9.]+ s$`);
	expect(one.lines).toEqual([line(3), line(4)]);
});
