// Filters, as people have their values: what the API is asked for, whatever the form and time zone.
import { fakeClock } from '../harness/fastTime.ts';

import { startSimulator, type ApiRecord, type Simulator } from '../simulator/start.ts';
import { runNode, type NodeRun } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

let simulator: Simulator;
let patient: ApiRecord;
let credential: StoredCredential;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 60, rateLimit: { requestsPerMinute: 10_000 } });
	[, , , patient] = await simulator.records(2, '/patients');
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset();
	credential = StoredCredential.for(simulator, await simulator.createClient());
});

async function find(filters: NodeRun['parameters'], timezone?: string) {
	return await runNode({
		credential,
		timezone,
		parameters: { resource: 'patient', operation: 'getAll', returnAll: true, filters },
	});
}

async function lastQuery() {
	return (await simulator.received()).at(-1)?.query;
}

test('by email', async () => {
	const { records } = await find({ email: ` ${patient.email} ` });
	expect(records.map(({ patient_id }) => patient_id)).toEqual([patient.patient_id]);
	expect(await lastQuery()).toMatchObject({ email: patient.email });
});

test('by phone, in every form', async () => {
	const digits = String(patient.phone);
	const [area, exchange, line] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
	const forms = [
		digits,
		`(${area}) ${exchange}-${line}`,
		`${area}-${exchange}-${line}`,
		`${area}.${exchange}.${line}`,
		`+1 ${area} ${exchange} ${line}`,
		`1${digits}`,
		` ${area} ${exchange} ${line} `,
		`={{ ${digits} }}`,
	];
	for (const phone of forms) {
		const { records } = await find({ phone });
		expect([phone, (await lastQuery())?.phone]).toEqual([phone, digits]);
		expect(records.map(({ patient_id }) => patient_id)).toContain(patient.patient_id);
	}
});

test('by day of birth, all filters at once', async () => {
	const { records } = await find({
		email: patient.email as string,
		phone: patient.phone as string,
		dob: patient.dob as string,
	});
	expect(records.map(({ patient_id }) => patient_id)).toEqual([patient.patient_id]);
});

test.each([[{}], [{ email: '', phone: '', dob: '' }]])(
	'empty ones filter nothing: %j',
	async (filters) => {
		expect((await find(filters)).records).toHaveLength(60);
		expect(Object.keys((await lastQuery()) ?? {}).sort()).toEqual(['page', 'page_size', 'sort']);
	},
);

const zones = [
	'Pacific/Pago_Pago',
	'America/Chicago',
	'America/St_Johns',
	'UTC',
	'Europe/Berlin',
	'Asia/Kolkata',
	'Pacific/Auckland',
	'Pacific/Kiritimati',
];

const sameDay = [
	'2000-01-31',
	'20000131',
	'2000-031',
	'2000-W05-1',
	// What n8n's date picker fills in.
	'2000-01-31T00:00:00',
	'2000-01-31 00:00:00',
	'2000-01-31T00:00:00.000-11:00',
	'2000-01-31T00:00:00.000+14:00',
	'2000-01-31T23:59:59.999-06:00',
	'2000-01-31T00:00:00.000Z',
	'Mon, 31 Jan 2000 00:00:00 GMT',
	'Mon, 31 Jan 2000 08:00:00 -0600',
	'Mon Jan 31 2000 00:00:00 GMT-0600 (Central Standard Time)',
	'={{ DateTime.fromISO("2000-01-31") }}',
	'={{ DateTime.fromISO("2000-01-31", { zone: "Pacific/Pago_Pago" }) }}',
	'={{ DateTime.fromISO("2000-01-31", { zone: "Pacific/Kiritimati" }) }}',
	'={{ DateTime.fromISO("2000-01-31", { zone: "utc" }) }}',
	'={{ DateTime.fromISO("2000-01-31T23:59:00") }}',
	'={{ "2000-01-31".toDateTime() }}',
	'={{ $now.set({ year: 2000, month: 1, day: 31 }) }}',
	'={{ DateTime.fromISO("2000-01-31").toISO() }}',
	'={{ DateTime.fromISO("2000-01-31").toJSDate() }}',
	'={{ DateTime.fromISO("2000-01-31").toUTC().toISO() }}',
	'={{ DateTime.fromISO("2000-01-31").toFormat("yyyy-MM-dd") }}',
	// JavaScript reads a day alone as midnight in UTC.
	'={{ new Date("2000-01-31") }}',
	'={{ new Date("2000-01-31").toISOString() }}',
];

test.each(zones)('a day of birth stays the same day in %s', async (timezone) => {
	const asked = [];
	for (const dob of sameDay) {
		const { error } = await find({ dob }, timezone);
		asked.push([dob, error?.message ?? (await lastQuery())?.dob]);
	}
	expect(asked).toEqual(sameDay.map((dob) => [dob, '2000-01-31']));
});

test.each(['2000-02-30', '2000-13-01', '31/31/2000', 'yesterday', '={{ true }}', '2000-W54-1'])(
	'%s is no date',
	async (dob) => {
		const { error } = await find({ dob });
		expect(error?.message).toBe("'Date of Birth' is not a date, e.g. 2000-01-31");
		expect(await lastQuery()).toBeUndefined();
	},
);
