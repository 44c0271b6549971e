// What comes out of a write whose answer holds no record: an item that says what was done, with the id where
// there is one, under the name that the API has for it. Used by the operations that write.
import type { IDataObject } from 'n8n-workflow';

import {
	createdId,
	createdManyIn,
	isNothingDone,
	recordIn,
	type Answer,
	type CreatedMany,
} from '../api/answer';
import { lettersAndDigits } from '../api/collation';
import { discoverIdField } from '../api/discovery';
import { ApiError, outcomeUnknown } from '../api/errors';
import { groupedBy } from './groupedBy';
import { announceCreated } from '../parameters/concurrentCreates';
import { isSameValue, kindOf, valuesOf } from '../parameters/matching';
import type { OperationRun } from '../parameters/run';
import { toDayOrTime } from '../parameters/values';

/** `{ deleted: true, patient_id: 7 }`, and its like. */
export async function doneTo(
	run: Pick<OperationRun, 'client' | 'resource'>,
	done: 'created' | 'updated' | 'deleted',
	id: string | number | undefined,
): Promise<IDataObject> {
	if (id === undefined) return { [done]: true };
	const { path, idFields } = run.resource;
	return { [done]: true, [await discoverIdField(run.client, path, idFields)]: id };
}

/** Of a success whose own count says that nothing was done. */
export function nothingDone(done: 'created' | 'changed' | 'deleted'): ApiError {
	const isCreated = done === 'created';
	return new ApiError(
		isCreated ? 'refusedInput' : 'notFound',
		`EyeCloud Pro answered that it ${done} nothing`,
		{
			description: isCreated
				? 'It gave no reason. Look at the values, and run it again.'
				: 'Check the ID, and that the record belongs to this practice.',
		},
	);
}

/**
 * The created record, or what is known of it.
 *
 * @throws ApiError `refusedInput` where the API says that it created none, `outcomeUnknown` where it answers with another
 */
export async function createdRecord(
	run: OperationRun,
	answer: Answer,
	sent: IDataObject,
): Promise<IDataObject> {
	if (isNothingDone(answer.body)) throw nothingDone('created');
	const answered = recordIn(answer.body);
	if (answered && isAnother(run, answered, sent)) throw anotherCreated(answer);
	const record = answered ?? (await doneTo(run, 'created', createdId(answer, run.resource.path)));
	announceCreated(run, record, sent);
	return record;
}

/**
 * One item for each record that was sent, in that order.
 *
 * @throws ApiError `unreadable` where the API says that it created another number of records, `outcomeUnknown` where it
 * answers with others
 */
export async function createdRecords(
	run: OperationRun,
	answer: Answer,
	sent: IDataObject[],
): Promise<IDataObject[]> {
	const created = createdManyIn(answer.body, sent.length);
	const said = numberOf(created);
	if (said !== undefined && said !== sent.length) {
		throw new ApiError(
			'unreadable',
			`EyeCloud Pro was sent ${sent.length} records and answered that it created ${said}`,
			{
				description:
					"They were not sent again, so that nothing is created twice. Look in EyeCloud Pro, or with 'Get Many', which of them are there.",
			},
		);
	}
	const records: IDataObject[] = [];
	if ('records' in created) {
		const answered = asSent(run, created.records, sent);
		const isOwn = (record: IDataObject | undefined, index: number) =>
			record !== undefined && !isAnother(run, record, sent[index]);
		if (answered.every((record, index) => record && !isOwn(record, index))) {
			throw anotherCreated(answer);
		}
		for (const [index, record] of answered.entries()) {
			records.push(isOwn(record, index) ? (record as IDataObject) : { created: true });
		}
	} else {
		const ids = 'ids' in created ? created.ids : Array<undefined>(sent.length).fill(undefined);
		for (const id of ids) records.push(await doneTo(run, 'created', id));
	}
	for (const [index, body] of sent.entries()) announceCreated(run, records[index], body);
	return records;
}

/**
 * In the order in which they were sent, as some servers answer in another one; undefined for those of which it can't be
 * told whose they are.
 */
