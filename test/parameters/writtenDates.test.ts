// A date of birth that is written is the day that the user means, whatever form it has and whatever
// time zone the workflow is in.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const practice = simulatedPractice();

// From −11 to +14, as they are on the day that is written.
const zones = [
	'Pacific/Pago_Pago',
	'Pacific/Honolulu',
	'America/Los_Angeles',
	'America/Chicago',
	'America/St_Johns',
	'UTC',
	'Europe/Berlin',
	'Asia/Kolkata',
	'Pacific/Auckland',
	'Pacific/Kiritimati',
];

const forms = [
	'2001-02-03',
	// What n8n's date picker fills in.
	'2001-02-03T00:00:00',
	'2001-02-03T00:00:00.000-11:00',
	'2001-02-03T00:00:00.000+14:00',
	'2001-02-03T23:59:59-06:00',
	'2001-02-03T00:00:00.000Z',
	'={{ DateTime.fromISO("2001-02-03") }}',
	'={{ DateTime.fromISO("2001-02-03").toISO() }}',
	'={{ DateTime.fromISO("2001-02-03", { zone: "Pacific/Pago_Pago" }) }}',
	'={{ DateTime.fromISO("2001-02-03", { zone: "Pacific/Kiritimati" }) }}',
	'={{ DateTime.fromISO("2001-02-03", { zone: "utc" }) }}',
	'={{ "2001-02-03".toDateTime() }}',
	'={{ DateTime.fromISO("2001-02-03").toUTC().toISO() }}',
	'={{ DateTime.fromISO("2001-02-03").toJSDate() }}',
	'={{ new Date("2001-02-03") }}',
];

/** The days that the API got for all forms, by what sets them in the node. */
async function writtenDays(
	timezone: string,
	parametersFor: (dob: string) => IDataObject,
): Promise<unknown[]> {
	const days: unknown[] = [];
	for (const dob of forms) {
		const { error } = await practice.run('patient', 'create', parametersFor(dob), { timezone });
		const last = (await practice.received('POST')).at(-1)?.body as IDataObject | undefined;
		days.push([dob, error?.message ?? last?.dob]);
	}
	return days;
}

const sameDay = forms.map((dob) => [dob, '2001-02-03']);
const name = { name_first: 'Ann', name_last: 'Lee' };

describe.each(zones)('in %s', (timezone) => {
	test('as a column of the form', async () => {
		const types = { name_first: 'string', name_last: 'string', dob: 'dateTime' };
		const days = await writtenDays(timezone, (dob) => ({
			columns: mapped({ ...name, dob }, types),
		}));
		expect(days).toEqual(sameDay);
	});

	test('as an additional field', async () => {
		const days = await writtenDays(timezone, (dob) => ({
			columns: mapped(name),
			additionalFields: { field: [{ name: 'dob', value: dob }] },
		}));
		expect(days).toEqual(sameDay);
	});

	test('as a field that the node discovered', async () => {
		const days: unknown[] = [];
		for (const recall_date of forms) {
			const columns = mapped({ ...name, recall_date }, { recall_date: 'dateTime' });
			const parameters = { columns, options: { dryRun: true } };
			const { records, error } = await practice.run('patient', 'create', parameters, { timezone });
			const body = records[0]?.body as IDataObject | undefined;
			days.push([recall_date, error?.message ?? String(body?.recall_date).slice(0, 10)]);
		}
		expect(days).toEqual(sameDay);
	});

	test('of input items, one and many', async () => {
		const items = forms.filter((dob) => !dob.startsWith('=')).map((dob) => ({ ...name, dob }));
		const columns = automatic;
		await practice.run('patient', 'create', { columns }, { items, timezone });
		await practice.run('patient', 'createMany', { columns }, { items, timezone });
		const bodies = (await practice.received('POST')).flatMap(({ body }) => body as IDataObject[]);
		expect(bodies.map(({ dob }) => dob)).toEqual([...items, ...items].map(() => '2001-02-03'));
	});
});

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
