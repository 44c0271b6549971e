// The API's error answers, taken apart and put into sentences without the values that they quote; which records a
// sentence means that names none, and where the API looked for the list.
import { countsBySize } from '../../nodes/EyeCloudPro/api/bodySize';
import { errorForAnswer, type Asked } from '../../nodes/EyeCloudPro/api/errors';
import { requestValues } from '../../nodes/EyeCloudPro/api/redaction';
import { bodyKeyWanted, recordsMeant } from '../../nodes/EyeCloudPro/api/refusedRecords';
import { readRefusal, refusedParameters } from '../../nodes/EyeCloudPro/api/refusals';

const asked: Asked = {
	...{ practiceId: '2', path: '/v2/2/patients/…', isOneRecord: true, sent: requestValues({}) },
};
const read = (message: string, details?: unknown, sent: unknown = {}) =>
	refusedParameters(readRefusal({ message, details }), requestValues(sent));

const published = String.raw`"email" must be a valid email,"phone" with value "XXX" fails to match the required pattern: /^\d{10}$/,dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss,"page" must be greater than or equal to 1,"page_size" must be less than or equal to 250,"sort" with value "invalid_sort_field" fails to match the required pattern: /^(-?(patient_id|name_first|name_last|email|dob|create_date)(,-?(patient_id|name_first|name_last|email|dob|create_date))*$)/`;

test('the published message, sentence by sentence', () => {
	const phone = String.raw`"phone" fails to match the required pattern: /^\d{10}$/`;
	expect(read(published)).toEqual([
		{ field: 'email', message: '"email" must be a valid email' },
		{ field: 'phone', message: phone },
		{ field: 'dob', message: 'dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss' },
		{ field: 'page', message: '"page" must be greater than or equal to 1' },
		{ field: 'page_size', message: '"page_size" must be less than or equal to 250' },
		{
			field: 'sort',
			message: '"sort" names a field that can\'t be sorted by',
			allowed: ['patient_id', 'name_first', 'name_last', 'email', 'dob', 'create_date'],
		},
	]);
});

test('none, one that names no field, and commas inside a sentence', () => {
	expect(read('')).toEqual([]);
	const message = 'Something, or other, is wrong';
	expect(read(message)).toEqual([{ field: '', message }]);
	const lists = '"gender" must be one of [F, M, U],"recall" must be [a, b],"x" is required';
	expect(read(lists).map(({ field }) => field)).toEqual(['gender', 'recall', 'x']);
});

test('records of a bulk request, in every shape that is likely', () => {
	const message = '"[1].name_last" is required,"patients[2].email" must be a valid email';
	const details = [{ index: 3, message: '"dob" is required' }, '"[4].phone" is required', 7, null];
	expect(read(message, details)).toEqual([
		{ recordIndex: 1, field: 'name_last', message: '"name_last" is required' },
		{ recordIndex: 2, field: 'email', message: '"email" must be a valid email' },
		{ recordIndex: 3, field: 'dob', message: '"dob" is required' },
		{ recordIndex: 4, field: 'phone', message: '"phone" is required' },
	]);
	const pointed = read('', [{ path: ['records', 5, 'email'], message: 'is not valid' }]);
	expect(pointed).toEqual([{ recordIndex: 5, field: 'email', message: '"email" is not valid' }]);
	for (const counted of ['"value[1]" must be of type object', 'record 2 has no last name']) {
		expect(read(counted)[0].recordIndex).toBe(1);
	}
});

test.each([
	...['XXX', 'Smith, John', 'Smith,"John" Q', '5","room" 7', 'two\nlines', ' fails '],
	'a" with value "b',
])('a value is never part of it: %j', (value) => {
	const message = `"notes" with value "${value}" fails to match the required pattern: /^[a-z]$/,"page" must be a number`;
	const text = read(message)
		.map((refused) => refused.message)
		.join('; ');
	for (const word of value.match(/\w+/g) ?? []) {
		if (/^(fails|with|value|a|b)$/.test(word)) continue;
		expect(text).not.toMatch(new RegExp(`\\b${word}\\b`));
	}
	expect(text).toContain('"page" must be a number');
});

