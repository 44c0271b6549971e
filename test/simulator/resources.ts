// The resources of the API: paths, scopes, what their records hold, and what may be sent. A row each. Joi's messages
// are those that the API's documentation quotes.
import Joi from 'joi';
import type { ApiRecord, NewField } from './contract.ts';
import { Pick } from './pick.ts';

/** What the records of a practice are made from. */
export interface PracticeFacts {
	practiceId: number;
	seed: number;
	patients: number;
	/** How large the practice is beside practice 2; all counts but the patients' go with it. */
	size: number;
}

/** A query parameter of a list request, and which records it lets through. */
export interface Filter {
	schema: Joi.Schema;
	passes: (record: ApiRecord, value: unknown) => boolean;
}

export type Action = 'read' | 'create' | 'update' | 'delete';

export interface Resource {
	/** After `/v2/{client_id}`; also what its scopes are named after. */
	path: string;
	idField: string;
	/** Of the record at a place in the order of ids, from 0. */
	idAt: (index: number) => number;
	/** What an id is like. Default: an integer. */
	idSchema?: Joi.Schema;
	/** The actions for which there is a scope, and with it a method. */
	actions: readonly Action[];
	sortable: readonly string[];
	filters: Record<string, Filter>;
	/** Of a create request; an update takes the same fields, none of them required. */
	body?: Joi.ObjectSchema;
	/** How many practice 2 has, unless it is of another size. */
	count: number | ((facts: PracticeFacts) => number);
	/** What a record holds between its id and `create_date`. */
	fields: (pick: Pick, facts: PracticeFacts, index: number) => ApiRecord;
	/** The day of `create_date`, and its hour. */
	created: (pick: Pick) => string;
	/** What the API fills in itself where it was not sent. */
	usual?: ApiRecord;
	/** What it makes of what was sent. */
	kept?: (values: ApiRecord) => ApiRecord;
}

export function countOf({ count }: Resource, facts: PracticeFacts): number {
	return typeof count === 'function' ? count(facts) : Math.max(2, Math.ceil(count * facts.size));
}

/** A record that was always there. */
export function generated(
	{ idField, idAt, fields, created }: Resource,
	index: number,
	pick: Pick,
	facts: PracticeFacts,
): ApiRecord {
	return { [idField]: idAt(index), ...fields(pick, facts, index), create_date: created(pick) };
}

/** The record as stored, from a valid body: with its id and what the API fills in itself. */
export function newRecord(
	{ idField, usual, kept }: Resource,
	id: number,
	values: ApiRecord,
): ApiRecord {
	return { [idField]: id, ...usual, ...values, ...kept?.(values), create_date: now() };
}

/** The scope for an action, as in `read:pricebooks:lenses` for `/pricebooks/lenses`. */
export function scopeFor(action: string, resource: Resource): string {
	return `${action}${resource.path.replaceAll('/', ':')}`;
}

const now = () => new Date().toISOString().slice(0, 19);

const day = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/;

/** A date as the API takes it; the message, without quotes around the name, is the published one. */
function dateField(field: string) {
	return Joi.string()
		.custom((value: string, { error }) => (isRealDate(value) ? value : error('date.format')))
		.messages({ 'date.format': `${field} must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss` });
}

function isRealDate(value: string): boolean {
	if (!day.test(value)) return false;
	const time = value.length === 10 ? `${value}T00:00:00` : value;
	const parsed = new Date(`${time}Z`);
	// February 31 parses as a day in March, so the way back tells.
	return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(time);
}

const email = Joi.string().email();
const phone = Joi.string().pattern(/^\d{10}$/);
const id = Joi.number().integer().min(1);
const money = Joi.number().min(0);
const name = Joi.string().max(100);
const notes = Joi.string().max(1000).allow('');

/** Lets records through whose field is the value, text without regard to case. */
function equals(field: string, schema: Joi.Schema): Record<string, Filter> {
	const passes = (record: ApiRecord, value: unknown) =>
		typeof value === 'string'
			? String(record[field]).toLowerCase() === value.toLowerCase()
			: record[field] === value;
	return { [field]: { schema, passes } };
}

/** Lets records through whose field is a time on that day. */
function onDay(field: string, parameter: string): Record<string, Filter> {
	const passes = (record: ApiRecord, value: unknown) =>
		String(record[field]).startsWith(String(value).slice(0, 10));
	return { [parameter]: { schema: dateField(parameter), passes } };
}

/** Its ID and `create_date` are sortable in any case. */
type Row = Omit<Resource, 'actions' | 'body'> & {
	actions?: readonly Action[];
	body?: Record<string, Joi.Schema>;
};

