// Values as people have them, turned into the API's: above all, days that stay the same day. What n8n makes of them on
// their way is in writtenDates.test.ts.
import fc from 'fast-check';
import { DateTime } from 'luxon';

import {
	toApiValue,
	toCalendarDay,
	toDayOrTime,
	toLocalTime,
	type ConvertedKind,
} from '../../nodes/EyeCloudPro/parameters/values';

const CHICAGO = 'America/Chicago';
const zones = ['Pacific/Pago_Pago', CHICAGO, 'UTC', 'Asia/Kolkata', 'Pacific/Kiritimati'];

describe('toCalendarDay', () => {
	test.each([
		...['2000-01-31', ' 2000-01-31 ', '20000131', '2000-031', '2000-W05-1', '2000W051'],
		...['2000-01-31T00:00:00-11:00', '2000-01-31T00:00:00+14:00', '2000-01-31T23:30:00-06:00'],
		...['2000-01-31T00:00:00.000Z', '2000-01-31T00:00:00+00:00', '2000-01-31 08:15:00-06'],
		...['2000-01-31T23:59:59.999', '2000-01-31t08:15:00', 'Mon, 31 Jan 2000 00:00:00 GMT'],
		...['Monday, 31 January 2000', '31 Jan 2000', 'January 31, 2000', '31-Jan-2000'],
		'Mon Jan 31 2000 00:00:00 GMT+1300 (New Zealand Daylight Time)',
		...['01/31/2000', '1/31/2000', '01-31-2000', '31/01/2000', '31-1-2000'],
		...['01/31/2000, 2:30 PM', 'January 31, 2000 at 2:30 pm', '2000-01-31 02:30 PM'],
		// How JavaScript reads a day alone.
		new Date('2000-01-31'),
		...zones.map((zone) => DateTime.fromISO('2000-01-31', { zone })),
	])('%s', (input) => {
		const days = zones.map((zone) => toCalendarDay(input, zone));
		expect(days).toEqual(zones.map(() => '2000-01-31'));
	});

	test.each([
		['Pacific/Pago_Pago', '2000-01-31T11:00:00.000Z'],
		[CHICAGO, '2000-01-31T06:00:00.000Z'],
		['Pacific/Kiritimati', '2000-01-30T10:00:00.000Z'],
	])('midnight in %s, as an instant', (zone, instant) => {
		for (const each of [new Date(instant), instant, instant.replace('Z', '+00:00')]) {
			expect(toCalendarDay(each, zone)).toBe('2000-01-31');
		}
	});

	test.each([
		['2000-02-29', '2000-02-29'],
		['1899-12-31', '1899-12-31'],
		['2020-W53-5', '2021-01-01'],
		['2000-366', '2000-12-31'],
	])('%s is %s', (text, day) => expect(toCalendarDay(text, CHICAGO)).toBe(day));

	test.each([
		...['2000-02-30', '1900-02-29', '2000-13-01', '2001-366', '2000-W54-1', '31.1.2000', '1/31/00'],
		// Either may be the month.
		...['03/04/1985', '3-4-1985 2:30 PM'],
		...['2000', '2000-01', '2000031', '12:30', 'T12:30', 'Tue, 31 Jan 2000', '31 Jan 00'],
		...['1990-03-05 or 1991-03-05', '2000-01-31T25:00', '2000-01-31T24:00', '2000-01-31 13:30 PM'],
		...['2000-01-31 9', 'yesterday', '31 Foo 2000', '', '1 '.repeat(50_000), 'a'.repeat(100_000)],
		...[new Date(Number.NaN), DateTime.fromISO('nothing'), null, undefined, true, {}, []],
	])('%j is no day', (value) => expect(toCalendarDay(value, CHICAGO)).toBeUndefined());
});

test.each<[string, 'monthFirst' | 'dayFirst', string | undefined]>([
	['4/7/1979', 'monthFirst', '1979-04-07'],
	['04-07-1979 2:30 PM', 'dayFirst', '1979-07-04'],
	['4/13/1979', 'dayFirst', '1979-04-13'],
	['13/4/1979', 'monthFirst', '1979-04-13'],
	['13/13/1979', 'dayFirst', undefined],
])('%s with %s is %s', (text, order, day) => {
	expect(toCalendarDay(text, CHICAGO, order)).toBe(day);
});

test.each([
	['7/1/2031 14:30', undefined],
	['7/31/2031 2:30 PM', '2031-07-31T14:30:00'],
	['Tuesday, July 1, 2031 at 2:30 p.m.', '2031-07-01T14:30:00'],
	['2031-07-01 12 AM', '2031-07-01T00:00:00'],
	['2031-07-01 12 PM', '2031-07-01T12:00:00'],
	['2031-07-01T00:00:00', '2031-07-01T00:00:00'],
	['2031-07-02T05:00:00Z', '2031-07-02T00:00:00'],
	// 4 PM in Los Angeles in winter is such an instant.
	['2031-07-01T00:00:00Z', '2031-06-30T19:00:00'],
	['Tue, 01 Jul 2031 00:00:00 GMT', '2031-06-30T19:00:00'],
	['July 1, 2031', '2031-07-01'],
	['20310701T143000Z', '2031-07-01T09:30:00'],
	['2031-07-01 14:30:00 UTC', '2031-07-01T09:30:00'],
	['Tue, 01 Jul 2031 14:30:00 +0000', '2031-07-01T09:30:00'],
	['Tue, 01 Jul 2031 14:30:00 -0400', '2031-07-01T14:30:00'],
	['Tue, 1 Jul 2031 14:30 EST', '2031-07-01T14:30:00'],
	['Tue Jul 01 2031 14:30:00 GMT+0000 (Coordinated Universal Time)', '2031-07-01T09:30:00'],
	[new Date('2031-07-01T14:30:00Z'), '2031-07-01T09:30:00'],
	[DateTime.fromISO('2031-07-01T14:30:00Z', { zone: 'utc' }), '2031-07-01T09:30:00'],
	// An hour that the clocks in Chicago leave out that day.
	['2031-03-09T02:30:00', '2031-03-09T02:30:00'],
	['2031-07-01 24:00', undefined],
	['2031-07-01T09:60', undefined],
	['2031-07-01T09:30:00+5', undefined],
])('%s is %s on the clock in Chicago', (input, time) => {
	expect(toLocalTime(input, CHICAGO)).toBe(time);
});

