// The orders in which servers sort a list: texts as people read them, by their characters' numbers, with or without
// case and marks; numbers; times. Each tells whether two neighbors may stand as they do, and whether what is looked
// for may stand between two records. Where it can't be told, it may. Used by lookUp.ts.

export interface Order {
	/** Whether a list in this order may have the one value before the other. */
	allows(before: unknown, after: unknown): boolean;
	/**
	 * Whether a value that is looked for may stand between the two.
	 *
	 * @param before undefined for the beginning of the list
	 * @param after undefined for its end
	 */
	mayHold(before: unknown, after: unknown): boolean;
	/**
	 * Where between the two what is looked for is likely to begin and to end, each from 0 to 1; less or more where it
	 * is rather elsewhere. It only saves requests. Undefined where nothing is known.
	 *
	 * @param before as above
	 */
	likelyPlace(before: unknown, after: unknown): [number, number] | undefined;
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

/** Soft hyphens, marks of the direction, and what joins. */
const UNSEEN = /[\u00AD\u200B-\u200F\u2060\uFEFF]/g;

/**
 * What people mean by the same: without case, marks and strokes, apostrophes, blanks around and what nobody sees; a
 * hyphen is a blank.
 */
export function folded(text: string): string {
	const visible = text.replace(UNSEEN, '');
	const plain = plainLetters(withoutMarks(visible).toLowerCase());
	const meant = plain.replace(APOSTROPHES, '').replace(/[\s\u2010-\u2015\u2212-]+/g, ' ');
	// A sign alone is meant itself.
	return meant.trim() || plain.trim();
}

function plainLetters(text: string): string {
	return text.replace(/[øłđðħŧıßæœþ]/g, (letter) => WRITTEN_FOR[letter]);
}

/** A range of numbers, such as prices, or the milliseconds of times. */
export function orderOfNumbers(
	read: (value: unknown) => number | undefined,
	{ from, to }: { from: number; to: number },
	tolerance = 0,
): Order {
	return {
		allows(before, after) {
			const [one, other] = [read(before), read(after)];
			return one !== undefined && other !== undefined && one <= other + tolerance;
		},
		mayHold(before, after) {
			const least = before === undefined ? undefined : read(before);
			const most = after === undefined ? undefined : read(after);
			return (least ?? from) <= to + tolerance && (most ?? to) >= from - tolerance;
		},
		likelyPlace(before, after) {
			const [least, most] = [read(before), read(after)];
			if (least === undefined || most === undefined || least >= most) return undefined;
			return [(from - least) / (most - least), (to - least) / (most - least)];
		},
	};
}

/** The likeliest first. */
export function ordersOfTexts(wanted: WantedTexts): Order[] {
	return ORDERS.map((rules) => orderOfTexts(rules, wanted));
}

interface TextRules {
	/** What of a text makes its place, before all else. */
	key(text: string): string;
	/** Negative where the one surely comes first, undefined where it can't be told. */
	compare(one: string, other: string): number | undefined;
	/** All that a character of what is looked for may be in a record, by the key. */
	variants(character: string): string[];
	/** What may stand in a text at any place, and what may stand for a blank. */
	signs: { ignored: string[]; blanks: string[] };
	/** Capitals stand before all small letters, so that the usual ones stand after a capital in front alone. */
	isByCase?: boolean;
}

/** Any character that is none of ASCII; which one makes no difference. */
const OTHER = '\u{10FFFF}';

const ASCII_LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

const BLANKS = [' ', '\t', '\u00A0', '-'];
const ALL_SIGNS = { ignored: ["'"], blanks: BLANKS };

/** After all that begins with the letter, which is in front of it: where it stands with a mark in some alphabets. */
const AFTER = '+';

/** As dictionaries and Unicode have it: each letter with a mark counts as without, or follows the letter without. */
const dictionary = alphabetical('after');

/** The same, but letters with marks that don't count as without follow z. */
const nordic = alphabetical('last');

function alphabetical(where: 'after' | 'last'): TextRules {
	return {
		signs: ALL_SIGNS,
		key: (text) => text.normalize('NFC').toLowerCase().replace(/\p{M}/gu, ''),
		compare(one, other) {
			if (one === other) return 0;
			const [a, b] = [letterOf(one), letterOf(other)];
			const [rank, otherRank] = [a ? LETTER : rankOf(one), b ? LETTER : rankOf(other)];
			// Signs differ from server to server, and so do letters that are no Latin ones.
			if (rank === otherRank && rank === SIGN) return undefined;
			if (rank === FOREIGN || otherRank === FOREIGN) {
				return rank + otherRank <= FOREIGN + DIGIT ? rank - otherRank : undefined;
			}
			if (!a || !b) {
				if (rank !== otherRank) return rank - otherRank;
				return one.codePointAt(0)! - other.codePointAt(0)!;
			}
			const apart = a.place - b.place;
			if (where === 'last') {
				// It may be after z.
				if (a.isMarked && (b.isMarked || apart <= 0 || b.isAfter)) return undefined;
				if (b.isMarked && (apart >= 0 || a.isAfter)) return undefined;
			} else if (one === 'ı' || other === 'ı') {
				// In Turkish it stands before i.
				if (Math.abs(apart) <= 1) return undefined;
			}
			if (apart !== 0) return apart;
			return a.isMarked || b.isMarked ? undefined : Number(a.isAfter) - Number(b.isAfter);
		},
		variants(character) {
			if (!ASCII_LETTERS.includes(character)) return [character];
			if (where === 'last') return [character, `z${AFTER}`];
			return [character, `${character}${AFTER}`, ...(character === 'i' ? [`h${AFTER}`] : [])];
		},
	};
}

/** Undefined for what is no Latin letter. */
function letterOf(character: string) {
	const [plain] = plainLetters(withoutMarks(character).toLowerCase());
	const place = plain === undefined ? -1 : ASCII_LETTERS.indexOf(plain);
	if (place === -1) return undefined;
	const isAfter = character.endsWith(AFTER);
	return { place, isAfter, isMarked: !isAfter && character !== plain };
}

/** The same, but hyphens and apostrophes count last, as in Windows. */
const words = wordsBy(dictionary);

function wordsBy(rules: TextRules): TextRules {
	return {
		...rules,
		// Where there was a hyphen there is nothing.
		signs: { ignored: [], blanks: ['', ' ', '\t', '\u00A0'] },
		key: (text) =>
			rules
				.key(text)
				.replace(APOSTROPHES, '')
				.replace(/[\u2010-\u2015\u2212-]/g, ''),
	};
}

/** The same, but all signs and blanks count last. */
const lettersAlone = lettersAloneBy(dictionary);

function lettersAloneBy(rules: TextRules): TextRules {
	return {
		...rules,
		signs: { ignored: [], blanks: [''] },
		key: (text) => rules.key(text).replace(/[^\p{L}\p{N}]/gu, ''),
	};
}

const OTHER_SIGNS = { ignored: ["'", '`'], blanks: [...BLANKS, OTHER] };

/** By the numbers of the characters in lower case: marked letters after z. */
const lowerCase: TextRules = {
	signs: OTHER_SIGNS,
	key: (text) => text.toLowerCase(),
	compare: compareCharacters,
	variants: (character) => [character, OTHER],
};

/** The same in upper case: signs such as _ stand after the letters. */
const upperCase: TextRules = {
	signs: OTHER_SIGNS,
	key: (text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
	compare: compareCharacters,
	variants: (character) => [character.toUpperCase(), OTHER],
};

/** By the numbers of the characters: A to Z, a to z, marked letters. */
const characters: TextRules = {
	signs: OTHER_SIGNS,
	key: (text) => text,
	compare: compareCharacters,
	variants: (character) => [character.toUpperCase(), character, OTHER],
	isByCase: true,
};

/** The likeliest first. */
const ORDERS = [
	...[dictionary, words, lettersAlone],
	...[nordic, wordsBy(nordic), lettersAloneBy(nordic)],
	...[lowerCase, upperCase, characters],
];

function compareCharacters(one: string, other: string): number | undefined {
	if (one === other) return 0;
	const [a, b] = [one.codePointAt(0)!, other.codePointAt(0)!];
	return a > 127 && b > 127 ? undefined : a - b;
}

const [SIGN, DIGIT, LETTER, FOREIGN] = [0, 1, 2, 3];

function rankOf(character: string): number {
	if (DIGITS.includes(character)) return DIGIT;
	if (ASCII_LETTERS.includes(character)) return LETTER;
	return /[\p{L}\p{N}]/u.test(character) ? FOREIGN : SIGN;
}

function withoutMarks(text: string): string {
	return text.normalize('NFKD').replace(/\p{M}+/gu, '');
}

function orderOfTexts(rules: TextRules, wanted: WantedTexts): Order {
	const keyOf = (value: unknown) => Array.from(rules.key(textOf(value)));
	const steps = stepsOf(rules, wanted);
	const gapOf = (before: unknown, after: unknown): Gap => ({
		before: before === undefined ? undefined : keyOf(before),
		after: after === undefined ? undefined : keyOf(after),
	});
	return {
		allows(before, after) {
			// Numbers are not sorted as texts.
			if (typeof before === 'number' || typeof after === 'number') return false;
			const [one, other] = [keyOf(before), keyOf(after)];
			return (compareKeys(rules, one, other) ?? -1) <= 0;
		},
		mayHold: (before, after) => heldIn(rules, gapOf(before, after), [], steps) !== undefined,
		likelyPlace(before, after) {
			const gap = gapOf(before, after);
			const least = gap.before ? sharesAt(rules, gap.before).least : 0;
			const most = gap.after ? sharesAt(rules, gap.after).least : 1;
			const held = heldIn(rules, gap, [], steps);
			if (!held || least >= most) return undefined;
			const own = sharesAt(rules, held);
			const last =
				wanted.condition === 'between' ? sharesAt(rules, Array.from(wanted.to)).most : own.most;
			return [(own.least - least) / (most - least), (last - least) / (most - least)];
		},
	};
}

/** How often each letter begins a last name in the US, and how often it stands elsewhere in one; a to z, of 1,000. */
const FIRST_LETTERS = [
	...[36, 90, 76, 47, 19, 35, 54, 75, 5, 30, 32, 47, 93],
	...[19, 15, 49, 2, 56, 96, 36, 3, 18, 65, 1, 6, 6],
];
const OTHER_LETTERS = [
	...[110, 17, 32, 30, 115, 12, 22, 36, 75, 3, 18, 65, 27],
	...[82, 85, 14, 2, 80, 58, 45, 36, 10, 13, 2, 20, 9],
];

/** Of the names that begin with the same letters, those that end there or go on with a sign. */
const ENDING = 90;

/** Signs, digits and letters that are no Latin ones are few, and stand at the ends. */
const LETTERS_LOOKED_AT = 12;

/** What share of all names stands before a key, and before what does no longer begin with it. */
function sharesAt(rules: TextRules, key: string[]): { least: number; most: number } {
	let [least, width] = [0, 1];
	let [ahead, shares] = [0, FIRST_LETTERS];
	for (const [index, character] of key.slice(0, LETTERS_LOOKED_AT).entries()) {
		const letter = letterOf(character);
		const place = letter?.place ?? -1;
		const isCapital = character !== character.toLowerCase();
		const isCaseOther = rules.isByCase === true && isCapital !== (index === 0);
		const isLast = !((rules.compare(character, 'z') ?? 1) <= 0);
		if (isLast || place === -1 || isCaseOther) {
			const end = isLast || (isCaseOther && !isCapital) ? least + width : least;
			return { least: end, most: end };
		}
		const all = ahead + shares.reduce((sum, share) => sum + share, 0);
		const before = ahead + shares.slice(0, place).reduce((sum, share) => sum + share, 0);
		least += (width * before) / all;
		width *= shares[place] / all;
		[ahead, shares] = [ENDING, OTHER_LETTERS];
		// Of its own, after the letter without the mark.
		if (letter?.isAfter) return { least: least + width, most: least + width };
	}
	return { least, most: least + width };
}

function textOf(value: unknown): string {
	// An object of an API's answer may have a `toString` that is no function.
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function compareKeys(rules: TextRules, one: string[], other: string[]): number | undefined {
	const length = Math.min(one.length, other.length);
	for (let index = 0; index < length; index++) {
		const compared = rules.compare(one[index], other[index]);
		if (compared !== 0) return compared;
	}
	return one.length - other.length;
}

interface Gap {
	before?: string[];
	after?: string[];
}

/** What may come next in a text that is looked for; empty where nothing has to, or nothing may. */
type Step =
	| { next: Array<{ character: string; step: Step }>; isWhole?: boolean }
	/** Whatever follows. */
	| 'anything';

function stepsOf(rules: TextRules, wanted: WantedTexts): Step {
	if (wanted.condition === 'between') return leading(rules, stepsBetween(rules, wanted));
	const keys = Array.from(rules.key(folded(wanted.text)));
	const last = wanted.condition === 'is' ? trailing(rules) : 'anything';
	return leading(rules, stepsTo(rules, keys, last));
}

function stepsTo(rules: TextRules, keys: string[], last: Step): Step {
	let [step, after]: Step[] = [last, last];
	for (let index = keys.length - 1; index >= 0; index--) {
		const here = stepTo(rules, keys[index], step);
		// Some servers take ß for one s.
		const isDouble = /^ss$/i.test(keys.slice(index, index + 2).join(''));
		if (isDouble && here !== 'anything') here.next.push({ character: keys[index], step: after });
		[step, after] = [here, step];
	}
	return step;
}

/** What both begin with, and what may follow there. */
function stepsBetween(rules: TextRules, { from, to }: { from: string; to: string }): Step {
	// Where signs stand among letters differs from server to server.
	const [keys, others] = [from, to].map((text) =>
		Array.from(folded(text).replace(/[^\p{L}\p{N}].*$/u, '')),
	);
	let common = 0;
	while (common < keys.length && keys[common] === others[common]) common++;
	const last = rangeStep(rules, keys[common], others[common]);
	return stepsTo(rules, keys.slice(0, common), last);
}

function stepTo(rules: TextRules, character: string, step: Step): Step {
	if (character === ' ') return blanks(rules, step);
	const here: Step = { next: rules.variants(character).map((variant) => stepBy(variant, step)) };
	here.next.push(...rules.signs.ignored.map((sign) => stepBy(sign, here)));
	return here;
}

/** A character with a mark may stand for several. */
function stepBy(character: string, step: Step): { character: string; step: Step } {
	const isAny = character === OTHER || (character.length > 1 && character.endsWith(AFTER));
	return { character, step: isAny ? 'anything' : step };
}

/** One blank or more, or what stands for one. */
function blanks(rules: TextRules, step: Step): Step {
	const more: Step = step === 'anything' ? step : { next: [...step.next], isWhole: step.isWhole };
	const signs = rules.signs.blanks.filter((sign) => sign !== '');
	if (more !== 'anything') more.next.push(...signs.map((sign) => stepBy(sign, more)));
	if (rules.signs.blanks.includes('')) return more;
	const here: Step = { next: signs.map((sign) => stepBy(sign, more)) };
	here.next.push(...rules.signs.ignored.map((sign) => stepBy(sign, here)));
	return here;
}

/** Any number of blanks and signs in front. */
function leading(rules: TextRules, step: Step): Step {
	if (step === 'anything') return step;
	const begin: Step = { next: [...step.next], isWhole: step.isWhole };
	begin.next.push(...around(rules).map((sign) => stepBy(sign, begin)));
	return begin;
}

function trailing(rules: TextRules): Step {
	const end: Step = { next: [], isWhole: true };
	// The mark of the last letter may be a character of its own.
	end.next.push(...around(rules).map((sign) => stepBy(sign, end)));
	return end;
}

function around({ signs: { ignored, blanks: all } }: TextRules): string[] {
	return [...all.filter((sign) => sign !== ''), ...ignored];
}

/** One of the letters or digits from the one to the other; whatever it may be where that can't be told. */
function rangeStep(rules: TextRules, from?: string, to?: string): Step {
	// Signs may stand between the digits and the letters.
	const all = [DIGITS, ASCII_LETTERS].find((known) => known.includes(from ?? ' '));
	const [first, last] = [all?.indexOf(from ?? '') ?? -1, all?.indexOf(to ?? ' ') ?? -1];
	if (!all || last < first) return 'anything';
	const next = Array.from(all)
		.slice(first, last + 1)
		.flatMap((character) => rules.variants(character))
		.map((variant) => ({ character: variant, step: 'anything' as const }));
	return { next };
}

/** The beginning of a text that goes on by the step and may stand in the gap; undefined where none may. */
function heldIn(rules: TextRules, gap: Gap, begun: string[], step: Step): string[] | undefined {
	const isAfter = gap.before ? placeOf(rules, begun, gap.before) : 'after';
	const isBefore = gap.after ? placeOf(rules, begun, gap.after) : 'before';
	if (isAfter === 'before' || isBefore === 'after') return undefined;
	if (isAfter === 'unknown' || isBefore === 'unknown' || step === 'anything') return begun;
	if (isAfter === 'after' && isBefore === 'before') return goneOn(begun, step);
	if (step.isWhole && isWithin(rules, gap, begun)) return begun;
	for (const { character, step: next } of step.next) {
		const held = heldIn(rules, gap, [...begun, character], next);
		if (held) return held;
	}
	return undefined;
}

/** All of it fits: as it is most likely to go on. */
function goneOn(begun: string[], step: Step): string[] {
	const text = [...begun];
	for (let at = step; at !== 'anything' && !at.isWhole && at.next.length > 0; ) {
		const [{ character, step: next }] = at.next;
		text.push(character);
		at = next;
	}
	return text;
}

function isWithin(rules: TextRules, { before, after }: Gap, text: string[]): boolean {
	return (
		(!before || (compareKeys(rules, before, text) ?? 0) <= 0) &&
		(!after || (compareKeys(rules, text, after) ?? 0) <= 0)
	);
}

/** Where all texts that begin like this stand, to one that is known: `around` where some do before, some after. */
function placeOf(
	rules: TextRules,
	begun: string[],
	known: string[],
): 'before' | 'after' | 'around' | 'unknown' {
	const length = Math.min(begun.length, known.length);
	for (let index = 0; index < length; index++) {
		const compared = rules.compare(begun[index], known[index]);
		if (compared === undefined) return 'unknown';
		if (compared !== 0) return compared < 0 ? 'before' : 'after';
	}
	return begun.length > known.length ? 'after' : 'around';
}
