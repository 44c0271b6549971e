// Values as people have them, turned into the API's: above all, days that stay the same day.
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
		['2000-01-31'],
		[' 2000-01-31 '],
		['20000131'],
		['2000-031'],
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
		['Jan 31, 2000'],
		['31-Jan-2000'],
		['01/31/2000'],
		['1/31/2000'],
		['01-31-2000'],
		['31/01/2000'],
		['31-1-2000'],
		['01/31/2000, 2:30 PM'],
		['January 31, 2000 at 2:30 pm'],
		['2000-01-31 02:30 PM'],
		['2000-01-31 08:15:00-06'],
		['2000-01-31t08:15:00'],
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
		for (const own of zones) {
			const day = DateTime.fromISO('2000-01-31', { zone: own });
			for (const zone of zones) expect(toCalendarDay(day, zone)).toBe('2000-01-31');
		}
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
		'31.1.2000',
		'1/31/00',
		// Either may be the month.
		'03/04/1985',
		'3-4-1985 2:30 PM',
		'2000',
		'2000-01',
		'2000031',
		'2024123',
		'12:30',
		'T12:30',
		'Tue, 31 Jan 2000',
		'1990-03-05 or 1991-03-05',
		'2000-01-31 soon',
		'on 2000-01-31',
		'2000-01-31T25:00',
		'2000-01-31T24:00',
		'2000-01-31 13:30 PM',
		'2000-01-31 9',
		'January 31, 2000 or so',
		'31 Jan 00',
		'yesterday',
		'32 Jan 2000',
		'31 Foo 2000',
		'',
		new Date(Number.NaN),
		DateTime.fromISO('nothing'),
		null,
		undefined,
		true,
		{},
		[],
	])('%s is no day', (value) => expect(toCalendarDay(value, CHICAGO)).toBeUndefined());
});

test.each<[string, 'monthFirst' | 'dayFirst', string | undefined]>([
	['4/7/1979', 'monthFirst', '1979-04-07'],
	['4/7/1979', 'dayFirst', '1979-07-04'],
	['04-07-1979 2:30 PM', 'dayFirst', '1979-07-04'],
	['4/13/1979', 'dayFirst', '1979-04-13'],
	['13/4/1979', 'monthFirst', '1979-04-13'],
	['13/13/1979', 'dayFirst', undefined],
	['1979-04-07', 'dayFirst', '1979-04-07'],
])('%s with %s is %s', (text, order, day) => {
	expect(toCalendarDay(text, CHICAGO, order)).toBe(day);
});

describe('toLocalTime, on the clock in Chicago where the text names none', () => {
	test.each([
		['2031-07-01 02:30 PM', '2031-07-01T14:30:00'],
		['2031-07-01 2:30pm', '2031-07-01T14:30:00'],
		['July 1, 2031 2:30 PM', '2031-07-01T14:30:00'],
		['Tuesday, July 1, 2031 at 2:30 p.m.', '2031-07-01T14:30:00'],
		['7/1/2031 14:30', undefined],
		['7/31/2031 14:30', '2031-07-31T14:30:00'],
		['7/31/2031, 2:30:15 PM', '2031-07-31T14:30:15'],
		['2031-07-01 9:05', '2031-07-01T09:05:00'],
		['2031-07-01 12 AM', '2031-07-01T00:00:00'],
		['2031-07-01T00:00:00', '2031-07-01T00:00:00'],
		['2031-07-02T05:00:00Z', '2031-07-02T00:00:00'],
		// 4 PM in Los Angeles in winter is such an instant.
		['2031-07-01T00:00:00Z', '2031-06-30T19:00:00'],
		['Tue, 01 Jul 2031 00:00:00 GMT', '2031-06-30T19:00:00'],
		['2031-07-01T00:00:00.000+00:00', '2031-06-30T19:00:00'],
		['July 1, 2031', '2031-07-01'],
		['2031-07-01 24:00', undefined],
		['2031-07-01 12 PM', '2031-07-01T12:00:00'],
		['2031-07-01T14:30:00Z', '2031-07-01T09:30:00'],
		['20310701T143000Z', '2031-07-01T09:30:00'],
		['2031-07-01 14:30:00 UTC', '2031-07-01T09:30:00'],
		['Tue, 01 Jul 2031 14:30:00 GMT', '2031-07-01T09:30:00'],
		['Tue, 01 Jul 2031 14:30:00 +0000', '2031-07-01T09:30:00'],
		['Tue, 01 Jul 2031 14:30:00 -0400', '2031-07-01T14:30:00'],
		['Tue, 1 Jul 2031 14:30 EST', '2031-07-01T14:30:00'],
		['Tue Jul 01 2031 14:30:00 GMT+0000 (Coordinated Universal Time)', '2031-07-01T09:30:00'],
		['Tue Jul 01 2031 09:30:00 GMT-0500 (Central Daylight Time)', '2031-07-01T09:30:00'],
		['2031-07-01T09:30:00-05:00', '2031-07-01T09:30:00'],
		// An hour that the clocks in Chicago leave out that day.
		['2031-03-09T02:30:00', '2031-03-09T02:30:00'],
		['2031-07-01T24:00:01', undefined],
		['2031-07-01T09:60', undefined],
		['2031-07-01T09:30:00+5', undefined],
		['2031-07-01T09:30 and later', undefined],
	])('%s', (text, time) => expect(toLocalTime(text, CHICAGO)).toBe(time));

	test('an object of Luxon in UTC, and a Date, are the instant that they are', () => {
		const instant = '2031-07-01T14:30:00.000Z';
		const object = DateTime.fromISO(instant, { zone: 'utc' });
		expect(toLocalTime(object, CHICAGO)).toBe('2031-07-01T09:30:00');
		expect(toLocalTime(new Date(instant), CHICAGO)).toBe('2031-07-01T09:30:00');
	});
});

