// Creating in a real n8n: never twice. Called by realN8n.test.ts.
import { mappedColumns } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const newPatient = { name_first: 'Dana', name_last: 'Writes', email: 'dana.writes@example.com' };
const createOne = {
	resource: 'patient',
	operation: 'create',
	columns: mappedColumns(newPatient),
};

export function writingCases(rig: () => Rig): void {
	const stored = async () => {
		const { simulator } = rig();
		const patients = await simulator.records(simulator.practiceId, '/patients');
		return patients.filter(({ name_last }) => name_last === newPatient.name_last);
	};
	const posts = async () => await rig().simulator.received({ method: 'POST' });

	it('creates one patient with one request', async () => {
		const { items } = await rig().run(createOne);
		const [created, ...others] = await stored();
		expect(others).toEqual([]);
		expect(items.map(({ json }) => json.patient_id)).toEqual([created.patient_id]);
		expect(await posts()).toHaveLength(1);
	});

	it('goes on after a bad item, with an error item paired to it', async () => {
		const { items, execution } = await rig().run(
			{ ...createOne, columns: { mappingMode: 'autoMapInputData', value: null } },
			{
				settings: { onError: 'continueRegularOutput' },
				inputItems: [newPatient, { ...newPatient, email: 'nobody' }, newPatient],
			},
		);
		expect(execution.status).toBe('success');
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		expect(items[1].json.error).toMatch(/'Email' is not an email address/);
		expect([items[0].error, items[2].error]).toEqual([undefined, undefined]);
		expect(await stored()).toHaveLength(2);
	});

	it.each([
		['answered 500', { kind: 'status', status: 500 }],
		['reset', { kind: 'reset' }],
		['answered with a truncated body', { kind: 'truncate' }],
	] as const)(
		'sends a POST that is %s once, and says that its outcome is unknown',
		async (_, fault) => {
			const { simulator, run } = rig();
			await simulator.addFault({ match: { method: 'POST', times: 9 }, when: 'after', fault });
			const { error } = await run(createOne);
			expect(error?.message).toMatch(/unknown whether EyeCloud Pro created/);
			expect(error?.description).toMatch(/not sent again.*before you run this item again/s);
			expect(await posts()).toHaveLength(1);
			expect(await stored()).toHaveLength(1);
		},
	);

	it('sends a POST that is answered 429 again, and one record exists', async () => {
		const { simulator, run } = rig();
		const fault = { kind: 'status', status: 429, headers: { 'Retry-After': '1' } } as const;
		await simulator.addFault({ match: { method: 'POST' }, fault });
		const { items } = await run(createOne);
		expect(items).toHaveLength(1);
		expect(await posts()).toHaveLength(2);
		expect(await stored()).toHaveLength(1);
	});
}
