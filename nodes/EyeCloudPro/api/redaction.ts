// What the API says about an input, without the input, which may be a patient's. A word is shown only where it is on
// a list: the words that validators make their sentences of, and what APIs speak of otherwise. Any other word, each
// number that could be a person's, and whatever was sent becomes "…". Called where errors are made.

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
	uppercased uri url uuid valid value values whole with within without yyyy mm dd ddthh hh ss
	8601`.split(/\s+/),
);

/** What APIs speak of otherwise. */
const OTHER_WORDS = new Set(
	`able about accept accepted access account action active activity add added addons addr address
	after again age also always amount api application appointment appointments are assigned
	associated attempt authorization authorized available bad balance because been before
	belongs birth body booked born both broken bulk call canceled cancelled capacity category
	change changed chart check city clash client close closed cloud code column comment company
	complete conflict conflicting conflicts connect connected connection constraint contact
	contactlenses contents context conversion could country create created credential credentials
	currently customer data database day days delete deleted denied description details did didn
	disabled dob doctor doesn don done duplicated duration during ehr employee employees enabled
	ended ending ends ensure enter entity entries entry error errors exceeded exceeds existing
	expired extension eye eyecloud fail failed family fault feature fee few file fill filter
	filters first following for forbidden foreign frame frames full gateway gender given group
	guarantor had hasn haven header headers here home hours how http https id identical identifier
	ids inactive incomplete incorrect index information insert insufficient insurance internal
	introduced invoice invoices isn issue it itself job json just jwt known label large last later
	left lens lenses line list location locked login longer loop lower made main make malformed
	many me medical member merchandise message method middle minutes misc missed mobile modified
	months mrn name named names needed needs network new next nickname nobody note notes nothing
	now npi oauth occurred odd offer offered office old once open operation operations optical
	order orders other others our out outside overlap overlaps own owner page paid parameter
	parameters parse parsed part pass past patient patients pay payload payment permission
	permissions permitted person personal phone place plan please possible postal practice
	practices preferred prescription previous price pricebook pricebooks prices pricetiers primary
	pro process processed product proffees provided provider quantity query range rate reach
	reached read reason recall received recognised recognized refer reference referenced
	references refused register registered reject rejected related remove request requests require
	requires reserved resource resources response result retry right row rows s said save saved
	say says schedule scheduled scope scopes search second secondary seconds section see sent
	server service set sign similar simulated sku slot slots some somebody someone something sort
	source specified sql ssn staff start started starts state status still stop store stores such
	supplied support supported syntax system t table taken tax team temporarily them then there
	these they tier tierprices timeout timezone title today token tomorrow too total try twice
	unable unauthorized unavailable under unexpected unprocessable unsupported until update
	updated updates upper us use used user users uses using validate validated validation vendor
	version via violates violation visit was wasn we week weeks were what when where whether which
	while who why won work would write written wrong wrongly year years yesterday yet you your zip
	zone`.split(/\s+/),
);

/** Of business, scheduling, stock and technique: nobody is called so, and none is an illness. */
const BUSINESS_WORDS = new Set(
	`aborted absent accepting additional adjusted adjustment administrator administrators advance
	ahead allocated allocation another any anymore apply approved archived assign assignment attached
	attribute auto automatic automatically backordered barcode batch billing blocked book booking
	bookings brand browser calendar cancel cancellation cart cast catalog charge charged charges
	checked checkout choose clinic color combination committed completed concurrent configuration
	configured confirm confirmation confirmed consumed contracted copay count coverage covered
	currency custom daily dates deactivated deadlock default delay deletion dependent deposit detected
	device digit digits directory discontinued discount dispensed display double download draft due
	earlier earliest do edit editable edited either eligible email emails enable encoding end estimate
	evening every exact exam excluded export fetch final finalized finished fixed force friday
	fulfilled generated greater group handle held hidden hold holiday hour hourly import imported
	included inserted instead inventory ip item lab lapsed latest license licensed limited limits
	link linked loaded local lock look lunch mail maintenance manager manual manually manufacturer
	mapping material merged minute mismatch model modify monday month monthly moved must never
	notification notified number numbers object occupied only opening ordered ordering outdated
	outstanding overdue overlapping package parent passed path payer pending per percent period
	pickup policy portal posted postponed prevent preview primary priority processing progress
	prohibited properties property publish published purchase purchased quota quote rates read
	receipt recalled record reduce refund refunded relation released remaining removed renewed
	rental repeat replaced report requested rescheduled reservation reserve reset resolved restart
	restricted retail return returned returns revoked role roles rolled room rule rules saturday
	schedules selected selection send sequence session setting settings shared shift shipment shipped
	shipping signed since size skipped sold soon stock stocked submitted subscription sum sunday
	sundays supplier suspended switch tag temporary terminated thursday times today toward transaction
	transactions transfer transferred transmitted tuesday twelve unassigned unconfirmed unit units
	unlock unpaid upc upcoming upload vacation value voided void waiting warehouse hand wednesday weekend
	weekends weekly whitelisted wholesale window workday yearly male female sphere cylinder axis
	bridge temple diagnosis street zipcode country`.split(/\s+/),
);

/** Words that are names of people as well: shown in lower case only, and away from what may be a name. */
const NAME_WORDS = new Set(
	`alpha april august blank book call close day field frame june long max may page peer place price
	room say see short street temple`.split(/\s+/),
);

function isHarmless(fold: string): boolean {
	return VALIDATORS_WORDS.has(fold) || OTHER_WORDS.has(fold) || BUSINESS_WORDS.has(fold);
}

/** What was sent, normalized for comparing (see `folded`). */
export interface RequestValues {
	/** The names of fields and parameters: those are no secret. */
	names: ReadonlySet<string>;
	/** Whole values, folded. */
	values: ReadonlySet<string>;
	/** Words of values, folded. */
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
		const whole = folded(text);
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

const QUOTED =
	/"[^"]*(?:"|$)|“[^”]*(?:”|$)|«[^»]*(?:»|$)|`[^`]*(?:`|$)|(?<![\p{L}\p{N}])['‘].*?['’](?![\p{L}\p{N}])/gu;
