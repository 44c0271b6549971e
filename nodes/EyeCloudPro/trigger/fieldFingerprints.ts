// Which fields of records are compared, and their hashes one after the other: the print of a record. News is the
// value of a field alone, not that a field is there, new, or gone. Used by snapshot.ts.
import type { IDataObject } from 'n8n-workflow';

import { EMPTY, FIELD_DIGITS, fieldHash, hashOf, UNKNOWN } from './fingerprint';
import type { Memory } from './memory';
import type { PollSettings } from './strategy';

export interface ComparedFields extends IDataObject {
	/** In the order in which prints have them. */
	fields: string[];
	/** A hash of what the settings say about fields. */
	selection: string;
	/** Whether fields that were not compared before are taken as they are, in the look that is under way. */
	isAdopting: boolean;
	/** Fields that no record had before the look that is under way. */
	newFields: Record<string, NewField>;
}

interface NewField extends IDataObject {
	/** How many records have it that were there before. */
	count: number;
	/** Its hashes in records that were handed on with it, by their keys. */
	delivered: Record<string, string>;
}

/** Fewer records that get or lose a field by themselves are changed; of more, the API gives or hides it. */
const FEW_RECORDS = 10;
const SMALL_SHARE = 0.05;

/** A record that has a new field, with its key. */
type Holder = [key: string, record: IDataObject, field: string];

export class FieldFingerprints {
	static readonly none: ComparedFields = {
		fields: [],
		selection: '',
		isAdopting: true,
		newFields: {},
	};

	private fields: string[];

	private isAdopting: boolean;

	private readonly newFields: Map<string, NewField>;

	/** Those whom a new field may be news of, by the field. */
	private readonly holders = new Map<string, Holder[]>();

	/** The hashes of new fields, by the field and the record's key. */
	private readonly newHashes = new Map<string, Map<string, string>>();

	/** Keys of the records that this poll has looked at. */
	private readonly looked = new Set<string>();

	/** Fields that the API hides in the pages at hand. */
	private hidden = new Set<string>();

	private readonly selection: string;

	private known: Set<string>;

	/** @param isId whether a field is the record's id */
	constructor(
		private readonly before: ComparedFields,
		private readonly settings: PollSettings,
		private readonly isId: (name: string) => boolean,
	) {
		const { watch, ignore } = settings;
		this.selection = hashOf([watch, ignore]);
		const isSame = !this.isEdited;
		this.isAdopting = before.isAdopting || !isSame;
		this.fields = isSame ? before.fields : this.selected(watch.length > 0 ? watch : before.fields);
		this.known = new Set(this.fields);
		this.newFields = new Map(isSame ? Object.entries(copyOf(before.newFields)) : []);
	}

	/** Whether other fields are compared than in the poll before. */
	get isEdited(): boolean {
		return this.selection !== this.before.selection;
	}

	/** Brings the prints to the fields that the settings name now; what was not compared yet is unknown. */
	renew(memory: Memory): void {
		if (!this.isEdited) return;
		const positions = this.fields.map((field) => this.before.fields.indexOf(field));
		for (const [key, print] of memory.entries()) {
			const hashes = positions.map((at) => (at < 0 ? UNKNOWN : hashAt(print, at)));
			memory.set(key, hashes.join(''));
		}
	}

	/** Looks at some pages before their records are compared: at new fields, and at those that are hidden. */
	prepare(records: ReadonlyArray<[record: IDataObject, before: string | undefined]>): void {
		const there = new Set<string>();
		for (const [record] of records) for (const name of Object.keys(record)) there.add(name);
		if (this.isAdopting && this.settings.watch.length === 0) this.add(this.selected(there));
		const lost = this.fields.filter((name) => !there.has(name));
		this.hidden = new Set(
			lost.filter((name) => {
				const at = this.fields.indexOf(name);
				const had = records.filter(([, before]) => before && isValue(hashAt(before, at)));
				return had.length >= FEW_RECORDS;
			}),
		);
	}

	/**
	 * The print of the record as it is now.
	 *
	 * @param before its print until now; undefined for a new record
	 */
	printOf(record: IDataObject, before: string | undefined, key: string): string {
		this.looked.add(key);
		if (this.settings.watch.length === 0) this.note(record, key, before === undefined);
		const hashes = this.fields.map((field, at) =>
			before !== undefined && this.hidden.has(field)
				? hashAt(before, at)
				: fieldHash(record[field]),
		);
		return hashes.join('');
	}

