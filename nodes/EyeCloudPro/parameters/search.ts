// Looks for the record that an item means: by the API's own filters, or in the whole list, which is read once
// for all items. Knows what this process creates meanwhile. Used by Find or Create and by Create or Update.
import { NodeOperationError, type IDataObject } from 'n8n-workflow';

import { ApiError } from '../api/errors';
import { readList } from '../api/pagination';
import { inSentence } from '../catalogue/names';
import type { Resource } from '../catalogue/resource';
import { listen, type Listener } from './concurrentCreates';
import { valuesOf, type Match } from './matching';
import type { OperationRun } from './run';

/** So long after it looked, it looks again before it creates. */
const CACHED_MS = 60_000;

/** Reading a long list again and again takes at most this part of the time. */
const PART_FOR_READING = 1 / 20;

/** For one item. */
export class Search {
	/** What was created since it looked, by whomever in this process. */
	private readonly created: IDataObject[] = [];

	private isMaybeCreated = false;

	private lookedAtMs = Number.NEGATIVE_INFINITY;

	/** Without one, it looks in the whole list, which listens for all. */
	private readonly queries: IDataObject[];

	/** Ends the listening; has to be called. */
	readonly end: () => void;

	constructor(
		private readonly run: OperationRun,
		private readonly match: Match,
	) {
		this.queries = filterQueries(run.resource, match);
		this.end = this.queries.length > 0 ? listen(run, this.listener()) : () => undefined;
	}

	/**
	 * The record that matches in all fields.
	 *
	 * @throws NodeOperationError where several do, or where no record has one of the fields, so that nobody could
	 */
	async findMatch(): Promise<IDataObject | undefined> {
		this.lookedAtMs = this.run.client.clock.now();
		if (this.queries.length === 0) return this.theOne(await this.list.find(this.run, this.match));
		return this.theOne(await this.byFilters());
	}

	/**
	 * The same once more, right before one is created: asks the API again only where that may tell more.
	 *
	 * @throws ApiError `outcomeUnknown` where another may have created it
	 */
	async findMatchAgain(): Promise<IDataObject | undefined> {
		const { run, match, list } = this;
		const isInList = this.queries.length === 0;
		const isMaybeCreated = isInList ? list.isMaybeCreated(match) : this.isMaybeCreated;
		const found = isInList ? await list.find(run, match, true) : await this.byFiltersAgain();
		const record = this.theOne(found);
		if (!record && isMaybeCreated) throw unknownBySame();
		return record;
	}

	private listener(): Listener {
		const { run, match } = this;
		return {
			created: (record, sent) => {
				// What was answered may show a time on another clock than what was sent.
				const isSame =
					isMatch(run, match, { ...sent, ...record }) ||
					isMatch(run, match, { ...record, ...sent });
				if (isSame) this.created.push(record);
			},
			maybeCreated: (key) => {
				this.isMaybeCreated ||= key === match.key;
			},
		};
	}

	private theOne(found: IDataObject[]): IDataObject | undefined {
		if (found.length > 1) throw severalMatch(this.run, this.match, found.length);
		return found[0];
	}

	private async byFiltersAgain(): Promise<IDataObject[]> {
		const isOld = this.run.client.clock.now() - this.lookedAtMs > CACHED_MS;
		const records = this.isMaybeCreated || isOld ? await this.byFilters() : [];
		return records.length > 0 ? records : this.created;
	}

	private async byFilters(): Promise<IDataObject[]> {
		const { run, match } = this;
		for (const query of this.queries) {
			const records = await readList(run.client, { ...listOf(run), query });
			const missing = missingIn(match.fields, records);
			if (missing.length > 0) throw canNotCompare(run, missing);
			const same = records.filter((record) => isMatch(run, match, record));
			if (same.length > 0) return same;
			const isInUtc = records.some(
				(record) => utcKeyOf(run, match.fields, record) === keyOf(match),
			);
			if (isInUtc) throw onAnotherClock(run, match);
		}
		return [];
	}

	/** One list for all items that match on the same fields. */
	private get list(): SnapshotPoll {
		const { run, match } = this;
		const key = `list ${run.client.identity} ${run.resource.path.join('/')} ${match.fields.join()}`;
		const list =
			(run.memory.get(key) as SnapshotPoll | undefined) ?? new SnapshotPoll(run, match.fields);
		run.memory.set(key, list);
		return list;
	}
}

/** By the values of the fields to match on. */
class SnapshotPoll implements Listener {
	private reading?: Promise<void>;

	/** Fields that none of its records has. */
	private missing: string[] = [];

	/** It may lack one that was created with unknown outcome. */
	private isOutdated = false;

	private oldFromMs = Number.POSITIVE_INFINITY;

	private read = new Map<string, IDataObject[]>();

	/** What those that show a time in UTC would be, were it the practice's own. */
	private readonly inUtc = new Set<string>();

	/** Created since the reading began: those that were read may be among them. */
	private since = new Map<string, IDataObject[]>();

	/** For which matches one may have been created since. */
	private readonly maybe = new Set<string>();