test.each([
	['2031-07-01T00:00:00Z', '2031-07-01'],
	['2031-07-01T05:00:00Z', '2031-07-01T00:00:00'],
	['2031-07-01T14:30:00Z', '2031-07-01T09:30:00'],
])('toDayOrTime, where days may be meant: %s', (text, time) => {
	expect(toDayOrTime(text, CHICAGO)).toBe(time);
	expect(toDayOrTime(new Date(text), CHICAGO)).toBe(time);
});

describe('as a whole, or not at all', () => {
	const moment = fc
		.record({
			...{ year: fc.integer({ min: 1900, max: 2099 }), month: fc.integer({ min: 1, max: 12 }) },
			...{ day: fc.integer({ min: 1, max: 28 }), hour: fc.integer({ min: 0, max: 23 }) },
			...{ minute: fc.integer({ min: 0, max: 59 }), second: fc.integer({ min: 0, max: 59 }) },
		})
		.map((parts) => DateTime.fromObject(parts, { zone: 'utc' }));
	const zone = fc.constantFrom(...zones);
	const withTime = [
		...["yyyy-MM-dd'T'HH:mm:ss", 'yyyy-MM-dd HH:mm:ss', 'yyyy-MM-dd h:mm:ss a'],
		...['yyyy-MM-dd hh:mm:ssa', 'MMMM d, yyyy h:mm:ss a', "MMM d, yyyy 'at' H:mm:ss"],
		...['ccc, d MMM yyyy HH:mm:ss', 'cccc, d MMMM yyyy HH:mm:ss', 'd-MMM-yyyy HH:mm:ss'],
		...["ccc, dd MMM yyyy HH:mm:ss '-0500'", "ccc MMM dd yyyy HH:mm:ss 'GMT-0500 (CDT)'"],
		...["yyyyMMdd'T'HHmmss", "kkkk-'W'WW-c'T'HH:mm:ss", "yyyy-ooo'T'HH:mm:ss.SSS"],
	];
	const form = fc.constantFrom(...withTime);

	test('every form says the day and the time that it was made from, in every zone', () => {
		fc.assert(
			fc.property(moment, form, zone, (at, format, timeZone) => {
				const day = at.toFormat('yyyy-MM-dd');
				const clock = at.toFormat('HH:mm:ss');
				const text = at.toFormat(format);
				expect(toCalendarDay(text, timeZone)).toBe(day);
				expect(toLocalTime(text, timeZone)).toBe(clock === '00:00:00' ? day : `${day}T${clock}`);
			}),
			{ numRuns: 2_000, seed: 11 },
		);
	});

	test('an instant in UTC is the time on the clock of the zone, in every form', () => {
		const forms = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "ccc, dd MMM yyyy HH:mm:ss 'GMT'"];
		const inUtc = fc.constantFrom(...forms, "ccc MMM dd yyyy HH:mm:ss 'GMT+0000 (Z)'");
		fc.assert(
			fc.property(moment, inUtc, zone, (at, format, timeZone) => {
				const time = at.setZone(timeZone).toFormat("yyyy-MM-dd'T'HH:mm:ss");
				expect(toLocalTime(at.toFormat(format), timeZone)).toBe(time);
				expect(toLocalTime(at.toJSDate(), timeZone)).toBe(time);
			}),
			{ numRuns: 1_000, seed: 11 },
		);
	});

	const more = fc
		.string({ minLength: 1, maxLength: 12 })
		// What makes a date of a date: an offset, or a name of a zone in brackets.
		.filter((text) => /[^\s\d+\-:.()apmzutcgedsAPMZUTCGEDS]/.test(text));

	test('a date with anything more before or after it is none', () => {
		fc.assert(
			fc.property(moment, form, more, (at, format, rest) => {
				const text = at.toFormat(format);
				expect(toCalendarDay(`${text} ${rest}`, CHICAGO)).toBeUndefined();
				expect(toCalendarDay(`${text}${rest}`, CHICAGO)).toBeUndefined();
				expect(toCalendarDay(`${rest} ${text}`, CHICAGO)).toBeUndefined();
			}),
			{ numRuns: 2_000, seed: 11 },
		);
	});

	test('whatever comes in, no day comes out that is not in it', () => {
		const piece = fc.constantFrom(
			...['2000', '-', '01', '31', '/', ' ', ':', 'T', 'Z', '+', '12', 'PM', 'Jan', ',', '7', 'at'],
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
				const text = pieces.join('');
				const day = toCalendarDay(text, CHICAGO);
				if (day === undefined) return;
				const numbers = text.match(/\d+/g)?.join(' ') ?? '';
				// A whole year stands in every date, so it must be there, and once.
				expect(numbers).toContain(day.slice(0, 4));
			}),
			{ numRuns: 5_000, seed: 11 },
		);
	});

	test('long texts take no time', () => {
		const longs = ['a'.repeat(100_000), `2000${' '.repeat(100_000)}`, '1 '.repeat(50_000)];
		const before = performance.now();
		for (const text of longs) expect(toCalendarDay(text, CHICAGO)).toBeUndefined();
		expect(performance.now() - before).toBeLessThan(200);
	});
});

