// Nothing of what was sent is in a sentence of the API as it is shown, in whatever spelling; what is not a
// value stays readable.
import fc from 'fast-check';

import { refusedParameters } from '../../nodes/EyeCloudPro/api/refusals';
import { requestValues } from '../../nodes/EyeCloudPro/api/redaction';
import { tries } from '../hostile/tried.ts';
import { startSimulator } from '../simulator/start.ts';

function shown(message: string, sent: object = {}): string {
	return refusedParameters({ message, details: [] }, requestValues(sent, '20250'))
		.map((refused) => refused.message)
		.join('; ');
}

const zoe = {
	name_first: 'Zoë',
	name_last: "O'Secret",
	email: 'Zoe.Secret@example.com',
	phone: '5125550142',
	dob: '1985-03-14',
	ssn: '123-45-6789',
	mrn: 70_831,
	notes: 'Sees floaters, left eye',
};

describe('values in another spelling', () => {
	test.each([
		['A patient with email zoe.secret@example.com is there', 'A patient with email … is there'],
		['Phone (512) 555-0142 belongs to somebody', 'Phone … belongs to somebody'],
		['Phone +1 512.555.0142 belongs to somebody', 'Phone … belongs to somebody'],
		['Born 03/14/1985 can not be', 'Born … can not be'],
		['Born on March 14th, 1985, it says', 'Born on …, it says'],
		['Born on the 14 Mar 85, it says', 'Born on the …, it says'],
		['Born on 1985-MAR-14T00:00:00.000Z, it says', 'Born on …, it says'],
		['SSN 123 45 6789 is known', 'SSN … is known'],
		['SSN 123456789 is known', 'SSN … is known'],
		['SSN ending in 6789 is known', 'SSN ending in … is known'],
		['Record 70,831 is there', 'Record … is there'],
		['ZOE O SECRET is there', '… is there'],
		['Zo%C3%AB O%27Secret is there', '… is there'],
		['Zo&euml; O&#39;Secret is there', '… is there'],
		['Zo&#xEB; O&amp;#39;Secret is there', '… is there'],
		['Zo\\u00eb OSecret is there', '… is there'],
		['Who is zoe_osecret', 'Who is …'],
		['Mr Secret has floaters', '… has …'],
		["Value 'left eye' is odd", 'Value … is odd'],
		['Value “of somebody else” is odd', 'Value … is odd'],
		['"notes" says Sees floaters', '"notes" says …'],
	])('%s', (message, expected) => {
		expect(shown(message, zoe)).toBe(expected);
	});

	test('not of what was sent, but of somebody', () => {
		for (const message of [
			'The address ann@example.org is taken',
			'The number (303) 555-0199 is taken',
			'The day 2/3/61 is taken',
			'The number 987-65-4321 is taken',
			'The name "Smith" is taken',
			'The name Maria Gonzalez is taken',
		]) {
			expect(shown(message)).toMatch(/^The (address|number|day|name) … is taken$/);
		}
	});

	test.each([
		['Record conflicts with Maria Gonzalez', 'Record conflicts with …'],
		['Existing patient: Maria Gonzalez, Elm Street, Austin', 'Existing patient: …'],
		['"email" is used by Maria Gonzalez already', '"email" is used by … already'],
		['María González-López is there', '… is there'],
		['Duplicate of patient lopez-maria', 'Duplicate of patient …'],
		['A patient named maria lopez already exists', 'A patient named … already exists'],
		['Lopez already has this email', '… already has this email'],
		['"email" is already used by amy jones', '"email" is already used by …'],
		['"email" must be unique. jones has it', '"email" must be unique. … has it'],
		['Glaucoma is not a valid note', '… is not a valid note'],
		['"notes" has glaucoma and is too long', '"notes" has … and is too long'],
		['Patient exists: mcdonald, ann', 'Patient exists: …'],
		['scope lopez missing', 'scope … missing'],
		["The scope 'maria:lopez' is needed", 'The scope … is needed'],
		['The scope read:lopez is needed', 'The scope read:… is needed'],
		['"lopez_maria" is taken', '… is taken'],
		['Key for lopez_maria is taken', 'Key for … is taken'],
		['value maria of name_first is taken', 'value … of name_first is taken'],
		['"x_5125550142" is required', '… is required'],
		['Internal Server Error', 'Internal Server Error'],
		['The Patient ID is not known to this API', 'The Patient ID is not known to this API'],
	])('somebody of whom nothing was sent: %s', (message, expected) => {
		expect(shown(message, { email: 'x@example.com' })).toBe(expected);
	});
});

