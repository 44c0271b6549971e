// Values as people and n8n write them, turned into what the API wants.
// Called by the operations for filters and for the fields of a record.
import type { ValueKind } from '../catalogue/resource';

/** A value that can't be what the parameter asks for; `displayName` is the parameter as shown. */
export interface UnusableValue {
	displayName: string;
	reason: string;
}

/**
 * What an expression gave, as text: plain values, dates, and lists of them with commas between. Empty
 * for nothing at all; undefined for an object, which has no text that anybody could have meant.
 */
export function asText(input: unknown): string | undefined {
	if (input === undefined || input === null) return '';
	if (input instanceof Date) return Number.isNaN(input.getTime()) ? undefined : input.toISOString();
	if (Array.isArray(input)) {
		const texts = input.map((entry) => (Array.isArray(entry) ? undefined : asText(entry)));
		return texts.includes(undefined) ? undefined : texts.join(',');
	}
	if (typeof input === 'number') return Number.isNaN(input) ? undefined : String(input);
	if (typeof input !== 'object') return String(input);
	// Luxon's DateTime, which n8n's expressions deal in.
	const text: unknown = 'toISO' in input && typeof input.toISO === 'function' && input.toISO();
	return typeof text === 'string' ? text : undefined;
}

export type Converted = { value: string } | { unusable: UnusableValue };

/**
 * @param timeZone the workflow's, e.g. `America/Chicago`; only an instant without a calendar day of
 * its own (a JavaScript Date, a time in UTC) is read in it
 */
export function toApiValue(
	field: { displayName: string; kind: ValueKind },
	input: unknown,
	timeZone: string,
): Converted {
	const unusable = (reason: string): Converted => ({
		unusable: { displayName: field.displayName, reason },
	});
	if (field.kind === 'date') {
		const day = toCalendarDay(input, timeZone);
		return day ? { value: day } : unusable('is not a date, e.g. 2000-01-31');
	}
	if (field.kind === 'dateTime') {
		const time = toLocalTime(input, timeZone);
		return time ? { value: time } : unusable('is not a date, e.g. 2000-01-31T09:30:00');
	}
	const text = asText(input)?.trim();
	if (text === undefined) return unusable('is not a text');
	if (field.kind === 'email') {
		return /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text)
			? { value: text }
			: unusable('is not an email address, e.g. nathan@example.com');
	}
	if (field.kind === 'phone') {
		const digits = toPhoneDigits(text);
		return digits
			? { value: digits }
			: unusable('is not a phone number of 10 digits, e.g. (512) 555-0100');
	}
	return { value: text };
}

/** Documented: `phone` matches `/^\d{10}$/`. A leading country code of the US is taken off. */
function toPhoneDigits(text: string): string | undefined {
	const digits = /[a-z]/i.test(text) ? '' : text.replace(/\D/g, '');
	return /^1?(\d{10})$/.exec(digits)?.[1];
}

/**
 * The calendar day that a date means, as `YYYY-MM-DD`, never moved to its neighbor: a text with a day
 * in it keeps that day, whatever offset follows. Reads Luxon's DateTime, JavaScript's Date, and text
 * in the forms that Luxon reads: ISO 8601 (calendar, week and ordinal dates), SQL, RFC 2822, HTTP.
 */
export function toCalendarDay(input: unknown, timeZone: string): string | undefined {
	if (input instanceof Date) return dayOfInstant(input, timeZone);
	if (typeof input === 'object' && input !== null && 'toISODate' in input) {
		const day: unknown = typeof input.toISODate === 'function' && input.toISODate();
		return typeof day === 'string' ? day : undefined;
	}
	if (typeof input !== 'string') return undefined;
	const text = input.trim();
	return fromUtcText(text, timeZone) ?? fromIsoText(text) ?? fromEnglishText(text);
}

/**
 * A point in time as the API documents it for dates: `YYYY-MM-DDTHH:mm:ss`, without an offset, on the
 * clock that the text itself shows; `YYYY-MM-DD` where it shows midnight or no time at all.
 */
