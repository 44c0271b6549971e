// Between the books and the wire: how records, ids, names and times read in the dialect that is spoken.
// The books keep the simulator's own words, so that tests can look up what really is there. Used by
// api.ts for paths and by work.ts for all the rest.
import Joi from 'joi';
import type { ApiRecord } from './contract.ts';
import type { Dialect } from './dialect.ts';
import { resources, type Resource } from './resources.ts';

const beyond31Bits = 3_000_000_000;
const idNames: Record<Dialect['idName'], (own: string) => string> = {
	own: (own) => own,
	long: (own) => own.replace(/^appt_/, 'appointment_').replace(/^pricetier_/, 'price_tier_'),
	id: () => 'id',
};

/** Fields that hold an id, and whose: a patient's own, and what refers to one. */
const idsIn: Record<string, string> = {
	...Object.fromEntries(resources.map(({ idField }) => [idField, idField])),
	preferred_store_id: 'store_id',
};

/** An id as the wire has it, there and back. */
interface IdKind {
	schema: Joi.Schema;
	write: (id: number, owner: string) => unknown;
	/** NaN for what no record can have. */
	read: (id: unknown, owner: string) => number;
}

const idKinds: Record<Exclude<Dialect['ids'], 'integer'>, IdKind> = {
	large: {
		schema: Joi.number().integer().min(1),
		write: (id) => id + beyond31Bits,
		read: (id) => Number(id) - beyond31Bits,
	},
	guid: { schema: Joi.string().guid(), write: guid, read: fromGuid },
	text: {
		schema: Joi.string().pattern(/^[a-z]\d+$/),
		write: (id, owner) => `${owner[0]}${id}`,
		read: (id, owner) => (String(id)[0] === owner[0] ? Number(String(id).slice(1)) : Number.NaN),
	},
};

/** The number stands at the end, so that there is a way back; what stands before it mixes the order. */
function guid(id: number, owner: string): string {
	let mix = Math.imul(id ^ (owner.length * 0x9e3779b1), 0x85ebca6b);
	mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
	const hex = ((mix ^ (mix >>> 16)) >>> 0).toString(16).padStart(8, '0');
	return `${hex}-${hex.slice(4)}-4${hex.slice(0, 3)}-8${hex.slice(2, 5)}-${id.toString(16).padStart(12, '0')}`;
}

function fromGuid(value: unknown, owner: string): number {
	const text = String(value).toLowerCase();
	const id = parseInt(text.slice(-12), 16);
	return guid(id, owner) === text ? id : Number.NaN;
}

function mapped<T>(record: Record<string, T>, map: (name: string, value: T) => [string, T]) {
	return Object.fromEntries(Object.entries(record).map(([name, value]) => map(name, value)));
}

/** One resource in one dialect. */
export class Wording {
	/** Its names, and the values that it takes, as callers know them. */
	readonly resource: Resource;
	/** Where it is, after the practice. */
	readonly path: string;
	private readonly idKind?: IdKind;
	/** The names that differ: own name → name on the wire. */
	private readonly renamed: Map<string, string>;

	private readonly own: Resource;
	private readonly dialect: Dialect;

	constructor(own: Resource, dialect: Dialect) {
		this.own = own;
		this.dialect = dialect;
		const differences = dialect.resources[own.path] ?? {};
		this.path = differences.path ?? own.path;
		this.idKind = dialect.ids === 'integer' ? undefined : idKinds[dialect.ids];
		const names = {
			[own.idField]: differences.idName ?? idNames[dialect.idName](own.idField),
			phone: dialect.phoneField,
		};
		this.renamed = new Map(Object.entries(names).filter(([name, wire]) => name !== wire));
		this.resource = {
			...own,
			idField: this.wireName(own.idField),
			idSchema: this.idKind?.schema,
			sortable: differences.sortable ?? own.sortable.map((name) => this.wireName(name)),
			filters: this.wireFilters(),
			body: own.body && this.wireBody(own.body),
		};
	}