const EMAIL = /\S+@\S+/g;

/** A validator's pattern or list of what is allowed, at the end of its sentence. */
const RULE = /(?:pattern: \/.*\/[a-z]*|(?:one of|be|contain) \[([^\]]*)\])$/s;

/** What stands in such a list beside listed words: a short code. */
const SHORT_CODE = /^(?:[A-Z]{1,2}|[A-Z]?\d{1,3}|[a-z])$/;

/** What databases quote the values of a key in. */
const KEY_VALUES = /=\s*\([^)]*(?:\)|$)/g;

/** A validator's limit, no day and no number of a person. */
const LIMIT =
	/(?:\b(?:than|to|least|most|exactly|multiple of|between|and|length must be) )(-?\d{1,7}(?:\.\d{1,4})?)(?![\d]|[.,/:-]\d|\s+\d)|\bISO (8601)\b|\b(\d{1,4})(?= (?:characters|items|bytes|digits|keys|decimal)\b)/g;

/**
 * One sentence of the API, without quoted input, as it may be shown.
 *
 * @param name the field that it begins with, bare or quoted, if it does
 */
export function redact(sentence: string, sent: RequestValues, name = ''): string {
	const start = sentence.startsWith(`"${name}"`) ? name.length + 2 : name.length;
	const rule = name === '' ? null : RULE.exec(sentence);
	const between = sentence.slice(start, rule?.index);
	const words = wordsOf(sentence);
	// A validator's sentence is known by its words; its numbers are limits.
	const isKnown =
		name !== '' &&
		wordsOf(between).every(({ fold }) => VALIDATORS_WORDS.has(fold) || /^\d{1,10}$/.test(fold));
	const masked = new Uint8Array(sentence.length);
	const mask = (from: number, to: number) => masked.fill(1, from, to);

	if (!isKnown) maskUnlisted(sentence, words, sent, mask);
	else {
		maskNumbers(sentence.slice(0, rule?.index), sent, mask);
		if (rule) maskRule(sentence, rule, mask);
	}
	for (const { 0: values, index } of sentence.matchAll(KEY_VALUES)) {
		mask(index + 1, index + values.length);
	}
	const isRule = (word: Word) => rule !== null && word.at >= rule.index;
	const besides = words.filter((word) => word.at >= start && !isRule(word));
	maskNames(sentence, besides, { sent, masked, mask });
	maskSent(words, sent, isKnown, mask);
	if (name !== '') {
		const isShown =
			isName(name, sent) ||
			((isKnown || isHarmless(name.toLowerCase())) && isPlainName(name, sent));
		masked.fill(isShown ? 0 : 1, 0, start);
	}
	return withMasks(sentence, masked);
}

