// A date that is written is the day, or the time, that the user means: whatever form it has, however n8n hands it on,
// and whatever time zone the workflow is in.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import { isSameValue } from '../../nodes/EyeCloudPro/parameters/matching';
import type { IDataObject } from 'n8n-workflow';

const practice = simulatedPractice();

const forms = [
	'2001-02-03',
	// What n8n's date picker fills in.
	'2001-02-03T00:00:00',
	'2001-02-03T00:00:00.000-11:00',
	'2001-02-03T00:00:00.000Z',
	'={{ DateTime.fromISO("2001-02-03") }}',
	'={{ DateTime.fromISO("2001-02-03", { zone: "Pacific/Kiritimati" }) }}',
	'={{ "2001-02-03".toDateTime() }}',
	'={{ DateTime.fromISO("2001-02-03").toUTC().toISO() }}',
	'={{ DateTime.fromISO("2001-02-03").toJSDate() }}',
	'={{ new Date("2001-02-03") }}',
];
const name = { name_first: 'Ann', name_last: 'Lee' };
const discovered = { seen: 'dateTime', recall_date: 'dateTime' };
const asField = (value: string) => ({ field: [{ name: 'recall_date', value }] });

// The ends of the world, and between: −11, −6 and +14.
test.each(['Pacific/Pago_Pago', 'America/Chicago', 'Pacific/Kiritimati'])(
	'a day in %s is that day as a filter, a column, an additional field and a cell',
	async (timezone) => {
		for (const form of forms) {
			const columns = mapped({ ...name, dob: form, seen: form }, discovered);
			const parameters = { columns, additionalFields: asField(form) };
			await practice.run('patient', 'createMany', parameters, { timezone });
			await practice.run('patient', 'count', { filters: { dob: form } }, { timezone });
		}
		const items = forms.filter((dob) => !dob.startsWith('=')).map((dob) => ({ ...name, dob }));
		await practice.run('patient', 'createMany', { columns: automatic }, { items, timezone });
		const days = (await practice.received()).flatMap(({ method, body, query }) =>
			method === 'GET' ? [query.dob] : (body as IDataObject[]).map(({ dob }) => dob),
		);
		expect(days).toEqual(Array(2 * forms.length + items.length).fill('2001-02-03'));
		const others = (await practice.received('POST')).flatMap(({ body }) => body as IDataObject[]);
		for (const { seen, recall_date } of others.slice(0, forms.length)) {
			expect(`${seen} ${recall_date}`).toMatch(/^2001-02-03\S* 2001-02-03\S*$/);
		}
	},
);

test.each([
	['2031-07-01T09:30:00', '2031-07-01T09:30:00'],
	['2031-07-01T09:30:00.000-05:00', '2031-07-01T09:30:00'],
	['2031-07-01T14:30:00.000Z', '2031-07-01T09:30:00'],
	['={{ DateTime.fromISO("2031-07-01T09:30") }}', '2031-07-01T09:30:00'],
])('%s keeps its time of day, on the clock that it shows', async (start_date, expected) => {
	const types = { patient_id: 'number', store_id: 'number', start_date: 'dateTime' };
	const columns = mapped({ patient_id: 1001, store_id: 1, start_date }, types);
	const { error, records } = await practice.run('appointment', 'create', { columns });
	expect([error, records[0].start_date]).toEqual([undefined, expected]);
});

describe('4 PM in Los Angeles in winter, which is midnight in UTC', () => {
	const timezone = 'America/Los_Angeles';
	const start_date = '2030-01-31T00:00:00.000Z';
	const displayName = `Start Date (start_date), ${timezone}`;

	test.each([
		['the form', { schema: [{ id: 'start_date', displayName, type: 'dateTime' }] }],
		['what the records hold', {}],
	])('is sent as that time, as known from %s', async (_way, schema) => {
		const { records } = await practice.run(
			'appointment',
			'create',
			{ columns: { ...automatic, ...schema }, options: { dryRun: true } },
			{ items: [{ patient_id: 1001, store_id: 1, start_date }], timezone },
		);
		expect(records[0].body).toMatchObject({ start_date: '2030-01-30T16:00:00' });
	});

	test.each([[start_date], ['2030-01-30T16:00:00']])('is the same time to Match On: %s', (own) => {
		expect(isSameValue(undefined, [own, '2030-01-30T16:00:00'], timezone)).toBe(true);
		expect(isSameValue(undefined, [own, '2030-01-30T15:00:00'], timezone)).toBe(false);
	});
});