function asSent(
	run: OperationRun,
	records: IDataObject[],
	sent: IDataObject[],
): Array<IDataObject | undefined> {
	const names = new Set(sent.flatMap(Object.keys));
	const fields = Array.from(names).filter((name) =>
		records.some((one) => Object.hasOwn(one, name)),
	);
	const rowOf = (record: IDataObject, at: number) => ({
		record,
		at,
		values: valuesOf(run, fields, record),
	});
	type Row = ReturnType<typeof rowOf>;
	const columns = fields.map((_, column) => column);
	const keyBy = (chosen: number[]) => (row: Row) =>
		JSON.stringify(chosen.map((column) => row.values[column]));
	let wanted = sent.map(rowOf);
	let answered = records.map(rowOf);
	const own: Array<IDataObject | undefined> = [];
	const pairBy = (chosen: number[], mostAlike: number) => {
		// Taken from the end, so the first of those that are alike is taken first.
		const alike = groupedBy([...answered].reverse(), keyBy(chosen));
		const wantedAlike = groupedBy(wanted, keyBy(chosen));
		const taken = new Set<Row>();
		wanted = wanted.filter((row) => {
			const key = keyBy(chosen)(row);
			if ((wantedAlike.get(key)?.length ?? 0) > mostAlike) return true;
			const found = alike.get(key)?.pop();
			if (!found) return true;
			own[row.at] = found.record;
			taken.add(found);
			return false;
		});
		answered = answered.filter((row) => !taken.has(row));
	};
	pairBy(columns, sent.length);
	// The API has changed something in the others. Fields that it left alone tell them apart, if any do.
	const listed = (rows: Row[], column: number) => rows.map(({ values }) => values[column]).sort();
	const unchanged = columns.filter(
		(column) => listed(wanted, column).join('\n') === listed(answered, column).join('\n'),
	);
	pairBy(unchanged, 1);
	// What is left is taken to be in the order in which it was sent, unless it has what another row sent.
	const sentIn = columns.map((column) => new Set(wanted.map(({ values }) => values[column])));
	const isOrdered = wanted.every(({ values }, index) =>
		columns.every((column) => {
			const value = answered[index].values[column];
			return value === '' || value === values[column] || !sentIn[column].has(value);
		}),
	);
	for (const [index, { at }] of wanted.entries()) {
		own[at] = isOrdered ? answered[index].record : undefined;
	}
	return own;
}

/** What no server corrects into something else. */
const WHO = /^(name_?(first|last)|(first|last)_?name|email)$/i;

/**
 * Whether a record is not the one that was sent: another person, or more of its texts are others than values are the
 * same. Servers correct a few, and compute numbers.
 */
function isAnother(run: OperationRun, record: IDataObject, sent: IDataObject): boolean {
	const names = sharedNames(run, record, sent);
	const isText = (name: string) => [record[name], sent[name]].some((value) => isNaN(Number(value)));
	const texts = names.filter(isText);
	const timeZone = run.functions.getTimezone();
	const same = names.filter((name) =>
		isSameValue(kindOf(run.resource, name), [record[name], sent[name]], timeZone),
	);
	const others = otherValues(run, record, sent).filter(
		(name) => texts.length === 0 || isText(name),
	);
	return others.length > same.length || others.some((name) => WHO.test(name));
}

/** The fields in which it has plainly another value: none that was cut, rounded or only written in another way. */
export function otherValues(run: OperationRun, record: IDataObject, sent: IDataObject): string[] {
	const timeZone = run.functions.getTimezone();
	return sharedNames(run, record, sent).filter((name) => {
		const values = [record[name], sent[name]];
		const isMoment = values.some(
			(value) => isNaN(Number(value)) && toDayOrTime(value, timeZone) !== undefined,
		);
		if (isMoment || kindOf(run.resource, name) === 'phone') return false;
		const numbers = values.map(Number);
		if (numbers.some((number) => !isNaN(number))) return Math.abs(numbers[0] - numbers[1]) >= 1;
		const [one, other] = values.map((value) =>
			lettersAndDigits(String(value).replace(/&#?\w+;/g, '')),
		);
		return one !== '' && other !== '' && !one.startsWith(other) && !other.startsWith(one);
	});
}

/** The fields of which both have a text or a number; the ID is the API's own. */
function sharedNames({ resource }: OperationRun, record: IDataObject, sent: IDataObject): string[] {
	const isFilled = (value: unknown) =>
		typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
	return Object.keys(sent).filter(
		(name) =>
			!resource.idFields.includes(name) &&
			Object.hasOwn(record, name) &&
			isFilled(record[name]) &&
			isFilled(sent[name]),
	);
}

function anotherCreated({ statusCode }: { statusCode: number }): ApiError {
	return outcomeUnknown(
		'POST',
		new ApiError('unreadable', 'EyeCloud Pro answered with another record than was sent', {
			statusCode,
		}),
	);
}

function numberOf(created: CreatedMany): number | undefined {
	if ('records' in created) return created.records.length;
	return 'ids' in created ? created.ids.length : created.count;
}
