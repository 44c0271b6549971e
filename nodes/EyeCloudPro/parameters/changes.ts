// What differs between a record and what an item wants it to be, by the type of each field. Used by Create or
// Update.
import type { IDataObject } from 'n8n-workflow';

import { codeIn, comparable, isSameValue, kindOf } from './matching';
import { isNothing } from './parameterValue';
import type { OperationRun } from './run';
import { toBoolean } from './values';

/** The fields of the body that the record has otherwise, or has not at all. */
export function changesTo(run: OperationRun, record: IDataObject, body: IDataObject): IDataObject {
	const changes: IDataObject = {};
	for (const [name, wanted] of Object.entries(body)) {
		const value = Object.hasOwn(record, name) ? record[name] : undefined;
		if (!isSame(run, name, value, wanted)) changes[name] = wanted;
	}
	return changes;
}

/** As two values match, but for texts: there another case or another blank is another text. */
function isSame(run: OperationRun, name: string, value: unknown, wanted: unknown): boolean {
	if (isNothing(value) || isNothing(wanted)) return isNothing(value) && isNothing(wanted);
	if (typeof value === 'object' || typeof wanted === 'object') return isSameJson(value, wanted);
	if (typeof value === 'boolean' || typeof wanted === 'boolean') {
		return toBoolean(value) === toBoolean(wanted);
	}
	const texts = [value, wanted].map((each) => String(each).trim().normalize('NFC'));
	if (texts[0] === texts[1]) return true;
	const kind = kindOf(run.resource, name);
	const timeZone = run.functions.getTimezone();
	const own = comparable(kind, value, timeZone);
	const codes = [value, wanted].map((each) => codeIn(kind, each));
	// Prices that the API keeps as texts have their zeros at the end, and lists do not.
	const isFilledUp =
		own === comparable(kind, wanted, timeZone) && codes[1] && codes[0]?.startsWith(codes[1]);
	if (!isFilledUp && !isSameValue(kind, [value, wanted], timeZone)) return false;
	// Whatever compares as its words alone is a text. An email address in another case is the same.
	const areTexts = texts.every((text) => text.toLowerCase().replace(/\s+/g, ' ') === own);
	return kind === 'email' || !areTexts;
}

/** Whatever the order of an object's fields. */
function isSameJson(one: unknown, other: unknown): boolean {
	if (!isNested(one) || !isNested(other)) return one === other;
	const names = Object.keys(one);
	if (Array.isArray(one) !== Array.isArray(other)) return false;
	if (names.length !== Object.keys(other).length) return false;
	return names.every((name) => Object.hasOwn(other, name) && isSameJson(one[name], other[name]));
}

function isNested(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}
