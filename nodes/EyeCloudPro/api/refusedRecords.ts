// Which records of a refused bulk request a sentence means that names none, or that the list was not where the
// API looks for it: as far as what was sent tells. Used by Create Many.
import { DateTime } from 'luxon';
import type { IDataObject } from 'n8n-workflow';

import type { RefusedParameter } from './refusals';

type Breaks = (value: unknown, ...parts: string[]) => boolean;

const isText = (value: unknown): value is string | number =>
	typeof value === 'string' || typeof value === 'number';
const isGiven = (value: unknown) => value !== undefined;

const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*\.[^\s@.]{2,}$/;

/** What a validator says of a field, and whether a value is one that it says so of. */
const rules: Array<[RegExp, Breaks]> = [
	[/ is required$/, (value) => !isGiven(value)],
	[/ is not allowed to be empty$/, (value) => value === ''],
	[/ is not allowed$/, isGiven],
	[/ must be a string$/, (value) => isGiven(value) && typeof value !== 'string'],
	[/ must be a(?: safe)? number$/, (value) => isGiven(value) && !isNumber(value)],
	[/ must be an integer$/, (value) => isGiven(value) && !Number.isInteger(Number(value))],
	[/ must be a boolean$/, (value) => isGiven(value) && !/^(true|false)$/i.test(String(value))],
	[/ must be a valid email$/, (value) => isGiven(value) && !EMAIL.test(String(value))],
	[/ must be (?:YYYY-MM-DD\b.*|a valid date|in ISO 8601 date format)$/, isNoDate],
	[
		/ (length )?must be (at least |greater than |less than |)(or equal to )?(-?[\d.]+)( characters?( long)?)?$/,
		isBeyond,
	],
	[/ must be (?:one of )?\[([^\]…]*)\]$/, (value, list) => isGiven(value) && !isIn(value, list)],
	[/ pattern: \/(.*)\/([a-z]*)$/, (value, source, flags) => isOther(value, source, flags)],
];

/**
 * The places of the records that are meant: the one that is named, or those to which what is said applies. None
 * where it can't be told.
 */
export function recordsMeant(
	{ field, message, recordIndex }: RefusedParameter,
	records: readonly IDataObject[],
): number[] {
	if (recordIndex !== undefined) return recordIndex in records ? [recordIndex] : [];
	if (field === '') return [];
	for (const [sentence, breaks] of rules) {
		const found = sentence.exec(message);
		if (!found) continue;
		const parts = found.slice(1);
		return Array.from(records.keys()).filter((place) =>
			breaks(valueAt(records[place], field), ...parts),
		);
	}
	return [];
}

/**
 * What to set as 'Body Key' where the API looked for the list elsewhere: a name, an empty text for the list
 * itself, or null where it wants some name; undefined where that is not what was refused.
 */
export function bodyKeyWanted(
	refused: readonly RefusedParameter[],
	bodyKey: string,
	records: readonly IDataObject[],
): string | null | undefined {
	const sentences = refused.map(({ message }) => message);
	const isWhole = (field: string) => /^(value|body|)$/.test(field);
	if (bodyKey !== '' && sentences.includes(`"${bodyKey}" is not allowed`)) {
		const required = refused.filter(({ message }) => message.endsWith(' is required'));
		const [wanted] = required.length === 1 ? required : [];
		const isField = wanted && records.some((record) => Object.hasOwn(record, wanted.field));
		return wanted && !isField ? wanted.field : '';
	}
	const ofWhole = refused.filter(
		({ field, recordIndex }) => isWhole(field) && recordIndex === undefined,
	);
	if (bodyKey !== '' && ofWhole.some(({ message }) => / must be an array$/.test(message)))
		return '';
	const isUnnamed = ofWhole.some(({ message }) =>
		/ must be (of type object|an object)$/.test(message),
	);
	return bodyKey === '' && isUnnamed ? null : undefined;
}

function valueAt(record: IDataObject, path: string): unknown {
	if (Object.hasOwn(record, path)) return record[path];
	return path.split('.').reduce<unknown>((value, name) => Object(value)[name] as unknown, record);
}

function isNumber(value: unknown): boolean {
	return isText(value) && String(value).trim() !== '' && !Number.isNaN(Number(value));
}

function isNoDate(value: unknown): boolean {
	if (!isGiven(value)) return false;
	const isWritten = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
	return !isWritten.test(String(value)) || !DateTime.fromISO(String(value)).isValid;
}

function isBeyond(value: unknown, ofLength: string, side: string, orEqual: string, limit: string) {
	if (!isText(value) || (ofLength && typeof value !== 'string')) return false;
	const number = ofLength ? String(value).length : Number(value);
	if (number === Number(limit)) return side !== '' && side !== 'at least ' && !orEqual;
	if (side === '') return true;
	return side === 'less than ' ? number > Number(limit) : number < Number(limit);
}

function isIn(value: unknown, list: string): boolean {
	return list.split(', ').includes(String(value));
}

/** More than a field's pattern needs; one that repeats a repetition could take for ever. */
const LONGEST_PATTERN = 200;
const LONGEST_VALUE = 200;
const REPEATED_REPETITION = /\([^)]*[+*}][^)]*\)[+*{]/;

function isOther(value: unknown, source: string, flags: string): boolean {
	const isSafe = source.length <= LONGEST_PATTERN && !REPEATED_REPETITION.test(source);
	if (!isText(value) || !isSafe || String(value).length > LONGEST_VALUE) return false;
	try {
		return !new RegExp(source, flags.replace(/[gy]/g, '')).test(String(value));
	} catch {
		return false;
	}
}
