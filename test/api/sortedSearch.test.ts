// Bisecting a sorted list: whatever the server's collation, and while records come, go and change, nobody is missed
// who was there all the time. Hundreds of lists by chance; another round by `EYECLOUDPRO_SEED=7`.
import type { IDataObject } from 'n8n-workflow';

import { seeded } from '../harness/random.ts';
import { bisect } from '../../nodes/EyeCloudPro/api/sortedSearch';
import { folded, ordersOfTexts, type WantedTexts } from '../../nodes/EyeCloudPro/api/collation';

const SEED = Number(process.env.EYECLOUDPRO_SEED ?? 1);
const LISTS = process.env.EYECLOUDPRO_LISTS === 'all' ? 200 : 60;

type Chance = () => number;
type Compare = (a: string, b: string) => number;

const pick = <T>(chance: Chance, list: readonly T[]): T => list[Math.floor(chance() * list.length)];

const plain = (key: (text: string) => string): Compare => {
	return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
};
const collator = (locale: string, options: Intl.CollatorOptions = {}): Compare =>
	new Intl.Collator(locale, options).compare;
const unmarked = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** As servers have them. */
const collations: Record<string, Compare> = {
	'Unicode, English': collator('en'),
	'Unicode, base letters': collator('en', { sensitivity: 'base' }),
	'Unicode, signs ignored': collator('en', { ignorePunctuation: true }),
	'Unicode, Swedish': collator('sv'),
	'Unicode, Danish': collator('da'),
	'binary, upper case': plain((text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())),
	binary: plain((text) => text),
	'no case, no marks': plain(unmarked),
	'marks ignored, ß as one s': plain((text) => unmarked(text).replace(/ß/g, 's')),
	'word sort': (a, b) =>
		plain((text) => unmarked(text).replace(/['-]/g, ''))(a, b) || plain(unmarked)(a, b),
};

/** Orders in which nobody can bisect. */
const nonsense: Record<string, Compare> = {
	'the sort is ignored': () => 0,
	'by length': (a, b) => a.length - b.length,
};

const SYLLABLES =
	'na nad der na a é er ñá ó çö brien mc do nald la cruz de z za y o ber ß øs łu đe æ ss i þó'.split(
		' ',
	);

/** @param spice how often it is not as most names are */
function nameBy(chance: Chance, spice: number): string {
	const parts = Array.from({ length: 1 + Math.floor(chance() * 3) }, () => pick(chance, SYLLABLES));
	const name = parts.join('');
	const capital = (text: string) => text[0].toUpperCase() + text.slice(1);
	if (chance() >= spice) return capital(unmarked(name).replace(/[^a-z]/g, 'a'));
	const [front, rest] = [name.slice(0, 2), name.slice(2)];
	return pick(chance, [
		...[name, name.toUpperCase(), capital(name), ` ${name}`, `${name} `, name.normalize('NFD')],
		...[`${front} ${rest}`, `${name[0]}'${name.slice(1)}`, `${front}-${rest}`],
		...[front + rest.toUpperCase(), `${Math.floor(chance() * 30)} ${name}`],
	]);
}

interface Person extends IDataObject {
	id: number;
	name: string | null;
}

interface Rules {
	chance: Chance;
	/** By their values, which are never both empty. */
	compare(a: Person, b: Person): number;
	spice: number;
	changing: number;
	/** More are not counted. */
	mostCounted: number;
}

/** A list that is sorted anew for each answer, and may have changed before it. */
class Server {
	answers = 0;

	/** Those that were there all the time, as they are. */
	readonly steady: Set<Person>;

	constructor(
		private people: Person[],
		private readonly rules: Rules,
	) {
		this.steady = new Set(people);
	}

	readonly read = async (page: number, pageSize: number) => {
		if (this.answers++ > 0 && this.rules.chance() < this.rules.changing) this.change();
		const sorted = this.sorted();
		const records = sorted.slice((page - 1) * pageSize, page * pageSize);
		const totalCount = Math.min(sorted.length, this.rules.mostCounted);
		const totalPages = Math.ceil(totalCount / pageSize);
		return await Promise.resolve({ records, totalCount, totalPages });
	};

	sorted(): Person[] {
		return this.people.toSorted((a, b) => this.rules.compare(a, b) || a.id - b.id);
	}

	private change(): void {
		const { chance, spice } = this.rules;
		for (let count = 1 + Math.floor(chance() * 3); count > 0; count--) {
			const what = chance();
			const one = pick(chance, this.people);
			const id = 100_000 + this.answers * 10 + count;
			if (what < 0.4 || !one) this.people.push({ id, name: nameBy(chance, spice) });
			else {
				this.steady.delete(one);
				this.people = this.people.filter((other) => other !== one);
				if (what > 0.8) this.people.push({ ...one, name: nameBy(chance, spice) });
			}
		}
	}
}

function wantedBy(chance: Chance, people: Person[], spice: number): WantedTexts {
	const one = () => (chance() < 0.7 ? pick(chance, people)?.name : null) ?? nameBy(chance, spice);
	const condition = pick(chance, ['is', 'beginsWith', 'beginsWith', 'between'] as const);
	if (condition === 'is') return { condition, text: folded(one()) || 'a' };
	if (condition === 'between') {
		const [from, to] = [folded(one()), folded(one())].sort();
		return { condition, from: from || 'a', to: to || 'b' };
	}
	return { condition, text: folded(one()).slice(0, 1 + Math.floor(chance() * 3)) || 'a' };
}

function isMeant(wanted: WantedTexts, name: string | null): boolean {
	const text = folded(name ?? '');
	if (text === '') return false;
	if (wanted.condition !== 'between') {
		return wanted.condition === 'is' ? text === wanted.text : text.startsWith(wanted.text);
	}
	return (text >= wanted.from && text <= wanted.to) || text.startsWith(wanted.to);
}

async function lookUpIn(compare: Compare, seed: number, size = 10) {
	const chance = seeded(seed);
	const spice = pick(chance, [0, 0, 0.02, 0.2, 0.9]);
	const [double, none] = [pick(chance, [0, 0, 0.5]), pick(chance, [0, 0.02, 0.3])];
	const people: Person[] = [];
	for (let id = Math.floor(chance() ** 2 * 400); id > 0; id--) {
		const isDouble = people.length > 0 && chance() < double;
		const own = isDouble ? pick(chance, people).name : nameBy(chance, spice);
		people.push({ id, name: chance() < none ? null : own });
	}
	const wanted = wantedBy(chance, people, spice);
	const [changing, empty] = [pick(chance, [0, 0, 0.2, 0.8]), pick(chance, [-1, 1])];
	const limit = pick(chance, [undefined, undefined, 1, 5, 30]);
	const mostCounted = pick(chance, [Infinity, Infinity, 2 * size, 25]);
	const server = new Server(people, {
		...{ chance, spice, changing, mostCounted },
		compare: ({ name: a }, { name: b }) => {
			if (a !== null && b !== null) return compare(a, b);
			return a === b ? 0 : a === null ? empty : -empty;
		},
	});
	const isWanted = ({ name }: IDataObject) => isMeant(wanted, name as string | null);
	const search = { field: 'name', orders: ordersOfTexts(wanted), limit, isWanted };
	const list = { firstPage: await server.read(1, size), idField: 'id', largestPage: size };
	const found = await bisect(server.read, search, list);
	const ids = found?.map(({ id }) => Number(id)) ?? [];
	const first = server.sorted().filter(isWanted).slice(0, limit);
	if (found && changing === 0) expect(found).toEqual(first);
	expect([new Set(ids).size, found?.every(isWanted) ?? true]).toEqual([ids.length, true]);
	const missed = [...server.steady].filter((one) => isWanted(one) && !ids.includes(one.id));
	if (found && ids.length !== limit) expect([seed, wanted, missed]).toEqual([seed, wanted, []]);
	expect(ids.length).toBeLessThanOrEqual(limit ?? Infinity);
	const isQuiet = changing === 0 && spice <= 0.02 && people.length <= mostCounted;
	return { isGivenUp: !found, isQuiet };
}

test.each(Object.entries(collations))('%s: nobody is missed', async (name, compare) => {
	const outcomes = [];
	for (let list = 0; list < LISTS; list++) {
		outcomes.push(await lookUpIn(compare, SEED * 1_000_003 + list * 101 + name.length));
	}
	// Names as most are, in a list that stands still: there is no need to read all.
	const usual = outcomes.filter(({ isQuiet }) => isQuiet);
	expect(usual.filter(({ isGivenUp }) => isGivenUp).length).toBeLessThan(usual.length / 10);
});

test.each(Object.entries(nonsense))('%s: given up, or nobody is missed', async (_, compare) => {
	let givenUp = 0;
	for (let list = 0; list < LISTS / 2; list++) {
		if ((await lookUpIn(compare, SEED * 7_919 + list, 50)).isGivenUp) givenUp++;
	}
	expect(givenUp).toBeGreaterThan(LISTS / 10);
});

const spellings: Record<string, string> = {
	...{ soren: 'Søren', lukasz: 'Łukasz', strauß: 'STRAUSS', aegir: 'Ægir', obrien: 'O’Brien' },
	...{ kaahumanu: 'Kaʻahumanu', 'garcia-lopez': 'García  Lopez', 'al-sayed': 'Al\u2212Sayed' },
	smith: 'Smi\u00ADth\u2060\u200E',
};

test.each(Object.entries(spellings))('%s means %s', (typed, name) => {
	expect(folded(typed)).toBe(folded(name));
});