	constructor(
		private readonly run: OperationRun,
		private readonly fields: string[],
	) {
		run.itemOrder.atEnd(listen(run, this));
	}

	isMaybeCreated({ key }: Match): boolean {
		return this.maybe.has(key);
	}

	/** All that match. */
	async find(run: OperationRun, match: Match, isBeforeCreating = false): Promise<IDataObject[]> {
		const isOld = isBeforeCreating && run.client.clock.now() > this.oldFromMs;
		if (!this.reading || this.isOutdated || isOld) this.reading = this.readAll();
		await this.reading;
		if (this.missing.length > 0) throw canNotCompare(run, this.missing);
		const key = keyOf(match);
		const found = this.read.get(key) ?? this.since.get(key) ?? [];
		if (found.length === 0 && this.inUtc.has(key)) throw onAnotherClock(run, match);
		return found;
	}

	created(record: IDataObject, sent: IDataObject): void {
		const values = { ...sent, ...record };
		this.put(this.since, record, values);
		// What was answered may show a time on another clock than what was sent.
		const asSent = { ...record, ...sent };
		if (keyIn(this.run, this.fields, values) !== keyIn(this.run, this.fields, asSent)) {
			this.put(this.since, record, asSent);
		}
	}

	maybeCreated(key: string): void {
		this.maybe.add(key);
		this.isOutdated = true;
	}

	private async readAll(): Promise<void> {
		const { clock } = this.run.client;
		const startMs = clock.now();
		this.isOutdated = false;
		this.oldFromMs = Number.POSITIVE_INFINITY;
		this.since = new Map();
		const records = await readList(this.run.client, listOf(this.run)).catch((thrown: unknown) => {
			this.reading = undefined;
			throw thrown;
		});
		this.read = new Map();
		this.inUtc.clear();
		for (const record of records) {
			this.put(this.read, record);
			const key = utcKeyOf(this.run, this.fields, record);
			if (key !== undefined) this.inUtc.add(key);
		}
		this.missing = missingIn(this.fields, records);
		const tookMs = clock.now() - startMs;
		this.oldFromMs = startMs + Math.max(CACHED_MS, tookMs / PART_FOR_READING);
	}

	private put(records: Map<string, IDataObject[]>, record: IDataObject, values = record): void {
		const key = keyIn(this.run, this.fields, values);
		const same = records.get(key);
		if (same) same.push(record);
		else records.set(key, [record]);
	}
}

function listOf({ resource }: OperationRun) {
	return { segments: resource.path, query: {}, idFields: resource.idFields };
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

/** What the API found need not match: some APIs ignore a filter, and hand on everybody. */
function isMatch(run: OperationRun, { fields, wanted }: Match, record: IDataObject): boolean {
	return valuesOf(run, fields, record).every((value, index) => value === wanted[index]);
}

function keyOf({ wanted }: Match): string {
	return JSON.stringify(wanted);
}

function keyIn(run: OperationRun, fields: string[], record: IDataObject): string {
	return JSON.stringify(valuesOf(run, fields, record));
}

/** Undefined where the record shows no time in UTC. */
function utcKeyOf(run: OperationRun, fields: string[], record: IDataObject): string | undefined {
	const isInUtc = fields.some((field) => {
		const value = Object.hasOwn(record, field) ? record[field] : undefined;
		return typeof value === 'string' && /\dZ$/i.test(value);
	});
	return isInUtc ? JSON.stringify(valuesOf(run, fields, record, 'UTC')) : undefined;
}

/** An API that takes what it is sent for UTC would get the same record at each run. */
function onAnotherClock(run: OperationRun, { fields }: Match): NodeOperationError {
	return new NodeOperationError(
		run.functions.getNode(),
		`A record matches on ${fields.join(', ')} but for the time zone`,
		{
			itemIndex: run.itemIndex,
			description:
				"It shows the same time in UTC, so it can't be told whether it is the one meant. Nothing was created. Look at its time in EyeCloud Pro: if it is right there, set the workflow's time zone to UTC, else match on other fields.",
		},
	);
}

function missingIn(fields: string[], records: IDataObject[]): string[] {
	if (records.length === 0) return [];
	return fields.filter((field) => !records.some((record) => Object.hasOwn(record, field)));
}

function canNotCompare(run: OperationRun, fields: string[]): NodeOperationError {
	const { displayNamePlural } = run.resource;
	return new NodeOperationError(
		run.functions.getNode(),
		`The ${inSentence(displayNamePlural)} in EyeCloud Pro have no field ${fields.join(', ')} to match on`,
		{
			itemIndex: run.itemIndex,
			description:
				"So it can't be told which of them is meant. Choose other fields under 'Match On', by the names that Get Many shows without 'Simplify'. Nothing was created.",
		},
	);
}

/** Another item means the same record, which may have been created for it. */
export function unknownBySame(): ApiError {
	return new ApiError('outcomeUnknown', 'It is unknown whether EyeCloud Pro created the record', {
		description:
			'Another item means the same record, and was sent with an unknown outcome. It was not sent again, so that nothing is created twice. Look in EyeCloud Pro, or with Get Many, whether the record is there before you run this item again.',
	});
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
