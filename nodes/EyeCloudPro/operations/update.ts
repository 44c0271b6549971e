// Update: the fields that the user maps, on one record; the others stay as they are.
import { NodeOperationError, type IDataObject } from 'n8n-workflow';

import { shownField } from '../catalogue/fieldNames';
import { asId, isNothingDone, recordIn } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { ApiError, CancelledError } from '../api/errors';
import {
	bodyOf,
	columnsOptions,
	prepareHeadings,
	updateColumnsFields,
} from '../parameters/columns';
import { type ItemOperation, recordProperties } from './operation';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { valuesOf } from '../parameters/matching';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { recordIdField, recordIdOf } from '../parameters/recordId';
import { asText } from '../parameters/values';
import type { OperationRun } from '../parameters/run';
import type { Resource } from '../catalogue/resource';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';
import { forgetCreated } from './createdByTools';
import { runExclusive, sameRecord } from './oneRecord';
import { doneTo, nothingDone, otherValues } from './writeResult';

export const update: ItemOperation = {
	value: 'update',
	displayName: 'Update',
	verb: 'update',
	isOverlapping: true,
	action: (resource) => `Update ${inSentence(resource.displayName)}`,
	description: (resource) => `Change fields of one ${inSentence(resource.displayName)}`,
	outputSchema: recordProperties,
	fields: (resource) => [
		recordIdField(resource),
		...updateColumnsFields,
		...toolOutputFields,
		optionsField([...columnsOptions, dryRunOption]),
	],
	prepare: prepareHeadings,
	async execute(run) {
		const id = recordIdOf(run);
		const request = updateOf(run.resource, id, changesOf(run, id));
		if (isDryRun(run)) return [describeRequest(run, request)];
		const shown = outputOfWritten(run);
		return await runExclusive(run, request.segments, async () => [
			shown(await updated(run, request)),
		]);
	},
};

/**
 * The fields to change. The ID is none of them: another one would make the record another.
 *
 * @throws NodeOperationError where the item has another ID
 */
function changesOf(run: OperationRun, id: string): IDataObject {
	const { functions, itemIndex, resource } = run;
	const body = bodyOf(run);
	const names = resource.idFields.filter((name) => Object.hasOwn(body, name));
	const entries = Object.entries(body).filter(([name]) => !names.includes(name));
	const other = names.find((name) => asText(body[name]) !== id);
	if (other === undefined && entries.length > 0) return Object.fromEntries(entries);
	const name = other ?? names[0];
	throw new NodeOperationError(functions.getNode(), `'${name}' can't be changed`, {
		itemIndex,
		description: `A record keeps its ID. Leave '${name}' out of the values, and give others. Nothing was changed.`,
	});
}

/** The request that changes these fields of the record. */
export function updateOf(resource: Resource, id: string, body: IDataObject): ApiRequest {
	const method = resource.updateMethod ?? 'PATCH';
	return { method, segments: [...resource.path, id], body, isUpdate: true };
}

/**
 * Sends it.
 *
 * @throws ApiError `notFound` where the API says that it changed nothing, and the record is otherwise
 */
export async function updated(run: OperationRun, request: ApiRequest): Promise<IDataObject> {
	const answer = await (request.method === 'PUT'
		? replaced(run, request)
		: run.client.request(request).then(({ body }) => body));
	forgetCreated(run, idIn(request));
	const answered = recordIn(answer);
	const record = answered ? sameRecord(run, answered, idIn(request)) : await readBack(run, request);
	if (isNothingDone(answer) && !isAsSent(run, record, request.body as IDataObject)) {
		throw nothingDone('changed');
	}
	tellOfOtherValues(run, otherValues(run, record, request.body as IDataObject));
	return record;
}

/** An API that drops a field it does not know, or keeps it as it is, answers with success all the same. */
function tellOfOtherValues(run: OperationRun, fields: string[]): void {
	const names = fields.map((field) => shownField(field, run.resource)).join(', ');
	const key = `not as sent ${names}`;
	if (fields.length === 0 || run.memory.has(key)) return;
	run.memory.set(key, true);
	run.functions.addExecutionHints({
		location: 'outputPane',
		message: `What was changed came back with another value than was sent in ${names}. Look whether EyeCloud Pro lets it be changed.`,
	});
}

/**
 * PUT replaces a record, so all of it is sent as it is now, but for what the API itself puts in and does not take.
 *
 * @throws ApiError where the record can't be read
 */
async function replaced(run: OperationRun, request: ApiRequest): Promise<unknown> {
	const { client } = run;
	const changes = request.body as IDataObject;
	const record = recordIn(
		(await client.request({ method: 'GET', segments: request.segments })).body,
	);
	if (!record) {
		throw new ApiError('refusedInput', 'The record can not be read, so it was not changed', {
			description:
				"'API Differences' says that PUT changes a record. PUT replaces all of it, and what is in it now is not known.",
		});
	}
	const body = { ...sameRecord(run, record, idIn(request)), ...changes };
	for (;;) {
		const refusal = await client.request({ ...request, body }).then(
			({ body: answer }) => ({ answer }),
			(thrown: unknown) => ({ thrown }),
		);
		if ('answer' in refusal) return refusal.answer;
		const { thrown } = refusal;
		const refused = thrown instanceof ApiError ? thrown.refused : [];
		// A field refused for its value stays: PUT without it would empty the field.
		const own = refused.filter(
			({ field, message }) =>
				message.endsWith(' is not allowed') &&
				Object.hasOwn(body, field) &&
				!Object.hasOwn(changes, field),
		);
		if (own.length === 0) throw thrown;
		for (const { field } of own) delete body[field];
	}
}

/** Databases count a record as unchanged where it had these values before. */
function isAsSent(run: OperationRun, record: IDataObject, sent: IDataObject): boolean {
	const names = Object.keys(sent);
	const [now, wanted] = [record, sent].map((each) => valuesOf(run, names, each));
	return now.every((value, index) => value === wanted[index]);
}

/** The record after an update that did not answer it. The update is made, whether or not it can be read. */
async function readBack(run: OperationRun, request: ApiRequest): Promise<IDataObject> {
	const id = idIn(request);
	const { segments } = request;
	const looked = run.client.request({ method: 'GET', segments }).then(({ body }) => {
		const record = recordIn(body);
		return record && sameRecord(run, record, id);
	});
	const record = await looked.catch((thrown: unknown) => {
		if (thrown instanceof CancelledError) throw thrown;
		return undefined;
	});
	return record ?? (await doneTo(run, 'updated', asId(id)));
}

function idIn({ segments }: ApiRequest): string {
	return segments[segments.length - 1];
}
