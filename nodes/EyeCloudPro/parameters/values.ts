// Values as people and n8n write them, turned into what the API wants: understood as a whole, or refused.
// Called by what reads parameters, and by the search of From List.
import { DateTime, FixedOffsetZone } from 'luxon';
import type { IDataObject } from 'n8n-workflow';

import type { ValueKind } from '../catalogue/resource';

/** A value that can't be what the parameter asks for; `displayName` is the parameter as shown. */
export interface UnusableValue {
	displayName: string;
	reason: string;
}

/** The catalogue's kinds, and those of a column that the API's own records have shown. */
export type ConvertedKind = ValueKind | 'dayOrTime' | 'number' | 'boolean' | 'object' | 'array';

/**
 * What an expression gave, as text: plain values, dates, and lists of them with commas between. Empty
 * for nothing at all; undefined for an object, which has no text that anybody could have meant.
 */
export function asText(input: unknown): string | undefined {
	if (input === undefined || input === null) return '';
	if (Array.isArray(input)) {
		const texts = input.map((entry) => (Array.isArray(entry) ? undefined : asText(entry)));
		return texts.includes(undefined) ? undefined : texts.join(',');
	}
	if (typeof input === 'number') return Number.isNaN(input) ? undefined : String(input);
	return typeof input === 'object' ? instantAsText(input) : String(input);
}

/** JavaScript's Date and Luxon's DateTime, which n8n's expressions deal in, as ISO 8601. */
function instantAsText(input: object): string | undefined {
	if (DateTime.isDateTime(input)) return input.toISO() ?? undefined;
	return input instanceof Date && !Number.isNaN(input.getTime()) ? input.toISOString() : undefined;
}

export type Converted = { value: IDataObject[string] } | { unusable: UnusableValue };

const REASONS: Record<ConvertedKind, string> = {
	text: 'is not a text',
	email: 'is not an email address, e.g. nathan@example.com',
	phone: 'is not a phone number of 10 digits, e.g. (512) 555-0100',
	date: 'is not a date, e.g. 2000-01-31',
	dateTime: 'is not a date, e.g. 2000-01-31T09:30:00',
	dayOrTime: 'is not a date, e.g. 2000-01-31T09:30:00',
	number: 'is not a number, e.g. 12.5',
	boolean: 'is not true or false',
	object: 'is not an object, e.g. { "city": "Austin" }',
	array: 'is not a list, e.g. [1, 2]',
};

export const TWO_DAYS = 'can be read as two different days, write it like 2000-01-31';

/** How 4/7/1979 is meant. */
export type DateOrder = 'refuse' | 'monthFirst' | 'dayFirst';

/** How the dates of an input are read. */
export interface DateReading {
	/** The workflow's, e.g. `America/Chicago`; only an instant without a calendar day of its own is read in it. */
	timeZone: string;
	dateOrder?: DateOrder;
}

export function toApiValue(
	{ displayName, kind }: { displayName: string; kind: ConvertedKind },
	input: unknown,
	reading: DateReading,
): Converted {
	const value = convert(kind, input, reading);
	if (value !== undefined) return { value };
	const isDate = kind === 'date' || kind === 'dateTime' || kind === 'dayOrTime';
	const isAmbiguous = isDate && typeof input === 'string' && canBeTwoDays(input);
	return { unusable: { displayName, reason: isAmbiguous ? TWO_DAYS : REASONS[kind] } };
}

function convert(
	kind: ConvertedKind,
	input: unknown,
	{ timeZone, dateOrder }: DateReading,
): IDataObject[string] | undefined {
	switch (kind) {
		case 'date':
			return toCalendarDay(input, timeZone, dateOrder);
		case 'dateTime':
			return toLocalTime(input, timeZone, dateOrder);
		case 'dayOrTime':
			return toDayOrTime(input, timeZone, dateOrder);
		case 'number':
			return toNumber(input);
		case 'boolean':
			return toBoolean(input);
		case 'object':
		case 'array':
			return toJson(kind, input);
		case 'email':
			return EMAIL.exec(asText(input)?.trim() ?? '')?.[0];
		case 'phone':
			return toPhoneDigits(asText(input) ?? '');
		case 'text':
			return asText(input)?.trim();
	}
}

const EMAIL = /^[^\s@<>()[\],;:"]+@[^\s@<>()[\],;:"]+\.[\p{L}\p{N}-]+$/u;

