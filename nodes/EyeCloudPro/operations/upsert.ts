// Create or Update: looks for the record of each item, changes what differs in it, and creates those that are not
// there: in batches, as Create Many does.
import {
	NodeOperationError,
	type IDataObject,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { idFieldOf } from '../api/page';
import { inSentence } from '../catalogue/names';
import { changesTo } from '../parameters/changes';
import { bodyOf, columnsFields, columnsOptions, prepareHeadings } from '../parameters/columns';
import { createExclusively } from '../parameters/concurrentCreates';
import { dryRunOption, isDryRun } from '../parameters/dryRun';
import { matchFor, matchOnField, type Match } from '../parameters/matching';
import { optionsField } from '../parameters/options';
import { outputOfWritten, bodyForOutput, toolOutputFields } from '../parameters/output';
import { isNothing, parameterOf } from '../parameters/parameterValue';
import type { OperationRun } from '../parameters/run';
import { MatchSearch } from '../parameters/matchSearch';
import { createForMatch, noteNotCreated, refuseUnknown } from './findOrCreate';
import { batchesOf, batchOptions, bySize, createBatch, type ConvertedBatch } from './createMany';
import { isPossiblyDone, type DoneWork } from './idempotency';
import { ItemOrder } from './itemOrder';
import { groupedBy } from './groupedBy';
import { failedItem } from './items';
import { type AllItemsOperation, recordProperties } from './operation';
import { writeInOrder } from './oneRecord';
import { failedItems } from './refusedBatch';
import { updated, updateOf } from './update';

const showValuesOption: INodeProperties = {
	displayName: 'Show Values in Dry Run',
	name: 'showValues',
	type: 'boolean',
	default: false,
	description:
		'Whether a dry run tells of each field what it is now and what it would become, not only its name',
};

export const upsert: AllItemsOperation = {
	value: 'upsert',
	displayName: 'Create or Update',
	verb: 'create',
	alsoVerb: 'update',
	action: (resource) => `Create or update ${inSentence(resource.displayName)}`,
	description: (resource) =>
		`Look for ${inSentence(resource.displayNamePlural)} by the fields you choose, change what differs in them, and create those that are not there`,
	outputSchema: (resource) => ({
		...recordProperties(resource),
		_action: { type: 'string' },
	}),
	fields: (resource) => [
		matchOnField,
		...columnsFields(resource),
		...toolOutputFields,
		optionsField([
			...columnsOptions,
			...batchOptions,
			{
				...dryRunOption,
				description:
					'Whether to only tell what would be created, and which fields would change, without sending it',
			},
			showValuesOption,
		]),
	],
	prepare: prepareHeadings,
	async executeAll(runs, done) {
		const upserting = new Upserting(done);
		await upserting.all(runs);
		return upserting.output;
	},
};

type Action = 'created' | 'updated' | 'unchanged';

/** What one item asks for. */
interface Wanted {
	run: OperationRun;
	body: IDataObject;
	match: Match;
	search: MatchSearch;
	isDryRun: boolean;
	/** Whether a dry run tells values. */
	isShowing: boolean;
	shown: (record: IDataObject) => IDataObject;
	/** The record as it is in EyeCloud Pro, as far as is known. */
	record?: IDataObject;
}

/** All items of a run of the node. */
class Upserting {
	readonly output: INodeExecutionData[] = [];

	/** Items of which the output tells. */
	private readonly told = new Set<OperationRun>();

	/** The record that was created, by the match. */
	private readonly created = new Map<string, IDataObject>();

	/** Each record that an item has changed, as it is now. */
	private readonly changed = new Map<string, IDataObject>();

	constructor(private readonly done: DoneWork) {}

	/** @throws what ends the node; without Continue On Fail before anything is written, as far as can be */
	async all(runs: OperationRun[]): Promise<void> {
		const wanted: Wanted[] = [];
		for (const run of runs) {
			await this.attempt(run, async () => {
				wanted.push(wantedOf(run));
			});
		}
		await this.each(wanted, async (one) => {
			one.record = await one.search.findMatch();
			// A list may lag behind what an earlier try has created.
			if (!one.isDryRun) one.record ??= one.run.createdByMatch[one.match.key]?.record;
		});
		// Dry runs last: what they only plan to create is not there for the others.
		for (const isPlan of [false, true]) {
			await this.write(wanted.filter((one) => one.isDryRun === isPlan));
		}
	}

	private async attempt(run: OperationRun, work: () => Promise<void>): Promise<void> {
		try {
			await work();
		} catch (thrown) {
			const { functions, resource, itemIndex } = run;
			this.tell([run], [failedItem({ functions, resource, done: this.done }, thrown, itemIndex)]);
		}
	}

	/** The work for several at a time, of which those that fail are told. */
	private async each(
		wanted: Wanted[],
		work: (one: Wanted, itemOrder: ItemOrder) => Promise<void>,
	): Promise<void> {
		const itemOrder = new ItemOrder();
		for (const one of wanted) {
			await itemOrder.waitForSlot(true);
			if (itemOrder.isStopped) break;
			itemOrder.begin(one.run.itemIndex, async () => {
				await this.attempt(one.run, async () => await work(one, itemOrder));
			});
		}
		await itemOrder.end();
	}

	private tell(runs: OperationRun[], items: INodeExecutionData[]): void {
		for (const run of runs) this.told.add(run);
		for (const item of items) this.output.push(item);
	}

	private tellOne({ run }: Wanted, json: IDataObject): void {
		this.tell([run], [{ json, pairedItem: { item: run.itemIndex } }]);
	}

	private open(wanted: Wanted[]): Wanted[] {
		return wanted.filter(({ run }) => !this.told.has(run));
	}

	private async write(wanted: Wanted[]): Promise<void> {
		for (;;) {
			const open = this.open(wanted);
			for (const one of open) one.record ??= this.created.get(one.match.key);
			const missing = open.filter(({ record }) => !record);
			if (missing.length === 0) break;
			await this.createFirst(missing);
		}
		// Before any is changed: what a refused item wants is not how its record will be.
		for (const one of this.open(wanted)) {
			await this.attempt(one.run, async () => refuseOtherId(one));
		}
		const there = this.open(wanted);
		// The final values of each record over all items: where two set the same field, the later one wins.
		const wantedAtEnd = new Map<string, IDataObject>();
		for (const one of there) {
			const key = recordKeyOf(one);
			wantedAtEnd.set(key, { ...wantedAtEnd.get(key), ...withoutMatched(one) });
		}
		await this.each(there, async (one, itemOrder) => {
			const key = recordKeyOf(one);
			await itemOrder.runExclusive(one.run.itemIndex, key, async () => {
				await this.update(one, wantedAtEnd.get(key) ?? {});
			});
		});
	}

	/** Creates for the first of all items that mean the same record. */
	private async createFirst(missing: Wanted[]): Promise<void> {
		const firsts = new Map<string, Wanted>();
		const fields = missing[0].match.fields.join();
		for (const one of missing) {
			// An item that matches on other fields may mean a record that is created now.
			const isNow = one.match.fields.join() === fields;
			if (isNow && !firsts.has(one.match.key)) firsts.set(one.match.key, one);
		}
		const ready: Wanted[] = [];
		for (const one of firsts.values()) {
			await this.attempt(one.run, async () => {
				if (one.isDryRun) return this.plan(one, 'created', one.body);
				refuseUnknown(one.run, one.match);
				ready.push(one);
			});
		}
		for (const together of groupedBy(ready, listOf).values()) {
			await createExclusively(together[0].run, async () => {
				await this.each(together, async (one) => {
					one.record = await one.search.findMatchAgain();
					if (one.record) this.created.set(one.match.key, one.record);
				});
				await this.create(this.open(together).filter(({ record }) => !record));
			});
		}
	}

	private async create(wanted: Wanted[]): Promise<void> {
		const byRun = new Map(wanted.map((one) => [one.run, one]));
		const of = (run: OperationRun) => byRun.get(run) as Wanted;
		const batches = batchesOf(Array.from(byRun.keys()), this.done).map(
			(batch): ConvertedBatch => ({
				...batch,
				bodies: batch.runs.map((run) => of(run).body),
				wrong: [],
			}),
		);
		for (const batch of batches.flatMap(bySize)) {
			await this.createTogether(batch, batch.runs.map(of));
		}
	}

	private async createTogether(batch: ConvertedBatch, wanted: Wanted[]): Promise<void> {
		const [first] = wanted;
		// One alone needs no list, whose form is not documented.
		if (wanted.length === 1 && !batch.error) {
			return await this.attempt(first.run, async () => await this.createAlone(first));
		}
		// Possibly created, until the answer is in: refuseUnknown() looks here.
		for (const { run, match } of wanted) run.createdByMatch[match.key] = {};
		const result = await createBatch(batch, this.done, (records) =>
			records.map((record, index) => this.written(wanted[index], 'created', record)),
		);
		if ('items' in result) return this.tell(batch.runs, result.items);
		const { error, named } = result.refusal;
		for (const { run, match } of wanted) noteNotCreated(run, match, error);
		const failed = failedItems(batch.runs, result.refusal, this.done);
		if (named.size === 0) return this.tell(batch.runs, failed);
		// Nothing of the batch was created, so the other items are sent without the refused ones.
		const isRefused = (_: unknown, index: number) => named.has(index);
		this.tell(batch.runs.filter(isRefused), failed.filter(isRefused));
		const others = this.open(wanted);
		const [runs, bodies] = [others.map(({ run }) => run), others.map(({ body }) => body)];
		if (others.length > 0) await this.createTogether({ ...batch, runs, bodies }, others);
	}

	private async createAlone(one: Wanted): Promise<void> {
		const { run, body, match } = one;
		const { isRepeated: isOther } = run.toolNotes;
		run.toolNotes.isRepeated = false;
		let record: IDataObject = {};
		const [json] = await this.done.remember([run.itemIndex], run, async () => {
			record = await createForMatch(run, body, match);
			return [this.written(one, 'created', record)];
		});
		const isOwn = !run.toolNotes.isRepeated;
		run.toolNotes.isRepeated = isOther;
		if (isOwn) return this.tellOne(one, json);
		// Created by another call, maybe with other values: known by its ID alone, so all of them are sent.
		one.record = record;
	}

	private async update(one: Wanted, wantedAtEnd: IDataObject): Promise<void> {
		const { run, isDryRun: isPlan, record = {} } = one;
		const { resource, itemIndex } = run;
		const { idField, id } = idOf(one);
		const recordKey = recordKeyOf(one);
		const now = this.changed.get(recordKey) ?? record;
		const changes = changesTo(run, now, withoutMatched(one));
		// The record has its last item's values. An earlier item's would switch it back and forth at every run.
		const isAsAtEnd = !this.changed.has(recordKey) && isNothing(changesTo(run, now, wantedAtEnd));
		if (isNothing(changes) || isAsAtEnd) {
			if (isPlan) return this.plan(one, 'unchanged', {}, now);
			return this.tellOne(one, this.written(one, 'unchanged', now));
		}
		if (isPlan) {
			this.changed.set(recordKey, { ...now, ...changes });
			return this.plan(one, 'updated', changes, now);
		}
		if (id === '') throw withoutId(run);
		const request = updateOf(resource, id, changes);
		const keys = [recordKey, recordKeyOf({ ...one, record: undefined })];
		const key = keys.find((each) => run.written.by[each] > itemIndex) ?? recordKey;
		const change = async () => {
			const answered = await updated(run, request);
			this.changed.set(recordKey, { ...now, ...changes, ...answered });
			return [this.written(one, 'updated', answered)];
		};
		const [json] = await this.done
			.remember([itemIndex], run, async () => await writeInOrder(run, key, change))
			.catch((thrown: unknown): never => {
				// The record may be changed or not, so the next item sends all of its fields.
				if (isPossiblyDone(thrown)) this.changed.set(recordKey, { [idField ?? '']: id });
				throw thrown;
			});
		this.tellOne(one, json);
	}

	/** The output for a record. A created one is noted for later items that mean the same. */
	private written(one: Wanted, action: Action, record: IDataObject): IDataObject {
		if (action === 'created') {
			const known = { ...one.body, ...record };
			this.created.set(one.match.key, known);
			one.run.createdByMatch[one.match.key] = { record: known };
			// By its match too, as an answer may hold no ID.
			for (const own of [known, undefined]) {
				one.run.written.by[recordKeyOf({ ...one, record: own })] = one.run.itemIndex;
			}
		}
		return { ...one.shown(record), _action: action };
	}

	/** A dry run's item: what would be done, and the names of the fields. */
	private plan(one: Wanted, action: Action, changes: IDataObject, record: IDataObject = {}): void {
		const { run, isShowing, body } = one;
		if (action === 'created') this.created.set(one.match.key, body);
		// Refuses what can't be sent.
		run.client.endpointOf({ segments: run.resource.path, body: changes });
		const idField = idFieldOf(record, run.resource.idFields);
		const visible = new Set(Object.keys(bodyForOutput(run, changes)));
		const values = Object.entries(changes)
			.filter(([name]) => visible.has(name))
			.map(([name, to]) => [name, { from: record[name] ?? null, to }]);
		this.tellOne(one, {
			...{ dryRun: true, _action: action },
			...(idField && { [idField]: record[idField] }),
			_changedFields: Object.keys(changes),
			...(isShowing && { _changes: Object.fromEntries(values) as IDataObject }),
		});
	}
}

function wantedOf(run: OperationRun): Wanted {
	const body = bodyOf(run);
	// Refuses what can't be sent before it is compared.
	run.client.endpointOf({ segments: run.resource.path, body });
	const match = matchFor(run, body);
	const { name, displayName } = showValuesOption;
	const options = parameterOf(run.functions, 'options', run.itemIndex);
	return {
		...{ run, body, match },
		isDryRun: isDryRun(run),
		isShowing: options.property(name).boolean(displayName, false),
		shown: outputOfWritten(run),
		search: new MatchSearch(run, match),
	};
}

function idOf({ run, record = {} }: Wanted): { idField?: string; id: string } {
	const idField = idFieldOf(record, run.resource.idFields);
	return { idField, id: idField === undefined ? '' : String(record[idField]) };
}

function recordKeyOf(one: Wanted): string {
	return JSON.stringify([listOf(one), idOf(one).id || one.match.key]);
}

/** The list of one resource in one practice. */
function listOf({ run: { client, resource } }: Wanted): string {
	return JSON.stringify([client.identity, resource.path]);
}

/** @throws NodeOperationError where the item has another ID than its record */
function refuseOtherId({ run, body, ...one }: Wanted): void {
	const { record = {} } = one;
	const { idField, id } = idOf({ run, body, ...one });
	const isOther = (name: string) => {
		const own = String(record[name] ?? id);
		return !isNothing(body[name]) && own !== '' && String(body[name]).trim() !== own;
	};
	const other = run.resource.idFields.find(isOther);
	if (idField && other) throw otherId(run, { idField: other, id });
}

/** The fields that can differ: those that it was matched on are equal, and so is its ID. */
function withoutMatched({ run, body, match }: Wanted): IDataObject {
	const equal = new Set([...match.fields, ...run.resource.idFields]);
	const entries = Object.entries(body).filter(([name]) => !equal.has(name));
	return Object.fromEntries(entries);
}

function otherId(
	{ functions, itemIndex }: OperationRun,
	{ idField, id }: { idField: string; id: string },
): NodeOperationError {
	return new NodeOperationError(
		functions.getNode(),
		`The item has another ${idField} than the record that matches it`,
		{
			itemIndex,
			description: `The record has ${idField} ${id}. So it can't be told which of the two is meant, and nothing was changed. Match on ${idField}, or leave it out of 'Values to Send'.`,
		},
	);
}

function withoutId({ functions, resource, itemIndex }: OperationRun): NodeOperationError {
	return new NodeOperationError(
		functions.getNode(),
		`The ${inSentence(resource.displayName)} has no ID to change it by`,
		{
			itemIndex,
			description: `None of its fields is called ${resource.idFields.join(' or ')}. Nothing was changed for this item. Run it again for it, or correct the ID field: under 'ID Field', or with 'Check API' of 'Account'.`,
		},
	);
}
