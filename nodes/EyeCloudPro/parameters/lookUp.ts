// Look Up: finds records by fields that the API sorts by and does not filter by, such as names. The fields, and what
// they ask for; api/sortedSearch.ts finds it. Used by Get Many and Count.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { folded, orderOfNumbers, ordersOfTexts, type Order } from '../api/collation';
import { searchSorted } from '../api/sortedSearch';
import { inSentence } from '../catalogue/names';
import { kindOf } from './matching';
import { IS_PLACEHOLDER, isNoSearch } from './placeholders';
import { GIVES_NOTHING, isNothing, parameterOf, type ParameterValue } from './parameterValue';
import { LIST_DEPENDS_ON } from './resourceChoice';
import { refusalOf, type OperationRun } from './run';
import {
	asText,
	canBeTwoDays,
	toDayOrTime,
	toLocalTime,
	toNumber,
	toPhoneDigits,
	TWO_DAYS,
} from './values';

/** A field of those that EyeCloud Pro sorts by; Sort has it too. */
export function sortableField(what: string): INodeProperties {
	return {
		displayName: 'Field Name or ID',
		name: 'field',
		type: 'options',
		typeOptions: { loadOptionsMethod: 'getSortFields', loadOptionsDependsOn: LIST_DEPENDS_ON },
		allowArbitraryValues: true,
		default: '',
		description: `${what}. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.`,
	};
}

export const lookUpField: INodeProperties = {
	displayName: 'Look Up',
	name: 'lookup',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add field to look up',
	default: {},
	description:
		'Find records by fields that EyeCloud Pro sorts by but has no filter for, such as names. Only the pages that can hold them are read.',
	builderHint: {
		propertyHint:
			"The way to find people by name: one entry with field 'name_last', condition 'is' or 'beginsWith', and the value. Filters for email, phone and birthday need one request and go before it.",
	},
	options: [
		{
			displayName: 'Look Up By',
			name: 'by',
			values: [
				sortableField('The field to look in'),
				{
					displayName: 'Condition',
					name: 'condition',
					type: 'options',
					options: [
						{
							name: 'Begins With',
							value: 'beginsWith',
							description: 'Upper and lower case and accents make no difference',
						},
						{
							name: 'Between',
							value: 'between',
							description: 'From a value to another, both included',
						},
						{
							name: 'Is',
							value: 'is',
							description:
								'Upper and lower case and accents make no difference; a day is all of it',
						},
					],
					default: 'is',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					default: '',
					placeholder: 'e.g. Nader',
					description: 'What to look for: a text, a number or a date',
				},
				{
					displayName: 'To',
					name: 'to',
					type: 'string',
					displayOptions: { show: { condition: ['between'] } },
					default: '',
					placeholder: 'e.g. 2030-12-31',
					description: 'The end of the range',
				},
			],
		},
	],
};

/** What is looked up, by one field. */
interface Rule {
	field: string;
	isMatch(value: unknown): boolean;
	orders: Order[];
	/** If no value of the field is a text, the look-up is refused, since "not found" would prove nothing. */
	holdsTexts?: boolean;
	/** Whether what can't be read may be what is looked for. */
	mayMean?(unread: string): boolean;
}

/**
 * What the user, or the model, wants to have looked up.
 *
 * @throws NodeOperationError for a rule that can't be used: without it, everybody would come
 */
export function lookUpRules(run: OperationRun): { rules: Rule[]; leftByModel: string[] } {
	const { functions } = run;
	const isForModel = isAiTool(functions.getNode());
	const rules: Rule[] = [];
	const leftByModel: string[] = [];
	for (const entry of entriesOf(run)) {
		const [field, value, to] = [
			entry.property('field'),
			entry.property('value'),
			entry.property('to'),
		];
		const name = asText(field.value)?.trim() ?? '';
		if (isForModel && [field, value].some((given) => given.isEmpty && given.isForModel)) {
			leftByModel.push(name || 'Look Up');
			continue;
		}
		if (!name) {
			throw field.refusal(
				field.isUnset
					? "'Look Up' has an entry without a field"
					: "'Look Up' must name fields as text",
				'Without it, all records would come. Choose a field, or take the entry away. Let no expression give the whole list of entries. Nothing was sent to EyeCloud Pro.',
			);
		}
		rules.push(ruleFor(run, name, { condition: entry.property('condition'), value, to }));
	}
	return { rules, leftByModel };
}

