// What a model writes where it was told nothing: no value of anybody. Used where a model can fill in a filter, a
// field or an ID.
import type { ParameterValue } from './parameterValue';
import { asText, toCalendarDay, toPhoneDigits, type ConvertedKind } from './values';

/** Why such a value can't be used; stands after the parameter's name. */
export const IS_PLACEHOLDER =
	'is a placeholder: leave it empty where it is not known, or ask the person for it';

const WORDS =
	'n/a|n\\.a|nil|null|none|undefined|unknown|unspecified|not (?:provided|available|given|specified|known|applicable)|no (?:value|data)|tbd|to be determined|empty|placeholder|string|x{3,}';

/** The words alone, in whatever brackets and marks, or marks alone. */
const PLACEHOLDER = new RegExp(`^[^\\p{L}\\p{N}]*(?:(?:${WORDS})[^\\p{L}\\p{N}]*)?$`, 'iu');

const EMAIL = new RegExp(`^(?:${WORDS}|na|no-?email|noreply)@`, 'i');

/** Ten digits that systems are fed with where a number is demanded and nobody knows one. */
const PHONE = /^(?:(\d)\1{9}|1234567890|0123456789)$/;

/** The same for days, of databases and of spreadsheets. */
const DAYS = new Set(['0001-01-01', '1900-01-01']);

/** What would let everybody through a filter. */
const EVERYBODY = /^\W*(?:any|all|any(?:one|body)|every(?:one|body)|\.?\*|%)\W*$/i;

/** Only of what a model has filled in: a person may have meant it. */
export function isPlaceholder(given: ParameterValue, kind?: ConvertedKind): boolean {
	const text = asText(given.value)?.trim();
	if (!given.isForModel || given.isEmpty || text === undefined) return false;
	if (PLACEHOLDER.test(text)) return true;
	if (kind === 'email') return EMAIL.test(text);
	if (kind === 'phone') return PHONE.test(toPhoneDigits(text) ?? '');
	return kind === 'date' && DAYS.has(toCalendarDay(text, 'UTC') ?? '');
}

/** The same, or a word for everybody. */
export function isNoSearch(given: ParameterValue, kind: ConvertedKind): boolean {
	return (
		isPlaceholder(given, kind) || (given.isForModel && EVERYBODY.test(asText(given.value) ?? ''))
	);
}
