// What the API says about an input, without the input, which may be a patient's. Sentences of validators are
// known by their words, and keep the field's name, limits and patterns; of all others stay the words that name nobody
// alone. Whatever was sent goes in any spelling. Called where errors are made.

/** A text that nobody reads to its end; the API's longest are lists of what is wrong with each record. */
const LONGEST_MESSAGE = 50_000;

/** Stands where something was left out. */
const MASK = '…';

/** The words that validators make their sentences of; nobody is known by one of them. */
const VOCABULARY = new Set(
	`a above all allowed alpha already an and any array as at be below between blank boolean but by bytes can
	cannot characters contain contains date decimal default defined does duplicate each element elements email
	empty equal exactly exist exists expected fails false field fields followed format found from future greater
	guid has have if in inclusive integer into invalid inverted is iso item items its key keys larger least length
	less limit long lowercase lowercased match matches max maximum may min minimum missing more most multiple must
	negative no non not null number numeric object of on one only optional or pattern peer peers places positive
	present record records required safe same shorter should single string than that the this time timestamp to
	trimmed true type types undefined unique unknown unsafe uppercase uppercased uri url uuid valid value values
	whole with within without yyyy mm dd ddthh hh ss 8601`.split(/\s+/),
);

/** What was sent, as it compares. */
export interface RequestValues {
	/** The names of fields and parameters: those are no secret. */
	names: ReadonlySet<string>;
	/** Whole values, folded. */
	values: ReadonlySet<string>;
	/** Words of values, folded. */
	words: ReadonlySet<string>;
	/** Numbers that the user may see: the practice. */
	shown: ReadonlySet<string>;
	longest: number;
}

/** What of a list's request is the node's own or names a field. */
const NO_VALUES = new Set(['page', 'page_size', 'sort']);

/** @param sent query and body, nested no deeper than what can be sent */
export function requestValues(sent: unknown, practiceId = ''): RequestValues {
	const names = new Set<string>();
	const values = new Set<string>();
	const words = new Set<string>();
	let longest = 0;
	const visit = (value: unknown) => {
		if (typeof value === 'object' && value !== null) {
			for (const [name, inner] of Object.entries(value)) {
				if (!Array.isArray(value)) names.add(name);
				if (!NO_VALUES.has(name)) visit(inner);
			}
		}
		if (typeof value !== 'string' && typeof value !== 'number') return;
		const text = String(value).slice(0, LONGEST_MESSAGE);
		// As Germans write it where there are no dots.
		for (const spelling of new Set([text, text.replace(/[äöü]/gi, '$&e')])) {
			const whole = folded(spelling);
			if (whole.length < 2) continue;
			values.add(whole);
			longest = Math.max(longest, whole.length);
			for (const { fold } of wordsOf(spelling)) {
				if (fold.length >= 2 && !VOCABULARY.has(fold)) words.add(fold);
			}
		}
	};
	visit(sent);
	return { names, values, words, longest, shown: new Set([practiceId]) };
}

/** The text as people read it: whatever it was escaped for, and in one form of Unicode. */
export function unescaped(message: string): string {
	let text = message.slice(0, LONGEST_MESSAGE);
	for (let times = 0; times < 3; times++) {
		const before = text;
		text = text
			.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6}));/gi, (_, decimal?: string, hex?: string) =>
				character(decimal ? Number(decimal) : Number.parseInt(hex ?? '', 16)),
			)
			.replace(/&([a-z]+);/gi, (entity, name: string) => ENTITIES[name.toLowerCase()] ?? entity)
			.replace(/&([a-z])(?:acute|grave|circ|uml|tilde|cedil|ring|caron|slash);/gi, '$1')
			.replace(/\\u([\da-f]{4})/gi, (_, hex: string) => character(Number.parseInt(hex, 16)))
			.replace(/(?:%[\da-f]{2})+/gi, percentDecoded);
		if (text === before) break;
	}
	return text.normalize('NFKC').slice(0, LONGEST_MESSAGE);
}

const ENTITIES: Record<string, string> = {
	...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', lsquo: '‘', rsquo: '’' },
	...{ ldquo: '“', rdquo: '”', szlig: 'ß', commat: '@', period: '.', sol: '/', hyphen: '-' },
};

function character(code: number): string {
	return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
}