type Mask = (from: number, to: number) => void;

/** Marks, in a validator's sentence, each number that is no limit, or that was sent. */
function maskNumbers(text: string, { values }: RequestValues, mask: Mask): void {
	const limits = new Map<number, string>();
	for (const match of text.matchAll(LIMIT)) {
		const limit = match[1] ?? match[2] ?? match[3];
		limits.set(match.index + match[0].length - limit.length, limit);
	}
	for (const { 0: number, index } of text.matchAll(/-?\d+(?:\.\d+)*/g)) {
		const isSent = values.has(folded(number)) || values.has(folded(String(Number(number))));
		const isLimit = limits.get(index) === number;
		// The limit itself is accepted then: it does not tell which value was refused.
		const isInclusive = text.endsWith(' or equal to ', index);
		if (!isLimit || (isSent && !isInclusive)) mask(index, index + number.length);
	}
}

/** Marks the values of a list that are neither listed words nor short codes, and a pattern of other words. */
function maskRule(sentence: string, rule: RegExpExecArray, mask: Mask): void {
	const list = rule[1];
	if (list === undefined) {
		const plain = rule[0].slice('pattern: '.length).replace(/\\.|\{[\d,]*\}|\[[^\]]*\]/g, ' ');
		const isPlain = wordsOf(plain).every(
			({ fold }) => fold.length < 2 || isHarmless(fold) || /^\d{1,3}$/.test(fold),
		);
		if (!isPlain) mask(rule.index + 'pattern: '.length, sentence.length);
		return;
	}
	const from = sentence.length - list.length - 1;
	for (const { 0: value, index } of list.matchAll(/[^,]+/g)) {
		const isListed = wordsOf(value.replaceAll('_', ' ')).every(
			({ fold }) => isHarmless(fold) && !NAME_WORDS.has(fold),
		);
		if (!isListed && !SHORT_CODE.test(value.trim())) {
			mask(from + index, from + index + value.length);
		}
	}
}

/** Marks the words that are names as well, where one may be meant. */
function maskNames(
	sentence: string,
	words: Word[],
	{ sent, masked, mask }: { sent: RequestValues; masked: Uint8Array; mask: Mask },
): void {
	const isCapital = ({ at }: Word) => /\p{Lu}/u.test(sentence[at]);
	const maybeName = (index: number) =>
		index >= 0 &&
		index < words.length &&
		((masked[words[index].at] === 1 && /\p{L}/u.test(words[index].fold)) ||
			(index > 0 && isCapital(words[index])));
	for (const [index, word] of words.entries()) {
		if (!NAME_WORDS.has(word.fold) || sent.names.has(word.fold)) continue;
		// The month May is not the verb 'may'.
		const isVerb =
			index > 0 && /^(?:not|only|be|have|contain|do|no)$/.test(words[index + 1]?.fold ?? '');
		const isMonth = word.fold === 'may' && !isVerb;
		const isBeside = maybeName(index - 1) || maybeName(index + 1);
		if (isCapital(word) || isMonth || isBeside) mask(word.at, word.end);
	}
}

/** Marks quotes, emails, and each word by which somebody may be known: names and what ails them alike. */
function maskUnlisted(
	sentence: string,
	words: Word[],
	sent: RequestValues,
	mask: (from: number, to: number) => void,
): void {
	for (const { 0: quoted, index } of sentence.matchAll(QUOTED)) {
		if (!isName(quoted.slice(1, -1), sent)) mask(index, index + quoted.length);
	}
	for (const { 0: email, index } of sentence.matchAll(EMAIL)) mask(index, index + email.length);
	// A short number tells nothing by itself; several may be a day or a phone number.
	const isCode = /\b(?:code|diagnosis|mrn|icd|ssn)\W{0,3}\d/i.test(sentence);
	const hasOneNumber = !isCode && /^\D*(?<!\S)\d{1,3}\b\D*$/.test(sentence);
	const named = Array.from(sentence.matchAll(/\w+(?:\.\w+)*/g)).filter(([token]) =>
		stepsOf(token).every((step) => sent.names.has(step)),
	);
	let next = 0;
	for (const { at, end, fold } of words) {
		while (next < named.length && named[next].index + named[next][0].length <= at) next++;
		const isNamed = next < named.length && named[next].index <= at;
		const isShort = hasOneNumber && /^\d+$/.test(fold);
		const isShown = isShort || fold === sent.practiceId || isHarmless(fold);
		if (!isNamed && !isShown) mask(at, end);
	}
}

