// Return All over lists that change under its hands: the result is what the API holds at the end, or an
// error; and nothing is read twice without need.
import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../../nodes/EyeCloudPro/api/errors';
import { ListReading } from '../../nodes/EyeCloudPro/api/listReading';
import { readList } from '../../nodes/EyeCloudPro/api/pagination';
import { LivingList } from './livingList.ts';
import { seeded } from './modelledServer.ts';

const request = { segments: ['patients'], query: {}, idFields: ['patient_id'] };
const idsOf = (records: IDataObject[]) => records.map(({ patient_id }) => Number(patient_id));

test.each([0, 1, 249, 250, 251, 10_000])(
	'%i records that nobody changes: each page once, in order',
	async (count) => {
		const list = new LivingList(count);
		const records = await readList(list.client(), request);
		expect(idsOf(records)).toEqual(idsOf(list.records));
		expect(list.pages).toHaveLength(Math.max(1, Math.ceil(count / 250)));
		expect(new Set(list.pages).size).toBe(list.pages.length);
	},
);

test('200,000 records: 800 requests, in a moment of the processor', async () => {
	const list = new LivingList(200_000);
	const startMs = performance.now();
	const records = await readList(list.client(), request);
	expect(performance.now() - startMs).toBeLessThan(4_000);
	expect(records).toHaveLength(200_000);
	expect(new Set(idsOf(records)).size).toBe(200_000);
	expect(list.pages).toHaveLength(800);
});

describe('a practice that gains records all the time', () => {
	/** A record each second of the clock, at the end of the list. */
	function growEachSecond(list: LivingList) {
		let nextMs = list.clock.now() + 500;
		list.beforeAnswer = () => {
			for (; nextMs <= list.clock.now(); nextMs += 1_000) list.append();
		};
	}

	test.each([0, 1, 2, 3, 4])('40 pages: no more than their end again (seed %i)', async (seed) => {
		const list = new LivingList(10_000 - 3);
		const random = seeded(seed);
		list.latencyMs = () => 800 + random() * 400;
		growEachSecond(list);
		const records = await readList(list.client(), request);
		expect(idsOf(records)).toEqual(idsOf(list.records));
		expect(records.length).toBeGreaterThan(9_997);
		expect(list.pages.length).toBeLessThanOrEqual(44);
	});

	test('400 pages under the rate limit, four minutes long', async () => {
		const list = new LivingList(100_000 - 100);
		growEachSecond(list);
		const records = await readList(list.client(100), request);
		expect(idsOf(records)).toEqual(idsOf(list.records));
		expect(records.length).toBeGreaterThan(100_000);
		expect(list.pages.length).toBeLessThanOrEqual(405);
	});

	test('one at every request', async () => {
		const list = new LivingList(9_990);
		list.beforeAnswer = () => list.append();
		const records = await readList(list.client(), request);
		expect(idsOf(records)).toEqual(idsOf(list.records));
		expect(list.pages.length).toBeLessThanOrEqual(44);
	});
});

describe('what only one check notices', () => {
	/** Changes the list as the request of that number comes in. */
	function changeAt(list: LivingList, changes: Record<number, () => void>) {
		list.beforeAnswer = () => changes[list.pages.length]?.();
	}

	test('a record added among pages that were read: the next page brings one twice', async () => {
		const list = new LivingList(10_005);
		changeAt(list, { 20: () => list.insert(10) });
		expect(idsOf(await readList(list.client(), request))).toEqual(idsOf(list.records));
	});

	/** A page of a list of five to a page, by the ids on it. */
	const pageOf = (totalCount: number, ...ids: number[]) => ({
		records: ids.map((patient_id) => ({ patient_id })),
		...{ totalCount, totalPages: Math.ceil(totalCount / 5) },
	});

	test('a deletion that additions hide: the end does not begin as it did', () => {
		const list = new ListReading(pageOf(7, 1, 2, 3, 4, 5), 5, 'patient_id');
		list.end(list.begin(), 1, pageOf(7, 6, 7));
		expect(list.missing()).toEqual([]);
		list.end(list.begin(), 1, pageOf(8, 6, 7, 8));
		expect(list.missing()).toEqual([]);
		// 3 was deleted, and two were added.
		list.end(list.begin(), 1, pageOf(9, 7, 8, 9, 10));
		expect(list.missing()).toEqual([0, 1]);
	});

	test('a deletion whose answer overtakes the one before it', () => {
		const list = new ListReading(pageOf(14, 1, 2, 3, 4, 5), 5, 'patient_id');
		const [earlier, later] = [list.begin(), list.begin()];
		list.end(later, 2, pageOf(14, 12, 13, 14, 15));
		// It was sent first, so the list had 15 then, and one was deleted since.
		list.end(earlier, 1, pageOf(15, 6, 7, 8, 9, 10));
		expect(list.missing()).toEqual([0, 1, 2]);
	});
});