/** @throws NodeOperationError for an expression that gives no list: without its entries, everybody would come */
function entriesOf({ functions, itemIndex }: OperationRun): ParameterValue[] {
	const lookup = parameterOf(functions, 'lookup', itemIndex);
	const list = lookup.property('by');
	if (list.isExpression && !Array.isArray(list.value)) {
		throw list.refusal("'Look Up' must be a list of entries");
	}
	return lookup.entries('by');
}

/** The fields that a model looks up by. */
export function lookUpForModel({ functions, itemIndex }: OperationRun): string[] {
	const rules = parameterOf(functions, 'lookup', itemIndex).entries('by');
	const forModel = rules.filter((rule) => rule.property('value').isForModel);
	return forModel.flatMap((rule) => asText(rule.property('field').value)?.trim() || []);
}

/**
 * The records that fit all rules, and the filters.
 *
 * @param sort as the API takes it; the order of the first rule's field without it
 * @param limit at most so many, found without looking for the others where the order allows it; no limit for a
 * model, which is told how many there are
 */
export async function lookedUp(
	run: OperationRun,
	rules: Rule[],
	{ query, sort, limit: wanted }: { query: IDataObject; sort?: string; limit?: number },
): Promise<IDataObject[]> {
	const { client, resource, functions } = run;
	const [{ field, orders }] = rules;
	const seen = new Set<IDataObject>();
	const isWanted = (record: IDataObject) => {
		seen.add(record);
		return rules.every((rule) => rule.isMatch(record[rule.field]));
	};
	const { idFields, path: segments } = resource;
	const isInOrder = sort === undefined || sort === field;
	const limit = isInOrder && !isAiTool(functions.getNode()) ? wanted : undefined;
	const request = { segments, query, field, idFields, orders, isWanted, limit };
	const found = await searchSorted(client, request);
	for (const rule of rules) refuseUnfit(run, rule, Array.from(seen));
	for (const name of sort?.split(',') ?? []) {
		refuseUnknown(run, { field: name.replace(/^-/, ''), label: 'Sort' }, Array.from(seen));
	}
	if (found.isWholeList) {
		functions.addExecutionHints({
			location: 'outputPane',
			message: `The whole list was read to look up '${field}', as the order in which EyeCloud Pro sorts it does not tell where to look.`,
		});
	}
	return sort ? sorted(found.records, sort) : found.records;
}

/** Why a value can't be compared with what a field holds, and what to do. */
const UNFIT = {
	texts: [
		'holds dates or numbers, and the value is neither',
		'Write a day like 2030-12-31, and a number like 12.5. Nothing is known of what there is.',
	],
	times: [
		'holds dates that can not be read, and the value may be among them',
		"Look at the records by 'Get Many', and correct those dates in EyeCloud Pro, or look up by another field. Nothing is known of what there is.",
	],
};

/** @throws NodeOperationError where the records have no such field, or nothing in it that a value can be compared with */
function refuseUnfit(
	run: OperationRun,
	{ field, holdsTexts, mayMean }: Rule,
	seen: IDataObject[],
): void {
	const { functions } = run;
	refuseUnknown(run, { field, label: 'Look Up' }, seen);
	const values = seen.map((record) => record[field]).filter((value) => !isNothing(value));
	const isTime = (value: unknown) => toDayOrTime(value, functions.getTimezone()) !== undefined;
	const isNoText = (value: unknown) => typeof value === 'number' || isTime(value);
	const isUnfit = mayMean
		? values.some((value) => !isTime(value) && mayMean(String(value)))
		: holdsTexts && values.length > 0 && values.every(isNoText);
	if (!isUnfit) return;
	const [reason, description] = UNFIT[mayMean ? 'times' : 'texts'];
	throw refusalOf(run, `'${field}' under 'Look Up' ${reason}`, description);
}

