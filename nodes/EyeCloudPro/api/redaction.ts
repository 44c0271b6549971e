// What the API says about an input, without the input, which may be a patient's. A word is shown only where it is on
// a list: the words that validators make their sentences of, and what APIs speak of otherwise. Any other word, each
// number that is no limit, and whatever was sent becomes "…". Called where errors are made.
import { lettersAndDigits } from './collation';

/** A text that nobody reads to its end; the API's longest are lists of what is wrong with each record. */
const LONGEST_MESSAGE = 50_000;

/** Stands where something was left out. */
const MASK = '…';

/** The words that validators make their sentences of; nobody is known by one of them. */
const VALIDATORS_WORDS = new Set(
	`a above all allowed alpha already an and any array as at be below between blank boolean but by
	bytes can cannot characters contain contains date decimal default defined does duplicate each
	element elements email empty equal exactly exist exists expected fails false field fields
	followed format found from future greater guid has have if in inclusive integer into invalid
	inverted is iso item items its key keys larger least length less limit long lowercase
	lowercased match matches max maximum may min minimum missing more most multiple must negative
	no non not null number numeric object of on one only optional or pattern peer peers places
	positive present record records required safe same shorter should single string than that the
	this time timestamp to trimmed true type types undefined unique unknown unsafe uppercase
	uppercased uri url uuid valid value values whole with within without yyyy mm dd ddthh hh ss`.split(
		/\s+/,
	),
);

/** What APIs speak of otherwise, of business, scheduling, stock and technique: none is a name or an illness. */
const OTHER_WORDS = new Set(
	`8601 able about accept accepted access account action active activity add added addons addr
	address administrator administrators after again age ahead also always amount another api
	application apply appointment appointments approved are assign assigned assignment associated
	attached attempt authorization authorized automatic available axis bad balance barcode batch
	because been before belongs billing birth blocked body book booked booking bookings born both
	broken bulk calendar call cancel canceled cancellation cancelled capacity category change
	changed charge charged charges chart check city clash client close closed cloud code color
	column combination comment company complete completed configuration confirm confirmed conflict
	conflicting conflicts connect connected connection constraint contact contactlenses contents
	context conversion could count country create created credential credentials currently custom
	customer daily data database dates day days deadlock delay delete deleted deletion denied
	dependent description details device diagnosis did didn digit digits directory disabled
	discontinued discount do dob doctor doesn don done double download due duplicated duration
	during earlier edit edited ehr eligible emails employee employees enable enabled end ended
	ending ends ensure enter entity entries entry error errors every exact exam exceeded exceeds
	existing expired extension eye eyecloud fail failed family fault feature fee female few file
	fill filter filters finished first fixed following for forbidden force foreign frame frames
	full gateway gender given group guarantor had hand hasn haven header headers held here hold
	home hour hours how http https id identical identifier ids inactive included incomplete
	incorrect index information insert inserted insufficient insurance internal inventory invoice
	invoices isn issue it itself job json just jwt known lab label lapsed large last later latest
	left lens lenses license licensed limited limits line list local location lock locked login
	longer loop lower made main maintenance make male malformed manager manual manually
	manufacturer many me medical member merchandise message method middle minute minutes misc
	mismatch missed mobile model modified month months mrn name named names needed needs network
	never new next nobody note notes nothing now npi numbers oauth occurred offered office old once
	open operation operations optical order ordered ordering orders other others our out outside
	overdue overlap overlapping overlaps own owner package page paid parameter parameters parse
	parsed part pass passed past path patient patients pay payer payload payment pending period
	permission permissions permitted person personal phone place plan please policy possible postal
	practice practices preferred prescription previous price pricebook pricebooks prices pricetiers
	primary priority pro process processed product proffees properties property provided provider
	purchase purchased quantity query quota range rate reach reached read reason recall received
	recognized refer reference referenced references refund refunded refused register reject
	rejected related remaining remove removed renewed replaced report request requested requests
	require requires rescheduled reserve reserved reset resource resources response restart
	restricted result retry return returned returns right role roles room row rows rule rules s
	said save saved say says schedule scheduled schedules scope scopes search second secondary
	seconds section see selected send sent server service set setting sign similar simulated since
	size sku slot slots some somebody someone something sort source specified sql ssn staff start
	started starts state status still stock stop store stores submitted subscription such sunday
	sundays supplied support supported suspended syntax system t table taken tax team temple
	temporarily them then there these they tier tierprices timeout timezone title token tomorrow
	too total transaction transactions transfer try twice unable unauthorized unavailable under
	unexpected unit units unpaid unprocessable unsupported until upc upcoming update updated
	updates upper us use used user users uses using validate validated validation vendor version
	via violates violation visit was wasn we week weekend weekends weeks were what when where
	whether which while who why won work would write written wrong wrongly year years yesterday yet
	you your zip zipcode zone`.split(/\s+/),
);