/** Documented: `phone` matches `/^\d{10}$/`. A leading country code of the US is taken off. */
export function toPhoneDigits(text: string): string | undefined {
	const written = /^\s*(?:\+\s*1)?[\d\s().\-/\u2010-\u2015]*$/.exec(text)?.[0];
	// No number of the US begins with 1: what does is the country code, and a digit is missing.
	return /^1?((?!1)\d{10})$/.exec(written?.replace(/\D/g, '') ?? '')?.[1];
}

/** Words for yes and no, as expressions and spreadsheets have them; undefined for everything else. */
export function toBoolean(input: unknown): boolean | undefined {
	const text = asText(input)?.trim().toLowerCase() ?? '';
	if (['true', 'yes', 'on', '1'].includes(text)) return true;
	return ['false', 'no', 'off', '0'].includes(text) ? false : undefined;
}

/** Exactly, or not at all: a number of more digits than JavaScript can hold is none. */
export function toNumber(input: unknown): number | undefined {
	if (typeof input === 'number') return Number.isFinite(input) ? input : undefined;
	const text = typeof input === 'string' ? input.trim() : '';
	if (!/^[+-]?(\d+|\d{1,3}(,\d{3})+|(?=\.))(\.\d+)?(e[+-]?\d{1,2})?$/i.test(text)) return undefined;
	const value = Number(text.replaceAll(',', ''));
	return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : value;
}

function toJson(kind: 'object' | 'array', input: unknown): IDataObject | undefined {
	let value = input;
	try {
		if (typeof input === 'string') value = JSON.parse(input) as unknown;
	} catch {
		return undefined;
	}
	const isObject = typeof value === 'object' && value !== null && !instantAsText(value);
	return isObject && Array.isArray(value) === (kind === 'array')
		? (value as IDataObject)
		: undefined;
}

/**
 * The calendar day that a date means, as `YYYY-MM-DD`, never moved to its neighbor: a text with a day
 * in it keeps that day, whatever offset follows.
 */
export function toCalendarDay(
	input: unknown,
	timeZone: string,
	dateOrder?: DateOrder,
): string | undefined {
	const time = writtenTime(input, dateOrder);
	return (time && isMidnightInUtc(time) ? time : inZone(time, timeZone))?.toISODate() ?? undefined;
}

/**
 * A point in time as the API documents it for dates: `YYYY-MM-DDTHH:mm:ss`, without an offset, on the
 * clock that the text itself shows, or that of the time zone for one in UTC; `YYYY-MM-DD` where it shows no time at all.
 */
export function toLocalTime(
	input: unknown,
	timeZone: string,
	dateOrder?: DateOrder,
): string | undefined {
	const time = inZone(writtenTime(input, dateOrder), timeZone);
	const day = time?.toISODate() ?? undefined;
	if (!time || !day || (isMidnight(time) && !showsTime(input))) return day;
	return `${day}T${time.toISOTime({ includeOffset: false })?.slice(0, 8)}`;
}

/** The same where it is not known whether days or times are meant: midnight in UTC is how JavaScript reads a day alone. */
export function toDayOrTime(
	input: unknown,
	timeZone: string,
	dateOrder?: DateOrder,
): string | undefined {
	const time = writtenTime(input, dateOrder);
	if (time && isMidnightInUtc(time)) return time.toISODate() ?? undefined;
	return toLocalTime(input, timeZone, dateOrder);
}

/** A zone that nobody writes: a parsed date that still has it named no zone. */
const NO_ZONE = { zone: FixedOffsetZone.instance(1), setZone: true, locale: 'en-US' };

/** No date is longer, and looking at what is takes time. */
const LONGEST_DATE = 80;

/** The day and time that a text shows. */
function writtenTime(input: unknown, dateOrder: DateOrder = 'refuse'): DateTime | undefined {
	const text = typeof input === 'object' && input !== null ? instantAsText(input) : input;
	if (typeof text !== 'string' || text.length > LONGEST_DATE) return undefined;
	return fromIso(text.trim()) ?? fromWritten(text.trim(), dateOrder);
}

/** A time in UTC is an instant that somebody's local time became, and is read in their time zone. */
function inZone(time: DateTime | undefined, timeZone: string): DateTime | undefined {
	return time?.offset === 0 ? time.setZone(timeZone) : time;
}

function showsTime(input: unknown): boolean {
	return typeof input !== 'string' || /:|T\d|\d ?[ap]\.?m\.?/i.test(input);
}

function isMidnightInUtc(time: DateTime): boolean {
	return time.offset === 0 && isMidnight(time);
}

