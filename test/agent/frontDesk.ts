// The tools of a front desk as README tells an author to set them up, and the same without a word of the author's.
// Called by questions.cases.ts.
import { mappedColumns } from '../harness/eyeCloudPro.ts';
import { fromAi, type Tool } from './toolWorkflow.ts';

const empty = 'empty if not told';

const patientFacts = {
	email: fromAi('email', `Email of the patient, e.g. ann@example.com; ${empty}`),
	phone: fromAi('phone', `Phone number of the patient, 10 digits, e.g. 5125550100; ${empty}`),
	dob: fromAi('dob', `Date of birth of the patient as YYYY-MM-DD, e.g. 1990-03-05; ${empty}`),
};

const byName = {
	by: [
		{
			...{ field: 'name_last', condition: 'is' },
			value: fromAi('last_name', `Last name of the patient, e.g. Whitfield; ${empty}`),
		},
		{
			...{ field: 'name_first', condition: 'is' },
			value: fromAi('first_name', `First name of the patient, e.g. Dana; ${empty}`),
		},
	],
};

function described(toolDescription: string, parameters: Record<string, unknown>) {
	return { descriptionType: 'manual', toolDescription, ...parameters };
}

function byDay(value: string) {
	return { custom: { parameter: [{ name: 'date', value }] } };
}

export const frontDesk: Tool[] = [
	{
		name: 'find_patients',
		parameters: described(
			"Finds patients by last name, email, phone or date of birth, at least one of them. First names can't be searched alone. Answers up to five, and how many there are. None found: ask the person whether it is spelled right.",
			{
				...{ resource: 'patient', operation: 'getAll', returnAll: false, limit: 5 },
				...{ output: 'selected', fields: 'patient_id, name_first, name_last, dob' },
				filters: patientFacts,
				lookup: byName,
			},
		),
	},
	{
		name: 'count_patients',
		parameters: described('Counts patients by date of birth.', {
			...{ resource: 'patient', operation: 'count' },
			filters: {
				dob: fromAi('dob', 'Date of birth of the patient as YYYY-MM-DD, e.g. 1990-03-05'),
			},
		}),
	},
	{
		name: 'create_patient',
		parameters: described(
			'Creates one patient, or finds the one with the same email. Only after the person has said that they are new.',
			{
				...{ resource: 'patient', operation: 'findOrCreate', matchOn: ['email'] },
				columns: mappedColumns({
					name_first: fromAi('name_first', 'First name of the patient'),
					name_last: fromAi('name_last', 'Last name of the patient'),
					email: fromAi('email', 'Email of the patient, e.g. ann@example.com'),
					dob: fromAi(
						'dob',
						`Date of birth of the patient as YYYY-MM-DD, e.g. 1990-03-05; ${empty}`,
					),
				}),
				...{ output: 'selected', fields: 'patient_id' },
			},
		),
	},
	{
		name: 'list_stores',
		parameters: described('Lists stores of the practice, with the ID that a booking needs.', {
			...{ resource: 'store', operation: 'getAll', returnAll: true },
			...{ output: 'selected', fields: 'store_id, store_name' },
		}),
	},
	{
		name: 'list_appointments',
		parameters: described(
			'Lists appointments of one day, to see what is taken. They are those of all patients and stores. None found: the whole day is free.',
			{
				...{ resource: 'appointment', operation: 'getAll', returnAll: true },
				...{ output: 'selected', fields: 'start_date, duration_minutes, store_id' },
				filters: byDay(fromAi('day', 'The day as YYYY-MM-DD, e.g. 2026-03-05')),
			},
		),
	},
	{
		name: 'book_appointment',
		parameters: described(
			'Books one appointment. Only after the person has agreed to the day, the time and the store. Moves and cancels nothing.',
			{
				...{ resource: 'appointment', operation: 'create' },
				columns: mappedColumns({
					patient_id: fromAi('patient_id', 'ID of the patient, from find_patients', 'number'),
					store_id: fromAi('store_id', 'ID of the store, from list_stores', 'number'),
					start_date: fromAi(
						'start_date',
						'Start as YYYY-MM-DDTHH:mm:ss, e.g. 2026-03-05T09:30:00',
					),
					duration_minutes: fromAi('duration', 'Length in minutes, 30 unless told', 'number'),
				}),
				...{ output: 'selected', fields: 'appt_id, start_date' },
			},
		),
	},
];

/** What n8n's button calls them: as the form does. */
const labels: Record<string, string> = {
	...{ name_first: 'First_Name', name_last: 'Last_Name', dob: 'Date_of_Birth' },
	...{ last_name: 'Value', first_name: 'First_Name', day: 'Value' },
};

/** As n8n's button fills them in: under the name of the field, and not a word on it or on the tool. */
export const frontDeskWithoutAWord: Tool[] = frontDesk.map(({ parameters, ...tool }) => ({
	...tool,
	parameters: withoutAWord({ ...parameters, descriptionType: 'auto' }) as Tool['parameters'],
}));

function withoutAWord(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutAWord);
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([name, inner]) => [name, withoutAWord(inner)]),
		);
	}
	if (typeof value !== 'string') return value;
	return value
		.replace(/\$fromAI\('(\w+)', '[^']*'/, "$fromAI('$1', ''")
		.replace(/(?<=\$fromAI\(')\w+/, (key) => labels[key] ?? key);
}
