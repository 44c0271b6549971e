// Appointments. Creating one is inferred: the published environment has a `created_appt_id`.
import Joi from 'joi';
import type { Resource } from './resource.ts';
import { dateField, equals, id, name, onDay, sized } from './fields.ts';
import { somePatientId } from './patients.ts';

const statuses = ['scheduled', 'confirmed', 'arrived', 'completed', 'cancelled', 'no_show'];

export const appointments: Resource = {
	path: '/appointments',
	idField: 'appt_id',
	actions: ['create', 'read'],
	sortable: ['appt_id', 'start_date', 'patient_id', 'status', 'create_date'],
	filters: {
		store_id: equals('store_id', id),
		patient_id: equals('patient_id', id),
		status: equals('status', Joi.string().valid(...statuses)),
		date: onDay('start_date', 'date'),
	},
	body: Joi.object({
		patient_id: id.required(),
		store_id: id.required(),
		employee_id: id,
		start_date: dateField('start_date').required(),
		duration_minutes: Joi.number().integer().min(5).max(480),
		appointment_type: name,
		notes: Joi.string().max(1000).allow(''),
	}),
	count: sized(600),
	generate: (index, pick, facts) => ({
		appt_id: 5001 + index * 2,
		patient_id: somePatientId(pick, facts),
		store_id: pick.whole(1, 3),
		employee_id: pick.whole(11, 12),
		start_date: `${pick.day(-60, 60)}T${pick.whole(10, 17)}:${pick.of(['00', '15', '30', '45'])}:00`,
		duration_minutes: pick.of([15, 30, 45, 60]),
		appointment_type: pick.of([
			'Comprehensive Exam',
			'Contact Lens Fitting',
			'Follow-up',
			'Pick-up',
		]),
		status: pick.of(statuses),
		notes: null,
		create_date: `${pick.day(-150, -61)}T10:${pick.whole(10, 59)}:00`,
	}),
	create: (appointmentId, values) => ({
		appt_id: appointmentId,
		employee_id: null,
		duration_minutes: 30,
		appointment_type: 'Comprehensive Exam',
		notes: null,
		status: 'scheduled',
		...values,
		create_date: new Date().toISOString().slice(0, 19),
	}),
};