describe('what is no value', () => {
	const sentences = [
		'"email" must be a valid email',
		'"name_last" is required',
		'"age" must be less than or equal to 120',
		'"amount" must be less than or equal to 1000000',
		'"name_first" length must be less than or equal to 100 characters long',
		'"gender" must be one of [F, M, U]',
		String.raw`"phone" fails to match the required pattern: /^\d{10}$/`,
		String.raw`"zip" fails to match the required pattern: /^\d{5}(-\d{4})?$/`,
		'dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss',
		'"nickname" is not allowed',
		'"home_addr_1" is not allowed to be empty',
		'"start" must be in ISO 8601 date format',
		'"value" must be an array',
		'"items" must contain at least 1 items',
		'"insurance_plan" is not offered by this store',
		"The scope 'read:pricebooks:frames' is needed",
		'Practice 20250 is closed',
	];
	test.each(sentences)('%s', (sentence) => {
		expect(shown(sentence, { nickname: 'Midge', gender: 'F', is: 'valid', ...zoe })).toBe(sentence);
	});
});

describe('what looks like a validator, and is somebody', () => {
	const sent = { name_last: 'Long', dob: '1971-02-03', age: 42 };
	test.each([
		['"dob" must be less than 3.2.71', '"dob" must be less than …'],
		['"age" must be less than 42', '"age" must be less than …'],
		['"name_last" Long is invalid', '"name_last" … is invalid'],
		['"phone" 5559876543 already exists', '"phone" … already exists'],
		['"dob" must be less than 1999-09-09', '"dob" must be less than …'],
		['"Wigglesworth" is a duplicate record', '… is a duplicate record'],
		['"glaucoma" must be unique', '… must be unique'],
		['"store_id" must be one of [Ann Lee, glaucoma]', '"store_id" must be one of […]'],
		[
			'"name_last" fails to match the required pattern: /^(Ann|Lee)$/',
			'"name_last" fails to match the required pattern: …',
		],
		['Patient Max Long', 'Patient …'],
		['Max Field', '…'],
		['may already exists', '… already exists'],
		['Key (name_last)=(Long) already exists', 'Key (name_last)=… already exists'],
		['Patient\u200bMax exists', '… exists'],
		['code 042', 'code …'],
		['MRN 123', 'MRN …'],
		['Patient is deceased', 'Patient is …'],
	])('%s', (message, expected) => {
		expect(shown(message, sent)).toBe(expected);
	});

	test.each([
		'Patient may not be deleted',
		'"discount_percent" must be less than or equal to 250',
		'"name_first" length must be at least 8 characters long',
		'"price" is required',
		'"dateOfBirth" is required',
		'"gender" must be one of [male, female, other, U]',
		'Appointment overlaps with another one at this store',
		'The frame is discontinued and cannot be ordered',
		'Appointment must be at least 24 hours ahead',
		'Deadlock detected; restart transaction',
		'Only administrators may do this',
		'Your subscription has lapsed',
		'Store is closed on Sundays',
		'Double booking is not allowed',
		'Quantity exceeds stock on hand',
		'UPC already in use',
	])('no value: %s', (message) => {
		expect(shown(message)).toBe(message);
	});
});

/** The simulator's patients, with what else a form may hold of them. */
const patients: Array<Record<string, string>> = [];

beforeAll(async () => {
	const simulator = await startSimulator({ patients: 500 });
	for (const patient of await simulator.records(2, '/patients')) {
		const { address, ...rest } = patient as { address: Record<string, unknown> };
		const ssn = String(patient.phone).replace(/^.(..)(..)(....).*$/, '9$1-$2-$3');
		const record: Record<string, unknown> = { ...rest, ...address, ssn };
		patients.push(Object.fromEntries(fields.map((name) => [name, String(record[name])])));
	}
	await simulator.stop();
});

const fields = ['name_first', 'name_last', 'email', 'phone', 'dob', 'ssn', 'street', 'city'];