function resourceOf({ actions = ['read'], body, ...row }: Row): Resource {
	const sortable = [row.idField, ...row.sortable, 'create_date'];
	return { ...row, actions, sortable, body: body && Joi.object(body) };
}

/** Some minute of that hour, on a day so many days from the fixed one that the practices live in. */
const minuteOf = (hour: number, fromDays: number, toDays: number) => (pick: Pick) =>
	`${pick.day(fromDays, toDays)}T${String(hour).padStart(2, '0')}:${pick.whole(10, 59)}:00`;

/** Ids climb with gaps, as where patients were merged; a number alone makes it, so others can refer. */
function patientIdAt(index: number): number {
	return 1001 + index * 3 + ((index * 7) % 11 === 1 ? 1 : 0);
}

const somePatientId = (pick: Pick, facts: PracticeFacts) =>
	patientIdAt(pick.whole(0, facts.patients - 1));

const insurers = ['Lone Star Vision', 'Plains Eye Plan', 'Gulf Mutual', 'Prairie Health'];

const patients: Row = {
	...{ path: '/patients', idField: 'patient_id', idAt: patientIdAt, actions: ['create', 'read'] },
	// The order is that of the pattern in the published message.
	sortable: ['name_first', 'name_last', 'email', 'dob'],
	filters: { ...equals('email', email), ...equals('phone', phone), ...onDay('dob', 'dob') },
	body: {
		...{ name_first: name.required(), name_last: name.required(), email, phone },
		...{ dob: dateField('dob'), gender: Joi.string().valid('F', 'M', 'U') },
		address: Joi.object({ street: name, city: name, state: name, zip: name }),
		preferred_store_id: id,
		insurances: Joi.array().items(
			Joi.object({ priority: id, payer: name.required(), member_id: name }),
		),
		recall_date: dateField('recall_date').allow(null),
		active: Joi.boolean(),
	},
	count: (facts) => facts.patients,
	fields(pick, _facts, index) {
		const first = pick.firstName();
		const last = pick.lastName();
		return {
			name_first: first,
			name_last: last,
			email: pick.email(first, last, patientIdAt(index)),
			phone: pick.phone(),
			dob: pick.day(-33_000, -1_500),
			gender: pick.of(['F', 'M', 'U']),
			address: pick.address(),
			preferred_store_id: pick.whole(1, 3),
			insurances: Array.from({ length: pick.whole(0, 2) }, (_, position) => ({
				priority: position + 1,
				payer: pick.of(insurers),
				member_id: `M${pick.whole(100_000, 999_999)}`,
			})),
			recall_date: pick.chance(0.7) ? pick.day(10, 700) : null,
			active: pick.chance(0.95),
		};
	},
	created: (pick) => `${pick.day(-3_000, -1)}T${pick.whole(10, 17)}:${pick.whole(10, 59)}:00`,
	usual: {
		...{ email: null, phone: null, gender: 'U', address: null, preferred_store_id: null },
		...{ insurances: [], recall_date: null, active: true },
	},
	kept: ({ dob }) => ({ dob: typeof dob === 'string' ? dob.slice(0, 10) : null }),
};

const statuses = ['scheduled', 'confirmed', 'arrived', 'completed', 'cancelled', 'no_show'];
const examinations = ['Comprehensive Exam', 'Contact Lens Fitting', 'Follow-up', 'Pick-up'];
const byStoreAndPatient = { ...equals('store_id', id), ...equals('patient_id', id) };

/** Creating one is inferred: the published environment has a `created_appt_id`. */
const appointments: Row = {
	...{ path: '/appointments', idField: 'appt_id', actions: ['create', 'read'] },
	idAt: (index) => 5001 + index * 2,
	sortable: ['start_date', 'patient_id', 'status'],
	filters: {
		...byStoreAndPatient,
		...equals('status', Joi.string().valid(...statuses)),
		...onDay('start_date', 'date'),
	},
	body: {
		...{ patient_id: id.required(), store_id: id.required(), employee_id: id },
		start_date: dateField('start_date').required(),
		duration_minutes: Joi.number().integer().min(5).max(480),
		...{ appointment_type: name, notes },
	},
	count: 600,
	fields: (pick, facts) => ({
		patient_id: somePatientId(pick, facts),
		store_id: pick.whole(1, 3),
		employee_id: pick.whole(11, 12),
		start_date: `${pick.day(-60, 60)}T${pick.whole(10, 17)}:${pick.of(['00', '15', '30', '45'])}:00`,
		duration_minutes: pick.of([15, 30, 45, 60]),
		appointment_type: pick.of(examinations),
		status: pick.of(statuses),
		notes: null,
	}),
	created: minuteOf(10, -150, -61),
	usual: {
		...{ employee_id: null, duration_minutes: 30, appointment_type: examinations[0] },
		...{ notes: null, status: 'scheduled' },
	},
};

