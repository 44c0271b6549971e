// Which fields of records are compared, and the print of a record: the hashes of these fields, one after the other.
// News is another value of a field, not that the API gives a field from now on, or hides it. Used by snapshot.ts.
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
	/**
	 * Fields that no record had before the look that is under way: the keys of the known records that have them and
	 * were not handed on. Null: so many that the API gives the field from now on.
	 */
	newFields: Record<string, string[] | null>;
}

/** Fewer records that get or lose a field by themselves are changed; of more, the API gives or hides it. */
const FEW_RECORDS = 10;
const SMALL_SHARE = 0.05;

export class FieldFingerprints {
	static readonly none: ComparedFields = {
		fields: [],
		selection: '',
		isAdopting: true,
		newFields: {},
	};

	private fields: string[];

	private isAdopting: boolean;

	private readonly newFields = new Map<string, string[] | null>();

	/** Records that this poll has read, by their keys: those that a new field may be news of. */
	private readonly holders = new Map<string, IDataObject>();

	/** Fields that the API hides in the pages at hand. */
	private hidden = new Set<string>();

	private readonly selection: string;

	/** @param isId whether a field is the record's id */
	constructor(
		private readonly before: ComparedFields,
		private readonly settings: PollSettings,
		private readonly isId: (name: string) => boolean,
	) {
		const { watch, ignore } = settings;
		this.selection = hashOf([watch, ignore]);
		this.isAdopting = before.isAdopting || this.isEdited;
		this.fields = before.fields;
		if (this.isEdited) this.fields = this.selected(watch.length > 0 ? watch : before.fields);
		else for (const [name, keys] of Object.entries(before.newFields)) this.renewField(name, keys);
	}

	/** Whether other fields are compared than in the poll before. */
	get isEdited(): boolean {
		return this.selection !== this.before.selection;
	}

	/** Brings the prints to the fields that the settings name now; what was not compared yet is unknown. */
	renew(memory: Memory): void {
		const positions = this.fields.map((field) => this.before.fields.indexOf(field));
		for (const [key, print] of memory.entries()) {
			const hashes = positions.map((at) => (at < 0 ? UNKNOWN : hashAt(print, at)));
			memory.set(key, hashes.join(''));
		}
	}

	/** Looks at some pages before their records are compared: for new fields, and for those that are hidden. */
	prepare(records: ReadonlyArray<[record: IDataObject, before: string | undefined]>): void {
		const there = new Set(records.flatMap(([record]) => Object.keys(record)));
		if (this.settings.watch.length === 0) this.add(this.selected(there));
		const isHidden = (name: string, at: number) => {
			if (there.has(name)) return false;
			const had = records.filter(([, before]) => before && isValue(hashAt(before, at)));
			return had.length >= FEW_RECORDS;
		};
		this.hidden = new Set(this.fields.filter(isHidden));
	}

	/**
	 * The print of the record as it is now.
	 *
	 * @param before its print until now; undefined for a new record
	 */
	printOf(record: IDataObject, before: string | undefined): string {
		const hashes = this.fields.map((field, at) =>
			before !== undefined && this.hidden.has(field)
				? hashAt(before, at)
				: fieldHash(record[field]),
		);
		return hashes.join('');
	}

	/** The names of the fields with another value; none of those that nobody has looked at before. */
	changedBetween(before: string, now: string): string[] {
		const changed = this.fields.filter((_, at) => {
			const known = hashAt(before, at);
			return known !== UNKNOWN && known !== hashAt(now, at);
		});
		return changed.sort();
	}

	/** Takes note of a known record that is not handed on: a field that is new in it may be news. */
	pass(key: string, record: IDataObject, memory: Memory): void {
		for (const [name, keys] of this.newFields) {
			if (!keys || fieldHash(record[name]) === EMPTY) continue;
			keys.push(key);
			this.holders.set(key, record);
			const few = Math.max(FEW_RECORDS, SMALL_SHARE * memory.size);
			if (keys.length > few) this.newFields.set(name, null);
		}
	}

	/**
	 * The look is over: a new field that few records have is a change of these, one that many have is something that
	 * the API gives from now on.
	 *
	 * @param seen the keys of the records that were looked at
	 * @returns the new fields that few records have, and those of these records that this poll has read
	 */
	endLook(memory: Memory, seen: ReadonlySet<string>, isReliable: boolean) {
		const length = this.fields.length * FIELD_DIGITS;
		for (const [key, print] of memory.entries()) {
			// It was seen before any record had the field, so it had nothing in it.
			if (print.length < length && seen.has(key)) memory.set(key, print.padEnd(length, EMPTY));
		}
		const names: string[] = [];
		const changed = new Map<string, IDataObject>();
		for (const [name, keys] of this.newFields) {
			if (!keys || keys.length >= memory.size) continue;
			names.push(name);
			for (const key of keys) {
				this.empty(memory, key, name);
				const record = this.holders.get(key);
				if (record) changed.set(key, record);
			}
		}
		this.newFields.clear();
		if (isReliable) this.isAdopting = false;
		return { names, changed };
	}

	pack(): ComparedFields {
		const { fields, selection, isAdopting } = this;
		return { fields, selection, isAdopting, newFields: Object.fromEntries(this.newFields) };
	}

	private renewField(name: string, keys: string[] | null): void {
		this.newFields.set(name, Array.isArray(keys) ? keys.slice() : null);
	}

	private add(names: readonly string[]): void {
		const known = new Set(this.fields);
		const added = names.filter((name) => !known.has(name));
		this.fields = [...this.fields, ...added];
		if (!this.isAdopting) for (const name of added) this.newFields.set(name, []);
	}

	/** Remembers the record as if it had nothing in the field. */
	private empty(memory: Memory, key: string, name: string): void {
		const print = memory.get(key);
		const start = this.fields.indexOf(name) * FIELD_DIGITS;
		if (print === undefined) return;
		memory.set(key, print.slice(0, start) + EMPTY + print.slice(start + FIELD_DIGITS));
	}

	private selected(names: Iterable<string>): string[] {
		const { ignore } = this.settings;
		return Array.from(new Set(names)).filter((name) => !this.isId(name) && !ignore.includes(name));
	}
}

function isValue(hash: string): boolean {
	return hash !== EMPTY && hash !== UNKNOWN;
}

/** Prints from before a field was added are shorter. */
function hashAt(print: string, position: number): string {
	return print.slice(position * FIELD_DIGITS, (position + 1) * FIELD_DIGITS) || UNKNOWN;
}