test.each([400, 401, 403, 404, 302, 405, 409, 413, 418, 422])(
	'%i: an answer of any shape becomes a sentence',
	(statusCode) => {
		const bodies = [undefined, null, '', 'Gateway', '<!DOCTYPE html>', 7, [], {}, { message: 5 }];
		for (const body of bodies) {
			const error = errorForAnswer(statusCode, body, asked);
			expect(error.statusCode).toBe(statusCode);
			expect(error.message).toMatch(/^\S.{15,}$/);
			expect(`${error.message}${error.description}`).not.toMatch(/DOCTYPE|Gateway|\[object/);
		}
	},
);

const orders = { required_scope: 'read:orders', available_scopes: [] };

test.each<[number, object, string, RegExp]>([
	[400, { message: published }, 'refusedInput', /"email" must be a valid email; "phone" fails/],
	[409, { message: '"email" is taken' }, 'refusedInput', /accept the input: "email" is taken/],
	[400, { message: 'The client_id must be provided as an integer in' }, 'invalidInput', /whole/],
	[401, {}, 'signIn', /access token/],
	[403, orders, 'notAllowed', /lacks the scope 'read:orders'/],
	[403, { message: 'You are not authorized to access client_id 2' }, 'notAllowed', /practice 2/],
	[404, {}, 'notFound', /no such record/],
	[302, {}, 'unreachable', /redirect/],
	[300, {}, 'unreachable', /more than one address \(HTTP 300\)/],
	[304, {}, 'unreachable', /without any data \(HTTP 304\)/],
	[418, {}, 'refusedInput', /unexpected answer \(HTTP 418\)/],
])('%i %j is %s', (statusCode, body, kind, words) => {
	const error = errorForAnswer(statusCode, body, asked);
	expect(error.kind).toBe(kind);
	expect(error.message).toMatch(words);
});

test.each([
	[405, /choose another operation/],
	[406, /same answer again/],
	[410, /was removed/],
	[415, /same answer again/],
	[428, /same answer again/],
	[451, /legal reasons/],
])('%i says what helps, which is not to run it again', (statusCode, advice) => {
	const { description } = errorForAnswer(statusCode, { message: 'Not this' }, asked);
	expect(description).toMatch(/^It said: Not this\. /);
	expect(description).toMatch(advice);
	expect(description).not.toContain('Run it again later');
});

test.each<[unknown, string]>([
	[['read:frames', 'read:lenses'], 'Granted now: read:frames, read:lenses.'],
	[['read:frames', 'read:lee'], 'Granted now: read:frames, 1 of other names.'],
	[[], 'No scopes are granted now.'],
	['nonsense', 'No scopes are granted now.'],
])('a missing scope, where %j are granted', (available_scopes, words) => {
	const { description } = errorForAnswer(403, { ...orders, available_scopes }, asked);
	expect(description).toContain(words);
});

test.each(['patients.read', 'read_patients', 'api/patients/read', 'Patients-Read', 'read:crm:kin'])(
	'a scope of another form, or of the path that was asked for, is named: %s',
	(scope) => {
		const at = { ...asked, path: '/v2/2/crm/kin' };
		const message = `You lack the scope '${scope}'`;
		for (const body of [{ required_scope: scope, available_scopes: [scope] }, { message }]) {
			const error = errorForAnswer(403, body, at);
			expect(error.message).toBe(`The credential lacks the scope '${scope}'`);
		}
		const { grantedScopes } = errorForAnswer(403, { ...orders, available_scopes: [scope] }, asked);
		expect(grantedScopes).toEqual([scope]);
	},
);

test.each([
	...['Ann Lee', 'ann.lee@example.com', '512-555-0100', `${'eyJhbGciOi'.repeat(4)}.e30.x`],
	...['lee', 'ann:lee', 'read:lee'],
])('no scope, and not shown as one: %s', (text) => {
	const ofLee = { ...asked, sent: requestValues({ name_last: 'Lee' }) };
	const body = { required_scope: text, available_scopes: [text] };
	const { message, description, grantedScopes } = errorForAnswer(403, body, ofLee);
	expect(message).toBe('EyeCloud Pro does not allow this with this credential');
	expect(description).not.toContain(text);
	expect(grantedScopes).toBeUndefined();
});

test.each<[string, unknown[], number[]]>([
	['"x" is required', ['a', undefined, null], [1]],
	['"x" is not allowed', ['a', undefined, 'b'], [0, 2]],
	['"x" is not allowed to be empty', ['a', '', undefined], [1]],
	['"x" must be a string', ['a', 7, undefined], [1]],
	['"x" must be a number', ['a', 7, '8', ' ', undefined], [0, 3]],
	['"x" must be a boolean', ['a', true, 'false'], [0]],
	['"x" must be an integer', [1, 1.5], [1]],
	['"x" must be an array', [[], {}, undefined], [1]],
	['"x" must be of type object', [[], {}, undefined], [0]],
	['"x" must be a valid email', ['ann@example.com', 'ann@example', 'ann'], [1, 2]],
	['x must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss', ['2000-02-30', '2000-01-31', '1/2/2000'], [0, 2]],
	['"x" length must be less than or equal to 3 characters long', ['abc', 'abcd'], [1]],
	['"x" length must be at least 3 characters long', ['abc', 'ab'], [1]],
	['"x" length must be 3 characters long', ['abc', 'ab'], [1]],
	['"x" must be less than or equal to 100', [100, 500], [1]],
	['"x" must be greater than or equal to 1', [0, 1], [0]],
	['"x" must be greater than 0', [0, 1], [0]],
	['"x" must be less than 5', [4, 5], [1]],
	['"x" must be one of [F, M, U]', ['F', 'X', undefined], [1]],
	['"x" must be [F]', ['F', 'X'], [1]],
	[
		'"x" with value "12" fails to match the required pattern: /^\\d{10}$/',
		['5125550142', '12'],
		[1],
	],
	['"[1].x" is required', ['a', 'b'], [1]],
	['"body[1].x" is required', ['a', 'b'], [1]],
	['"patients[1].x" is required', ['a', 'b'], [1]],
	['"patients.1.x" is required', ['a', 'b'], [1]],
	['"value[1]" must be of type object', ['a', 'b'], [1]],
	['"x" with value "a" fails to match the required pattern: /^(a+)+$/', ['aaa', 'b'], []],
	['"value" does not match any of the allowed types', ['a', 'b'], []],
	['Something is wrong', ['a', 'b'], []],
])('the records that are meant by: %s', (message, values, places) => {
	const records = values.map((x) => ({ ...(x !== undefined && { x }), other: 'o' }));
	const meant = read(message, [], records).map((each) => recordsMeant(each, records as never));
	expect(meant).toEqual([places]);
});

test.each<[string, string, string | null | undefined]>([
	['patients', '"records" is required,"patients" is not allowed', 'records'],
	['patients', '"patients" is not allowed', ''],
	['patients', '"name_last" is required,"patients" is not allowed', ''],
	['patients', '"a" is required,"b" is required,"patients" is not allowed', ''],
	['patients', '"value" must be an array', ''],
	['', '"value" must be of type object', null],
	['', '"value[1]" must be of type object', undefined],
	['', '"name_last" is required', undefined],
	['patients', '"patients[0].name_last" is required', undefined],
])('body key %j and %s', (bodyKey, message, wanted) => {
	const records = [{ name_last: 'X' }];
	expect(bodyKeyWanted(read(message, [], { patients: records }), bodyKey, records)).toBe(wanted);
});

test('requests of at most 100 kB, in bytes and not in characters', () => {
	expect(countsBySize([])).toEqual([]);
	const records = Array.from({ length: 1_000 }, (_, n) => ({ n, text: 'é'.repeat(300) }));
	const counts = countsBySize(records);
	expect(counts.reduce((sum, count) => sum + count)).toBe(1_000);
	const first = JSON.stringify({ patients: records.slice(0, counts[0]) });
	expect(Buffer.byteLength(first)).toBeLessThanOrEqual(100 * 1024);
	expect(Buffer.byteLength(first)).toBeGreaterThan(100_000);
	expect(countsBySize([{ t: 'x'.repeat(200_000) }, { a: 1 }])).toEqual([1, 1]);
});