describe('toApiValue', () => {
	function convert(kind: ConvertedKind, value: unknown) {
		return toApiValue({ displayName: 'The Label', kind }, value, { timeZone: CHICAGO });
	}

	test.each<[ConvertedKind, unknown, unknown]>([
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
		['number', ' 12.50 ', 12.5],
		['number', '1,234', 1234],
		['number', '-.5', -0.5],
		['number', 7, 7],
		['boolean', 'No', false],
		['boolean', 1, true],
		['boolean', 'on', true],
		['object', '{"city":{"zip":["78701"]}}', { city: { zip: ['78701'] } }],
		['object', { a: 1 }, { a: 1 }],
		['array', ' [1, "b"] ', [1, 'b']],
	])('%s %j becomes %j', (kind, value, expected) => {
		expect(convert(kind, value)).toEqual({ value: expected });
	});

	test.each<[ConvertedKind, unknown, RegExp]>([
		['email', 'marge', /email address/],
		['email', 'marge@nowhere', /email address/],
		['email', 'a b@example.com', /email address/],
		['email', '@nowhere.example', /email address/],
		['phone', '555-9999', /10 digits/],
		['phone', '+44 20 7946 0958 12', /10 digits/],
		['phone', '512-555-0100 ext. 7', /10 digits/],
		['phone', '512-CALL-NOW', /10 digits/],
		['phone', '', /10 digits/],
		['phone', '+1 512 555 014', /10 digits/],
		['phone', '1-512-555-014', /10 digits/],
		['date', 'soon', /2000-01-31/],
		['date', '03/04/1985', /two different days, write it like 2000-01-31/],
		['dateTime', '3/4/1985 2:30 PM', /two different days/],
		['email', 'a@example.com,', /email address/],
		['email', 'a@example.com;b@example.com', /email address/],
		['phone', '+52 55 1234 5678', /10 digits/],
		['phone', '+52 5512 3456', /10 digits/],
		['phone', '512555010#7', /10 digits/],
		['number', '12 apples', /not a number/],
		['number', '1,2', /not a number/],
		['number', '9007199254740993', /not a number/],
		['number', '1e999', /not a number/],
		['number', Number.NaN, /not a number/],
		['number', true, /not a number/],
		['boolean', 'perhaps', /true or false/],
		['boolean', 2, /true or false/],
		['object', '{city: Austin}', /not an object/],
		['object', '[1]', /not an object/],
		['object', 'null', /not an object/],
		['object', new Date(0), /not an object/],
		['array', '{}', /not a list/],
		['array', '1, 2', /not a list/],
	])('%s %j is refused, without being quoted', (kind, value, reason) => {
		const converted = convert(kind, value);
		expect(converted).toEqual({
			unusable: { displayName: 'The Label', reason: expect.stringMatching(reason) },
		});
		if (String(value).length > 4) {
			expect(JSON.stringify(converted)).not.toContain(String(value));
		}
	});
});

test('a long list of texts that look a little like dates is read in no time', () => {
	const before = performance.now();
	for (let index = 0; index < 20_000; index++) toLocalTime(`${index} March St 2031 Apt`, CHICAGO);
	expect(performance.now() - before).toBeLessThan(2_000);
});