function percentDecoded(escaped: string): string {
	try {
		return decodeURIComponent(escaped);
	} catch {
		return ' ';
	}
}

/** Joi quotes what it was given; whatever is in it would take the message apart in the wrong place. */
const QUOTE = ' with value "';
const END_OF_QUOTE = /" (?=fails to match the |matches the inverted )/g;

/** The message without the values that Joi quotes in it. */
export function withoutQuotedInput(message: string): string {
	const kept: string[] = [];
	let from = 0;
	for (;;) {
		const start = message.indexOf(QUOTE, from);
		END_OF_QUOTE.lastIndex = start + QUOTE.length;
		const end = start < 0 ? null : END_OF_QUOTE.exec(message);
		if (!end) return kept.join('') + message.slice(from);
		kept.push(message.slice(from, start), ' ');
		from = end.index + 2;
	}
}

const QUOTED =
	/"[^"]*(?:"|$)|“[^”]*(?:”|$)|«[^»]*(?:»|$)|`[^`]*(?:`|$)|(?<![\p{L}\p{N}])['‘].*?['’](?![\p{L}\p{N}])/gu;

const MONTH = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';

/** Tokens, addresses, days, times, and numbers that may be a phone's, an SSN or anything else of a person. */
const PERSONAL = [
	/(?:Bearer\s+)?[\w.~+/=-]{40,}|Bearer\s+\S+/g,
	/[^\s"'<>()[\],;:]+@[^\s"'<>()[\],;]*/g,
	/\d{1,4}[-/.\u2010-\u2015]\d{1,2}(?:[-/.\u2010-\u2015]\d{1,4})?/g,
	new RegExp(
		`(?:\\d{1,4}(?:st|nd|rd|th)?(?: of)?[\\s.,/-]*)?\\b(?:${MONTH})[a-z]*\\b\\.?(?:[\\s,./-]*\\d{1,4}(?:st|nd|rd|th)?)+|\\d{1,4}(?:st|nd|rd|th)?(?: of)?[\\s.,/-]*(?:${MONTH})[a-z]*`,
		'gi',
	),
	/\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[ap]\.?m\b)?/gi,
	/\+?\(?\d(?:[\s().,/\u2010-\u2015-]*\d){6,}/g,
	/\d{1,3}(?:[,. ]\d{3})+|\d{4,}/g,
];

/** A validator's pattern or list of what is allowed, at the end of its sentence. */
const RULE = /(?:pattern: \/.*\/[a-z]*|(?:one of|be|contain) (\[[^\]]*\]))$/s;

/**
 * One sentence of the API, unescaped and without quoted input, as it may be shown.
 *
 * @param name the field that it begins with, bare or quoted, if it does
 */
export function redact(sentence: string, sent: RequestValues, name = ''): string {
	const start = sentence.startsWith(`"${name}"`) ? name.length + 2 : name.length;
	const isNamed = name !== '';
	const rule = RULE.exec(sentence);
	const ruleAt = rule && isNamed ? rule.index : sentence.length;
	const words = wordsOf(sentence);
	const isKnown =
		isNamed &&
		words.every(
			({ at, fold }) =>
				at < start || at >= ruleAt || VOCABULARY.has(fold) || /^\d{1,10}$/.test(fold),
		);
	const masked = new Uint8Array(sentence.length);
	const mask = (from: number, to: number) => masked.fill(1, from, to);
	for (const { 0: quoted, index } of isKnown ? [] : sentence.matchAll(QUOTED)) {
		const inner = quoted.slice(1, -1);
		if (!isName(inner, sent) && !isScopeName(inner)) mask(index, index + quoted.length);
	}
	// Of a known sentence only a list of what is allowed may hold anything of this kind.
	const anythingFrom = !isKnown ? 0 : rule?.[1] ? ruleAt : sentence.length;
	for (const looks of PERSONAL) {
		for (const { 0: found, index } of sentence.matchAll(looks)) {
			if (index >= anythingFrom && !sent.shown.has(found)) mask(index, index + found.length);
		}
	}
	maskSent(words, sent, isKnown, mask);
	if (!isKnown) maskUnknown(words, sentence, sent, mask);
	if (isNamed && (isName(name, sent) || (isKnown && isPlainName(name, sent)))) {
		masked.fill(0, 0, start);
	} else mask(0, isNamed ? start : 0);
	return withMasks(sentence, masked);
}

/** Marks each run of words that was sent, as a whole or as one of a value's words, or that holds it. */
function maskSent(
	words: Word[],
	{ values, words: sentWords, longest, shown }: RequestValues,
	isKnown: boolean,
	mask: (from: number, to: number) => void,
): void {
	// What validators say, and what is too short to tell anybody.
	const isLimit = (fold: string) =>
		isKnown && (VOCABULARY.has(fold) || fold.length < 3 || /^\d{3}$/.test(fold));
	const isSent = (fold: string) => values.has(fold) || sentWords.has(fold);
	for (const [index, { at, end, fold }] of words.entries()) {
		const isOrdinary = VOCABULARY.has(fold);
		let joined = '';
		for (let next = index; next < words.length && next < index + MOST_WORDS; next++) {
			joined += words[next].fold;
			if (joined.length > longest) break;
			if (next === index && isLimit(fold)) continue;
			if (values.has(joined) && !shown.has(joined)) mask(at, words[next].end);
		}
		if (isOrdinary || shown.has(fold) || isLimit(fold)) continue;
		if (isSent(fold) || partsOf(fold).some(isSent)) mask(at, end);
	}
}

/** What APIs say of what they are about: with the validators' words, all that stays of a sentence of unknown shape. */
const NAMELESS = new Set(
	`able about accept accepted access account action active activity add added addons addr address after again age
	also always amount api application appointment appointments are assigned associated attempt authorization
	authorized available bad balance bearer because been before belongs between birth body booked born both
	broken bulk call canceled cancelled capacity category change changed chart check city clash client close
	closed cloud code column comment company complete conflict conflicting conflicts connect connected connection
	constraint contact contactlenses contents context conversion could country create created credential credentials
	currently customer data database day days delete deleted denied description details did didn disabled dob doctor
	doesn don done duplicated duration during ehr employee employees enabled ended ending ends ensure enter entity
	entries entry error errors exceeded exceeds existing expired extension eye eyecloud fail failed family fault feature
	fee few fields file fill filter filters first following for forbidden foreign frame frames full
	gateway gender given group guarantor had hasn haven header headers here home hours how http https id
	identical identifier ids inactive incomplete incorrect index information insert insufficient insurance internal
	introduced invoice invoices isn issue job json just jwt known label large last later left lens lenses line list
	location locked login longer loop lower made main make malformed many me medical member merchandise message
	method middle minutes misc missed mobile modified months mrn multiple name named names needed needs network new
	next nickname nobody note notes nothing now npi oauth object occurred odd of offer offered office old once open
	operation operations optical order orders other others our out outside overlap overlaps own owner page paid
	parameter parameters parse parsed part pass past patient patients pay payload payment permission permissions
	permitted person personal phone place plan please possible postal practice practices preferred prescription
	previous price pricebook pricebooks prices pricetiers primary pro process processed product proffees provided
	provider quantity query range rate reach reached read reason recall received recognized recognised refer
	reference references referenced refused register registered reject rejected related remove request requests
	require requires reserved resource resources response result retry right row rows same saved save schedule
	scheduled scope scopes search second secondary seconds section see sent server service set sign similar simulated
	sku slot slots some somebody someone something sort source specified sql ssn staff start started starts state
	status still stop store stores such supplied support supported syntax system t table taken tax team
	temporarily than them then there these they tier tierprices timeout timezone title today token tomorrow too
	total try twice unable unauthorized unavailable under unexpected unknown unprocessable unsupported until
	update updated updates upper us use used user users uses using validate validated validation vendor version
	via violates violation visit was wasn we week weeks were what when where whether which while who
	why won work would write written wrong wrongly year years yesterday yet you your zip zone
	into its it itself s says say said`.split(/\s+/),
);

/** Of a sentence of unknown shape: every word by which somebody may be known, names and what ails them alike. */
function maskUnknown(
	words: Word[],
	sentence: string,
	sent: RequestValues,
	mask: (from: number, to: number) => void,
): void {
	// Names of fields are several words here.
	const named = Array.from(sentence.matchAll(/\w+(?:[.:]\w+)*/g)).flatMap(({ 0: token, index }) =>
		isName(token, sent) || isScopeName(token) ? [{ from: index, to: index + token.length }] : [],
	);
	let next = 0;
	for (const { at, end, fold } of words) {
		while (next < named.length && named[next].to <= at) next++;
		const isNamed = next < named.length && named[next].from <= at;
		if (!isNamed && !isNameless(fold) && !sent.shown.has(fold)) mask(at, end);
	}
}

function isNameless(fold: string): boolean {
	return VOCABULARY.has(fold) || NAMELESS.has(fold) || /^\d{1,3}$/.test(fold);
}

const MOST_WORDS = 12;

/** Shorter ones are in many a word by chance. */
const SHORTEST_PART = 4;

function partsOf(fold: string): string[] {
	const parts: string[] = [];
	if (fold.length > 40) return parts;
	for (let from = 0; from + SHORTEST_PART <= fold.length; from++) {
		for (let to = from + SHORTEST_PART; to <= fold.length; to++) parts.push(fold.slice(from, to));
	}
	return parts;
}

function withMasks(sentence: string, masked: Uint8Array): string {
	const kept: string[] = [];
	for (let at = 0; at < sentence.length; at++) {
		if (!masked[at]) kept.push(sentence[at]);
		else if (!masked[at - 1]) kept.push(MASK);
	}
	// What stands between two of them alone tells how a value is built.
	return kept.join('').replace(/…(?:[^\p{L}\p{N}"]*…|T…|Z\b)+/gu, MASK);
}

/** The name of a field, or a path of such: one that was sent, or of words that name nobody. */
function isName(name: string, sent: RequestValues): boolean {
	return stepsOf(name).every(
		(step) =>
			sent.names.has(step) ||
			(/^[a-z]\w*$/.test(step) &&
				step.split('_').every((word) => word === '' || isNameless(word)) &&
				isPlainName(step, sent)),
	);
}

/** One that may be shown where the rest of the sentence holds nothing. */
function isPlainName(name: string, sent: RequestValues): boolean {
	return stepsOf(name).every((step) => {
		if (sent.names.has(step)) return true;
		let isSent = false;
		maskSent(wordsOf(step.replaceAll('_', ' ')), sent, false, () => (isSent = true));
		return /^[a-z_]\w{0,60}$/i.test(step) && !/\d{4}/.test(step) && !isSent;
	});
}

/** `[1].name_last`, `patients[2].address.city`: its names. */
function stepsOf(name: string): string[] {
	const steps = name.replace(/\[\d{1,6}\]/g, '').split('.');
	return steps.length > 1 || /^\w*\[\d/.test(name) ? steps.filter(Boolean) : steps;
}

const VERBS = new Set(['create', 'read', 'update', 'delete', 'access', 'write']);

/**
 * A scope of known words: documented as `verb:path`, such as `read:pricebooks:lenses`, or in another form, such as
 * `patients.read`. Somebody's name may stand in its place.
 *
 * @param path of the request: its words are known as well
 */
export function isScopeName(value: unknown, path = ''): value is string {
	if (typeof value !== 'string' || value.length > 100) return false;
	if (!/^[a-z]{1,40}(?:[:./_-][a-z]{1,40})+$/i.test(value)) return false;
	const words = value.toLowerCase().split(/[:./_-]/);
	const known = new Set(path.toLowerCase().split(/[/_-]/));
	return (
		words.some((word) => VERBS.has(word)) &&
		words.every((word) => NAMELESS.has(word) || VERBS.has(word) || known.has(word))
	);
}

/** What the API lists as scopes, in any form; not to be shown. */
export function isScopeLike(value: unknown): value is string {
	return (
		typeof value === 'string' &&
		/^[\w]+(?:[:./-][\w-]+)*$/.test(value.slice(0, 101)) &&
		value.length <= 100
	);
}

interface Word {
	at: number;
	end: number;
	fold: string;
}

function wordsOf(text: string): Word[] {
	return Array.from(text.matchAll(/[\p{L}\p{N}\p{M}]+/gu), ({ 0: word, index }) => ({
		at: index,
		end: index + word.length,
		fold: folded(word),
	}));
}

const LETTERS: Record<string, string> = {
	...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', þ: 'th', ı: 'i' },
};

/** Letters and digits alone, without case and accents: equal for spellings of one value. */
function folded(text: string): string {
	return text
		.normalize('NFKD')
		.toLowerCase()
		.replace(/[ßæœøđðłþı]/g, (letter) => LETTERS[letter])
		.replace(/[^\p{L}\p{N}]+/gu, '');
}
