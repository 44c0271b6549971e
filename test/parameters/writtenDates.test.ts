// A date of birth that is written is the day that the user means, whatever form it has and whatever
// time zone the workflow is in.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import { isSameValue } from '../../nodes/EyeCloudPro/parameters/matching';
import type { IDataObject } from 'n8n-workflow';

const practice = simulatedPractice();

const forms = [
	'2001-02-03',
	// What n8n's date picker fills in.
	'2001-02-03T00:00:00',
	'2001-02-03T00:00:00.000-11:00',
	'2001-02-03T23:59:59-06:00',
	'2001-02-03T00:00:00.000Z',
	'={{ DateTime.fromISO("2001-02-03") }}',
	'={{ DateTime.fromISO("2001-02-03").toISO() }}',
	'={{ DateTime.fromISO("2001-02-03", { zone: "Pacific/Kiritimati" }) }}',
	'={{ DateTime.fromISO("2001-02-03", { zone: "utc" }) }}',
	'={{ "2001-02-03".toDateTime() }}',
	'={{ DateTime.fromISO("2001-02-03").toUTC().toISO() }}',
	'={{ DateTime.fromISO("2001-02-03").toJSDate() }}',
	'={{ new Date("2001-02-03") }}',
];

const name = { name_first: 'Ann', name_last: 'Lee' };
const options = { dryRun: true };
const ways: Array<[string, string, (day: string) => IDataObject]> = [
	['a column of the form', 'dob', (dob) => ({ columns: mapped({ ...name, dob }) })],
	[
		'an additional field',
		'dob',
		(value) => ({ columns: mapped(name), additionalFields: { field: [{ name: 'dob', value }] } }),
	],
	[
		'a field that the node discovered',
		'recall_date',
		(day) => ({ columns: mapped({ ...name, recall_date: day }, { recall_date: 'dateTime' }) }),
	],
];

// The ends of the world, and between: −11, −6, 0 and +14.
describe.each(['Pacific/Pago_Pago', 'America/Chicago', 'UTC', 'Pacific/Kiritimati'])(
	'in %s',
	(timezone) => {
		test.each(ways)('as %s', async (_way, field, parametersFor) => {
			const days: unknown[] = [];
			for (const form of forms) {
				const parameters = { ...parametersFor(form), options };
				const run = await practice.run('patient', 'create', parameters, { timezone });
				const body = run.records[0]?.body as IDataObject | undefined;
				days.push([form, run.error?.message ?? String(body?.[field]).slice(0, 10)]);
			}
			expect(days).toEqual(forms.map((form) => [form, '2001-02-03']));
		});

		test('of input items, one and many', async () => {
			const items = forms.filter((dob) => !dob.startsWith('=')).map((dob) => ({ ...name, dob }));
			await practice.run('patient', 'create', { columns: automatic }, { items, timezone });
			await practice.run('patient', 'createMany', { columns: automatic }, { items, timezone });
			const bodies = (await practice.received('POST')).flatMap(({ body }) => body as IDataObject[]);
			expect(bodies.map(({ dob }) => dob)).toEqual([...items, ...items].map(() => '2001-02-03'));
		});
	},
);

test('a time of day that was meant is kept, on the clock that the text shows', async () => {
	const forms: Array<[string, string]> = [
		['2031-07-01T09:30:00', '2031-07-01T09:30:00'],
		['2031-07-01T09:30:00.000-05:00', '2031-07-01T09:30:00'],
		['2031-07-01T14:30:00.000Z', '2031-07-01T09:30:00'],
		['={{ DateTime.fromISO("2031-07-01T09:30") }}', '2031-07-01T09:30:00'],
	];
	for (const [start_date, expected] of forms) {
		const columns = mapped(
			{ patient_id: 1001, store_id: 1, start_date },
			{ patient_id: 'number', store_id: 'number', start_date: 'dateTime' },
		);
		const { error, records } = await practice.run('appointment', 'create', { columns });
		expect(error).toBeUndefined();
		expect([start_date, records[0].start_date]).toEqual([start_date, expected]);
	}
});

describe('4 PM in Los Angeles in winter, which is midnight in UTC', () => {
	const timezone = 'America/Los_Angeles';
	const start_date = '2030-01-31T00:00:00.000Z';

	test.each([
		[
			'the form',
			{
				schema: [
					{
						id: 'start_date',
						displayName: `Start Date (start_date), ${timezone}`,
						type: 'dateTime',
					},
				],
			},
		],
		['what the records hold', {}],
	])('is sent as that time, as known from %s', async (_way, schema) => {
		const columns = { ...automatic, ...schema };
		const { error, records } = await practice.run(
			'appointment',
			'create',
			{ columns, options },
			{ items: [{ patient_id: 1001, store_id: 1, start_date }], timezone },
		);
		expect(error).toBeUndefined();
		expect(records[0].body).toMatchObject({ start_date: '2030-01-30T16:00:00' });
	});

	test.each([[start_date], ['2030-01-30T16:00:00']])('is the same time to Match On: %s', (own) => {
		const same = [own, '2030-01-30T16:00:00'] as [string, string];
		expect(isSameValue(undefined, same, timezone)).toBe(true);
		expect(isSameValue(undefined, [own, '2030-01-30T15:00:00'], timezone)).toBe(false);
	});
});
