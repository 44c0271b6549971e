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

// What each form means in each time zone: values.test.ts and writtenDates.test.ts.
test.each([
	'2000-01-31T00:00:00',
	'2000-01-31T23:59:59.999-06:00',
	'={{ DateTime.fromISO("2000-01-31", { zone: "Pacific/Kiritimati" }) }}',
	'={{ $now.set({ year: 2000, month: 1, day: 31 }) }}',
	'={{ new Date("2000-01-31") }}',
])('a day of birth given as %s is that day', async (dob) => {
	for (const timezone of ['Pacific/Pago_Pago', 'Pacific/Kiritimati']) {
		expect((await find({ dob }, timezone)).error).toBeUndefined();
		expect((await lastQuery())?.dob).toBe('2000-01-31');
	}
});

test.each(['2000-02-30', '2000-13-01', '31/31/2000', 'yesterday', '={{ true }}', '2000-W54-1'])(
	'%s is no date',
	async (dob) => {
		const { error } = await find({ dob });
		expect(error?.message).toBe("'Date of Birth' is not a date, e.g. 2000-01-31");
		expect(await lastQuery()).toBeUndefined();
	},
);