	/** Takes note of a record that is handed on, with whatever new field it has. */
	delivered(record: IDataObject, key: string): void {
		for (const [name, { delivered }] of this.newFields) {
			const hash = fieldHash(record[name]);
			if (hash === EMPTY) delete delivered[key];
			else delivered[key] = hash;
		}
	}

	/** The names of the fields with another value; none of those that nobody has looked at before. */
	changedBetween(before: string, now: string): string[] {
		const changed = this.fields.filter((_, at) => {
			const known = hashAt(before, at);
			return known !== UNKNOWN && known !== hashAt(now, at);
		});
		return changed.sort();
	}

	/**
	 * The look is over: a new field that few records have is a change of these, one that many have is
	 * something that the API gives from now on.
	 *
	 * @returns the records that have changed by it, as far as they were read by this poll
	 */
	endLook(memory: Memory, isReliable: boolean): Holder[] {
		const records: Holder[] = [];
		for (const [name, { count, delivered }] of this.newFields) {
			const isOfRecords = count <= this.few && count < memory.size;
			this.add([name]);
			if (isOfRecords) for (const holder of this.holders.get(name) ?? []) records.push(holder);
			const hashes = isOfRecords ? undefined : this.newHashes.get(name);
			this.rememberLast(memory, (key) => {
				if (Object.hasOwn(delivered, key)) return delivered[key];
				return isOfRecords || this.looked.has(key) ? (hashes?.get(key) ?? EMPTY) : UNKNOWN;
			});
		}
		this.newFields.clear();
		if (isReliable) this.isAdopting = false;
		return records;
	}

	pack(): ComparedFields {
		const { fields, selection, isAdopting } = this;
		return { fields, selection, isAdopting, newFields: Object.fromEntries(this.newFields) };
	}

	/** Of more records than these a new field is something that the API gives. */
	private get few(): number {
		return Math.max(FEW_RECORDS, SMALL_SHARE * this.looked.size);
	}

	private note(record: IDataObject, key: string, isNew: boolean): void {
		for (const name of Object.keys(record)) {
			if (this.known.has(name) || this.selected([name]).length === 0) continue;
			const hash = fieldHash(record[name]);
			if (hash === EMPTY) continue;
			const field: NewField = this.newFields.get(name) ?? { count: 0, delivered: {} };
			this.newFields.set(name, field);
			if (isNew || Object.hasOwn(field.delivered, key)) continue;
			field.count++;
			const hashes = this.newHashes.get(name) ?? new Map<string, string>();
			this.newHashes.set(name, hashes.set(key, hash));
			const holders = this.holders.get(name) ?? [];
			if (holders.length <= this.few) holders.push([key, record, name]);
			this.holders.set(name, holders);
		}
	}

	private add(names: readonly string[]): void {
		const added = names.filter((name) => !this.known.has(name));
		if (added.length === 0) return;
		this.fields = [...this.fields, ...added];
		this.known = new Set(this.fields);
	}

	private rememberLast(memory: Memory, hashOfLast: (key: string) => string): void {
		const length = (this.fields.length - 1) * FIELD_DIGITS;
		for (const [key, print] of memory.entries()) {
			memory.set(key, print.slice(0, length).padEnd(length, UNKNOWN) + hashOfLast(key));
		}
	}

	private selected(names: Iterable<string>): string[] {
		const { ignore } = this.settings;
		return Array.from(new Set(names)).filter((name) => !this.isId(name) && !ignore.includes(name));
	}
}

function copyOf(fields: Record<string, NewField>): Record<string, NewField> {
	const copied = Object.entries(fields).map(([name, { count, delivered }]) => [
		name,
		{ count, delivered: { ...delivered } },
	]);
	return Object.fromEntries(copied) as Record<string, NewField>;
}

function isValue(hash: string): boolean {
	return hash !== EMPTY && hash !== UNKNOWN;
}

/** Prints from before a field was added are shorter. */
function hashAt(print: string, position: number): string {
	return print.slice(position * FIELD_DIGITS, (position + 1) * FIELD_DIGITS) || UNKNOWN;
}