test.each([
	['2031-07-01T00:00:00Z', '2031-07-01'],
	['2031-07-01T05:00:00Z', '2031-07-01T00:00:00'],
])('%s is %s where days may be meant', (text, time) => {
	expect(toDayOrTime(text, CHICAGO)).toBe(time);
	expect(toDayOrTime(new Date(text), CHICAGO)).toBe(time);
});

test('every form says the day and the time that it was made from, and with more is none', () => {
	const moment = fc
		.date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
		.map((date) => DateTime.fromJSDate(date, { zone: 'utc' }));
	const form = fc.constantFrom(
		...["yyyy-MM-dd'T'HH:mm:ss", 'yyyy-MM-dd HH:mm:ss', 'yyyy-MM-dd h:mm:ss a'],
		...['yyyy-MM-dd hh:mm:ssa', 'MMMM d, yyyy h:mm:ss a', "MMM d, yyyy 'at' H:mm:ss"],
		...['ccc, d MMM yyyy HH:mm:ss', 'cccc, d MMMM yyyy HH:mm:ss', 'd-MMM-yyyy HH:mm:ss'],
		...["ccc, dd MMM yyyy HH:mm:ss '-0500'", "ccc MMM dd yyyy HH:mm:ss 'GMT-0500 (CDT)'"],
		...["yyyyMMdd'T'HHmmss", "kkkk-'W'WW-c'T'HH:mm:ss", "yyyy-ooo'T'HH:mm:ss.SSS"],
	);
	const more = fc
		.string({ minLength: 1, maxLength: 12 })
		// What makes a date of a date: an offset, or a name of a zone in brackets.
		.filter((text) => /[^\s\d+\-:.()apmzutcgedsAPMZUTCGEDS]/.test(text));
	fc.assert(
		fc.property(moment, form, more, fc.constantFrom(...zones), (at, format, rest, timeZone) => {
			const text = at.toFormat(format);
			const [day, clock] = [at.toFormat('yyyy-MM-dd'), at.toFormat('HH:mm:ss')];
			expect(toCalendarDay(text, timeZone)).toBe(day);
			expect(toLocalTime(text, timeZone)).toBe(`${day}T${clock}`);
			for (const longer of [`${text} ${rest}`, `${text}${rest}`, `${rest} ${text}`]) {
				expect(toCalendarDay(longer, timeZone)).toBeUndefined();
			}
		}),
		{ numRuns: 2_000, seed: 11 },
	);
});

function convert(kind: ConvertedKind, value: unknown) {
	return toApiValue({ displayName: 'The Label', kind }, value, { timeZone: CHICAGO });
}

test.each<[ConvertedKind, unknown, unknown]>([
	['text', ' Marge ', 'Marge'],
	['text', 7, '7'],
	['email', " o'brien+eye@mail.example.co.uk ", "o'brien+eye@mail.example.co.uk"],
	...[5125550100, '(512) 555-0100', '512.555.0100', '+1 (512) 555-0100', '1-512-555-0100'].map(
		(phone): [ConvertedKind, unknown, unknown] => ['phone', phone, '5125550100'],
	),
	['number', ' 12.50 ', 12.5],
	['number', '1,234', 1234],
	['number', '-.5', -0.5],
	['boolean', 'No', false],
	['boolean', ' False ', false],
	['boolean', '0', false],
	['boolean', 'off', false],
	['boolean', 1, true],
	['boolean', 'on', true],
	['object', '{"city":{"zip":["78701"]}}', { city: { zip: ['78701'] } }],
	['array', ' [1, "b"] ', [1, 'b']],
])('%s %j becomes %j', (kind, value, expected) => {
	expect(convert(kind, value)).toEqual({ value: expected });
});

test.each<[ConvertedKind, unknown[], RegExp]>([
	['email', ['marge', 'marge@nowhere', 'a b@example.com', '@nowhere.example'], /email address/],
	['email', ['a@example.com,', 'a@example.com;b@example.com'], /email address/],
	['phone', ['555-9999', '+44 20 7946 0958 12', '512-555-0100 ext. 7', ''], /10 digits/],
	['phone', ['512-CALL-NOW', '1-512-555-014', '+52 5512 3456', '512555010#7'], /10 digits/],
	['date', ['soon'], /2000-01-31/],
	['date', ['03/04/1985'], /two different days, write it like 2000-01-31/],
	['dateTime', ['3/4/1985 2:30 PM'], /two different days/],
	['number', ['12 apples', '1,2', '9007199254740993', '1e999', NaN, true], /not a number/],
	['boolean', ['perhaps', 2], /true or false/],
	['object', ['{city: Austin}', '[1]', 'null', new Date(0)], /not an object/],
	['array', ['{}', '1, 2'], /not a list/],
])('%s %j is refused, without being quoted', (kind, values, reason) => {
	for (const value of values) {
		const converted = convert(kind, value);
		expect(converted).toEqual({
			unusable: { displayName: 'The Label', reason: expect.stringMatching(reason) },
		});
		if (String(value).length > 4) {
			expect(JSON.stringify(converted)).not.toContain(String(value));
		}
	}
});
