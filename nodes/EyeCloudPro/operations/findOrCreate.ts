// Find or Create: looks for the record first, and creates it only where there is none.
import { NodeOperationError, type IDataObject } from 'n8n-workflow';

import type { ApiRequest } from '../api/client';
import { readList } from '../api/pagination';
import { recordIn } from '../api/records';
import type { Resource } from '../catalogue/resource';
import { bodyOf, columnsFields } from '../parameters/columns';
import { comparable } from '../parameters/comparison';
import type { ItemOperation } from './operation';
import type { OperationRun } from '../parameters/run';
import { inSentence, oneInSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { isPossiblyDone, oncePerExecution } from './retryMemory';
import { asText } from '../parameters/values';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';

export const findOrCreate: ItemOperation = {
	value: 'findOrCreate',
	displayName: 'Find or Create',
	verb: 'create',
	action: (resource) => `Find or create ${oneInSentence(resource.displayName)}`,
	description: (resource) =>
		`Look for one ${inSentence(resource.displayName)} by the fields you choose, and create it if there is none`,
	fields: () => [
		{
			displayName: 'Match On Names or IDs',
			name: 'matchOn',
			type: 'multiOptions',
			typeOptions: { loadOptionsMethod: 'getFieldNames', allowArbitraryValues: true },
			default: [],
			required: true,
			description:
				'The fields that must all be equal for a record to be the same. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
		},
		...columnsFields,
		...toolOutputFields,
		optionsField([dryRunOption]),
	],
	async execute(run) {
		const request: ApiRequest = {
			method: 'POST',
			segments: run.resource.path,
			body: bodyOf(run),
		};
		// Refuses what can't be sent before it is compared.
		run.client.endpointOf(request);
		const match = matchFor(run, request.body as IDataObject);
		const shown = outputOfWritten(run);
		const perform = async () => [await findOrCreateOne(run, request, match)];
		const answers = await oncePerExecution(run, { request, looksFirst: true, perform });
		return answers.map(({ _created, ...record }) =>
			// Without it, it is the description of a request.
			_created === undefined ? record : { ...shown(record), _created },
		);
	},
};

async function findOrCreateOne(
	run: OperationRun,
	request: ApiRequest,
	match: Match,
): Promise<IDataObject> {
	// Two input items that mean the same new record create one.
	const created = run.memory.get(match.key) as IDataObject | undefined;
	if (created) return { ...created, _created: false };

	const found = await findMatches(run, match);
	if (found.length > 1) throw severalMatch(run, match, found.length);
	if (found.length === 1) return { ...found[0], _created: false };

	if (isDryRun(run)) {
		const described = describeRequest(run.client, request);
		run.memory.set(match.key, described);
		return described;
	}
	const answer = run.client.request(request).then(recordIn);
	const record = await answer.catch((thrown: unknown): never => {
		// The record may be there now, and a list that was read before would not know it.
		if (isPossiblyDone(thrown)) run.memory.delete(listKey(run, match));
		throw thrown;
	});
	run.memory.set(match.key, record);
	return { ...record, _created: true };
}

function listKey(run: OperationRun, { fields }: Match): string {
	return `list ${run.client.identity} ${fields.join()}`;
}

interface Match {
	fields: string[];
	/** The wanted values, as they compare. */
	wanted: string[];
	body: IDataObject;
	/** The same for two items that mean the same record. */
	key: string;
}

/** @throws NodeOperationError where there is nothing to match on, which would match every record */
function matchFor(run: OperationRun, body: IDataObject): Match {
	const { functions, itemIndex } = run;
	const chosen = asText(functions.getNodeParameter('matchOn', itemIndex, [])) ?? '';
	const fields = chosen
		.split(',')
		.map((field) => field.trim())
		.filter(Boolean);
	const wanted = wantedValues(run, fields, body);
	const missing = fields.filter((_, index) => wanted[index] === '');
	if (fields.length === 0 || missing.length > 0) {
		const message =
			fields.length === 0
				? "'Match On' is empty"
				: `The item has no value for ${missing.join(', ')}, which 'Match On' names`;
		throw new NodeOperationError(functions.getNode(), message, {
			itemIndex,
			description:
				"Choose fields that tell one record from another, and fill them in under 'Values to Send'. Nothing was created.",
		});
	}
	return { fields, wanted, body, key: JSON.stringify([run.client.identity, fields, wanted]) };
}

function wantedValues(run: OperationRun, fields: string[], record: IDataObject): string[] {
	const timeZone = run.functions.getTimezone();
	// What every object inherits, such as its constructor, would be equal for all records.
	return fields.map((field) =>
		Object.hasOwn(record, field) ? comparable(run.resource, field, record[field], timeZone) : '',
	);
}

/**
 * The records that match in all fields. The API narrows the list where it has a documented filter for
 * one of them; where it has none, the whole list is read, once for all items.
 */
async function findMatches(run: OperationRun, match: Match): Promise<IDataObject[]> {
	const { client, resource } = run;
	const list = { segments: resource.path, query: {}, idFields: resource.idFields };
	const queries = filterQueries(resource, match);
	for (const query of queries) {
		const records = await readList(client, { ...list, query });
		const same = records.filter((record) => isMatch(run, match, record));
		if (same.length > 0) return same;
	}
	if (queries.length > 0) return [];
	const memoryKey = listKey(run, match);
	const known = run.memory.get(memoryKey) as Map<string, IDataObject[]> | undefined;
	const index = known ?? indexBy(run, match.fields, await readList(client, list));
	run.memory.set(memoryKey, index);
	return index.get(JSON.stringify(match.wanted)) ?? [];
}

/**
 * The filters to look with, one after the other. Whether the API's email filter minds case is not
 * documented, so an email alone is also looked for in lower case, and left out beside a better filter.
 */
function filterQueries(resource: Resource, match: Match): IDataObject[] {
	const usable = resource.filters.filter(({ name }) => match.fields.includes(name));
	const exact = usable.filter(({ kind }) => kind !== 'email');
	if (exact.length > 0) {
		return [Object.fromEntries(exact.map(({ name }) => [name, match.body[name]]))];
	}
	return usable.flatMap(({ name }) => {
		const value = String(match.body[name]);
		const spellings = new Set([value, value.toLowerCase()]);
		return Array.from(spellings, (spelling) => ({ [name]: spelling }));
	});
}

function isMatch(run: OperationRun, match: Match, record: IDataObject): boolean {
	const values = wantedValues(run, match.fields, record);
	return values.every((value, index) => value === match.wanted[index]);
}

function indexBy(
	run: OperationRun,
	fields: string[],
	records: IDataObject[],
): Map<string, IDataObject[]> {
	const index = new Map<string, IDataObject[]>();
	for (const record of records) {
		const key = JSON.stringify(wantedValues(run, fields, record));
		const same = index.get(key);
		if (same) same.push(record);
		else index.set(key, [record]);
	}
	return index;
}

function severalMatch(run: OperationRun, match: Match, count: number): NodeOperationError {
	const name = inSentence(run.resource.displayNamePlural);
	return new NodeOperationError(
		run.functions.getNode(),
		`${count} ${name} match on ${match.fields.join(', ')}`,
		{
			itemIndex: run.itemIndex,
			description:
				"It can't be told which one is meant. Add a field to 'Match On' that tells them apart, or merge them in EyeCloud Pro. Nothing was created.",
		},
	);
}