/** Words that are names of people as well: shown in lower case only, and away from what may be one. */
const NAME_WORDS = new Set(
	`alpha blank book call close day field frame long max may page peer place price room say see short
	street temple`.split(/\s+/),
);

function isListed(fold: string): boolean {
	return VALIDATORS_WORDS.has(fold) || OTHER_WORDS.has(fold);
}

/** What was sent, normalized for comparing (see `lettersAndDigits`). */
export interface RequestValues {
	/** The names of fields and parameters: those are no secret. */
	names: ReadonlySet<string>;
	/** Whole values, by their letters and digits. */
	values: ReadonlySet<string>;
	/** Words of values, by their letters and digits. */
	words: ReadonlySet<string>;
	longest: number;
	/** A number that the user may see. */
	practiceId: string;
}

/** Parameters of a list request whose values are no data. */
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
		const whole = lettersAndDigits(text);
		if (whole.length < 2) return;
		values.add(whole);
		longest = Math.max(longest, whole.length);
		for (const { fold } of wordsOf(text)) {
			if (fold.length >= 2 && !VALIDATORS_WORDS.has(fold)) words.add(fold);
		}
	};
	visit(sent);
	return { names, values, words, longest, practiceId };
}

/** Joi quotes what it was given; whatever is in it would take the message apart in the wrong place. */
const QUOTE = ' with value "';
const END_OF_QUOTE = /" (?=fails to match the |matches the inverted )/g;

