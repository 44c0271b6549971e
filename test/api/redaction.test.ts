// Nothing of what was sent, and nobody of whom nothing was sent, is in a sentence of the API as it is shown, in
// whatever spelling; what is no value stays readable.
import fc from 'fast-check';
import { DateTime } from 'luxon';

import { refusedParameters } from '../../nodes/EyeCloudPro/api/refusals';
import { requestValues } from '../../nodes/EyeCloudPro/api/redaction';
import { startSimulator } from '../simulator/start.ts';

function shown(message: string, sent: object = {}): string {
	return refusedParameters({ message, details: [] }, requestValues(sent, '20250'))
		.map((refused) => refused.message)
		.join('; ');
}

const zoe = {
	...{ name_first: 'Zoë', name_last: "O'Secret", email: 'Zoe.Secret@example.com', age: 42 },
	...{ phone: '5125550142', dob: '1985-03-14', ssn: '123-45-6789', mrn: 70_831 },
	...{ notes: 'Sees floaters, left eye', nickname: 'Long', gender: 'F', is: 'valid' },
};

test.each([
	// What was sent, in another spelling.
	['Phone (512) 555-0142 belongs to somebody', 'Phone … belongs to somebody'],
	['Born on March 14th, 1985, it says', 'Born on …, it says'],
	['Born on 1985-MAR-14T00:00:00.000Z, it says', 'Born on …, it says'],
	['SSN ending in 6789 is known', 'SSN ending in … is known'],
	['Record 70,831 is there', 'Record … is there'],
	['Zo&#xEB; O&amp;#39;Secret is there', '… is there'],
	['Who is zoe_osecret', 'Who is …'],
	["Value 'left eye' is wrong", 'Value … is wrong'],
	['"age" must be less than 42', '"age" must be less than …'],
	['"nickname" Long is invalid', '"nickname" … is invalid'],
	['Patient long is invalid', 'Patient … is invalid'],
	// Somebody of whom nothing was sent.
	['The address ann@example.org is taken', 'The address … is taken'],
	['The day 2/3/61 is taken', 'The day … is taken'],
	['The name “Smith” is taken', 'The name … is taken'],
	['María González-López is there', '… is there'],
	['Glaucoma is not a valid note', '… is not a valid note'],
	['The scope read:lopez is needed', 'The scope read:… is needed'],
	['"lopez_maria" is taken', '… is taken'],
	['"x_5125550142" is required', '… is required'],
	['"glaucoma" must be unique', '… must be unique'],
	['"phone" 5559876543 already exists', '"phone" … already exists'],
	['"dob" must be less than 1999-09-09', '"dob" must be less than …'],
	['"dob" must be less than 14 Mar 85', '"dob" must be less than …'],
	['"store_id" must be one of [Ann Lee, glaucoma]', '"store_id" must be one of […]'],
	['"city" fails to match the pattern: /^(Ann|Lee)$/', '"city" fails to match the pattern: …'],
	['Patient Max Field', 'Patient …'],
	['Patient lopez, may exists', 'Patient … exists'],
	['Patient\u200bMax exists', '… exists'],
	['MRN 123', 'MRN …'],
])('%s', (message, expected) => {
	expect(shown(message, zoe)).toBe(expected);
});

test.each([
	'"amount" must be less than or equal to 1000000',
	'"age" must be less than or equal to 42',
	'"name_first" length must be less than or equal to 100 characters long',
	'"gender" must be one of [male, female, other, F, M, U]',
	String.raw`"zip" fails to match the required pattern: /^\d{5}(-\d{4})?$/`,
	'dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss',
	'"nickname" is not allowed',
	'"dateOfBirth" is required',
	'"start" must be in ISO 8601 date format',
	'"items" must contain at least 1 items',
	'"insurance_plan" is not offered by this store',
	"The scope 'read:pricebooks:frames' is needed",
	'The Patient ID is not known to this API',
	'Practice 20250 is closed',
	'Patient may not be deleted',
	'Appointment must be at least 24 hours ahead',
	'The frame is discontinued and cannot be ordered',
])('no value: %s', (message) => {
	expect(shown(message, { ...zoe, nickname: 'Midge' })).toBe(message);
});

