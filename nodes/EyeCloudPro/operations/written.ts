// What comes out of a write whose answer holds no record: an item that says what was done, with the id where
// there is one, under the name that the API has for it. Used by the operations that write.
import type { IDataObject } from 'n8n-workflow';

import { createdId, createdManyIn, recordIn, type Answer, type CreatedMany } from '../api/answer';
import { discoverIdField } from '../api/discovery';
import { ApiError } from '../api/errors';
import { tellCreated } from '../parameters/createdMeanwhile';
import type { OperationRun } from '../parameters/run';

/** What is done to one record: after what earlier items do to the same one. */
export async function inTurn<T>(
	{ client, order, itemIndex }: OperationRun,
	segments: readonly string[],
	work: () => Promise<T>,
): Promise<T> {
	return await order.inTurn(itemIndex, JSON.stringify([client.identity, segments]), work);
}

/** `{ deleted: true, patient_id: 7 }`, and its like. It is done, so nothing of this can go wrong any more. */
export async function doneTo(
	run: Pick<OperationRun, 'client' | 'resource'>,
	done: 'created' | 'updated' | 'deleted',
	id: string | number | undefined,
): Promise<IDataObject> {
	if (id === undefined) return { [done]: true };
	const { path, idFields } = run.resource;
	return { [done]: true, [await discoverIdField(run.client, path, idFields)]: id };
}

/** The created record, or what is known of it. */
export async function createdRecord(
	run: OperationRun,
	answer: Answer,
	sent: IDataObject,
): Promise<IDataObject> {
	const record = recordIn(answer.body) ?? (await doneTo(run, 'created', createdId(answer)));
	tellCreated(run, record, sent);
	return record;
}

/**
 * One item for each record that was sent.
 *
 * @throws ApiError `unreadable` where the API says that it created another number of records
 */
export async function createdRecords(
	run: OperationRun,
	answer: Answer,
	sent: IDataObject[],
): Promise<IDataObject[]> {
	const created = createdManyIn(answer.body);
	const said = numberOf(created);
	if (said !== undefined && said !== sent.length) throw otherNumber(said, sent.length);
	const records = 'records' in created ? created.records : [];
	if (!('records' in created)) {
		const ids = 'ids' in created ? created.ids : Array<undefined>(sent.length).fill(undefined);
		for (const id of ids) records.push(await doneTo(run, 'created', id));
	}
	for (const [index, body] of sent.entries()) tellCreated(run, records[index], body);
	return records;
}

function numberOf(created: CreatedMany): number | undefined {
	if ('records' in created) return created.records.length;
	return 'ids' in created ? created.ids.length : created.count;
}

function otherNumber(said: number, number: number): ApiError {
	return new ApiError(
		'unreadable',
		`EyeCloud Pro was sent ${number} records and answered that it created ${said}`,
		{
			description:
				"They were not sent again, so that nothing is created twice. Look in EyeCloud Pro, or with 'Get Many', which of them are there.",
		},
	);
}
