// The orders in which servers sort a list: texts as people read them or by their characters' numbers, numbers, times.
// Each tells whether two neighbors may stand as they do, and whether what is looked for may stand between two records.
// Where it can't be told, it may. Used by sortedSearch.ts, parameters/lookUp.ts and
// editor/listSearch.ts; redaction.ts and operations/writeResult.ts compare texts by their letters and digits.

export interface Order {
	/** Whether a list in this order may have these values one after the other. */
	allows(values: unknown[]): boolean;
	/**
	 * Whether a value that is looked for may stand between the two.
	 *
	 * @param before undefined for the beginning of the list
	 * @param after undefined for its end
	 */
	mayHold(before: unknown, after: unknown): boolean;
	/** Where between the two it is likely to stand, from 0 to 1. It only saves requests. */
	likelyPlace?(before: unknown, after: unknown): number;
}

/** Of texts: those that begin with it, those that are it, or those between two. */
export type WantedTexts =
	| { condition: 'is' | 'beginsWith'; text: string }
	| { condition: 'between'; from: string; to: string };

/** What people write for these letters whose keyboard has none of them. */
const WRITTEN_FOR: Record<string, string> = {
	...{ ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', ı: 'i' },
	...{ ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th' },
};

/** Also the okina of Hawaiian names, and primes. */
const APOSTROPHES = /['’‘‛ʻʼʹ′`´]/g;

const HYPHENS = /[\u2010-\u2015\u2212-]/g;

/** Soft hyphens, marks of the direction, and what joins. */
const UNSEEN = /[\u00AD\u200B-\u200F\u2060\uFEFF]/g;

/**
 * What people mean by the same: without case, marks and strokes, apostrophes, blanks around and what nobody sees; a
 * hyphen is a blank.
 */
export function folded(text: string): string {
	const visible = text.replace(UNSEEN, '');
	const plain = plainLetters(withoutMarks(visible).toLowerCase());
	const meant = plain.replace(APOSTROPHES, '').replace(HYPHENS, ' ').replace(/\s+/g, ' ');
	// A sign alone is meant itself.
	return meant.trim() || plain.trim();
}

function plainLetters(text: string): string {
	return text.replace(/[øłđðħŧıßæœþ]/g, (letter) => WRITTEN_FOR[letter]);
}

function withoutMarks(text: string): string {
	return text.normalize('NFKD').replace(/\p{M}+/gu, '');
}

/** Letters and digits alone, without case and accents: equal for spellings of one value. */
export function lettersAndDigits(text: string): string {
	return text
		.normalize('NFKD')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, '');
}

/** A range of numbers, such as prices, or the milliseconds of times. */
export function orderOfNumbers(
	read: (value: unknown) => number | undefined,
	{ from, to }: { from: number; to: number },
	tolerance = 0,
): Order {
	return {
		allows(values) {
			const numbers = values.map(read);
			return numbers.every((number, index) => {
				const before = index === 0 ? number : numbers[index - 1];
				return number !== undefined && before !== undefined && before <= number + tolerance;
			});
		},
		mayHold(before, after) {
			const least = before === undefined ? undefined : read(before);
			const most = after === undefined ? undefined : read(after);
			return (least ?? from) <= to + tolerance && (most ?? to) >= from - tolerance;
		},
	};
}

/** The orders in which a list of texts may be. */
export function ordersOfTexts(wanted: WantedTexts): Order[] {
	const pattern = patternOf(wanted);
	return ALPHABETS.map((alphabet) => orderOfTexts(alphabet, pattern));
}

function orderOfTexts(alphabet: Alphabet, pattern: Pattern): Order {
	const keyOf = (value: unknown) =>
		value === undefined ? undefined : Array.from(alphabet.key(textOf(value)));
	return {
		allows(values) {
			// Numbers are not sorted as texts.
			if (values.some((value) => typeof value === 'number')) return false;
			const keys = values.map((value) => keyOf(value) ?? []);
			return keys.every((key, index) =>
				COMPARED_DISTANCES.every((distance) => {
					const before = keys[index - distance];
					return before === undefined || (compareKeys(alphabet, before, key) ?? -1) <= 0;
				}),
			);
		},
		mayHold(before, after) {
			return isHeld(alphabet, [keyOf(before), keyOf(after)], pattern);
		},
		likelyPlace(before, after) {
			const least = before === undefined ? 0 : shareBefore(folded(textOf(before)));
			const most = after === undefined ? 1 : shareBefore(folded(textOf(after)));
			const wanted = shareBefore(pattern.places.map(([letter]) => letter).join(''));
			return Math.min(1, Math.max(0, (wanted - least) / (most - least) || 0));
		},
	};
}

/** By the first letters, as if each were as frequent as any other. */
function shareBefore(text: string): number {
	const letters = Array.from(text.slice(0, 6), (letter) => ASCII_LETTERS.indexOf(letter) + 1);
	return letters.reduceRight((share, place) => (place + share) / 27, 0);
}

/**
 * Values are compared at these distances: one that can't be compared may stand between two that contradict the order.
 */
const COMPARED_DISTANCES = [1, 2, 7];

function textOf(value: unknown): string {
	// An object of an API's answer may have a `toString` that is no function.
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** How a server compares texts, character by character. */
interface Alphabet {
	/** The primary sort key. */
	key(text: string): string;
	/** Negative where the one surely comes first, undefined where it can't be told. */
	compare(one: string, other: string): number | undefined;
	/** The characters that a stored text may have where the search text has this one. */
	spellings(character: string): string[];
	/** What may stand in a record at any place beside what is looked for; of signs that compare alike, one. */
	signs: string[];
}

const ASCII_LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

/** Marker: sorts after everything that begins with the letter in front of it, as å after z. */
const BEHIND = '+';

/** Any character that is none of ASCII; which one makes no difference. */
const OTHER = '\u{10FFFF}';

const [SIGN, DIGIT, LETTER, FOREIGN] = [0, 1, 2, 3];

/**
 * As dictionaries and Unicode have it: a letter with a mark counts as without, follows the letter without, or
 * follows z. Signs come first, and which of them differs from server to server.
 */
const dictionary: Alphabet = {
	signs: [' '],
	// Danish has aa for å.
	key: (text) => text.normalize('NFC').toLowerCase().replace(/\p{M}/gu, '').replace(/aa/g, 'å'),
	compare(one, other) {
		if (one === other) return 0;
		const [a, b] = [letterOf(one), letterOf(other)];
		const [rank, otherRank] = [a ? LETTER : rankOf(one), b ? LETTER : rankOf(other)];
		if (rank === otherRank && rank === SIGN) return undefined;
		// Letters that are no Latin ones may stand before these or behind.
		if (rank === FOREIGN || otherRank === FOREIGN) {
			return rank + otherRank <= FOREIGN + DIGIT ? rank - otherRank : undefined;
		}
		if (!a || !b) return rank - otherRank || one.codePointAt(0)! - other.codePointAt(0)!;
		const apart = a.place - b.place;
		if (a.isMarked && (b.isMarked || apart <= 0 || b.isBehind)) return undefined;
		if (b.isMarked && (apart >= 0 || a.isBehind)) return undefined;
		return apart || Number(a.isBehind) - Number(b.isBehind);
	},
	spellings(character) {
		if (!ASCII_LETTERS.includes(character)) return [character];
		return [character, character + BEHIND, `z${BEHIND}`, ...(ELSEWHERE[character] ?? [])];
	},
};

/** Turkish has ı before i, and Lithuanian takes y for i. */
const ELSEWHERE: Record<string, string[] | undefined> = { i: [`h${BEHIND}`], y: ['i'] };

/** The same, but hyphens and apostrophes count last, as in Windows. */
const words: Alphabet = {
	...dictionary,
	key: (text) => dictionary.key(text).replace(APOSTROPHES, '').replace(HYPHENS, ''),
};

/** The same, but all signs and blanks count last. */
const lettersAlone: Alphabet = {
	...dictionary,
	signs: [],
	key: (text) => dictionary.key(text).replace(/[^\p{L}\p{N}]/gu, ''),
};

/** By the numbers of the characters: A to Z, a to z, marked letters. */
const characters: Alphabet = {
	signs: [' ', '`', OTHER],
	key: (text) => text,
	compare(one, other) {
		if (one === other) return 0;
		const [a, b] = [one.codePointAt(0)!, other.codePointAt(0)!];
		return (a > 127 && b > 127) || (isSign(one) && isSign(other)) ? undefined : a - b;
	},
	spellings: (character) => [...new Set([character.toUpperCase(), character]), OTHER],
};

const ALPHABETS = [dictionary, words, lettersAlone, characters];

/** Undefined for what is no Latin letter. */
function letterOf(character: string) {
	const [plain] = plainLetters(withoutMarks(character).toLowerCase());
	const place = plain === undefined ? -1 : ASCII_LETTERS.indexOf(plain);
	if (place === -1) return undefined;
	const isBehind = character.endsWith(BEHIND);
	return { place, isBehind, isMarked: !isBehind && character !== plain };
}

function rankOf(character: string): number {
	if (DIGITS.includes(character)) return DIGIT;
	return /[\p{L}\p{N}]/u.test(character) ? FOREIGN : SIGN;
}

function isSign(character: string): boolean {
	return character <= '\u007F' && !/[a-z\d]/i.test(character);
}

function compareKeys(alphabet: Alphabet, one: string[], other: string[]): number | undefined {
	const length = Math.min(one.length, other.length);
	for (let index = 0; index < length; index++) {
		const compared = alphabet.compare(one[index], other[index]);
		if (compared !== 0) return compared;
	}
	return one.length - other.length;
}

/** What is looked for, folded and without signs: at each place the letters and digits that may stand there. */
interface Pattern {
	places: string[][];
	/** Whether anything may follow. */
	isOpen: boolean;
}

function patternOf(wanted: WantedTexts): Pattern {
	if (wanted.condition !== 'between') {
		const places = lettersOf(wanted.text).map((letter) => [letter]);
		return { places, isOpen: wanted.condition === 'beginsWith' };
	}
	// Where signs stand among letters differs from server to server.
	const [from, to] = [wanted.from, wanted.to].map((text) =>
		Array.from(folded(text).replace(/[^\p{L}\p{N}].*$/u, '')),
	);
	let common = 0;
	while (common < from.length && from[common] === to[common]) common++;
	const places = from.slice(0, common).map((letter) => [letter]);
	// Signs may stand between the digits and the letters.
	const all = [DIGITS, ASCII_LETTERS].find((known) => known.includes(from[common] ?? ' ')) ?? '';
	const [first, last] = [all.indexOf(from[common]), all.indexOf(to[common] ?? ' ')];
	const range = first < 0 ? '' : all.slice(first, last + 1);
	return { places: range ? [...places, Array.from(range)] : places, isOpen: true };
}

function lettersOf(text: string): string[] {
	const all = Array.from(folded(text));
	const letters = all.filter((character) => /[\p{L}\p{N}]/u.test(character));
	return letters.length > 0 ? letters : all;
}

/** The keys before and behind; undefined for the beginning and the end of the list. */
type Bounds = [before: string[] | undefined, behind: string[] | undefined];

/** Whether a text that is looked for, and begins like this, may stand between the bounds. */
function isHeld(
	alphabet: Alphabet,
	bounds: Bounds,
	pattern: Pattern,
	begun: string[] = [],
	place = 0,
): boolean {
	const [before, behind] = bounds;
	const isBehind = before ? placeOf(alphabet, begun, before) : 'behind';
	const isBefore = behind ? placeOf(alphabet, begun, behind) : 'before';
	if (isBehind === 'before' || isBefore === 'behind') return false;
	if (isBehind !== 'around' && isBefore !== 'around') return true;
	if (isBehind === 'unknown' || isBefore === 'unknown') return true;
	const isOpen = pattern.isOpen || place > pattern.places.length;
	const isDone = place >= pattern.places.length;
	if (isDone && (isOpen || isBetween(alphabet, begun, bounds))) return true;
	return nextIn(alphabet, pattern, place).some(([character, next]) =>
		isHeld(alphabet, bounds, pattern, [...begun, character], next),
	);
}

/** The characters that may come next, and the place of the pattern behind each. */
function nextIn(alphabet: Alphabet, { places }: Pattern, place: number): Array<[string, number]> {
	const next: Array<[string, number]> = [];
	for (const letter of places[place] ?? []) {
		for (const character of alphabet.spellings(letter)) next.push([character, place + 1]);
		// Some servers take ß for one s.
		const isDouble = letter === 's' && places[place + 1]?.includes('s');
		if (isDouble) next.push([alphabet.spellings('s')[0], place + 2]);
	}
	for (const sign of alphabet.signs) next.push([sign, place]);
	// What stands for several characters may go on in any way.
	const isAny = (character: string) =>
		character === OTHER || (character.length > 1 && character.endsWith(BEHIND));
	return next.map(([character, then]) => [character, isAny(character) ? Infinity : then]);
}

function isBetween(alphabet: Alphabet, text: string[], [before, behind]: Bounds): boolean {
	return (
		(!before || (compareKeys(alphabet, before, text) ?? 0) <= 0) &&
		(!behind || (compareKeys(alphabet, text, behind) ?? 0) <= 0)
	);
}

/** Where all texts that begin like this stand, to one that is known: `around` where some do before, some behind. */
function placeOf(
	alphabet: Alphabet,
	begun: string[],
	known: string[],
): 'before' | 'behind' | 'around' | 'unknown' {
	const length = Math.min(begun.length, known.length);
	for (let index = 0; index < length; index++) {
		const compared = alphabet.compare(begun[index], known[index]);
		if (compared === undefined) return 'unknown';
		if (compared !== 0) return compared < 0 ? 'before' : 'behind';
	}
	return begun.length > known.length ? 'behind' : 'around';
}
