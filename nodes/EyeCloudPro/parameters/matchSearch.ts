// Looks for the record that an item means: by the API's own filters, by looking it up in a sorted list, or in the whole
// list, which is read once for all items. Knows what this process creates meanwhile. Used by Find or Create,
// Create or Update, and Create.
import type { IDataObject, NodeOperationError } from 'n8n-workflow';

import { discoverSortableFields } from '../api/discovery';
import { ApiError, CancelledError, sortRefusalIn } from '../api/errors';
import { LARGEST_PAGE } from '../api/page';
import { readList } from '../api/pagination';
import { searchFewPages, type SortedSearch } from '../api/sortedSearch';
import { inSentence } from '../catalogue/names';
import type { Resource } from '../catalogue/resource';
import { listen, type Listener } from './concurrentCreates';
import { orderedBy } from './lookUp';
import { exactValuesOf, isReadable, isSameValue, kindOf, valuesOf, type Match } from './matching';
import { refusalOf, type OperationRun } from './run';
import { toLocalTime } from './values';

/** After this long, a result is stale and is read again before creating. */
const CACHED_MS = 60_000;

/** Reading a long list again and again takes at most this part of the time. */
const PART_FOR_READING = 1 / 20;

/** For one item. */
export class MatchSearch {
	private lookedAtMs = Number.NEGATIVE_INFINITY;

	/** Without one, it is looked up, or it looks in the whole list. */
	private readonly queries: IDataObject[];

	/** One for all items that match on the same fields; hears of what is created from now on. */
	private readonly list: MatchList;

	private isInList = false;

	constructor(
		private readonly run: OperationRun,
		private readonly match: Match,
	) {
		this.queries = filterQueries(run.resource, match);
		const key = `list ${run.client.identity} ${run.resource.path.join('/')} ${match.fields.join()}`;
		const list = run.memory.get(key) as MatchList | undefined;
		this.list = list ?? new MatchList(run, match.fields);
		run.memory.set(key, this.list);
	}

	/**
	 * The record that matches in all fields.
	 *
	 * @throws NodeOperationError where several do, or where no record has one of the fields, so that nobody could
	 */
	async findMatch(): Promise<IDataObject | undefined> {
		this.lookedAtMs = this.run.client.clock.elapsedMs();
		return this.theOne(await onlyReading(this.find()));
	}

	/**
	 * The same once more, right before one is created: asks the API again only where that may tell more.
	 *
	 * @throws ApiError `outcomeUnknown` where another may have created it
	 */
	async findMatchAgain(): Promise<IDataObject | undefined> {
		const { run, match, list, isInList } = this;
		const isMaybeCreated = list.isMaybeCreated(run, match);
		const found = onlyReading(isInList ? list.find(run, match, true) : this.findAgain());
		const record = this.theOne(await found);
		if (!record && isMaybeCreated) throw unknownBySame();
		return record;
	}

	private async find(): Promise<IDataObject[]> {
		const { run, match, queries } = this;
		const filtered = queries.length > 0 ? await this.byFilters() : [];
		if (filtered.length > 0) return filtered;
		const found = await this.byLookUp();
		// What has filters asks them again before creating, which costs less than the list.
		this.isInList = found === undefined && queries.length === 0;
		return found ?? (await this.list.find(run, match));
	}

	private theOne(found: IDataObject[]): IDataObject | undefined {
		if (found.length > 1) throw severalMatch(this.run, this.match, found.length);
		return found[0];
	}

	private async findAgain(): Promise<IDataObject[]> {
		const { run, match, list } = this;
		const isOld = run.client.clock.elapsedMs() - this.lookedAtMs > CACHED_MS;
		const records = list.isMaybeCreated(run, match) || isOld ? await this.find() : [];
		return records.length > 0 ? records : list.createdSince(run, match);
	}

	private async byFilters(): Promise<IDataObject[]> {
		const { run, match } = this;
		for (const query of this.queries) {
			const records = await readList(run.client, { ...listOf(run), query });
			const missing = missingIn(run, match.fields, records);
			if (missing.length > 0) throw canNotCompare(run, missing);
			const same = meantBy(run, match, records.map(asFound));
			if (same.length > 0) return same;
		}
		return [];
	}

	/** Undefined where reading the whole list is cheaper, or tells more, which the first item finds out for all. */
	private async byLookUp(): Promise<IDataObject[] | undefined> {
		const { run, list } = this;
		if (itemsOf(run) > MOST_LOOKED_UP || list.isRead) return undefined;
		if (list.isWorthLookingUp && !(await list.isWorthLookingUp)) return undefined;
		const found = this.inFewPages();
		list.isWorthLookingUp ??= found.then(Boolean, () => false);
		return await found;
	}