const escapedByte = (text: string) => `%${text.charCodeAt(0).toString(16).padStart(2, '0')}`;
const anyText = fc.constantFrom<(text: string) => string>(
	(text) => text.toUpperCase(),
	(text) => text.toLowerCase(),
	(text) => text.replace(/[aeiou]/g, '$&\u0301'),
	(text) => text.replace(/[\s.'-]+/g, '  '),
	(text) => text.replace(/[\s.'-]+/g, ''),
	(text) => encodeURIComponent(text).replace(/[.'-]/g, escapedByte),
	(text) => text.replace(/[ -~]/g, escapedByte),
	(text) => text.replace(/[^a-z0-9]/gi, (c) => `&#${c.charCodeAt(0)};`),
	(text) => text.replace(/[aeiou]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
);

const months =
	'January February March April May June July August September October November December';

function dayWritten(iso: string): string[] {
	const [year, month, day] = iso.split('-');
	const name = months.split(' ')[Number(month) - 1];
	const short = `${name.slice(0, 3)}`;
	return [
		...[`${month}/${day}/${year}`, `${day}.${month}.${year}`, `${year}${month}${day}`],
		...[`${name} ${day}, ${year}`, `${Number(day)} ${short} ${year}`, `${iso}T00:00:00Z`],
		...[`${Number(month)}/${Number(day)}/${year.slice(2)}`, `${day}-${short}-${year}`],
	];
}

function digitsWritten(digits: string): string[] {
	const [a, b, c] = [digits.slice(0, 3), digits.slice(3, -4), digits.slice(-4)];
	return [
		...[`(${a}) ${b}-${c}`, `${a}.${b}.${c}`, `${a} ${b} ${c}`, `+1${digits}`, digits],
		...[Number(digits).toLocaleString('en-US'), `${a}-${b}-${c}`, Number(digits).toExponential()],
	];
}

const respelled = fc
	.tuple(fc.nat(499), fc.constantFrom(...fields), anyText, fc.nat())
	.map(([index, field, spell, nth]) => () => {
		const sent = patients[index];
		const value = sent[field];
		const written =
			field === 'dob'
				? dayWritten(value)
				: field === 'phone' || field === 'ssn'
					? digitsWritten(value.replace(/\D/g, ''))
					: [spell(value)];
		return { sent, field, value, written: written[nth % written.length] };
	});

const around = fc.constantFrom<(written: string, field: string) => string>(
	(written) => `A patient ${written} is there already`,
	(written, field) => `"${field}" ${written} is taken`,
	(written, field) =>
		`"${field}" with value "${written}" fails to match the required pattern: /^x$/`,
	(written, field) => `"${field}" must be less than ${written}`,
	(written, field) => `${field} must be another than ${written}`,
	(written) => `duplicate key value violates unique constraint: Key (x)=(${written}) exists.`,
	(written) => `Can't save '${written}': it's there`,
	(written) => `"${written}" is required`,
	(written) => `"[3].${written}" is not allowed,"email" must be a valid email`,
	(written) => `record 2: ${written}`,
	(written, field) => `"${field}" must be one of [${written}, other]`,
	(written) => `${written}`,
);

/** What of a value tells who it is: its words of three letters, and its groups of four digits. */
function telling(value: string): string[] {
	return (value.match(/\p{L}{3,}|\d{4,}/gu) ?? []).map((part) => part.toLowerCase());
}

function plain(text: string): string {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

test('of random patients, in random spellings, nothing survives', () => {
	const frame = new Set(
		'a patient is there already taken fails to match the required pattern must be less than another duplicate key value violates unique constraint exists save it email valid not allowed record one of other with value'.split(
			' ',
		),
	);
	fc.assert(
		fc.property(respelled, around, (respelling, sentence) => {
			const { sent, field, value, written } = respelling();
			const text = plain(shown(sentence(written, field), sent)).replaceAll(field, '');
			// A name such as Lowe is in a word of the sentence as well.
			const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => !frame.has(word));
			for (const part of telling(plain(value))) {
				if (frame.has(part)) continue;
				expect({ text, isIn: words.some((word) => word.includes(part)), part }).toEqual({
					text,
					isIn: false,
					part,
				});
			}
			for (const digits of text.match(/\d{3,}/g) ?? []) {
				expect({ text, digits: value.replace(/\D/g, '').includes(digits) }).toEqual({
					text,
					digits: false,
				});
			}
		}),
		tries(5_000),
	);
});