/** @throws NodeOperationError where none of the records has the field */
function refuseUnknown(
	run: OperationRun,
	{ field, label }: { field: string; label: string },
	seen: IDataObject[],
): void {
	if (seen.length === 0 || seen.some((record) => Object.hasOwn(record, field))) return;
	const records = inSentence(run.resource.displayNamePlural);
	throw refusalOf(
		run,
		`The ${records} in EyeCloud Pro have no field ${field} to ${label.toLowerCase()}`,
		`Choose another field under '${label}'.`,
	);
}

const NOTHING_SENT = 'Correct the value and run it again. Nothing was sent to EyeCloud Pro.';

/** As it is stored: a year, and more of a day and its time. */
const BEGINNING_OF_DATE = /^\d{1,4}(-\d{0,2}){0,2}([T ].*)?$/;

function ruleFor(
	run: OperationRun,
	field: string,
	asked: Record<'condition' | 'value' | 'to', ParameterValue>,
): Rule {
	const { value, to } = asked;
	const label = `'${field}' under 'Look Up'`;
	const condition = asked.condition.choice('Condition', ['is', 'beginsWith', 'between'], 'is');
	const [from, until] = [value, condition === 'between' ? to : value].map((given) =>
		textOf(given, field),
	);
	const timeZone = run.functions.getTimezone();
	const kind = kindOf(run.resource, field);
	const isDay = kind === 'date' || kind === 'dateTime';
	const mayBeTime = kind === undefined || isDay;
	if (mayBeTime && [from, until].some(canBeTwoDays)) {
		throw value.refusal(`${label} ${TWO_DAYS}`, NOTHING_SENT);
	}
	/** Of values as they compare; the end may stand for all that begins like it, such as a day for its hours. */
	const refuseReversed = <T extends string | number>(first: T, last: T) => {
		const isPart = typeof first === 'string' && first.startsWith(String(last));
		if (first <= last || isPart) return;
		throw to.refusal(
			`${label} ends before it begins`,
			"Change places of 'Value' and 'To'. Nothing was sent to EyeCloud Pro.",
		);
	};
	if (kind === 'phone') {
		const [first, last] = [from, until].map(phoneDigits);
		if (!first || !last) {
			throw value.refusal(`${label} needs a phone number, e.g. (512) 555-0100`, NOTHING_SENT);
		}
		refuseReversed(first, last);
		return { field, ...phonesBetween(first, last, condition === 'is') };
	}
	if (condition === 'beginsWith') {
		const beginning = isDay ? (toDayOrTime(from, timeZone) ?? from) : from;
		if (isDay && !BEGINNING_OF_DATE.test(beginning)) {
			throw value.refusal(`${label} needs the beginning of a date, e.g. 2000-01`, NOTHING_SENT);
		}
		return { field, ...beginsWith(beginning) };
	}
	const [least, most] = [from, until].map(asNumber);
	if (kind === undefined && least !== undefined && most !== undefined) {
		refuseReversed(least, most);
		return { field, ...numbersBetween(least, most) };
	}
	const readBy = (toMoment: typeof toLocalTime) =>
		[from, until].map((text) => (mayBeTime ? toMoment(text, timeZone) : undefined));
	const asDays = readBy(toDayOrTime);
	// Beside a time, midnight in UTC is one too.
	const [start, end] = asDays.some((time) => time?.includes('T')) ? readBy(toLocalTime) : asDays;
	if (start !== undefined && end !== undefined) {
		refuseReversed(start, end);
		return { field, ...timesBetween(start, end, timeZone) };
	}
	if (isDay) throw value.refusal(`${label} needs a date, e.g. 2000-01-31`, NOTHING_SENT);
	refuseReversed(folded(from), folded(until));
	return { field, ...(condition === 'is' ? textIs(from) : textsBetween(from, until)) };
}