	private async inFewPages(): Promise<IDataObject[] | undefined> {
		const { run, match } = this;
		const ordered = await this.ordered();
		if (!ordered) return undefined;
		const missing = new Set(match.fields);
		let isAny = false;
		const isWanted = (record: IDataObject) => {
			isAny = true;
			for (const field of missing) if (Object.hasOwn(record, field)) missing.delete(field);
			return isMatch(run, match, record) || isOnAnotherClock(run, match, record);
		};
		const search = { ...listOf(run), ...ordered, isWanted };
		const found = await searchFewPages(run.client, search, ({ totalCount }) => {
			const [items, pages] = [itemsOf(run), Math.ceil(totalCount / LARGEST_PAGE)];
			return items * (1 + Math.log2(pages)) <= pages ? Math.ceil(pages / items) : 0;
		}).catch((thrown: unknown) => {
			// Told to be one that lists are sorted by, and it is not.
			if (sortRefusalIn(thrown).allowed) return undefined;
			throw thrown;
		});
		// Whether none has a field, only the whole list tells.
		if (!found || (isAny && missing.size > 0)) return undefined;
		return meantBy(run, match, found.map(asFound));
	}

	/** The first of the fields that the list can be sorted by, and the orders that it may be in then. */
	private async ordered(): Promise<Pick<SortedSearch, 'field' | 'orders'> | undefined> {
		const { run, match } = this;
		const { client, resource } = run;
		const candidates = match.fields.flatMap((field, index) => {
			const orders = orderedBy(run, field, {
				...{ wanted: match.wanted[index], value: match.body[field] },
			});
			return orders ? [{ field, orders }] : [];
		});
		if (candidates.length === 0) return undefined;
		const sortable =
			resource.sortableFields.length > 0
				? resource.sortableFields
				: await discoverSortableFields(client, resource.path).catch((thrown: unknown) => {
						if (thrown instanceof ApiError) return [];
						throw thrown;
					});
		return candidates.find(({ field }) => sortable.includes(field));
	}
}

/** So that however it ends, nobody takes it for something that may be done. */
async function onlyReading<T>(reading: Promise<T>): Promise<T> {
	return await reading.catch((thrown: unknown): never => {
		if (thrown instanceof CancelledError) throw new CancelledError();
		if (!(thrown instanceof ApiError) || thrown.kind !== 'unreadable') throw thrown;
		const { message, statusCode, description } = thrown;
		throw new ApiError('unreachable', message, { statusCode, description });
	});
}

/** By the values of the fields to match on. */
class MatchList implements Listener {
	private reading?: Promise<void>;

	/** What the first item that looks it up finds out. */
	isWorthLookingUp?: Promise<boolean>;

	/** Fields that none of its records has. */
	private missing: string[] = [];

	/** It was read before one was sent with unknown outcome. */
	private isOutdated = false;

	private oldFromMs = Number.POSITIVE_INFINITY;

	private read = new Map<string, Found[]>();

	/** Created since the first item began to look: those that were read may be among them. */
	private readonly since = new Map<string, Found[]>();

	/** Sent since, with unknown outcome. */
	private readonly maybe = new Map<string, Found[]>();

	constructor(
		private readonly run: OperationRun,
		private readonly fields: string[],
	) {
		run.itemOrder.atEnd(listen(run, this));
	}

	get isRead(): boolean {
		return this.reading !== undefined;
	}

	isMaybeCreated(run: OperationRun, match: Match): boolean {
		const sent = this.maybe.get(keyOf(match)) ?? [];
		return sent.some(({ values }) => isMatch(run, match, values));
	}

	/** All that match. */
	async find(run: OperationRun, match: Match, isBeforeCreating = false): Promise<IDataObject[]> {
		const isOld = isBeforeCreating && run.client.clock.elapsedMs() > this.oldFromMs;
		const isOutdated = this.isOutdated && this.isMaybeCreated(run, match);
		if (!this.reading || isOutdated || isOld) this.reading = this.readAll();
		await this.reading;
		if (this.missing.length > 0) throw canNotCompare(run, this.missing);
		const read = this.read.get(keyOf(match)) ?? [];
		const isThere = read.some(({ values }) => isMatch(run, match, values));
		return isThere ? meantBy(run, match, read) : this.createdSince(run, match, read);
	}