	/** A record of the books as callers read it. */
	write(record: ApiRecord): ApiRecord {
		return mapped(record, (name) => [this.wireName(name), this.value(record, name)]);
	}

	/** What callers sent, valid already, as the books have it. */
	read(values: ApiRecord): ApiRecord {
		return mapped(values, (wireName, value) => {
			const name = this.ownName(wireName);
			return [name, this.readValue(name, value)];
		});
	}

	/** The id in a path, valid already. */
	readId(id: unknown): number {
		return this.readValue(this.own.idField, id) as number;
	}

	readFilters(filters: ApiRecord): ApiRecord {
		return mapped(filters, (name, value) => [name, this.readValue(name, value)]);
	}

	readSort(sort: string | undefined): string | undefined {
		const part = (text: string) => text.replace(/\w+/, (name) => this.ownName(name));
		return sort?.split(',').map(part).join(',');
	}

	/** One field of a record of the books as callers read it, by its own name: what they sort by. */
	value(record: ApiRecord, name: string): unknown {
		const value = record[name];
		const owner = idsIn[name];
		if (owner && this.idKind && typeof value === 'number') return this.idKind.write(value, owner);
		if (name === 'create_date' && typeof value === 'string') return timeIn(this.dialect, value);
		return value;
	}

	private readValue(name: string, value: unknown): unknown {
		const owner = idsIn[name];
		return owner && this.idKind && value !== null ? this.idKind.read(value, owner) : value;
	}

	private wireName(name: string): string {
		return this.renamed.get(name) ?? name;
	}

	private ownName(wireName: string): string {
		for (const [name, wire] of this.renamed) if (wire === wireName) return name;
		return wireName;
	}

	/** The names of filters stay: `phone` is documented, whatever the field is called. */
	private wireFilters(): Resource['filters'] {
		const { idKind } = this;
		return mapped(this.own.filters, (name, filter) => [
			name,
			idsIn[name] && idKind ? { ...filter, schema: idKind.schema } : filter,
		]);
	}

	private wireBody(body: Joi.ObjectSchema): Joi.ObjectSchema {
		const fields = Object.keys(body.describe().keys as object).map((name) => {
			const field = body.extract(name);
			if (!idsIn[name] || !this.idKind) return [this.wireName(name), field];
			const { schema } = this.idKind;
			return [this.wireName(name), isRequired(field) ? schema.required() : schema];
		});
		return Joi.object(Object.fromEntries(fields));
	}
}

function isRequired(field: Joi.Schema): boolean {
	return (field.describe().flags as { presence?: string } | undefined)?.presence === 'required';
}

const chicago = new Intl.DateTimeFormat('sv-SE', {
	timeZone: 'America/Chicago',
	...{ dateStyle: 'short', timeStyle: 'medium' },
});

/** A time of the books, which are in UTC to the second, as the dialect tells it. */
function timeIn({ timeZone, timeOffset, timePrecision }: Dialect, stored: string): string {
	const instant = new Date(`${stored}Z`);
	const isLocal = timeZone === 'local';
	const shown = isLocal ? chicago.format(instant).replace(' ', 'T') : stored;
	if (timePrecision === 'day') return shown.slice(0, 10);
	const fraction = timePrecision === 'millisecond' ? '.000' : '';
	if (timeOffset === 'none') return shown + fraction;
	const hours = (instant.getTime() - Date.parse(`${shown}Z`)) / 3_600_000;
	return shown + fraction + (isLocal ? `-0${hours}:00` : 'Z');
}

/** Control puts another object in the place of a dialect that it changes. */
const known = new WeakMap<Dialect, Map<Resource, Wording>>();

export function wordingOf(resource: Resource, dialect: Dialect): Wording {
	const wordings = known.get(dialect) ?? new Map<Resource, Wording>();
	known.set(dialect, wordings);
	const wording = wordings.get(resource) ?? new Wording(resource, dialect);
	wordings.set(resource, wording);
	return wording;
}