/** An escaped character (&amp;, %20) could hide a sent value from the comparison. */
const ESCAPED = /(?:&amp;|&)(?:#x?[\da-f]{1,7}|[a-z]{2,8});|%[\da-f]{2}|\\u[\da-f]{4}/gi;

/** Zero-width characters and the like, which may stand inside of a word. */
const INVISIBLE = /\p{Cf}/gu;

/** The message in one form of Unicode, without escaped characters and the values that Joi quotes in it. */
export function withoutQuotedInput(text: string): string {
	const plain = text
		.slice(0, LONGEST_MESSAGE)
		.replace(ESCAPED, ' ')
		.replace(INVISIBLE, '')
		.normalize('NFKC');
	const message = plain.slice(0, LONGEST_MESSAGE);
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

/** Quotes, emails, and what databases quote the values of a key in. */
const QUOTED =
	/"[^"]*(?:"|$)|“[^”]*(?:”|$)|«[^»]*(?:»|$)|`[^`]*(?:`|$)|(?<![\p{L}\p{N}])['‘].*?['’](?![\p{L}\p{N}])|(?<==\s?)\([^)]*(?:\)|$)|(?<!\S)\S+@\S+/gu;

/** A validator's pattern or list of what is allowed, at the end of its sentence. */
const RULE = /(?:(pattern: )\/(.*)\/[a-z]*|(?:one of|be|contain) \[[^\]]*\])$/s;

/** What stands in such a list beside listed words: a short code. */
const CODE = /(?<=\[|, ?)(?:[A-Z]{1,2}|[A-Z]?\d{1,2}|[a-z])(?=,|\]$)/g;

/** A validator's limit, no day and no number of a person. */
const LIMIT =
	/\b(or equal to |(?:than|to|least|most|exactly|multiple of|between|and|length must be) )(-?\d{1,7}(?:\.\d{1,4})?)(?![\d]|[.,/:-]\d|\s+\d)/g;

/** So many of something. */
const AMOUNT =
	/\b()(\d{1,3})(?= (?:characters|items|bytes|digits|keys|decimal|records|seconds|minutes|hours|days)\b)/g;

/**
 * One sentence of the API, without quoted input, as it may be shown.
 *
 * @param name the field that it begins with, bare or quoted, if it does
 */
export function redact(given: string, sent: RequestValues, name = ''): string {
	const start = given.startsWith(`"${name}"`) ? name.length + 2 : name.length;
	const rule = name === '' ? null : RULE.exec(given);
	const isValidators =
		name !== '' &&
		wordsOf(given.slice(start, rule?.index)).every(
			({ fold }) => VALIDATORS_WORDS.has(fold) || /^\d{1,10}$/.test(fold),
		);
	const sentence =
		rule && !isPlain(rule) ? `${given.slice(0, rule.index)}${rule[1]}${MASK}` : given;
	const left = new Uint8Array(sentence.length);
	const leave = (from: number, to: number) => left.fill(1, from, to);
	const kept = keptParts(sentence, sent, isValidators);
	const words = wordsOf(sentence).filter(({ at }) => at >= start && kept[at] === 0);

	for (const { at, end, fold } of words) {
		const isShown = isListed(fold) && (VALIDATORS_WORDS.has(fold) || !sent.words.has(fold));
		if (!isShown && fold !== sent.practiceId) leave(at, end);
	}
	for (const { 0: quoted, index } of sentence.matchAll(QUOTED)) {
		const isShown = index < start || kept[index] === 1 || isFieldName(quoted.slice(1, -1), sent);
		if (!isShown) leave(index, index + quoted.length);
	}
	for (const { at, end } of sentRuns(words, sent)) leave(at, end);
	const isLeft = (word?: Word) => word && left[word.at] === 1 && /\p{L}/u.test(word.fold);
	for (const [index, { at, end, fold }] of words.entries()) {
		const isBeside = isLeft(words[index - 1]) || isLeft(words[index + 1]);
		const maybeName = isBeside || /\p{Lu}/u.test(sentence[at]);
		if (maybeName && NAME_WORDS.has(fold) && !sent.names.has(fold)) leave(at, end);
	}
	left.fill(isFieldName(name, sent, isValidators) ? 0 : 1, 0, start);
	return withMasks(sentence, left);
}

/** A list, or a pattern without words that are not listed. */
function isPlain([, pattern, source = '']: RegExpExecArray): boolean {
	const words = wordsOf(source.replace(/\\.|\{[\d,]*\}|\[[^\]]*\]/g, ' '));
	const isKnown = ({ fold }: Word) => fold.length < 2 || isListed(fold) || /^\d{1,3}$/.test(fold);
	return pattern === undefined || words.every(isKnown);
}

/** Marks what stays whatever its words are: names that were sent and, of a validator, limits, codes and patterns. */
function keptParts(sentence: string, sent: RequestValues, isValidators: boolean): Uint8Array {
	const kept = new Uint8Array(sentence.length);
	for (const { 0: path, index } of sentence.matchAll(/\w+(?:\.\w+)*/g)) {
		const isSent = stepsOf(path).every((step) => sent.names.has(step));
		if (isSent) kept.fill(1, index, index + path.length);
	}
	const limits = isValidators ? [LIMIT, AMOUNT] : [AMOUNT];
	for (const { 0: limit, 1: before, 2: number, index } of limits.flatMap((each) =>
		Array.from(sentence.matchAll(each)),
	)) {
		const fold = lettersAndDigits(number);
		const isSent = sent.values.has(fold) || (fold.length > 3 && sent.words.has(fold));
		// A limit that is accepted itself does not tell which value was refused.
		const isShown = !isSent || before.startsWith('or equal');
		if (isShown) kept.fill(1, index + before.length, index + limit.length);
	}
	const rule = isValidators ? RULE.exec(sentence) : null;
	if (rule?.[1]) kept.fill(1, rule.index);
	else if (rule) {
		for (const { 0: code, index } of rule[0].matchAll(CODE)) {
			kept.fill(1, rule.index + index, rule.index + index + code.length);
		}
	}
	return kept;
}

