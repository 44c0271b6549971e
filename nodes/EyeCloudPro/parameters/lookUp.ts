// Look Up: finds records by fields that the API sorts by and does not filter by, such as names. The fields, and what
// they ask for; api/lookUp.ts finds it. Used by Get Many and Count.
import { NodeOperationError, type IDataObject, type INodeProperties } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { lookUp } from '../api/lookUp';
import { folded, orderOfNumbers, ordersOfTexts, type Order } from '../api/collation';
import { inSentence } from '../catalogue/names';
import { kindOf } from './matching';
import { IS_PLACEHOLDER, isNoSearch } from './placeholders';
import { GIVES_NOTHING, isNothing, read, type ParameterValue } from './read';
import { LIST_DEPENDS_ON } from './resourceChoice';
import type { OperationRun } from './run';
import { asText, canBeTwoDays, toLocalTime, toNumber, toPhoneDigits } from './values';

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
	/** That what is looked for is neither a number nor a time. */
	isText?: boolean;
	/** That it is a time. */
	isTime?: boolean;
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
		const [field, value, to] = [entry.at('field'), entry.at('value'), entry.at('to')];
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
		rules.push(ruleFor(run, name, { condition: entry.at('condition'), value, to }));
	}
	return { rules, leftByModel };
}

/**
 * n8n makes an empty entry of each character of an expression for the list of them.
 *
 * @throws NodeOperationError for an expression that gives no list
 */
function entriesOf({ functions, itemIndex }: OperationRun): ParameterValue[] {
	const lookup = read(functions, 'lookup', itemIndex);
	const list = lookup.at('by');
	if (list.isEmptied) throw list.refusal(`'Look Up' ${GIVES_NOTHING}`);
	if (list.isExpression && !Array.isArray(list.value)) {
		throw list.refusal("'Look Up' must be a list of entries");
	}
	return lookup.entries('by');
}

/** The fields that a model looks up by. */
export function lookUpForModel({ functions, itemIndex }: OperationRun): string[] {
	const rules = read(functions, 'lookup', itemIndex).entries('by');
	const forModel = rules.filter((rule) => rule.at('value').isForModel);
	return forModel.flatMap((rule) => asText(rule.at('field').value)?.trim() || []);
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
	const { client, resource, functions, itemIndex } = run;
	const [{ field, orders }] = rules;
	const missing = new Set(rules.map((rule) => rule.field));
	let isAny = false;
	const withoutTexts = new Set(rules.filter(({ isText }) => isText).map((rule) => rule.field));
	const withoutTimes = new Set(rules.filter(({ isTime }) => isTime).map((rule) => rule.field));
	const withValues = new Set<string>();
	const timeZone = functions.getTimezone();
	const isWanted = (record: IDataObject) => {
		isAny = true;
		for (const name of withoutTexts) {
			const value = record[name];
			if (isNothing(value)) continue;
			withValues.add(name);
			if (typeof value !== 'number' && toLocalTime(value, timeZone) === undefined) {
				withoutTexts.delete(name);
			}
		}
		for (const name of withoutTimes) {
			const value = record[name];
			if (isNothing(value)) continue;
			withValues.add(name);
			if (toLocalTime(value, timeZone) !== undefined) withoutTimes.delete(name);
		}
		for (const name of missing) if (Object.hasOwn(record, name)) missing.delete(name);
		return rules.every((rule) => rule.isMatch(record[rule.field]));
	};
	const { idFields, path: segments } = resource;
	const isInOrder = sort === undefined || sort === field;
	const limit = isInOrder && !isAiTool(functions.getNode()) ? wanted : undefined;
	const request = { segments, query, field, idFields, orders, isWanted, limit };
	const found = await lookUp(client, request);
	if (isAny && missing.size > 0) {
		const names = inSentence(resource.displayNamePlural);
		throw new NodeOperationError(
			functions.getNode(),
			`The ${names} in EyeCloud Pro have no field ${Array.from(missing).join(', ')} to look up`,
			{ itemIndex, description: "Choose another field under 'Look Up'." },
		);
	}
	const misread = Array.from(withoutTexts).find((name) => withValues.has(name));
	if (misread !== undefined) {
		throw new NodeOperationError(
			functions.getNode(),
			`'${misread}' under 'Look Up' holds dates or numbers, and the value is neither`,
			{
				itemIndex,
				description:
					'Write a day like 2030-12-31, and a number like 12.5. Nothing is known of what there is.',
			},
		);
	}
	const timeless = Array.from(withoutTimes).find((name) => withValues.has(name));
	if (timeless !== undefined) {
		throw new NodeOperationError(
			functions.getNode(),
			`'${timeless}' under 'Look Up' holds no dates that can be read, and the value is one`,
			{
				itemIndex,
				description:
					"Look at a record by 'Get Many', and write the value as EyeCloud Pro does. Nothing is known of what there is.",
			},
		);
	}
	if (found.isWholeList) hintAtWholeList(run, field);
	return sort ? sorted(found.records, sort) : found.records;
}

