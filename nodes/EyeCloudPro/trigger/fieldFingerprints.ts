// Which fields of records are compared, and the print of a record: the hashes of these fields, one after the other.
// News is another value of a field, not that the API gives a field from now on, or hides it. Used by snapshot.ts.
import type { IDataObject } from 'n8n-workflow';

import { LARGEST_PAGE } from '../api/page';
import { EMPTY, FIELD_DIGITS, fieldHash, hashOf, UNKNOWN } from './fingerprint';
import type { Memory } from './memory';
import type { PollSettings } from './strategy';

export interface ComparedFields extends IDataObject {
	/** In the order in which prints have them. */
	fields: string[];
	/** A hash of what the settings say about fields. */
	selection: string;
	/** Fields that the API gives, or hides, since the look that is under way. */
	given: string[];
	hidden: string[];
	/** Fields that a record had in the look that is under way. */
	shown: string[];
}

/** A known record and its print. */
type Known = [record: IDataObject, before: string];

/** Fewer records that get or lose a field by themselves are changed; of more, the API gives or hides it. */
const FEW_RECORDS = 10;
const SMALL_SHARE = 0.05;

export class FieldFingerprints {
	/** Whether other fields are compared than in the poll before. */
	readonly isEdited: boolean;

	private fields: string[];

	private readonly given: Set<string>;

	private readonly hidden: Set<string>;

	private readonly shown: Set<string>;

	private readonly selection: string;

	constructor(
		private readonly before: ComparedFields,
		private readonly settings: PollSettings,
		private readonly idFields: readonly string[],
	) {
		const { watch, ignore } = settings;
		this.selection = hashOf([watch, ignore]);
		this.given = new Set(before.given);
		this.hidden = new Set(before.hidden);
		this.shown = new Set(before.shown);
		this.isEdited = this.selection !== before.selection;
		const chosen = watch.length > 0 ? watch : before.fields;
		this.fields = this.isEdited ? this.comparable(chosen) : before.fields;
	}

	/** Converts stored fingerprints to the current selection of fields; what was not compared yet is unknown. */
	renew(memory: Memory): void {
		const positions = this.fields.map((field) => this.before.fields.indexOf(field));
		for (const [key, print] of memory.entries()) {
			const hashes = positions.map((at) => (at < 0 ? UNKNOWN : hashAt(print, at)));
			// So are fields that are found later.
			memory.set(key, hashes.join('') + UNKNOWN_FROM_HERE);
		}
	}

	beginLook(): void {
		this.given.clear();
		this.hidden.clear();
		this.shown.clear();
	}

	/** Looks at records before they are compared: for new fields, and for those that the API gives or hides. */
	prepare(records: ReadonlyArray<[record: IDataObject, before: string | undefined]>): void {
		const names = new Set(records.flatMap(([record]) => Object.keys(record)));
		if (this.settings.watch.length === 0) {
			this.fields = Array.from(new Set([...this.fields, ...this.comparable(names)]));
		}
		const known = records.filter((each): each is Known => each[1] !== undefined);
		const few = Math.max(FEW_RECORDS, SMALL_SHARE * known.length);
		for (const [at, name] of this.fields.entries()) {
			const isGained = ([record, before]: Known) =>
				hashAt(before, at) === NEVER_SEEN && fieldHash(record[name]) !== EMPTY;
			const isLost = ([, before]: Known) =>
				![NEVER_SEEN, EMPTY, UNKNOWN].includes(hashAt(before, at));
			const gained = known.filter(isGained).length;
			if (gained > few || (gained > 0 && gained === known.length)) this.given.add(name);
			// The last records may lose by themselves what the pages before them have.
			const most = this.shown.has(name) ? LARGEST_PAGE / 2 : FEW_RECORDS;
			if (names.has(name)) this.hidden.delete(name);
			else if (known.filter(isLost).length >= most) this.hidden.add(name);
		}
		for (const name of names) this.shown.add(name);
	}

	/**
	 * The print of the record as it is now.
	 *
	 * @param before its print until now; undefined for a new record
	 */
	printOf(record: IDataObject, before = ''): string {
		const hashes = this.fields.map((field, at) =>
			this.hidden.has(field) ? hashAt(before, at) || EMPTY : fieldHash(record[field]),
		);
		return hashes.join('');
	}

	/** The names of the fields with another value; none of those that nobody has looked at before. */
	changedBetween(before: string, now: string): string[] {
		const changed = this.fields.filter((name, at) => {
			const known = hashAt(before, at);
			if (known === UNKNOWN || (known === NEVER_SEEN && this.given.has(name))) return false;
			return (known || EMPTY) !== hashAt(now, at);
		});
		return changed.sort();
	}

	pack(): ComparedFields {
		const [given, hidden, shown] = [this.given, this.hidden, this.shown].map((names) =>
			Array.from(names),
		);
		return { fields: this.fields, selection: this.selection, given, hidden, shown };
	}

	private comparable(names: Iterable<string>): string[] {
		const isCompared = (name: string) =>
			!this.idFields.includes(name) && !this.settings.ignore.includes(name);
		return Array.from(new Set(names)).filter(isCompared);
	}
}

/** At the end of a print: fields that it does not have may have been there, and were not compared. */
const UNKNOWN_FROM_HERE = '~';

/** For a field that no record had by then. */
const NEVER_SEEN = '';

function hashAt(print: string, position: number): string {
	const hash = print.slice(position * FIELD_DIGITS, (position + 1) * FIELD_DIGITS);
	if (hash.length === FIELD_DIGITS) return hash;
	return print.endsWith(UNKNOWN_FROM_HERE) ? UNKNOWN : NEVER_SEEN;
}