/** @throws NodeOperationError for nothing to look for, which would find everybody */
function textOf(given: ParameterValue, field: string): string {
	const text = given.isEmpty ? undefined : asText(given.value)?.trim();
	const isPlaceholder = isNoSearch(given, 'text');
	if (text && !isPlaceholder) return text;
	if (isPlaceholder) throw given.refusal(`'${field}' under 'Look Up' ${IS_PLACEHOLDER}`);
	throw given.refusal(
		given.isEmptied
			? `'${field}' under 'Look Up' ${GIVES_NOTHING}`
			: `'${field}' under 'Look Up' has no value to look for`,
		'Fill it in, correct the expression, or take the field away. Nothing was sent to EyeCloud Pro.',
	);
}

/** Texts that begin with a zero are rather codes. */
function asNumber(value: unknown): number | undefined {
	if (typeof value === 'number') return toNumber(value);
	if (typeof value !== 'string' || /^[-+]?0\d/.test(value.trim())) return undefined;
	return toNumber(value.replace(/\p{Sc}/u, ''));
}

function foldedValue(value: unknown): string {
	return folded(asText(value) ?? '');
}

type Meant = Omit<Rule, 'field'>;

function textIs(text: string): Meant {
	const wanted = folded(text);
	// Of emails and codes each sign counts.
	const isExact = /[\d@]/.test(text);
	const isSame = (value: unknown) =>
		!isExact || asText(value)?.trim().toLowerCase() === text.toLowerCase();
	return {
		holdsTexts: true,
		isMatch: (value) => foldedValue(value) === wanted && isSame(value),
		orders: ordersOfTexts({ condition: 'is', text: wanted }),
	};
}

function beginsWith(text: string): Meant {
	const wanted = folded(text);
	const orders = ordersOfTexts({ condition: 'beginsWith', text: wanted });
	// Where numbers that begin alike stand among others can't be told.
	const numeric = orderOfNumbers(asNumber, { from: -Infinity, to: Infinity });
	return {
		holdsTexts: /^\p{L}/u.test(text),
		isMatch: (value) => foldedValue(value).startsWith(wanted),
		orders: /^[-\d]/.test(wanted) ? [...orders, numeric] : orders,
	};
}

/** Blanks and signs make no difference, as everywhere else. */
function phoneDigits(given: unknown): string {
	const text = asText(given) ?? '';
	return toPhoneDigits(text) ?? text.replace(/\D/g, '');
}

/** Numbers that are written in several ways stand anywhere, so that no order tells. */
function phonesBetween(first: string, last: string, isWhole: boolean): Meant {
	return {
		isMatch: (stored) => {
			const digits = phoneDigits(stored);
			if (isWhole) return digits === first;
			return digits !== '' && digits >= first && (digits <= last || digits.startsWith(last));
		},
		orders: [],
	};
}

function textsBetween(one: string, other: string): Meant {
	const [from, to] = [folded(one), folded(other)];
	return {
		holdsTexts: true,
		isMatch: (value) => {
			const text = foldedValue(value);
			return text !== '' && text >= from && (text <= to || text.startsWith(to));
		},
		orders: ordersOfTexts({ condition: 'between', from, to }),
	};
}

function numbersBetween(from: number, to: number): Meant {
	return {
		isMatch: (value) => {
			const number = asNumber(value);
			return number !== undefined && number >= from && number <= to;
		},
		orders: [
			orderOfNumbers(asNumber, { from, to }),
			// Codes that are sorted as texts, and prices with zeros at their end, begin like the number.
			...(from === to
				? ordersOfTexts({ condition: 'beginsWith', text: String(from) }).map(withoutCurrency)
				: [anywhereAmongTexts]),
		],
	};
}

