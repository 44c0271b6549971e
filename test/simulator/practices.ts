// The two practices and their records, in memory. Used by the API for its work, by faults and by
// control to change records behind the API's back.
import type { ApiRecord, NewField, ResolvedOptions } from './contract.ts';
import { Pick as Picker } from './pick.ts';
import {
	addedResource,
	countOf,
	generated,
	newRecord,
	resources,
	withField,
	type PracticeFacts,
	type Resource,
} from './resources.ts';

export const practiceId = 2;
export const otherPracticeId = 123;

const rememberedOrders = 8;

export interface ListRequest {
	/** Filters that were given, by name, already validated. */
	filters: Record<string, unknown>;
	/** As in the query, already validated, or undefined for the order of ids. */
	sort?: string;
	page: number;
	pageSize: number;
	/** What callers see in a field, and so sort by. Default: what is in it. */
	value?: (record: ApiRecord, field: string) => unknown;
	/** New records appear so late. Default: at once. */
	lagMs?: number;
}

/** All records of one resource in one practice, in the order of their ids. */
export class Collection {
	private records: ApiRecord[];
	private readonly byId: Map<number, ApiRecord>;
	private lists = new Map<string, ApiRecord[]>();
	private lastId: number;
	/** When a record was added since the start. */
	private addedAtMs = new WeakMap<ApiRecord, number>();

	resource: Resource;
	private readonly facts: PracticeFacts;

	constructor(resource: Resource, facts: PracticeFacts) {
		this.resource = resource;
		this.facts = facts;
		this.records = Array.from({ length: countOf(resource, facts) }, (_, index) =>
			this.generated(index),
		);
		this.byId = new Map(this.records.map((record) => [record[resource.idField] as number, record]));
		this.lastId = this.idAt(this.records.length - 1);
	}

	all(): ApiRecord[] {
		return this.records;
	}

	get(id: number, lagMs = 0): ApiRecord | undefined {
		const record = this.byId.get(id);
		return record && this.hasArrived(record, lagMs) ? record : undefined;
	}

	private hasArrived(record: ApiRecord, lagMs: number): boolean {
		return lagMs === 0 || performance.now() - (this.addedAtMs.get(record) ?? -Infinity) >= lagMs;
	}

	/** The id at a position in the order of ids, from 0; -1, which no record has, beyond the end. */
	idAt(position: number): number {
		return (this.records[position]?.[this.resource.idField] as number | undefined) ?? -1;
	}

	/** One page of the records that pass the filters, and how many pass in all. */
	list(request: ListRequest): { records: ApiRecord[]; totalCount: number } {
		const all = this.ordered(request);
		const start = (request.page - 1) * request.pageSize;
		return { records: all.slice(start, start + request.pageSize), totalCount: all.length };
	}

	/** Adds records with the next ids and what the API fills in itself; answers them as stored. */
	add(values: ApiRecord[]): ApiRecord[] {
		return values.map((value) =>
			this.put(this.records.length, newRecord(this.resource, this.lastId + 1, value)),
		);
	}

	/**
	 * Puts a record among the others without the API's doing: what is given, and believable values
	 * for the rest. With an id of its own it takes its place in the order, otherwise it comes last.
	 */
	insert(given: ApiRecord = {}): ApiRecord {
		const { idField } = this.resource;
		const id = (given[idField] as number | undefined) ?? this.lastId + 1;
		if (this.byId.has(id)) throw new RangeError(`There is a record with ${idField} ${id} already.`);
		const place = this.records.findIndex((other) => (other[idField] as number) > id);
		return this.put(place === -1 ? this.records.length : place, {
			...this.generated(this.records.length + id),
			create_date: new Date().toISOString().slice(0, 19),
			...given,
			[idField]: id,
		});
	}

	private put(place: number, record: ApiRecord): ApiRecord {
		const id = record[this.resource.idField] as number;
		this.records.splice(place, 0, record);
		this.byId.set(id, record);
		this.addedAtMs.set(record, performance.now());
		this.lastId = Math.max(this.lastId, id);
		this.lists.clear();
		return record;
	}

	change(id: number, changes: ApiRecord): ApiRecord | undefined {
		const record = this.byId.get(id);
		if (record === undefined) return undefined;
		Object.assign(record, changes);
		this.lists.clear();
		return record;
	}

	delete(id: number): boolean {
		if (!this.byId.delete(id)) return false;
		this.records = this.records.filter((record) => record[this.resource.idField] !== id);
		this.lists.clear();
		return true;
	}

