// Patients: the one resource whose query parameters and sortable fields are documented.
import Joi from 'joi';
import type { ApiRecord } from '../contract.ts';
import type { Pick } from '../pick.ts';
import type { PracticeFacts, Resource } from './resource.ts';
import { dateField, email, equals, id, name, onDay, phone } from './fields.ts';

/** Ids climb with gaps, as where patients were merged; a number alone makes it, so others can refer. */
export function patientIdAt(index: number): number {
	return 1001 + index * 3 + ((index * 7) % 11 === 1 ? 1 : 0);
}

/** The id of some patient of the practice. */
export function somePatientId(pick: Pick, facts: PracticeFacts): number {
	return patientIdAt(pick.whole(0, facts.patients - 1));
}

const insurers = ['Lone Star Vision', 'Plains Eye Plan', 'Gulf Mutual', 'Prairie Health'];

function generate(index: number, pick: Pick): ApiRecord {
	const patientId = patientIdAt(index);
	const first = pick.firstName();
	const last = pick.lastName();
	return {
		patient_id: patientId,
		name_first: first,
		name_last: last,
		email: pick.email(first, last, patientId),
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
		create_date: `${pick.day(-3_000, -1)}T${pick.whole(10, 17)}:${pick.whole(10, 59)}:00`,
	};
}

const body = Joi.object({
	name_first: name.required(),
	name_last: name.required(),
	email,
	phone,
	dob: dateField('dob'),
	gender: Joi.string().valid('F', 'M', 'U'),
	address: Joi.object({ street: name, city: name, state: name, zip: name }),
	preferred_store_id: id,
	insurances: Joi.array().items(
		Joi.object({ priority: id, payer: name.required(), member_id: name }),
	),
	recall_date: dateField('recall_date').allow(null),
	active: Joi.boolean(),
});

export const patients: Resource = {
	path: '/patients',
	idField: 'patient_id',
	actions: ['create', 'read'],
	// The order is that of the pattern in the published message.
	sortable: ['patient_id', 'name_first', 'name_last', 'email', 'dob', 'create_date'],
	filters: {
		email: equals('email', email),
		phone: equals('phone', phone),
		dob: onDay('dob', 'dob'),
	},
	body,
	count: (facts) => facts.patients,
	generate,
	create: (patientId, values) => ({
		patient_id: patientId,
		email: null,
		phone: null,
		gender: 'U',
		address: null,
		preferred_store_id: null,
		insurances: [],
		recall_date: null,
		active: true,
		...values,
		dob: typeof values.dob === 'string' ? values.dob.slice(0, 10) : null,
		create_date: new Date().toISOString().slice(0, 19),
	}),
};