/** A currency's sign stands before all digits, and hides where the number would stand. */
function withoutCurrency(order: Order): Order {
	const isPlain = (value: unknown) => !/\p{Sc}/u.test(String(value));
	return { ...order, allows: (values) => values.every(isPlain) && order.allows(values) };
}

/** Of numbers that are sorted as texts, where 9 stands behind 10; all of them have to be read. */
const anywhereAmongTexts: Order = {
	allows: (values) => values.every((value) => typeof value === 'string'),
	mayHold: () => true,
};

/** Zones and their changes move a time by less. */
const DAY_AND_MORE_MS = 26 * 60 * 60_000;

function timesBetween(from: string, to: string, timeZone: string): Meant {
	const read = (value: unknown) => {
		const time = toDayOrTime(value, timeZone);
		return time === undefined ? undefined : Date.parse(time.includes('T') ? `${time}Z` : time);
	};
	// Where a time is looked for, midnight in UTC is one, and else a day.
	const toMoment = from.includes('T') && to.includes('T') ? toLocalTime : toDayOrTime;
	const range = { from: read(from) ?? NaN, to: read(to) ?? NaN };
	return {
		mayMean: (unread) => {
			const years = unread.match(/(?<!\d)\d{4}(?!\d)/g);
			const isIn = (year: string) => year >= from.slice(0, 4) && year <= to.slice(0, 4);
			return /\d/.test(unread) && (years?.some(isIn) ?? true);
		},
		isMatch: (value) => {
			const time = toMoment(value, timeZone);
			// A day is all of it.
			return (
				time !== undefined && time.slice(0, from.length) >= from && time.slice(0, to.length) <= to
			);
		},
		orders: [orderOfNumbers(read, range, DAY_AND_MORE_MS)],
	};
}

/** Eleven digits and ten are phone numbers, which are written in many ways; an exponent is no way to write a price. */
const PLAIN_NUMBER = /^-?(?!0$)\d{1,9}(\.\d{1,6})?$/;

/** What is written in more ways than one, or can't be seen, stands in more places than one. */
const MANY_WAYS = /^[\d()+]|[\u200B-\u200D\uFEFF]/;

/**
 * The orders in which a list may be where all records of a value stand together.
 *
 * @param wanted the value as it compares
 * @returns undefined for a value that people write in several ways
 */
export function orderedBy(
	run: OperationRun,
	field: string,
	{ wanted, value }: { wanted: string; value: unknown },
): Order[] | undefined {
	const kind = kindOf(run.resource, field);
	if (typeof value === 'object' && !(value instanceof Date)) return undefined;
	if (kind === undefined && PLAIN_NUMBER.test(wanted)) {
		return numbersBetween(Number(wanted), Number(wanted)).orders;
	}
	const isTime = kind !== 'text' && /^\d{4}-\d\d-\d\d(T[\d:]+)?$/.test(wanted);
	if (isTime) return timesBetween(wanted, wanted, run.functions.getTimezone()).orders;
	if (kind !== undefined && kind !== 'text' && kind !== 'email') return undefined;
	return MANY_WAYS.test(wanted) ? undefined : textIs(wanted).orders;
}

function sorted(records: IDataObject[], sort: string): IDataObject[] {
	const rules = sort
		.split(',')
		.map((rule) => [rule.replace(/^-/, ''), rule.startsWith('-')] as const);
	return [...records].sort((a, b) => {
		for (const [field, isDescending] of rules) {
			const compared = compare(a[field], b[field]);
			if (compared !== 0) return isDescending ? -compared : compared;
		}
		return 0;
	});
}

function compare(a: unknown, b: unknown): number {
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	const [one, other] = [foldedValue(a), foldedValue(b)];
	return one < other ? -1 : one > other ? 1 : 0;
}