	forgetOrders(): void {
		this.lists.clear();
	}

	private generated(index: number): ApiRecord {
		const { seed, practiceId: practice } = this.facts;
		const pick = new Picker(seed, `${practice}${this.resource.path}`, index);
		return generated(this.resource, index, pick, this.facts);
	}

	/** Filtered and sorted lists are kept, or page after page of 100,000 would sort them again. */
	private ordered({ filters, sort, value, lagMs = 0 }: ListRequest): ApiRecord[] {
		if (sort === undefined && Object.keys(filters).length === 0 && lagMs === 0) return this.records;
		const key = JSON.stringify([sort, filters]);
		const known = this.lists.get(key);
		if (known && lagMs === 0) return known;
		const wanted = Object.entries(filters);
		const list = this.records.filter(
			(record) =>
				this.hasArrived(record, lagMs) &&
				wanted.every(([name, of]) => this.resource.filters[name].passes(record, of)),
		);
		if (sort !== undefined) list.sort(comparison(sort, value));
		if (this.lists.size >= rememberedOrders) this.lists.clear();
		this.lists.set(key, list);
		return list;
	}
}

/** Compares by the fields of a `sort` parameter. Equal records stay in the order of their ids. */
function comparison(
	sort: string,
	value: ListRequest['value'] = (record, field) => record[field],
): (a: ApiRecord, b: ApiRecord) => number {
	const fields = sort.split(',').map((part) => part.replace(/^-/, ''));
	const directions = sort.split(',').map((part) => (part.startsWith('-') ? -1 : 1));
	return (a, b) => {
		for (const [index, field] of fields.entries()) {
			const [left, right] = [value(a, field) ?? null, value(b, field) ?? null] as string[];
			if (left === right) continue;
			// As databases do it: what isn't there comes first.
			const isLess = left === null || (right !== null && left < right);
			return isLess ? -directions[index] : directions[index];
		}
		return 0;
	};
}

/** Both practices. Records are made when they are first asked for: most runs need few resources. */
export class Practices {
	private readonly facts: Map<number, PracticeFacts>;
	private readonly collections = new Map<string, Collection>();
	/** By path, as they are now. */
	private readonly byPath = new Map<string, Resource>();

	constructor({ seed, patients, size }: Pick<ResolvedOptions, 'seed' | 'patients' | 'size'>) {
		const other = { practiceId: otherPracticeId, seed, patients: 40, size: 0.1 };
		this.facts = new Map([
			[practiceId, { practiceId, seed, patients, size }],
			[otherPracticeId, other],
		]);
		this.restore();
	}

	/** Undefined when there is no such practice or no such resource. */
	collection(practice: number, path: string): Collection | undefined {
		const facts = this.facts.get(practice);
		const resource = this.byPath.get(path);
		if (!facts || !resource) return undefined;
		const key = `${practice}${path}`;
		const collection = this.collections.get(key) ?? new Collection(resource, facts);
		this.collections.set(key, collection);
		return collection;
	}

	addResource(resource: { path: string; idField: string }): void {
		this.byPath.set(resource.path, addedResource(resource));
	}

	/** All that there are. */
	resources(): Iterable<Resource> {
		return this.byPath.values();
	}

	addField(field: NewField): void {
		for (const collection of this.change(withField(this.known(field.path), field))) {
			for (const record of collection.all()) record[field.name] = field.value;
		}
	}

	refuseSort({ path, field }: { path: string; field: string }): void {
		const resource = this.known(path);
		this.change({ ...resource, sortable: resource.sortable.filter((name) => name !== field) });
	}

	/** Throws a RangeError when there is no such resource. */
	private known(path: string): Resource {
		const resource = this.byPath.get(path);
		if (resource) return resource;
		throw new RangeError(`There is no resource ${path}.`);
	}

	/** Puts the resource in the place of what is at its path. */
	private change(resource: Resource): Collection[] {
		this.byPath.set(resource.path, resource);
		const collections = Array.from(this.collections.values());
		const ofPath = collections.filter((one) => one.resource.path === resource.path);
		for (const collection of ofPath) {
			collection.resource = resource;
			collection.forgetOrders();
		}
		return ofPath;
	}

	/** As at the start. */
	restore(): void {
		this.collections.clear();
		this.byPath.clear();
		for (const resource of resources) this.byPath.set(resource.path, resource);
	}

	/** What lists are sorted by reads otherwise from now on. */
	forgetOrders(): void {
		for (const collection of this.collections.values()) collection.forgetOrders();
	}
}
