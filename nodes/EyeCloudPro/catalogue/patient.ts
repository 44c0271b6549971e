// Patient: the one resource whose filters and sort fields are documented, in the example of several
// validation errors.
import type { Field, Resource } from './resource';

const email: Field = {
	name: 'email',
	displayName: 'Email',
	kind: 'email',
	evidence: 'documented',
	placeholder: 'e.g. nathan@example.com',
};

const phone: Field = {
	name: 'phone',
	displayName: 'Phone',
	kind: 'phone',
	evidence: 'documented',
	placeholder: 'e.g. (512) 555-0100',
};

const dateOfBirth: Field = {
	name: 'dob',
	displayName: 'Date of Birth',
	kind: 'date',
	evidence: 'documented',
};

export const patient: Resource = {
	value: 'patient',
	displayName: 'Patient',
	displayNamePlural: 'Patients',
	path: ['patients'],
	pathEvidence: 'documented',
	scopes: {
		create: { name: 'create:patients', evidence: 'documented' },
		read: { name: 'read:patients', evidence: 'documented' },
	},
	idFields: ['patient_id', 'id'],
	fields: [
		{ name: 'name_first', displayName: 'First Name', kind: 'text', evidence: 'inferred' },
		{ name: 'name_last', displayName: 'Last Name', kind: 'text', evidence: 'inferred' },
		{ ...dateOfBirth, evidence: 'inferred' },
		{ ...email, evidence: 'inferred' },
		{ ...phone, evidence: 'inferred' },
	],
	filters: [email, phone, dateOfBirth],
	sortableFields: ['patient_id', 'name_first', 'name_last', 'email', 'dob', 'create_date'],
	simplifiedFields: [
		'patient_id',
		'name_first',
		'name_last',
		'dob',
		'email',
		'phone',
		'create_date',
	],
	labelFields: ['name_first', 'name_last', 'dob'],
};