function hintAtWholeList({ functions }: OperationRun, field: string): void {
	functions.addExecutionHints({
		location: 'outputPane',
		message: `The whole list was read to look up '${field}', as the order in which EyeCloud Pro sorts it does not tell where to look.`,
	});
}

interface Asked {
	condition: ParameterValue;
	value: ParameterValue;
	to: ParameterValue;
}

const NOTHING_SENT = 'Correct the value and run it again. Nothing was sent to EyeCloud Pro.';

/** As it is stored: a year, and more of a day and its time. */
const BEGINNING_OF_DATE = /^\d{1,4}(-\d{0,2}){0,2}([T ].*)?$/;

function ruleFor(run: OperationRun, field: string, { condition, value, to }: Asked): Rule {
	const isRange = condition.value === 'between';
	if (!isRange && condition.value !== 'is' && condition.value !== 'beginsWith') {
		throw condition.refusal(
			"'Condition' under 'Look Up' must be is, beginsWith or between",
			'Choose from the list, or let the expression give what the list has.',
		);
	}
	const [from, until] = [value, isRange ? to : value].map((given) => textOf(given, field));
	const timeZone = run.functions.getTimezone();
	const kind = kindOf(run.resource, field);
	const isTime = kind === undefined || kind === 'date' || kind === 'dateTime';
	if (isTime && [from, until].some(canBeTwoDays)) {
		throw value.refusal(
			`'${field}' under 'Look Up' can be read as two different days, write it like 2000-01-31`,
			NOTHING_SENT,
		);
	}
	if (kind === 'phone') return { field, ...phones(condition.value, value, [from, until], field) };
	const isDay = kind === 'date' || kind === 'dateTime';
	if (condition.value === 'beginsWith') {
		const beginning = isDay ? (toLocalTime(from, timeZone) ?? from) : from;
		if (isDay && !BEGINNING_OF_DATE.test(beginning)) {
			throw value.refusal(
				`'${field}' under 'Look Up' needs the beginning of a date, e.g. 2000-01`,
				NOTHING_SENT,
			);
		}
		return { field, isText: /^\p{L}/u.test(beginning), ...beginsWith(beginning) };
	}
	const isReversed = () =>
		to.refusal(
			`'${field}' under 'Look Up' ends before it begins`,
			"Change places of 'Value' and 'To'. Nothing was sent to EyeCloud Pro.",
		);
	const numbers = [from, until].map(asNumber);
	if (kind === undefined && numbers.every((number) => number !== undefined)) {
		const [first, last] = numbers as number[];
		if (first > last) throw isReversed();
		return { field, ...numbersBetween(first, last) };
	}
	const times = [from, until].map((text) => (isTime ? toLocalTime(text, timeZone) : undefined));
	if (times.every((time) => time !== undefined)) {
		const [first, last] = times as string[];
		// A day is all of it.
		if (first.slice(0, last.length) > last) throw isReversed();
		return { field, isTime, ...timesBetween(first, last, timeZone) };
	}
	if (isDay) {
		throw value.refusal(`'${field}' under 'Look Up' needs a date, e.g. 2000-01-31`, NOTHING_SENT);
	}
	const [first, last] = [from, until].map(folded);
	if (first > last && !first.startsWith(last)) throw isReversed();
	return { field, isText: true, ...(isRange ? textsBetween(from, until) : textIs(from)) };
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
	return toNumber(value);
}

function foldedValue(value: unknown): string {
	return folded(asText(value) ?? '');
}

type Meant = Omit<Rule, 'field'>;

function textIs(text: string): Meant {
	const wanted = folded(text);
	return {
		isMatch: (value) => foldedValue(value) === wanted,
		orders: ordersOfTexts({ condition: 'is', text: wanted }),
	};
}

function beginsWith(text: string): Meant {
	const wanted = folded(text);
	const orders = ordersOfTexts({ condition: 'beginsWith', text: wanted });
	// Where numbers that begin alike stand among others can't be told.
	const numeric = orderOfNumbers(asNumber, { from: -Infinity, to: Infinity });
	return {
		isMatch: (value) => foldedValue(value).startsWith(wanted),
		orders: /^[-\d]/.test(wanted) ? [...orders, numeric] : orders,
	};
}

