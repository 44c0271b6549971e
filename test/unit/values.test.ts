// Values as people have them, turned into the API's: above all, days that stay the same day.
import { toApiValue, toCalendarDay } from '../../nodes/EyeCloudPro/parameters/values';
import type { ValueKind } from '../../nodes/EyeCloudPro/catalogue/resource';

const CHICAGO = 'America/Chicago';
const zones = ['Pacific/Pago_Pago', CHICAGO, 'UTC', 'Asia/Kolkata', 'Pacific/Kiritimati'];

describe('toCalendarDay', () => {
	test.each([
		['2000-01-31'],
		[' 2000-01-31 '],
		['20000131'],
		['2000-031'],
		['2000031'],
		['2000-W05-1'],
		['2000W051'],
		['2000-01-31T00:00'],
		['2000-01-31T23:59:59.999'],
		['2000-01-31 08:15:00'],
		['2000-01-31T00:00:00-11:00'],
		['2000-01-31T00:00:00+14:00'],
		['2000-01-31T23:30:00-06:00'],
		['2000-01-31T00:00:00Z'],
		['2000-01-31T00:00:00.000Z'],
		['2000-01-31T00:00:00+00:00'],
		['Mon, 31 Jan 2000 00:00:00 GMT'],
		['Monday, 31 January 2000'],
		['31 Jan 2000'],
		['Mon Jan 31 2000 00:00:00 GMT+1300 (New Zealand Daylight Time)'],
		['January 31, 2000'],
	])('%s', (text) => {
		for (const zone of zones)
			expect([zone, toCalendarDay(text, zone)]).toEqual([zone, '2000-01-31']);
	});

	test.each([
		['Pacific/Pago_Pago', '2000-01-31T11:00:00.000Z'],
		[CHICAGO, '2000-01-31T06:00:00.000Z'],
		['Asia/Kolkata', '2000-01-30T18:30:00.000Z'],
		['Pacific/Kiritimati', '2000-01-30T10:00:00.000Z'],
	])('midnight in %s, as an instant', (zone, instant) => {
		expect(toCalendarDay(new Date(instant), zone)).toBe('2000-01-31');
		expect(toCalendarDay(instant, zone)).toBe('2000-01-31');
		expect(toCalendarDay(instant.replace('Z', '+00:00'), zone)).toBe('2000-01-31');
	});

	test('an object of Luxon knows its day', () => {
		const day = { toISODate: () => '2000-01-31' };
		for (const zone of zones) expect(toCalendarDay(day, zone)).toBe('2000-01-31');
	});

	test('midnight in UTC is how JavaScript reads a day alone', () => {
		for (const zone of zones) {
			expect([zone, toCalendarDay(new Date('2000-01-31'), zone)]).toEqual([zone, '2000-01-31']);
		}
	});

	test.each(['2000-02-29', '1904-02-29', '1899-12-31', '2024-12-31', '0099-05-05'])(
		'%s stays what it is',
		(day) => expect(toCalendarDay(day, CHICAGO)).toBe(day),
	);

	test.each([
		['2020-W53-5', '2021-01-01'],
		['2021-W01-1', '2021-01-04'],
		['2000-366', '2000-12-31'],
	])('%s is %s', (text, day) => expect(toCalendarDay(text, CHICAGO)).toBe(day));

	test.each([
		'2000-02-30',
		'1900-02-29',
		'2000-13-01',
		'2000-00-10',
		'2001-366',
		'2000-000',
		'2000-W54-1',
		'2021-W53-1',
		'2000-W05-8',
		'31/01/2000',
		'01/31/2000',
		'31.1.2000',
		'2000',
		'yesterday',
		'32 Jan 2000',
		'31 Foo 2000',
		'',
		new Date(Number.NaN),
		{ toISODate: () => null },
		null,
		undefined,
		true,
		{},
		[],
	])('%s is no day', (value) => expect(toCalendarDay(value, CHICAGO)).toBeUndefined());
});

describe('toApiValue', () => {
	function convert(kind: ValueKind, value: unknown) {
		const field = { name: 'x', displayName: 'The Label', kind, evidence: 'documented' } as const;
		return toApiValue(field, value, CHICAGO);
	}

	test.each<[ValueKind, unknown, string]>([
		['text', ' Marge ', 'Marge'],
		['text', 7, '7'],
		['email', ' marge@example.com ', 'marge@example.com'],
		['email', "o'brien+eye@mail.example.co.uk", "o'brien+eye@mail.example.co.uk"],
		['phone', '5125550100', '5125550100'],
		['phone', 5125550100, '5125550100'],
		['phone', '(512) 555-0100', '5125550100'],
		['phone', '512.555.0100', '5125550100'],
		['phone', '+1 (512) 555-0100', '5125550100'],
		['phone', '1-512-555-0100', '5125550100'],
		['date', '2000-01-31', '2000-01-31'],
	])('%s %j becomes %j', (kind, value, expected) => {
		expect(convert(kind, value)).toEqual({ value: expected });
	});

	test.each<[ValueKind, unknown, RegExp]>([
		['email', 'marge', /email address/],
		['email', 'marge@nowhere', /email address/],
		['email', 'a b@example.com', /email address/],
		['email', '@nowhere.example', /email address/],
		['phone', '555-9999', /10 digits/],
		['phone', '+44 20 7946 0958 12', /10 digits/],
		['phone', '512-555-0100 ext. 7', /10 digits/],
		['phone', '512-CALL-NOW', /10 digits/],
		['phone', '', /10 digits/],
		['date', 'soon', /2000-01-31/],
	])('%s %j is refused, without being quoted', (kind, value, reason) => {
		const converted = convert(kind, value);
		expect(converted).toEqual({
			unusable: { displayName: 'The Label', reason: expect.stringMatching(reason) },
		});
		if (value) expect(JSON.stringify(converted)).not.toContain(String(value));
	});
});
