// Return All over lists that change under its hands, by the hand of a test and by chance: all that was there all the
// while comes out, once, and nothing that never was; with no more requests than are needed.
import type { IDataObject } from 'n8n-workflow';

import { countList, readList, type ListRequest } from '../../nodes/EyeCloudPro/api/pagination';
import { LivingList, type Entry, type Ways } from '../harness/changingList.ts';
import { seeded } from '../harness/random.ts';

jest.setTimeout(120_000);

const request: ListRequest = { segments: ['patients'], query: {}, idFields: ['patient_id'] };
const idsOf = (records: IDataObject[]) => records.map(({ patient_id }) => patient_id as number);
/** Full pages end a list only where nothing comes after them. */
const pagesFor = (count: number, size = 250) => Math.floor(count / size) + 1;

/** Reads it, and says what is wrong with the outcome: nothing, in the best case. */
async function read(
	list: LivingList,
	asked: Partial<ListRequest> = {},
	requestsPerMinute?: number,
) {
	const startMs = list.clock.now();
	const client = list.client(requestsPerMinute);
	const records = await readList(client, { ...request, ...asked });
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

type Row = [string, number, Ways, Partial<ListRequest>, number];

test.each<Row>([
	...[0, 1, 37, 249, 250, 251, 500, 501, 9_999, 10_000, 10_001, 200_000].map(
		(length): Row => ['as documented', length, {}, {}, pagesFor(length)],
	),
	['behind a filter', 1_234, {}, { query: { x: '1' } }, 5],
	// The API refuses the sort by such an ID.
	...[3, 250, 10_000].map(
		(length): Row => ['without IDs', length, {}, { idFields: ['guid'] }, pagesFor(length) + 1],
	),
	['IDs that are numbers as texts', 1_234, { ids: 'digits' }, {}, 5],
	// The order of their creation is asked for, once.
	['GUIDs', 1_234, { ids: 'guids' }, {}, 6],
	['texts', 1_234, { ids: 'texts' }, {}, 6],
	['GUIDs, no dates', 1_234, { ids: 'guids', sortable: ['patient_id', 'name'] }, {}, 6],
	['no sort by ID', 1_234, { sortable: ['name'] }, {}, 6],
	['no sort by ID, but by date', 1_234, { sortable: ['create_date'] }, {}, 6],
	['a sort that is ignored', 1_234, { ignoresSort: true }, {}, 5],
	['a sort that is ignored, and GUIDs', 1_234, { ignoresSort: true, ids: 'guids' }, {}, 5],
	['a count as text', 1_234, { count: String }, {}, 5],
	['pages that are smaller than asked for', 1_234, { largestPage: 100 }, {}, 15],
	['counted later than read', 1_234, { readsAfterMs: () => 30 }, {}, 5],
	['204 for an empty list', 0, { noContent: true }, {}, 1],
	['204 after the end', 500, { noContent: true, ids: 'guids', sortable: ['patient_id'] }, {}, 4],
	// As many as a server may well put on a page.
	['a round number', 50, {}, {}, 2],
	['a round number of GUIDs', 50, { ids: 'guids' }, {}, 2],
	['a round number, limited', 50, {}, { limit: 250 }, 2],
	['uncounted', 37, { count: () => undefined }, {}, 2],
	['uncounted, limited', 37, { count: () => undefined }, { limit: 250 }, 3],
	['uncounted, and too few for a page', 3, { count: () => undefined }, {}, 1],
])(
	'%s, %i records: each once, with just enough requests',
	async (name, length, ways, asked, requests) => {
		const list = new LivingList(length, ways);
		const { records, wrong } = await read(list, asked);
		expect([records.length, wrong, list.requests]).toEqual([length, [], requests]);
		if (name === 'as documented') expect(records).toEqual(list.entries);
	},
);

const counts: Record<string, Ways['count']> = {
	counted: (count) => count,
	uncounted: () => undefined,
	'a count of null': () => null,
	'a count of -1': () => -1,
	'a count of 0': () => 0,
	'the count of the page': (_, shown) => shown,
};

const otherServers = Object.entries(counts).flatMap(
	([said, count]): Array<[string, Ways]> => [
		...[10, 30, 50, 200].map((largestPage): [string, Ways] => [
			`at most ${largestPage} a page, ${said}`,
			{ largestPage, count },
		]),
		[`always 10 a page, ${said}`, { fixedPage: 10, count }],
		...[5, 50].map((allowedPage): [string, Ways] => [
			`more than ${allowedPage} a page refused, ${said}`,
			{ allowedPage, count },
		]),
		[`a join lists some twice, ${said}`, { doubleEach: 50, count }],
	],
);

test.each(otherServers)('%s: each record once', async (_name, ways) => {
	const { largestPage, fixedPage, allowedPage = 250, doubleEach } = ways;
	const size = largestPage ?? fixedPage ?? allowedPage;
	for (const length of [0, 3, size - 1, size, size + 1, 505]) {
		for (const more of [{}, { ignoresSort: true }, { ids: 'guids' as const }]) {
			const list = new LivingList(length, { ...ways, ...more });
			for (const asked of [{}, { sort: 'name' }, { limit: 5 }, { limit: 250 }]) {
				if (asked.limit && doubleEach) continue;
				const { ids, wrong } = await read(list, asked);
				const wanted = Math.min(asked.limit ?? Infinity, length);
				expect([ids.length, asked.limit ? [] : wrong]).toEqual([wanted, []]);
			}
			const count = await countList(list.client(), request);
			if (!doubleEach) expect(count.totalCount).toBe(length);
		}
	}
});

test.each([7, 10, 37, 50])('%i records, of which every page has all, uncounted', async (length) => {
	for (const ignoresSort of [false, true]) {
		const list = new LivingList(length, { count: () => undefined, ignoresPage: true, ignoresSort });
		expect([(await read(list)).ids.length, (await read(list)).wrong]).toEqual([length, []]);
		expect((await countList(list.client(), request)).totalCount).toBe(length);
	}
});

test.each([
	[0, 1],
	[3, 1],
	[1_234, 1],
	[10_001, 1],
	[100, 2],
	// As many as the smallest page, and as somebody may have set for the most that is counted.
	[5, 2],
	[10_000, 2],
])('Count: %i records by %i requests', async (length, requests) => {
	const list = new LivingList(length);
	expect((await countList(list.client(), request)).totalCount).toBe(length);
	expect(list.asked[0].size).toBe(5);
	expect(list.requests).toBe(requests);
});

test('Count: no more are counted than 10,000', async () => {
	for (const most of [100, 500, 10_000]) {
		const list = new LivingList(12_345, { count: (count) => Math.min(count, most) });
		expect((await countList(list.client(), request)).totalCount).toBe(12_345);
	}
});

test('always 100 a page, and no more than 1,000 counted', async () => {
	const list = new LivingList(1_005, { fixedPage: 100, count: (count) => Math.min(count, 1_000) });
	expect((await read(list)).ids).toHaveLength(1_005);
});

test.each(['name,patient_id', 'name,-patient_id', '-name,patient_id'])(
	'by %s: one moves to the front while it is read',
	async (sort) => {
		const list = new LivingList(750);
		list.beforeLook = () => {
			const names = list.entries.map(({ name }) => name).sort();
			const last = names[sort.startsWith('-') ? 20 : 730];
			const position = list.entries.findIndex(({ name }) => name === last);
			if (list.requests > 1) list.beforeLook = () => {};
			if (list.requests > 1) list.edit(position, { name: sort.startsWith('-') ? 'z' : 'a' });
		};
		expect((await read(list, { sort })).wrong).toEqual([]);
	},
);

test.each(['patient_id', '-patient_id'])('GUIDs by %s come in their order', async (sort) => {
	const list = new LivingList(600, { ids: 'guids' });
	const { ids } = await read(list, { sort });
	const inOrder = list.entries.map(({ patient_id }) => String(patient_id)).sort();
	expect(ids).toEqual(sort.startsWith('-') ? inOrder.reverse() : inOrder);
});

test.each(['name', 'create_date'])(
	'no sort but by %s, whose equal values come in another order each time: never a part',
	async (field) => {
		for (const length of [251, 300, 501, 1_000]) {
			const random = seeded(length);
			const list = new LivingList(length, { sortable: [field], tieOrder: random });
			for (const [position] of list.entries.entries()) {
				list.edit(position, { [field]: list.entries[position % 7][field] as string });
			}
			const outcome = await read(list).catch((thrown: unknown) => String(thrown));
			const isWhole = typeof outcome === 'object' && outcome.ids.length === length;
			expect(isWhole || /kept changing|does not fit/.test(String(outcome))).toBe(true);
			expect(list.requests).toBeLessThan(600);
		}
	},
);

test.each([2, 3, 4, 5, 6, 7, 8, 9])(
	'%i pages: one added early, one deleted and one added before a late page',
	async (pages) => {
		for (const late of [pages, pages - 1]) {
			for (const position of [3, 130, 260, 250 * (pages - 1) - 1]) {
				const list = new LivingList(pages * 250 - 20);
				list.latencyMs = () => (list.requests > 1 && list.asked.at(-1)?.page === late ? 9_000 : 50);
				let looks = 0;
				list.beforeLook = () => {
					looks++;
					if (looks === 2) list.add();
					if (looks !== pages) return;
					list.delete(position);
					list.add();
				};
				expect((await read(list)).wrong).toEqual([]);
			}
		}
	},
);

test.each([1, 2, 3, 5, 8])('answer %i comes empty, and records come and go', async (nth) => {
	for (const position of [3, 700, 1_300, 1_990]) {
		const list = new LivingList(2_000);
		list.fault = (number) => (number === nth ? 'empty' : undefined);
		list.beforeLook = () => {
			if (list.requests !== 9) return;
			list.delete(position);
			list.add();
			list.beforeLook = () => {};
		};
		expect((await read(list)).wrong).toEqual([]);
		expect(list.requests).toBeLessThanOrEqual(17);
	}
});

test('one added and one deleted with every third request, of 6,000', async () => {
	for (const position of [0, 17, 3_000, 5_900]) {
		const list = new LivingList(6_000);
		let looks = 0;
		list.beforeLook = () => {
			if (++looks % 3 > 0) return;
			list.delete(position);
			list.add();
		};
		expect((await read(list)).wrong).toEqual([]);
		expect(list.requests).toBeLessThanOrEqual(2 * 24);
	}
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

/** A server that counts and reads in two queries, one after the other, in either order or in any. */
const twoQueries = (sooner: number, later: number) => (random: () => number) => ({
	readsAfterMs: () => sooner + random() * (later - sooner),
});

/** Every list of the table with `EYECLOUDPRO_LISTS=all`, which takes minutes; else a fifth of them. */
const isAll = process.env.EYECLOUDPRO_LISTS === 'all';

describe.each<[string, number, Ways | ((random: () => number) => Ways), Partial<ListRequest>]>([
	['IDs that grow', 3_000, {}, {}],
	['IDs that grow, the last first', 200, {}, { sort: '-patient_id' }],
	['digits', 100, { ids: 'digits' }, {}],
	['by name', 200, {}, { sort: 'name' }],
	['GUIDs by date', 200, { ids: 'guids' }, {}],
	['no IDs to sort by, but dates', 500, { sortable: ['name', 'create_date'] }, {}],
	['GUIDs alone', 200, { ids: 'guids', sortable: ['patient_id'] }, {}],
	['behind a filter', 200, { isShown: ({ name }) => name !== 'name 7' }, { query: { x: '1' } }],
	['counted earlier than read', 500, twoQueries(0, 30), {}],
	['read earlier than counted', 500, twoQueries(-30, 0), {}],
	['counted and read at a time', 3_000, twoQueries(-30, 30), {}],
	['counted earlier than read, by name', 200, twoQueries(-30, 30), { sort: 'name' }],
	['the count of the page', 500, { count: (_, shown) => shown }, {}],
	['no count', 500, { count: () => undefined }, {}],
	['no more counted than a page', 500, { count: (count) => Math.min(count, 250) }, {}],
	['no more counted than 750', 500, { count: (count) => Math.min(count, 750) }, {}],
	['no more counted than 1,111', 500, { count: (count) => Math.min(count, 1_111) }, {}],
	['fewer counted than shown', 500, { count: (count) => Math.min(count, 3) }, {}],
	['always 10 a page, uncounted', 50, { fixedPage: 10, count: () => undefined }, {}],
	['at most 5 a page, uncounted', 50, { allowedPage: 5, count: () => undefined }, {}],
	['by name, 750 counted', 500, { count: (count) => Math.min(count, 750) }, { sort: 'name' }],
])('by chance: %s', (_name, mostSeeds, ways, asked) => {
	const seeds = isAll ? mostSeeds : mostSeeds / 5;
	test(`${seeds} lists`, async () => {
		const wrong: string[] = [];
		const requests = { sent: 0, needed: 0 };
		for (let seed = 1; seed <= seeds; seed++) {
			const list = unsteadyList(seed, typeof ways === 'function' ? ways(seeded(seed)) : ways);
			const { fixedPage, allowedPage = 250 } = list.ways;
			const needed = pagesFor(list.entries.length, fixedPage ?? allowedPage);
			const outcome = await read(list, asked).catch((thrown: unknown) => ({
				wrong: [String(thrown)],
			}));
			wrong.push(...outcome.wrong.map((text) => `${seed}: ${text}`));
			requests.sent += list.requests;
			requests.needed += needed;
		}
		expect(wrong).toEqual([]);
		// Where no page can be laid across an edge, that is found out first.
		expect(requests.sent / requests.needed).toBeLessThan('fixedPage' in ways ? 3 : 2.5);
	}, 300_000);
});

test('the log tells counts and times, and nothing of a record', async () => {
	const list = new LivingList(999);
	await read(list, { query: { email: 'someone@example.com' } }, 2);
	expect(list.lines.join('\n')).toMatch(
		/^EyeCloud Pro: waited 60\.\d s for the rate limit of patients$/m,
	);
	expect(list.lines.at(-1)).toMatch(
		/^EyeCloud Pro: read 4 pages of \/patients in 60\.\d s, 0 retries, 0 repairs$/,
	);
	expect(list.lines.join()).not.toMatch(/someone|example|email|list 0/);
});

test('nor does it tell what was sent, where a request goes again', async () => {
	const list = new LivingList(1);
	let tries = 0;
	// The first one is taken for the token's, which can't be read here.
	list.fault = () => (++tries <= 3 ? 'status' : undefined);
	const body = { name_last: 'Someone', email: 'someone@example.com' };
	const segments = ['patients', '4711'];
	await list.client().request({ method: 'PATCH', segments, query: { q: 'x1' }, body });
	expect(list.lines).toHaveLength(2);
	for (const [index, line] of list.lines.entries()) {
		expect(line).toMatch(/^EyeCloud Pro: try \d of PATCH patients in \d+\.\d s$/);
		expect(line).toContain(`try ${index + 3}`);
	}
});