const MOST_WORDS = 12;

/** Each run of words that was sent as a whole; a word of validators alone names nobody. */
function sentRuns(words: Word[], { values, longest, practiceId }: RequestValues): Place[] {
	const runs: Place[] = [];
	for (const [index, { at, fold }] of words.entries()) {
		const isHarmless = VALIDATORS_WORDS.has(fold) && !NAME_WORDS.has(fold);
		let joined = '';
		for (let next = index; next < words.length && next < index + MOST_WORDS; next++) {
			joined += words[next].fold;
			if (joined.length > longest) break;
			if (next === index && isHarmless) continue;
			if (values.has(joined) && joined !== practiceId) runs.push({ at, end: words[next].end });
		}
	}
	return runs;
}

function withMasks(sentence: string, left: Uint8Array): string {
	const parts: string[] = [];
	for (let at = 0; at < sentence.length; at++) {
		if (!left[at]) parts.push(sentence[at]);
		else if (!left[at - 1]) parts.push(MASK);
	}
	// What stands between two of them alone tells how a value is built.
	return parts.join('').replace(/[(+]*…(?:[^\p{L}\p{N}"]*…|T…|Z\b)*/gu, MASK);
}

/** Shorter ones are in many a word by chance. */
const SHORTEST_PART = 4;

/**
 * The name of a field, or a path of such: one that was sent, or of listed words, none of which was sent. In a
 * validator's own sentence one of several words is enough, as there is nothing else to tell which field it is.
 */
function isFieldName(name: string, sent: RequestValues, isValidators = false): boolean {
	const isSent = (fold: string) =>
		!VALIDATORS_WORDS.has(fold) &&
		Array.from(sent.words).some(
			(word) => word === fold || (word.length >= SHORTEST_PART && fold.includes(word)),
		);
	return stepsOf(name).every((step) => {
		if (sent.names.has(step)) return true;
		if (!/^[a-z_][\w:]{0,60}$/i.test(step) || /\d{4}/.test(step)) return false;
		if (NAME_WORDS.has(step.toLowerCase()) && !(isValidators && step === lettersAndDigits(step)))
			return false;
		const parts = step.split(/[_:]|(?<=[a-z\d])(?=[A-Z])/).filter(Boolean);
		const isKnown = (part: string) => isListed(part.toLowerCase()) || /^\d{1,3}$/.test(part);
		const isName = isValidators && parts.length > 1 ? parts.some(isKnown) : parts.every(isKnown);
		return (
			isName &&
			!sent.values.has(lettersAndDigits(step)) &&
			!parts.map(lettersAndDigits).some(isSent)
		);
	});
}

/** `[1].name_last`, `patients[2].address.city`: its names. */
function stepsOf(name: string): string[] {
	const steps = name.replace(/\[\d{1,6}\]/g, '').split('.');
	return steps.length > 1 || /^\w*\[\d/.test(name) ? steps.filter(Boolean) : steps;
}

/**
 * A scope of known words: documented as `verb:path`, such as `read:pricebooks:lenses`, or in another form, such as
 * `patients.read`. Somebody's name may stand in its place.
 *
 * @param path of the request: its words are known as well
 */
export function isScopeName(value: unknown, path: string): value is string {
	if (typeof value !== 'string' || value.length > 100) return false;
	if (!/^[a-z]{1,40}(?:[:./_-][a-z]{1,40})+$/i.test(value)) return false;
	const ofPath = path.toLowerCase().split(/[/_-]/);
	const words = value.toLowerCase().split(/[:./_-]/);
	return words.every((word) => isListed(word) || ofPath.includes(word));
}

interface Place {
	at: number;
	end: number;
}

interface Word extends Place {
	fold: string;
}

function wordsOf(text: string): Word[] {
	return Array.from(text.matchAll(/[\p{L}\p{N}\p{M}]+/gu), ({ 0: word, index }) => ({
		at: index,
		end: index + word.length,
		fold: lettersAndDigits(word),
	}));
}
