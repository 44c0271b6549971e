// The API's error answers, taken apart and put into sentences without the values that they quote.
import { errorForAnswer, type Asked } from '../../nodes/EyeCloudPro/api/errors';
import { readRefusal, refusedParameters as refusedBy } from '../../nodes/EyeCloudPro/api/refusals';
import { requestValues } from '../../nodes/EyeCloudPro/api/redaction';

const sent = requestValues({});
const asked: Asked = { practiceId: '2', path: '/v2/2/patients/…', isOneRecord: true, sent };
const refusedParameters = (message: string, details?: unknown) =>
	refusedBy(readRefusal({ message, details }), sent);

const published = String.raw`"email" must be a valid email,"phone" with value "XXX" fails to match the required pattern: /^\d{10}$/,dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss,"page" must be greater than or equal to 1,"page_size" must be less than or equal to 250,"sort" with value "invalid_sort_field" fails to match the required pattern: /^(-?(patient_id|name_first|name_last|email|dob|create_date)(,-?(patient_id|name_first|name_last|email|dob|create_date))*$)/`;

test('the published message, sentence by sentence', () => {
	expect(refusedParameters(published)).toEqual([
		{ field: 'email', message: '"email" must be a valid email' },
		{
			field: 'phone',
			message: String.raw`"phone" fails to match the required pattern: /^\d{10}$/`,
		},
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

test('one sentence, none, and one that names no field', () => {
	expect(refusedParameters('"email" must be a valid email')).toHaveLength(1);
	expect(refusedParameters('')).toEqual([]);
	expect(refusedParameters('Something, or other, is wrong')).toEqual([
		{ field: '', message: 'Something, or other, is wrong' },
	]);
});

test('commas inside a sentence do not end it', () => {
	const message = '"gender" must be one of [F, M, U],"recall" must be [a, b],"x" is required';
	expect(refusedParameters(message).map(({ field }) => field)).toEqual(['gender', 'recall', 'x']);
});

test('records of a bulk request, in every shape that is likely', () => {
	const message = '"[1].name_last" is required,"patients[2].email" must be a valid email';
	const details = [{ index: 3, message: '"dob" is required' }, '"[4].phone" is required', 7, null];
	expect(refusedParameters(message, details)).toEqual([
		{ recordIndex: 1, field: 'name_last', message: '"name_last" is required' },
		{ recordIndex: 2, field: 'email', message: '"email" must be a valid email' },
		{ recordIndex: 3, field: 'dob', message: '"dob" is required' },
		{ recordIndex: 4, field: 'phone', message: '"phone" is required' },
	]);
	expect(refusedParameters('"value[1]" must be of type object')[0].recordIndex).toBe(1);
	expect(refusedParameters('record 2 has no last name')[0].recordIndex).toBe(1);
});

test.each([
	'XXX',
	'Smith, John',
	'Smith,"John" Q',
	'5","room" 7',
	'two\nlines',
	' fails ',
	'a" with value "b',
])('a value is never part of it: %j', (value) => {
	const message = `"notes" with value "${value}" fails to match the required pattern: /^[a-z]$/,"page" must be a number`;
	const text = refusedParameters(message)
		.map((refused) => refused.message)
		.join('; ');
	for (const word of value.match(/\w+/g) ?? []) {
		if (/^(fails|with|value|a|b)$/.test(word)) continue;
		expect(text).not.toMatch(new RegExp(`\\b${word}\\b`));
	}
	expect(text).toContain('"page" must be a number');
});

describe('an answer of any shape becomes a sentence', () => {
	const bodies = [undefined, null, '', 'Gateway', '<!DOCTYPE html>', 7, [], {}, { message: 5 }];
	test.each([400, 401, 403, 404, 302, 405, 409, 413, 418, 422])('%i', (statusCode) => {
		for (const body of bodies) {
			const error = errorForAnswer(statusCode, body, asked);
			expect(error.statusCode).toBe(statusCode);
			expect(error.message).toMatch(/^\S.{15,}$/);
			expect(`${error.message}${error.description}`).not.toMatch(/DOCTYPE|Gateway|\[object/);
		}
	});
});

test.each<[number, object, string, RegExp]>([
	[400, { message: published }, 'refusedInput', /"email" must be a valid email; "phone" fails/],
	[400, { message: 'The client_id must be provided as an integer in' }, 'invalidInput', /whole/],
	[401, {}, 'signIn', /access token/],
	[
		403,
		{ required_scope: 'read:orders', available_scopes: [] },
		'notAllowed',
		/lacks the scope 'read:orders'/,
	],
	[403, { message: 'You are not authorized to access client_id 2' }, 'notAllowed', /practice 2/],
	[404, {}, 'notFound', /no such record/],
	[302, {}, 'unreachable', /redirect/],
	[418, {}, 'refusedInput', /unexpected answer \(HTTP 418\)/],
])('%i %j is %s', (statusCode, body, kind, words) => {
	const error = errorForAnswer(statusCode, body, asked);
	expect(error.kind).toBe(kind);
	expect(error.message).toMatch(words);
});

test('a missing scope, with those that are granted and with none', () => {
	const describe = (available_scopes: unknown) =>
		errorForAnswer(403, { required_scope: 'read:orders', available_scopes }, asked).description;
	expect(describe(['read:frames', 'read:lenses'])).toContain(
		'Granted now: read:frames, read:lenses.',
	);
	expect(describe(['read:frames', 'read:lee'])).toContain('now: read:frames, 1 of other names.');
	expect(describe([])).toContain('No scopes are granted now.');
	expect(describe('nonsense')).toContain('No scopes are granted now.');
});

test.each(['patients.read', 'read_patients', 'api/patients/read', 'Patients-Read'])(
	'a scope of another form is named: %s',
	(scope) => {
		const message = `You lack the scope '${scope}'`;
		for (const body of [{ required_scope: scope, available_scopes: [scope] }, { message }]) {
			const error = errorForAnswer(403, body, asked);
			expect(error.message).toBe(`The credential lacks the scope '${scope}'`);
		}
		const body = { required_scope: 'read:orders', available_scopes: [scope] };
		expect(errorForAnswer(403, body, asked).grantedScopes).toEqual([scope]);
	},
);

test.each([
	'Ann Lee',
	'ann.lee@example.com',
	'512-555-0100',
	`${'eyJhbGciOi'.repeat(4)}.e30.x`,
	'lee',
	'ann:lee',
	'read:lee',
])('no scope, and not shown as one: %s', (text) => {
	const ofLee = { ...asked, sent: requestValues({ name_last: 'Lee' }) };
	const body = { required_scope: text, available_scopes: [text] };
	const { message, description, grantedScopes } = errorForAnswer(403, body, ofLee);
	expect(message).toBe('EyeCloud Pro does not allow this with this credential');
	expect(description).not.toContain(text);
	expect(grantedScopes).toBeUndefined();
});
