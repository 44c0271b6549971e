// When two values of a field mean the same to people: case and surrounding space don't count, nor do
// the marks in a phone number or the time of a date. Used by Find or Create.
import type { Resource } from '../catalogue/resource';
import { toCalendarDay } from './values';

const PHONE_NAME = /phone|mobile|cell|fax/i;
const LOOKS_LIKE_A_DATE = /^\d{4}-\d{2}-\d{2}([T ]|$)/;

/** A text that is equal for values which mean the same; empty for a value that is not there. */
export function comparable(
	resource: Resource,
	field: string,
	value: unknown,
	timeZone: string,
): string {
	if (value === undefined || value === null) return '';
	const kind = resource.fields.find(({ name }) => name === field)?.kind;
	const text = (typeof value === 'object' ? JSON.stringify(value) : String(value)).trim();
	if (kind === 'phone' || (kind === undefined && PHONE_NAME.test(field))) {
		// A US number is the same with its country code and without.
		return text.replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '');
	}
	if (kind === 'date' || (kind === undefined && LOOKS_LIKE_A_DATE.test(text))) {
		return toCalendarDay(value, timeZone) ?? text;
	}
	return text.toLowerCase().replace(/\s+/g, ' ');
}
