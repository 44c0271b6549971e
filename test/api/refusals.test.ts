// The API's words for what is wrong, taken apart: one sentence for each field and record; which records a sentence
// means that names none; and where the API looked for the list. What is shown of them: redaction.test.ts.
import { errorForAnswer, type Asked } from '../../nodes/EyeCloudPro/api/errors';
import { requestValues } from '../../nodes/EyeCloudPro/api/redaction';
import { bodyKeyWanted, recordsMeant } from '../../nodes/EyeCloudPro/api/refusedRecords';
import { readRefusal, refusedParameters } from '../../nodes/EyeCloudPro/api/refusals';

const asked: Asked = {
	...{ practiceId: '2', path: '/v2/2/crm/kin', isOneRecord: true },
	sent: requestValues({ name_last: 'Lee' }),
};
const read = (message: string, details?: unknown, sent: unknown = {}) =>
	refusedParameters(readRefusal({ message, details }), requestValues(sent));

const published = String.raw`"phone" with value "XXX" fails to match the required pattern: /^\d{10}$/,dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss,"page" must be greater than or equal to 1,"sort" with value "x" fails to match the required pattern: /^(-?(patient_id|dob)(,-?(patient_id|dob))*$)/`;

test('the published message, sentence by sentence', () => {
	const phone = String.raw`"phone" fails to match the required pattern: /^\d{10}$/`;
	const sort = '"sort" names a field that can\'t be sorted by';
	expect(read(published)).toEqual([
		{ field: 'phone', message: phone },
		{ field: 'dob', message: 'dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss' },
		{ field: 'page', message: '"page" must be greater than or equal to 1' },
		{ field: 'sort', message: sort, allowed: ['patient_id', 'dob'] },
	]);
});

test('one that names no field, and commas and quotes inside a sentence', () => {
	const message = 'Something, or other, is wrong';
	expect(read(message)).toEqual([{ field: '', message }]);
	const quoted = '"recall" must be [a, b],"phone" with value "5","is" b" fails to match the /x/';
	expect(read(quoted).map(({ field }) => field)).toEqual(['recall', 'phone']);
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

test.each<[unknown, string]>([
	[['read:frames', 'read:lee'], 'Granted now: read:frames, 1 of other names.'],
	['nonsense', 'No scopes are granted now.'],
])('a missing scope, where %j are granted', (available_scopes, words) => {
	const body = { required_scope: 'read:orders', available_scopes };
	expect(errorForAnswer(403, body, asked).description).toContain(words);
});

const refused = 'EyeCloud Pro does not allow this with this credential';

test.each([
	['api/Patients-read', "The credential lacks the scope 'api/Patients-read'"],
	['read:crm:kin', "The credential lacks the scope 'read:crm:kin'"],
	['ann.lee@example.com', refused],
	[`${'eyJh'.repeat(9)}.e30.x`, refused],
	['read:lee', refused],
])('%s, where a scope stands: %s', (required_scope, said) => {
	const { message, description } = errorForAnswer(403, { required_scope }, asked);
	expect(message).toBe(said);
	if (!said.includes(required_scope)) expect(description).not.toContain(required_scope);
});

test.each<[string, unknown[], number[]]>([
	['"x" is required', ['a', undefined, null], [1]],
	['"x" is not allowed', ['a', undefined, 'b'], [0, 2]],
	['"x" is not allowed to be empty', ['a', '', undefined], [1]],
	['"x" must be a number', ['a', 7, '8', ' ', undefined], [0, 3]],
	['"x" must be a boolean', ['a', true, 'false'], [0]],
	['"x" must be an integer', [1, 1.5], [1]],
	['"x" must be a valid email', ['ann@example.com', 'ann@example', 'ann'], [1, 2]],
	['x must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss', ['2000-02-30', '2000-01-31', '1/2/2000'], [0, 2]],
	['"x" length must be less than or equal to 3 characters long', ['abc', 'abcd'], [1]],
	['"x" length must be at least 3 characters long', ['abc', 'ab'], [1]],
	['"x" must be greater than or equal to 1', [0, 1], [0]],
	['"x" must be less than 5', [4, 5], [1]],
	['"x" must be one of [F, M, U]', ['F', 'X', undefined], [1]],
	['"x" with value "12" fails to match the pattern: /^\\d{10}$/', ['5125550142', '12'], [1]],
	['"x" with value "a" fails to match the pattern: /^(a+)+$/', ['aaa', 'b'], []],
	['"patients.1.x" is required', ['a', 'b'], [1]],
	['Something is wrong', ['a', 'b'], []],
])('the records that are meant by: %s', (message, values, places) => {
	const records = values.map((x) => ({ ...(x !== undefined && { x }), other: 'o' }));
	const meant = read(message, [], records).map((each) => recordsMeant(each, records as never));
	expect(meant).toEqual([places]);
});

test.each<[string, string, string | null | undefined]>([
	['patients', '"records" is required,"patients" is not allowed', 'records'],
	['patients', '"name_last" is required,"patients" is not allowed', ''],
	['patients', '"value" must be an array', ''],
	['', '"value" must be of type object', null],
	['', '"value[1]" must be of type object', undefined],
	['patients', '"patients[0].name_last" is required', undefined],
])('body key %j and %s', (bodyKey, message, wanted) => {
	const records = [{ name_last: 'X' }];
	expect(bodyKeyWanted(read(message, [], { patients: records }), bodyKey, records)).toBe(wanted);
});