const itemTypes = ['frame', 'lens', 'contactlens', 'proffee', 'merchandise'];
const cents = (amount: number) => Math.round(amount * 100) / 100;

function lineItems(pick: Pick) {
	return Array.from({ length: pick.whole(1, 4) }, (_, position) => {
		const quantity = pick.whole(1, 2);
		const unitPrice = pick.price(10, 400);
		return {
			line: position + 1,
			item_type: pick.of(itemTypes),
			description: pick.words(),
			quantity,
			unit_price: unitPrice,
			amount: cents(quantity * unitPrice),
		};
	});
}

const orderedItem = Joi.object({
	...{ item_type: name.required(), description: name },
	...{ quantity: id.required(), unit_price: money.required() },
});

const orders: Row = {
	...{ path: '/orders', idField: 'order_id', actions: ['create', 'read'] },
	idAt: (index) => 7001 + index,
	sortable: ['patient_id', 'order_date', 'status'],
	filters: { ...byStoreAndPatient, ...onDay('order_date', 'date') },
	body: {
		...{ patient_id: id.required(), store_id: id.required(), order_date: dateField('order_date') },
		...{ items: Joi.array().items(orderedItem).min(1).required(), notes },
	},
	count: 400,
	fields: (pick, facts) => ({
		patient_id: somePatientId(pick, facts),
		store_id: pick.whole(1, 3),
		order_date: pick.day(-365, 0),
		status: pick.of(['open', 'at_lab', 'ready', 'dispensed']),
		items: lineItems(pick),
		notes: null,
	}),
	created: minuteOf(11, -365, 0),
	usual: { order_date: null, notes: null, status: 'open' },
	kept: ({ order_date: date }) => ({ order_date: date ?? now().slice(0, 10) }),
};

const invoices: Row = {
	...{ path: '/invoices', idField: 'invoice_id', idAt: (index) => 9001 + index },
	sortable: ['patient_id', 'invoice_date', 'total'],
	filters: { ...byStoreAndPatient, ...onDay('invoice_date', 'date') },
	count: 500,
	fields(pick, facts, index) {
		const items = lineItems(pick);
		const total = cents(items.reduce((sum, { amount }) => sum + amount, 0));
		return {
			invoice_number: `INV-${90_001 + index}`,
			patient_id: somePatientId(pick, facts),
			store_id: pick.whole(1, 3),
			invoice_date: pick.day(-365, 0),
			line_items: items,
			total,
			balance: pick.chance(0.8) ? 0 : total,
		};
	},
	created: minuteOf(12, -365, 0),
	usual: { line_items: [], total: 0, balance: 0 },
};

const stores: Row = {
	...{ path: '/stores', idField: 'store_id', idAt: (index) => index + 1, count: () => 3 },
	sortable: ['store_name'],
	filters: equals('store_name', name),
	fields(pick, _facts, index) {
		const address = pick.address();
		return {
			...{ store_name: `${address.city} Eye Care`, address, phone: pick.phone() },
			email: `store${index + 1}@example.org`,
			...{ time_zone: 'America/Chicago', active: true },
		};
	},
	created: (pick) => `${pick.day(-4_000, -3_500)}T09:00:00`,
};

const titles = ['Optometrist', 'Optician', 'Technician', 'Front Desk', 'Manager'];

const employees: Row = {
	...{ path: '/employees', idField: 'employee_id', idAt: (index) => 11 + index, count: 24 },
	sortable: ['name_first', 'name_last'],
	filters: { ...equals('store_id', id), ...equals('email', email) },
	fields(pick, _facts, index) {
		const first = pick.firstName();
		const last = pick.lastName();
		return {
			...{ name_first: first, name_last: last, title: pick.of(titles) },
			email: pick.email(first, last, 11 + index),
			...{ store_id: (index % 3) + 1, active: pick.chance(0.9) },
		};
	},
	created: (pick) => `${pick.day(-3_000, -30)}T08:30:00`,
};

/** The one resource that can be deleted. */
const priceTiers: Row = {
	...{ path: '/configurations/pricetiers', idField: 'pricetier_id', idAt: (index) => index + 1 },
	actions: ['create', 'read', 'update', 'delete'],
	sortable: ['tier_name'],
	filters: equals('tier_name', name),
	body: {
		tier_name: name.required(),
		discount_percent: Joi.number().min(0).max(100),
		active: Joi.boolean(),
	},
	count: 6,
	fields: (pick, _facts, index) => ({
		tier_name: `Tier ${String.fromCharCode(65 + index)}`,
		discount_percent: pick.whole(0, 8) * 5,
		active: true,
	}),
	created: minuteOf(7, -900, -300),
};