/** Blanks and signs make no difference, as everywhere else. */
function phones(condition: unknown, value: ParameterValue, texts: string[], field: string): Meant {
	const digitsOf = (given: unknown) => {
		const text = asText(given) ?? '';
		return toPhoneDigits(text) ?? text.replace(/\D/g, '');
	};
	const [first, last] = texts.map(digitsOf);
	if (!first || !last) {
		throw value.refusal(
			`'${field}' under 'Look Up' needs a phone number, e.g. (512) 555-0100`,
			NOTHING_SENT,
		);
	}
	if (first > last && !first.startsWith(last)) {
		throw value.refusal(`'${field}' under 'Look Up' ends before it begins`, NOTHING_SENT);
	}
	// Where numbers that are written in several ways stand, can't be told.
	const plain = (stored: unknown) => {
		const text = asText(stored)?.trim() ?? '';
		return /^\d{10}$/.test(text) ? Number(text) : undefined;
	};
	const range = { from: Number(first.padEnd(10, '0')), to: Number(last.padEnd(10, '9')) };
	return {
		isMatch: (stored) => {
			const digits = digitsOf(stored);
			if (condition === 'is') return digits === first;
			return digits !== '' && digits >= first && (digits <= last || digits.startsWith(last));
		},
		orders: [orderOfNumbers(plain, range)],
	};
}

function textsBetween(one: string, other: string): Meant {
	const [from, to] = [folded(one), folded(other)];
	return {
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
			// Codes that are sorted as texts, and prices with zeros at their end.
			...(from === to
				? ordersOfTexts({ condition: 'beginsWith', text: String(from) })
				: ordersOfNumbersAsTexts(from, to)),
		],
	};
}

/** As texts, 9 stands behind 10: one range of texts for each number of digits. */
function ordersOfNumbersAsTexts(from: number, to: number): Order[] {
	const [least, most] = [from, to].map((number) => String(Math.trunc(number)));
	// What begins with a sign, or has an exponent, stands anywhere.
	if (from < 1 || /\D/.test(least + most)) return [anywhereAmongTexts];
	const orders: Order[] = [];
	for (let digits = least.length; digits <= most.length; digits++) {
		const first = digits === least.length ? least : '1'.padEnd(digits, '0');
		const last = digits === most.length ? most : '9'.repeat(digits);
		orders.push(...ordersOfTexts({ condition: 'between', from: first, to: last }));
	}
	return orders;
}

/** Of texts that are sorted in a way that tells nothing; all of them have to be read. */
const anywhereAmongTexts: Order = {
	allows: (before, after) => typeof before === 'string' && typeof after === 'string',
	mayHold: () => true,
	likelyPlace: () => undefined,
};

/** Zones and their changes move a time by less. */
const DAY_AND_MORE_MS = 26 * 60 * 60_000;

function timesBetween(from: string, to: string, timeZone: string): Meant {
	const read = (value: unknown) => {
		const time = toLocalTime(value, timeZone);
		return time === undefined ? undefined : Date.parse(time.includes('T') ? `${time}Z` : time);
	};
	const range = { from: read(from) ?? NaN, to: read(to) ?? NaN };
	return {
		isMatch: (value) => {
			const time = toLocalTime(value, timeZone);
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
	if (kind === 'phone') return undefined;
	if (kind === undefined && PLAIN_NUMBER.test(wanted)) {
		return numbersBetween(Number(wanted), Number(wanted)).orders;
	}
	const isTime = kind !== 'text' && /^\d{4}-\d\d-\d\d(T[\d:]+)?$/.test(wanted);
	if (isTime) return timesBetween(wanted, wanted, run.functions.getTimezone()).orders;
	if (kind !== undefined && kind !== 'text' && kind !== 'email') return undefined;
	return MANY_WAYS.test(wanted) ? undefined : textIs(wanted).orders;
}

function sorted(records: IDataObject[], sort: string): IDataObject[] {
	const rules = sort.split(',').map((rule) => ({
		field: rule.replace(/^-/, ''),
		sign: rule.startsWith('-') ? -1 : 1,
	}));
	return [...records].sort((a, b) => {
		for (const { field, sign } of rules) {
			const compared = compare(a[field], b[field]);
			if (compared !== 0) return sign * compared;
		}
		return 0;
	});
}

function compare(a: unknown, b: unknown): number {
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	const [one, other] = [foldedValue(a), foldedValue(b)];
	return one < other ? -1 : one > other ? 1 : 0;
}