/** The simulator's, with what else a form may hold of them. */
const patients: Array<Record<string, string>> = [];

beforeAll(async () => {
	const simulator = await startSimulator({ patients: 500 });
	for (const patient of await simulator.records(2, '/patients')) {
		const { name_first, name_last, email, phone, dob, address } = patient;
		const ssn = String(phone).replace(/^.(..)(..)(....).*$/, '9$1-$2-$3');
		const { street, city } = address as Record<string, string>;
		patients.push({ name_first, name_last, email, phone, dob, ssn, street, city } as never);
	}
	await simulator.stop();
});

const escapedByte = (text: string) => `%${text.charCodeAt(0).toString(16).padStart(2, '0')}`;
const spellings: Array<(text: string) => string> = [
	(text) => text.toUpperCase(),
	(text) => text.toLowerCase(),
	(text) => text.replace(/[aeiou]/g, '$&\u0301'),
	(text) => text.replace(/[\s.'-]+/g, '  '),
	(text) => text.replace(/[\s.'-]+/g, ''),
	(text) => text.replace(/[ -~]/g, escapedByte),
	(text) => text.replace(/[^a-z0-9]/gi, (c) => `&#${c.charCodeAt(0)};`),
	(text) => text.replace(/[aeiou]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
];
const daysWritten = (iso: string) =>
	[
		'MM/dd/yyyy',
		'dd.MM.yyyy',
		'MMMM d, yyyy',
		'd MMM yyyy',
		"yyyy-MM-dd'T00:00:00Z'",
		'M/d/yy',
	].map((format) => DateTime.fromISO(iso).toFormat(format));

function digitsWritten(digits: string): string[] {
	const parts = [digits.slice(0, 3), digits.slice(3, -4), digits.slice(-4)];
	return [
		...[`+1 (${parts[0]}) ${parts[1]}-${parts[2]}`, digits, Number(digits).toLocaleString('en-US')],
		...['.', ' ', '-'].map((between) => parts.join(between)),
		Number(digits).toExponential(),
	];
}

const around = fc.constantFrom<(written: string, field: string) => string>(
	(written) => `A patient ${written} is there already`,
	(written, field) => `"${field}" ${written} is taken`,
	(written, field) => `"${field}" with value "${written}" fails to match the pattern: /^x$/`,
	(written, field) => `"${field}" must be less than ${written}`,
	(written) => `duplicate key value violates unique constraint: Key (x)=(${written}) exists.`,
	(written) => `"${written}" is required`,
	(written, field) => `"${field}" must be one of [${written}, other]`,
);

const frame = new Set(
	`a patient is there already taken fails to match the pattern must be less than duplicate key value
	violates unique constraint exists required one of other with`.split(/\s+/),
);
const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

test('of random patients, in random spellings, nothing survives', () => {
	const fields = Object.keys(patients[0]);
	const chosen = [fc.nat(499), fc.constantFrom(...fields), fc.nat()] as const;
	fc.assert(
		fc.property(...chosen, around, (index, field, nth, sentence) => {
			const sent = patients[index];
			const value = sent[field];
			const digits = /phone|ssn/.test(field) ? digitsWritten(value.replace(/\D/g, '')) : undefined;
			const written =
				field === 'dob' ? daysWritten(value) : (digits ?? spellings.map((spell) => spell(value)));
			const message = sentence(written[nth % written.length], field);
			const text = plain(shown(message, sent)).replaceAll(field, '');
			// A name such as Lowe is in a word of the sentence as well.
			const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => !frame.has(word));
			// What tells who it is: words of three letters, and groups of digits.
			const telling = (plain(value).match(/\p{L}{3,}|\d{4,}/gu) ?? []).filter(
				(part) => !frame.has(part),
			);
			const survived = telling.filter((part) => words.some((word) => word.includes(part)));
			const all = value.replace(/\D/g, '');
			survived.push(...(text.match(/\d{3,}/g) ?? []).filter((number) => all.includes(number)));
			expect({ text, survived }).toEqual({ text, survived: [] });
		}),
		{ seed: 20_260_601, numRuns: 5_000 },
	);
});