/** The eight price books differ in their fields, and in what may be written. */
const priceBook = (
	book: string,
	idField: string,
	count: number,
	own: (pick: Pick) => ApiRecord,
	more: Partial<Row> = {},
): Row => ({
	...{ path: `/pricebooks/${book}`, idField, idAt: (index) => 101 + index, count },
	sortable: ['description', 'price'],
	filters: { ...equals('sku', name), ...equals('active', Joi.boolean()) },
	fields: (pick, _facts, index) => ({
		sku: `${book.slice(0, 3).toUpperCase()}-${10_001 + index}`,
		description: pick.words(),
		...own(pick),
		price: pick.price(5, 500),
		active: pick.chance(0.9),
	}),
	created: minuteOf(7, -900, -1),
	...more,
});

const frameBody = {
	...{ sku: name, description: name.required(), brand: name.required(), model: name, color: name },
	eye_size: Joi.number().integer().min(30).max(70),
	...{ price: money.required(), cost: money, active: Joi.boolean() },
};

const priceBooks = [
	priceBook('lenses', 'lens_id', 150, (pick) => ({
		material: pick.of(['CR-39', 'Polycarbonate', 'Trivex', 'High Index 1.67']),
		style: pick.of(['Single Vision', 'Bifocal', 'Progressive']),
	})),
	priceBook(
		'frames',
		'frame_id',
		320,
		(pick) => ({
			brand: pick.company(),
			model: `M${pick.whole(100, 999)}`,
			color: pick.of(['Black', 'Tortoise', 'Gold', 'Navy', 'Clear']),
			eye_size: pick.whole(44, 58),
			cost: pick.price(5, 120),
		}),
		{ actions: ['create', 'read', 'update'], body: frameBody },
	),
	priceBook('contactlenses', 'contactlens_id', 90, (pick) => ({
		manufacturer: pick.company(),
		wear_schedule: pick.of(['Daily', 'Biweekly', 'Monthly']),
		box_quantity: pick.of([6, 30, 90]),
	})),
	priceBook('proffees', 'proffee_id', 40, (pick) => ({
		procedure_code: String(pick.whole(92_000, 92_499)),
	})),
	priceBook('merchandise', 'merchandise_id', 35, (pick) => ({
		category: pick.of(['Solution', 'Case', 'Cloth', 'Drops']),
	})),
	priceBook('addons', 'addon_id', 25, (pick) => ({
		kind: pick.of(['Coating', 'Tint', 'Edge', 'Prism']),
	})),
	priceBook('misc', 'misc_id', 15, (pick) => ({ taxable: pick.chance(0.5) })),
	priceBook('tierprices', 'tierprice_id', 60, (pick) => ({
		pricetier_id: pick.whole(1, 2),
		frame_id: pick.whole(101, 120),
	})),
];

/** Every resource of the API. Adding one is a row more. */
export const resources: readonly Resource[] = [
	...[patients, appointments, orders, invoices, stores, employees, ...priceBooks, priceTiers],
].map(resourceOf);

export const allScopes: readonly string[] = resources.flatMap((resource) =>
	resource.actions.map((action) => scopeFor(action, resource)),
);

/** A resource that control adds while the simulator runs: nothing that was there at the start knows of it. */
export function addedResource({ path, idField }: { path: string; idField: string }): Resource {
	return resourceOf({
		...{ path, idField, idAt: (index) => index + 1, count: 12 },
		actions: ['create', 'read', 'update', 'delete'],
		sortable: ['title'],
		filters: equals('title', name),
		body: { title: name.required(), notes: name },
		fields: (pick, _facts, index) => ({
			title: `${pick.lastName()} ${index + 1}`,
			notes: `Note ${pick.whole(1_000, 9_999)}`,
		}),
		created: minuteOf(7, -900, -300),
	});
}

/** The resource with one more field, which may be sent and, if so wanted, sorted by. */
export function withField(
	resource: Resource,
	{ name: field, value, sortable }: NewField,
): Resource {
	const kinds: Record<string, Joi.Schema> = {
		...{ number: Joi.number(), boolean: Joi.boolean(), string: Joi.string() },
	};
	return {
		...resource,
		sortable: sortable ? [...resource.sortable, field] : resource.sortable,
		body: resource.body?.append({ [field]: kinds[typeof value] ?? Joi.any() }),
		fields: (...of) => ({ ...resource.fields(...of), [field]: value }),
		usual: { ...resource.usual, [field]: value },
	};
}
