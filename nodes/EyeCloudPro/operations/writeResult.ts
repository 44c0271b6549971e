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
import { discoverIdField } from '../api/discovery';
import { ApiError } from '../api/errors';
import { groupedBy } from './groupedBy';
import { announceCreated } from '../parameters/concurrentCreates';
import { valuesOf } from '../parameters/matching';
import type { OperationRun } from '../parameters/run';

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
 * @throws ApiError `refusedInput` where the API says that it created none
 */
export async function createdRecord(
	run: OperationRun,
	answer: Answer,
	sent: IDataObject,
): Promise<IDataObject> {
	if (isNothingDone(answer.body)) throw nothingDone('created');
	const record =
		recordIn(answer.body) ?? (await doneTo(run, 'created', createdId(answer, run.resource.path)));
	announceCreated(run, record, sent);
	return record;
}

/**
 * One item for each record that was sent, in that order.
 *
 * @throws ApiError `unreadable` where the API says that it created another number of records
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
	const records = 'records' in created ? asSent(run, created.records, sent) : [];
	if (!('records' in created)) {
		const ids = 'ids' in created ? created.ids : Array<undefined>(sent.length).fill(undefined);
		for (const id of ids) records.push(await doneTo(run, 'created', id));
	}
	for (const [index, body] of sent.entries()) announceCreated(run, records[index], body);
	return records;
}

/** In the order in which they were sent, as some servers answer in another one. */
function asSent(run: OperationRun, records: IDataObject[], sent: IDataObject[]): IDataObject[] {
	const isIn = (name: string, all: IDataObject[]) => all.every((each) => Object.hasOwn(each, name));
	const fields = Object.keys(sent[0]).filter((name) => isIn(name, sent) && isIn(name, records));
	const keyOf = (each: IDataObject) => JSON.stringify(valuesOf(run, fields, each));
	// Taken from the end, so the first of those that are alike is taken first.
	const alike = groupedBy([...records].reverse(), keyOf);
	const matched = sent.map((each) => alike.get(keyOf(each))?.pop());
	const used = new Set(matched);
	// Records that the API has changed are taken to be in the order in which they were sent.
	const others = records.filter((record) => !used.has(record)).values();
	return matched.map((record) => record ?? (others.next().value as IDataObject));
}

function numberOf(created: CreatedMany): number | undefined {
	if ('records' in created) return created.records.length;
	return 'ids' in created ? created.ids.length : created.count;
}