describe('records come, go and change at any place', () => {
	const kinds = ['append', 'insert', 'delete', 'edit'] as const;
	const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

	/** Changes at about every so-many-th request, as often as the budget allows. */
	function changeAtRandom(list: LivingList, random: () => number) {
		const every = [2, 5, 20][Math.floor(random() * 3)];
		let budget = 1 + Math.floor(random() * 12);
		list.latencyMs = () => 20 + random() * [0, 10, 300][Math.floor(random() * 3)];
		list.beforeAnswer = () => {
			if (budget === 0 || random() * every > 1) return;
			budget--;
			const position = Math.floor(random() * list.records.length);
			list[kinds[Math.floor(random() * kinds.length)]](position);
		};
	}

	async function tryToRead(list: LivingList, limit?: number): Promise<IDataObject[] | undefined> {
		try {
			return await readList(list.client(), { ...request, limit });
		} catch (error) {
			expect(error).toBeInstanceOf(ApiError);
			expect((error as ApiError).kind).toBe('inconsistent');
			return undefined;
		}
	}

	test.each(seeds)('all of them, or an error (seed %i)', async (seed) => {
		const random = seeded(seed * 7_919);
		const list = new LivingList(500 + Math.floor(random() * 6_000));
		changeAtRandom(list, random);
		const records = await tryToRead(list);
		if (records) expect(idsOf(records)).toEqual(idsOf(list.records));
		expect(list.pages.length).toBeLessThanOrEqual(6 * (1 + Math.ceil(list.records.length / 250)));
	});

	test.each(seeds)('the first of them, or an error (seed %i)', async (seed) => {
		const random = seeded(seed * 104_729);
		const list = new LivingList(2_000);
		changeAtRandom(list, random);
		const records = await tryToRead(list, 1_100);
		if (records) expect(idsOf(records)).toEqual(idsOf(list.records.slice(0, 1_100)));
	});

	test('most of them end well', async () => {
		let complete = 0;
		for (const seed of seeds) {
			const random = seeded(seed * 7_919);
			const list = new LivingList(500 + Math.floor(random() * 6_000));
			changeAtRandom(list, random);
			if (await tryToRead(list)) complete++;
		}
		expect(complete).toBeGreaterThan(seeds.length * 0.9);
	});
});

describe('a deletion that an addition hides', () => {
	/** Before the request of that number, counted from 1, is answered. */
	function swapBefore(list: LivingList, request: number, position: number) {
		let requests = 0;
		list.beforeAnswer = () => {
			if (++requests !== request) return;
			list.delete(position);
			list.append();
		};
	}

	/** Each record that was there all the while came out once; nothing else but what came or went. */
	async function expectNoGap(list: LivingList, requestsPerMinute?: number) {
		const before = idsOf(list.records);
		const records = idsOf(await readList(list.client(requestsPerMinute), request));
		const after = new Set(idsOf(list.records));
		const lasting = before.filter((id) => after.has(id));
		const result = new Set(records);
		expect(result.size).toBe(records.length);
		expect(lasting.filter((id) => !result.has(id))).toEqual([]);
	}

	// 24 pages, more than are under way at a time, so that before and after are different moments.
	test.each([10, 12, 15, 18, 20, 24])('before request %i', async (nth) => {
		for (const position of [3, 400, 1_700, 3_000, 4_100, 5_990]) {
			const list = new LivingList(6_000);
			swapBefore(list, nth, position);
			await expectNoGap(list);
		}
	});

	test.each([24, 20, 12, 7])('while page %i is tried again', async (page) => {
		for (const position of [3, 1_400, 2_749]) {
			const list = new LivingList(6_000);
			let isFirstTry = true;
			list.beforeAnswer = () => {
				if (list.pages.at(-1) !== page) return;
				if (isFirstTry) list.failing = true;
				else {
					list.delete(position);
					list.append();
					list.beforeAnswer = () => {};
				}
				isFirstTry = false;
			};
			await expectNoGap(list);
		}
	});

	test('while the first page waits for the others under the rate limit', async () => {
		const list = new LivingList(2_000);
		swapBefore(list, 2, 100);
		list.latencyMs = () => 10;
		await expectNoGap(list, 1);
	});
});

test('the log tells counts and times, and nothing of a record', async () => {
	const list = new LivingList(1_000);
	const query = { email: 'someone@example.com' };
	await readList(list.client(2), { ...request, query });
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
	const client = list.client();
	list.failures = 2;
	const body = { name_last: 'Someone', email: 'someone@example.com' };
	await client.request({
		method: 'PATCH',
		segments: ['patients', '4711'],
		query: { q: 'x1' },
		body,
	});
	expect(list.lines).toHaveLength(2);
	for (const [index, line] of list.lines.entries()) {
		expect(line).toMatch(/^EyeCloud Pro: try \d of PATCH patients in \d+\.\d s$/);
		expect(line).toContain(`try ${index + 2}`);
	}
});
