// The tools that the cases in this folder offer to models, as a workflow's author would set them up.
import { byId, mappedColumns } from '../harness/eyeCloudPro.ts';
import { fromAi, type Tool } from './toolWorkflow.ts';

const filters = {
	email: fromAi('email', 'Email of the patient, or empty'),
	phone: fromAi('phone', 'Phone number of the patient, or empty'),
	dob: fromAi('dob', 'Date of birth of the patient as YYYY-MM-DD, or empty'),
};

const list = { resource: 'patient', operation: 'getAll', returnAll: false, limit: 10 };

/** The search of a front desk: few fields, few records. */
export const findPatients: Tool = {
	name: 'find_patients',
	parameters: {
		...list,
		limit: fromAi('limit', 'How many patients at most', 'number'),
		output: 'selected',
		fields: 'patient_id, name_first, name_last, phone',
		filters,
	},
};

/** Ten patients, with all that a model can be let choose. */
export const listPatients: Tool = {
	name: 'list_patients',
	parameters: {
		...list,
		output: fromAi('output', 'One of simplified, raw, selected'),
		fields: fromAi('fields', 'For selected: names of fields, separated by commas'),
		sort: { by: [{ field: fromAi('sort', 'A field to sort by, or empty'), direction: 'asc' }] },
	},
};

export const getPatient: Tool = {
	name: 'get_patient',
	parameters: {
		resource: 'patient',
		operation: 'get',
		recordId: byId(fromAi('patient_id', 'ID of the patient', 'number')),
		options: { practiceId: fromAi('practice', 'Number of the practice') },
	},
};

/** The same with the expression in the locator's list, which n8n takes as well. */
export const getPatientFromList: Tool = {
	name: 'get_patient_from_list',
	parameters: {
		resource: 'patient',
		operation: 'get',
		recordId: { ...byId(fromAi('patient_id', 'ID of the patient')), mode: 'list' },
	},
};

export const countPatients: Tool = {
	name: 'count_patients',
	parameters: { resource: 'patient', operation: 'count', filters },
};

function columnsFromAi(fields: Record<string, string>): Record<string, unknown> {
	const value = Object.fromEntries(
		Object.entries(fields).map(([name, description]) => [name, fromAi(name, description)]),
	);
	return mappedColumns(value);
}

const patientColumns = columnsFromAi({
	name_first: 'First name',
	name_last: 'Last name',
	dob: 'Date of birth as YYYY-MM-DD, or empty',
	email: 'Email, or empty',
});

export const createPatient: Tool = {
	name: 'create_patient',
	parameters: { resource: 'patient', operation: 'create', columns: patientColumns },
};

export const findOrCreatePatient: Tool = {
	name: 'find_or_create_patient',
	parameters: {
		resource: 'patient',
		operation: 'findOrCreate',
		matchOn: ['email'],
		columns: patientColumns,
		output: 'selected',
		fields: 'patient_id',
	},
};

export const updateFrame: Tool = {
	name: 'update_frame',
	parameters: {
		resource: 'frame',
		operation: 'update',
		recordId: byId(fromAi('frame_id', 'ID of the frame')),
		columns: columnsFromAi({ color: 'New color' }),
	},
};

/** Nothing here can change anything. */
export const readingTools = [
	findPatients,
	listPatients,
	getPatient,
	getPatientFromList,
	countPatients,
];

export const everyTool = [...readingTools, createPatient, findOrCreatePatient, updateFrame];