const MOST_WORDS = 12;

/** Marks each run of words that was sent as a whole, and each word that was sent or, of a known sentence, holds one. */
function maskSent(
	words: Word[],
	{ values, words: sentWords, longest, practiceId }: RequestValues,
	isKnown: boolean,
	mask: (from: number, to: number) => void,
): void {
	for (const [index, { at, end, fold }] of words.entries()) {
		// What validators say, and what is too short to tell anybody.
		const isLimit =
			isKnown &&
			!NAME_WORDS.has(fold) &&
			(VALIDATORS_WORDS.has(fold) || fold.length < 3 || /^\d{3}$/.test(fold));
		let joined = '';
		for (let next = index; next < words.length && next < index + MOST_WORDS; next++) {
			joined += words[next].fold;
			if (joined.length > longest) break;
			if (next === index && isLimit) continue;
			if (values.has(joined) && joined !== practiceId) mask(at, words[next].end);
		}
		if (isLimit || fold === practiceId || VALIDATORS_WORDS.has(fold)) continue;
		if (isKnown ? holdsSent(fold, sentWords) : sentWords.has(fold)) mask(at, end);
	}
}

/** Shorter ones are in many a word by chance. */
const SHORTEST_PART = 4;

function holdsSent(fold: string, sentWords: ReadonlySet<string>): boolean {
	if (sentWords.has(fold)) return true;
	for (const word of sentWords) {
		if (word.length >= SHORTEST_PART && fold.includes(word)) return true;
	}
	return false;
}

function withMasks(sentence: string, masked: Uint8Array): string {
	const kept: string[] = [];
	for (let at = 0; at < sentence.length; at++) {
		if (!masked[at]) kept.push(sentence[at]);
		else if (!masked[at - 1]) kept.push(MASK);
	}
	// What stands between two of them alone tells how a value is built.
	return kept.join('').replace(/[(+]*…(?:[^\p{L}\p{N}"]*…|T…|Z\b)*/gu, MASK);
}

/** The name of a field, a path of such or a scope: one that was sent, or of words that name nobody. */
function isName(name: string, sent: RequestValues): boolean {
	return stepsOf(name).every(
		(step) =>
			sent.names.has(step) ||
			(/^[a-z][\w:]*$/.test(step) &&
				!NAME_WORDS.has(step) &&
				step.split(/[_:]/).every((word) => isHarmless(word) || /^\d{0,3}$/.test(word)) &&
				isPlainName(step, sent)),
	);
}

/** One that may be shown where the rest of the sentence holds nothing. */
function isPlainName(name: string, sent: RequestValues): boolean {
	return stepsOf(name).every((step) => {
		if (sent.names.has(step)) return true;
		const words = wordsOf(step.replaceAll('_', ' ')).map(({ fold }) => fold);
		const isSent =
			sent.values.has(words.join('')) ||
			words.some((word) => !VALIDATORS_WORDS.has(word) && holdsSent(word, sent.words));
		const isForm = /^[a-z_][\w:]{0,60}$/i.test(step) && !/\d{4}/.test(step);
		return isForm && isApiName(step) && !isSent;
	});
}

/** A listed word, or several parts of which one is listed: neither a name nor an illness looks so. */
function isApiName(name: string): boolean {
	const parts = name.split(/[_:]|(?<=[a-z\d])(?=[A-Z])/).filter(Boolean);
	if (parts.length > 1) return parts.some((part) => isHarmless(part.toLowerCase()));
	const isLower = !/[A-Z]/.test(name);
	if (name.length === 1) return true;
	return isHarmless(name.toLowerCase()) && (isLower || !NAME_WORDS.has(name.toLowerCase()));
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
	return words.every((word) => isHarmless(word) || ofPath.includes(word));
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

/** Letters and digits alone, without case and accents: equal for spellings of one value. */
function folded(text: string): string {
	return text
		.normalize('NFKD')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, '');
}
