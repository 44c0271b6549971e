// The field and filter rules that several resources share, in Joi, whose messages are those that
// the API's documentation quotes.
import Joi from 'joi';
import type { ApiRecord } from '../contract.ts';
import type { Filter } from './resource.ts';

const day = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/;

/** A date as the API takes it; the message, without quotes around the name, is the published one. */
export function dateField(name: string) {
	return Joi.string()
		.custom((value: string, { error }) => (isRealDate(value) ? value : error('date.format')))
		.messages({ 'date.format': `${name} must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss` });
}

function isRealDate(value: string): boolean {
	if (!day.test(value)) return false;
	const time = value.length === 10 ? `${value}T00:00:00` : value;
	const parsed = new Date(`${time}Z`);
	// February 31 parses as a day in March, so the way back tells.
	return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(time);
}

export const email = Joi.string().email();
export const phone = Joi.string().pattern(/^\d{10}$/);
export const id = Joi.number().integer().min(1);
export const money = Joi.number().min(0);
export const name = Joi.string().max(100);

/** Lets records through whose field is the value, text without regard to case. */
export function equals(field: string, schema: Joi.Schema): Filter {
	return {
		schema,
		passes: (record, value) =>
			typeof value === 'string'
				? String(record[field]).toLowerCase() === value.toLowerCase()
				: record[field] === value,
	};
}

/** Lets records through whose field is a time on that day. */
export function onDay(field: string, parameter: string): Filter {
	return {
		schema: dateField(parameter),
		passes: (record, value) => String(record[field]).startsWith(String(value).slice(0, 10)),
	};
}

/** A stored record: the id first, then what was sent, then what the API adds. */
export function stored(idField: string) {
	return (recordId: number, values: ApiRecord): ApiRecord => ({
		[idField]: recordId,
		...values,
		create_date: new Date().toISOString().slice(0, 19),
	});
}

/** How many records a practice of this size has, when practice 2 has so many. */
export function sized(atPractice2: number) {
	return ({ size }: { size: number }) => Math.max(2, Math.ceil(atPractice2 * size));
}