	/** Those that match among what was created, or else among the others. */
	createdSince(run: OperationRun, match: Match, others: Found[] = []): IDataObject[] {
		return meantBy(run, match, [...others, ...(this.since.get(keyOf(match)) ?? [])]);
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

	maybeCreated(sent: IDataObject): void {
		this.put(this.maybe, sent);
		this.isOutdated = true;
	}

	private async readAll(): Promise<void> {
		const { clock } = this.run.client;
		const startMs = clock.elapsedMs();
		this.isOutdated = false;
		this.oldFromMs = Number.POSITIVE_INFINITY;
		const list = readList(this.run.client, listOf(this.run));
		const records = await list.catch((thrown: unknown) => {
			this.reading = undefined;
			throw thrown;
		});
		this.read = new Map();
		for (const record of records) this.put(this.read, record);
		this.missing = missingIn(this.run, this.fields, records);
		const tookMs = clock.elapsedMs() - startMs;
		this.oldFromMs = startMs + Math.max(CACHED_MS, tookMs / PART_FOR_READING);
	}

	private put(records: Map<string, Found[]>, record: IDataObject, values = record): void {
		const found = { record, values };
		const { run, fields } = this;
		const timeZone = run.functions.getTimezone();
		// Midnight in UTC may be a day, or a time: whoever looks knows which.
		const asInstants = JSON.stringify(valuesOf(run, fields, values, timeZone, toLocalTime));
		const inUtc = utcKeyOf(run, fields, values) ?? asInstants;
		for (const key of new Set([keyIn(run, fields, values), asInstants, inUtc])) {
			const same = records.get(key);
			if (same) same.push(found);
			else records.set(key, [found]);
		}
	}
}

/** Where so many are looked up, a list would have to have 500,000 records for that to be less than reading it. */
const MOST_LOOKED_UP = 150;

function itemsOf({ functions }: OperationRun): number {
	return functions.getInputData().length;
}

function listOf({ resource }: OperationRun) {
	return { segments: resource.path, query: {}, idFields: resource.idFields };
}

/**
 * The filters to look with, one after the other. Whether the API's email filter minds case is not
 * documented, so an email alone is also looked for in lower case, and left out beside a better filter. Where any
 * compares as it is written, it misses a record, and the list has to tell.
 */
export function filterQueries(
	resource: Resource,
	match: Pick<Match, 'fields' | 'body'>,
): IDataObject[] {
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
export function isMatch(
	run: OperationRun,
	{ fields, body }: Pick<Match, 'fields' | 'body'>,
	record: IDataObject,
): boolean {
	const { resource, functions } = run;
	const timeZone = functions.getTimezone();
	return fields.every((field) => {
		const own = Object.hasOwn(record, field) ? record[field] : undefined;
		return isSameValue(kindOf(resource, field), [own, body[field]], timeZone);
	});
}

interface Found {
	record: IDataObject;
	/** With what was sent for it, where the API answered less. */
	values: IDataObject;
}

function asFound(record: IDataObject): Found {
	return { record, values: record };
}

/**
 * Those that match; where some are written alike, those alone.
 *
 * @throws NodeOperationError where none matches but one that may show its time on another clock
 */
function meantBy(run: OperationRun, match: Match, found: Found[]): IDataObject[] {
	const same = found.filter(({ values }) => isMatch(run, match, values));
	const isElsewhere = ({ values }: Found) => isOnAnotherClock(run, match, values);
	if (same.length === 0 && found.some(isElsewhere)) throw onAnotherClock(run, match);
	if (same.length < 2) return same.map(({ record }) => record);
	const exact = same.filter(({ values }) =>
		exactValuesOf(run, match.fields, values).every((value, at) => value === match.exact[at]),
	);
	return (exact.length > 0 ? exact : same).map(({ record }) => record);
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

function isOnAnotherClock(run: OperationRun, match: Match, record: IDataObject): boolean {
	return utcKeyOf(run, match.fields, record) === keyOf(match);
}

/** An API that takes what it is sent for UTC would get the same record at each run. */
function onAnotherClock(run: OperationRun, { fields }: Match): NodeOperationError {
	return refusalOf(
		run,
		`A record matches on ${fields.join(', ')} but for the time zone`,
		"It shows the same time in UTC, so it can't be told whether it is the one meant. Nothing was created. Look at its time in EyeCloud Pro: if it is right there, set the workflow's time zone to UTC, else match on other fields.",
	);
}

/** Fields that none of the records has, or none in a form that can be compared. */
function missingIn(
	{ resource, functions }: OperationRun,
	fields: string[],
	records: IDataObject[],
): string[] {
	if (records.length === 0) return [];
	const timeZone = functions.getTimezone();
	return fields.filter((field) => {
		const kind = kindOf(resource, field);
		const isThere = (record: IDataObject) =>
			Object.hasOwn(record, field) && isReadable(kind, record[field], timeZone);
		return !records.some(isThere);
	});
}

function canNotCompare(run: OperationRun, fields: string[]): NodeOperationError {
	const { displayNamePlural } = run.resource;
	return refusalOf(
		run,
		`The ${inSentence(displayNamePlural)} in EyeCloud Pro have no field ${fields.join(', ')} that can be compared`,
		"So it can't be told which of them is meant. Choose other fields under 'Match On', by the names that Get Many shows without 'Simplify'. Nothing was created.",
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
	return refusalOf(
		run,
		`${count} ${name} match on ${match.fields.join(', ')}`,
		"It can't be told which one is meant. Add a field to 'Match On' that tells them apart, or merge them in EyeCloud Pro. Nothing was created.",
	);
}
