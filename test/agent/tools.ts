// The tools that the cases in this folder offer to models, as a workflow's author would set them up.
import { byId, mappedColumns } from '../harness/eyeCloudPro.ts';
import { fromAi, type Tool } from './toolWorkflow.ts';

/** The search of a front desk: few fields, few records. */
export const findPatients: Tool = {
	name: 'find_patients',
	parameters: {
		...{ resource: 'patient', operation: 'getAll', returnAll: false },
		limit: fromAi('limit', 'How many patients at most', 'number'),
		...{ output: 'selected', fields: 'patient_id, name_first, name_last, phone' },
		filters: {
			email: fromAi('email', 'Email of the patient, or empty'),
			phone: fromAi('phone', 'Phone number of the patient, or empty'),
			dob: fromAi('dob', 'Date of birth of the patient as YYYY-MM-DD, or empty'),
		},
	},
};

export const getPatient: Tool = {
	name: 'get_patient',
	parameters: {
		...{ resource: 'patient', operation: 'get' },
		recordId: byId(fromAi('patient_id', 'ID of the patient', 'number')),
	},
};

const columns = mappedColumns({
	name_first: fromAi('name_first', 'First name'),
	name_last: fromAi('name_last', 'Last name'),
	dob: fromAi('dob', 'Date of birth as YYYY-MM-DD, or empty'),
	email: fromAi('email', 'Email, or empty'),
});

export const createPatient: Tool = {
	name: 'create_patient',
	parameters: { resource: 'patient', operation: 'create', columns },
};

export const findOrCreatePatient: Tool = {
	name: 'find_or_create_patient',
	parameters: {
		...{ resource: 'patient', operation: 'findOrCreate', matchOn: ['email'], columns },
		...{ output: 'selected', fields: 'patient_id' },
	},
};

/** Nothing here can change anything. */
export const readingTools = [findPatients, getPatient];

export const everyTool = [...readingTools, createPatient, findOrCreatePatient];