function isMidnight({ hour, minute, second }: DateTime): boolean {
	return hour + minute + second === 0;
}

/** ISO 8601 with a whole day, and a T or a space before the time. Seven digits are a date to nobody. */
const ISO =
	/^(\d{4}-\d{2}-\d{2}|\d{8}|\d{4}-\d{3}|\d{4}-W\d{2}-\d|\d{4}W\d{3})(?:[T ](\d{2}[\d:.,]*) ?(Z|[+-][\d:]+)?)?$/;

function fromIso(text: string): DateTime | undefined {
	const [, day, clock, zone = ''] = ISO.exec(text.toUpperCase()) ?? [];
	// The end of a day would come out as the day after.
	if (!day || clock?.startsWith('24')) return undefined;
	const time = DateTime.fromISO(clock ? `${day}T${clock}${zone}` : day, NO_ZONE);
	return time.isValid ? time : undefined;
}

/** A day, a time of day, and where the clock was; in brackets, JavaScript's name for the zone. */
const WRITTEN =
	/^(.+?)(?:(?:T|,? +(?:at +)?)(\d{1,2}(?::\d{2}){0,2}(?:\.\d+)?)(?: ?([ap])\.?m\.?)?(?: ?(Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|[ECMP][SD]T))?(?: \([^()]*\))?)?$/i;

/** What the day may look like at all: Luxon takes its time with each format, and lists are long. */
const DAY =
	/^(?:\d{1,2}[/-]\d{1,2}[/-]\d{4}|(?:[a-z]{3,9} )?(?:[a-z]{3,9} \d{1,2}|\d{1,2}[ -][a-z]{3,9})[ -]\d{4})$/i;
const WORDED_DAYS = ['MMM d yyyy', 'MMMM d yyyy', 'd MMM yyyy', 'd MMMM yyyy'].flatMap((format) =>
	['', 'EEE ', 'EEEE '].map((weekday) => weekday + format),
);
const MONTH_FIRST = ['M d yyyy', 'd M yyyy'];
const CLOCKS = ['H:mm', 'H:mm:ss', 'H:mm:ss.u', 'h a', 'h:mm a', 'h:mm:ss a'];

/** As RFC 2822 has them. */
const US_ZONES: Record<string, string> = {
	...{ EST: '-05:00', EDT: '-04:00', CST: '-06:00', CDT: '-05:00' },
	...{ MST: '-07:00', MDT: '-06:00', PST: '-08:00', PDT: '-07:00' },
};

/** RFC 2822, what a Date turns into as text, and what people write. */
function fromWritten(text: string, dateOrder: DateOrder): DateTime | undefined {
	if (!/\d{4}/.test(text)) return undefined;
	const [, date, clock, half, zone = ''] = WRITTEN.exec(text) ?? [];
	// Luxon takes 13 PM for what it must have been.
	const isNoHour = half !== undefined && !/^(0?[1-9]|1[0-2])\b/.test(clock);
	if (!date || isNoHour || clock?.startsWith('24')) return undefined;
	if (dateOrder === 'refuse' && canBeTwoDays(date)) return undefined;
	const words = date.replace(/[, ]+/g, ' ');
	const inNumbers = dateOrder === 'dayFirst' ? [...MONTH_FIRST].reverse() : MONTH_FIRST;
	const formats = /[a-z]/i.test(words) ? WORDED_DAYS : inNumbers;
	const parts = words.replace(/[/-]/g, ' ');
	const day = fromIso(date) ?? (DAY.test(words) ? firstValid(parts, formats) : undefined);
	if (!day || !clock) return day;
	const time = firstValid(half ? `${clock} ${half}m` : clock, CLOCKS);
	const named = zone.toUpperCase().replace(/^(UTC|GMT)(?=.)/, '');
	const offset = US_ZONES[named] ?? named.replace(/^(UTC|GMT)$/, 'Z');
	return time && fromIso(`${day.toISODate()}T${time.toISOTime({ includeOffset: false })}${offset}`);
}

function firstValid(text: string, formats: string[]): DateTime | undefined {
	for (const format of formats) {
		const time = DateTime.fromFormat(text, format, NO_ZONE);
		if (time.isValid) return time;
	}
	return undefined;
}

/** Day and month in numbers, and either may be the first. */
export function canBeTwoDays(text: string): boolean {
	const [, first, second] = /^\s*(\d{1,2})[/-](\d{1,2})[/-]\d{4}\b/.exec(text) ?? [];
	return Number(first) <= 12 && Number(second) <= 12 && Number(first) !== Number(second);
}
