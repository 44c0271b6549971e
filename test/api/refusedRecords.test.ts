// Which records a sentence means that names none, and where the API looked for the list.
import { countsBySize } from '../../nodes/EyeCloudPro/api/bodySize';
import { bodyKeyWanted, recordsMeant } from '../../nodes/EyeCloudPro/api/refusedRecords';
import { refusedParameters } from '../../nodes/EyeCloudPro/api/refusals';
import { requestValues } from '../../nodes/EyeCloudPro/api/redaction';

function meant(message: string, records: Array<Record<string, unknown>>): number[][] {
	const sent = requestValues(records);
	return refusedParameters({ message, details: [] }, sent).map((refused) =>
		recordsMeant(refused, records as never),
	);
}

test.each<[string, unknown[], number[]]>([
	['"x" is required', ['a', undefined, null], [1]],
	['"x" is not allowed', ['a', undefined, 'b'], [0, 2]],
	['"x" is not allowed to be empty', ['a', '', undefined], [1]],
	['"x" must be a string', ['a', 7, undefined], [1]],
	['"x" must be a number', ['a', 7, '8', undefined], [0]],
	['"x" must be a boolean', ['a', true, 'false'], [0]],
	['"x" must be an integer', [1, 1.5], [1]],
	['"x" must be a valid email', ['ann@example.com', 'ann@example', 'ann'], [1, 2]],
	['x must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss', ['2000-02-30', '2000-01-31', '1/2/2000'], [0, 2]],
	['"x" length must be less than or equal to 3 characters long', ['abc', 'abcd'], [1]],
	['"x" length must be 3 characters long', ['abc', 'ab'], [1]],
	['"x" must be less than or equal to 100', [100, 500], [1]],
	['"x" must be greater than or equal to 1', [0, 1], [0]],
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
])('%s', (message, values, places) => {
	const records = values.map((x) => ({ ...(x !== undefined && { x }), other: 'o' }));
	expect(meant(message, records)).toEqual([places]);
});

test('the same sentence for each of the records', () => {
	const records = [{ a: 1 }, {}, {}];
	expect(meant('"a" is required,"a" is required', records)).toEqual([
		[1, 2],
		[1, 2],
	]);
});

test.each<[string, string, string | null | undefined]>([
	['patients', '"records" is required,"patients" is not allowed', 'records'],
	['patients', '"patients" is not allowed', ''],
	['patients', '"name_last" is required,"patients" is not allowed', ''],
	['patients', '"a" is required,"b" is required,"patients" is not allowed', ''],
	['patients', '"value" must be an array', ''],
	['', '"value" must be of type object', null],
	['', '"[0].name_last" is required', undefined],
	['', '"name_last" is required', undefined],
	['patients', '"patients[0].name_last" is required', undefined],
])('body key %j and %s', (bodyKey, message, wanted) => {
	const records = [{ name_last: 'X' }];
	const sent = requestValues({ patients: records });
	expect(bodyKeyWanted(refusedParameters({ message, details: [] }, sent), bodyKey, records)).toBe(
		wanted,
	);
});

test('requests of at most 100 kB, in bytes and not in characters', () => {
	expect(countsBySize([])).toEqual([]);
	expect(countsBySize([{ a: 1 }])).toEqual([1]);
	const records = Array.from({ length: 1_000 }, (_, n) => ({ n, text: 'é'.repeat(300) }));
	const counts = countsBySize(records);
	expect(counts.reduce((sum, count) => sum + count)).toBe(1_000);
	let start = 0;
	for (const count of counts) {
		const body = Buffer.byteLength(
			JSON.stringify({ patients: records.slice(start, start + count) }),
		);
		expect(body).toBeLessThanOrEqual(100 * 1024);
		expect(body).toBeGreaterThan(start + count < 1_000 ? 100_000 : 0);
		start += count;
	}
	expect(countsBySize([{ t: 'x'.repeat(200_000) }, { a: 1 }])).toEqual([1, 1]);
});
