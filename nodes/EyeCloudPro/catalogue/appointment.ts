// Appointment. That one can be created is inferred: the published environment holds a
// `created_appt_id`, and no scope for it is published.
import type { Resource } from './resource';

export const appointment: Resource = {
	value: 'appointment',
	displayName: 'Appointment',
	displayNamePlural: 'Appointments',
	path: ['appointments'],
	pathEvidence: 'inferred',
	scopes: {
		create: { name: 'create:appointments', evidence: 'inferred' },
		read: { name: 'read:appointments', evidence: 'documented' },
	},
	idFields: ['appt_id', 'appointment_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