function toLocalTime(input: unknown, timeZone: string): string | undefined {
	const day = toCalendarDay(input, timeZone);
	if (!day) return undefined;
	const text = input instanceof Date ? '' : String(input).trim();
	const time = /[T ](\d{2}):(\d{2})(?::(\d{2}))?/.exec(text);
	if (!time && !(input instanceof Date)) return day;
	const isInstant = input instanceof Date || fromUtcText(text, timeZone) !== undefined;
	const clock = isInstant
		? clockOf(input instanceof Date ? input : new Date(text), timeZone)
		: `${time?.[1]}:${time?.[2]}:${time?.[3] ?? '00'}`;
	return clock === '00:00:00' ? day : `${day}T${clock}`;
}

function clockOf(instant: Date, timeZone: string): string {
	return new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'medium' }).format(instant);
}

/** A time in UTC that is not midnight is an instant that somebody's local day became. */
function fromUtcText(text: string, timeZone: string): string | undefined {
	const time = /^\d{4}-?\d{2}-?\d{2}[T ](\d{2}):?(\d{2}).*(?:Z|[+-]00:?00)$/i.exec(text);
	if (!time || (time[1] === '00' && time[2] === '00')) return undefined;
	const instant = new Date(text);
	return Number.isNaN(instant.getTime()) ? undefined : dayOfInstant(instant, timeZone);
}

function fromIsoText(text: string): string | undefined {
	const calendar = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?$/.exec(text);
	if (calendar) return toDay(Number(calendar[1]), Number(calendar[2]), Number(calendar[3]));
	const ordinal = /^(\d{4})-?(\d{3})(?:T.*)?$/.exec(text);
	if (ordinal && Number(ordinal[2]) >= 1 && Number(ordinal[2]) <= 366) {
		const day = new Date(Date.UTC(Number(ordinal[1]), 0, Number(ordinal[2])));
		return day.getUTCFullYear() === Number(ordinal[1]) ? isoDayOf(day) : undefined;
	}
	const week = /^(\d{4})-?W(\d{2})-?([1-7])(?:T.*)?$/.exec(text);
	if (week) return fromWeek(Number(week[1]), Number(week[2]), Number(week[3]));
	return undefined;
}

/** ISO 8601: week 1 is the one that holds January 4th. */
function fromWeek(year: number, week: number, weekday: number): string | undefined {
	if (week < 1 || week > 53) return undefined;
	const fourth = new Date(Date.UTC(year, 0, 4));
	const mondayOffset = (fourth.getUTCDay() + 6) % 7;
	const monday = 4 - mondayOffset + (week - 1) * 7;
	// A week belongs to the year of its Thursday, so not every year has a week 53.
	if (new Date(Date.UTC(year, 0, monday + 3)).getUTCFullYear() !== year) return undefined;
	return isoDayOf(new Date(Date.UTC(year, 0, monday + weekday - 1)));
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** `Mon, 31 Jan 2000 …` (RFC 2822, HTTP) and `Mon Jan 31 2000 …` (what a Date turns into as text). */
function fromEnglishText(text: string): string | undefined {
	const dayFirst =
		/^(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4})(?:\s.*)?$/.exec(text);
	const monthFirst =
		/^(?:[A-Za-z]{3,9},?\s+)?([A-Za-z]{3})[a-z]*\s+(\d{1,2}),?\s+(\d{4})(?:\s.*)?$/.exec(text);
	const [day, month, year] = dayFirst
		? [dayFirst[1], dayFirst[2], dayFirst[3]]
		: [monthFirst?.[2], monthFirst?.[1], monthFirst?.[3]];
	if (!day || !month) return undefined;
	return toDay(Number(year), MONTHS.indexOf(month.toLowerCase()) + 1, Number(day));
}

function toDay(year: number, month: number, day: number): string | undefined {
	// Date.UTC would take the years 0 to 99 for those of the last century.
	const date = new Date(0);
	date.setUTCFullYear(year, month - 1, day);
	const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
	return exists ? isoDayOf(date) : undefined;
}

function isoDayOf(date: Date): string {
	return date.toISOString().slice(0, 10);
}

function dayOfInstant(instant: Date, timeZone: string): string | undefined {
	if (Number.isNaN(instant.getTime())) return undefined;
	// Midnight in UTC is how JavaScript reads a day alone.
	if (instant.getTime() % 86_400_000 === 0) return isoDayOf(instant);
	// Swedish writes dates as ISO 8601 does.
	return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant);
}
