// Creating in a real n8n: once, with an error item for what failed. Called by realN8n.test.ts.
import { automaticColumns } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const newPatient = { name_first: 'Dana', name_last: 'Writes', email: 'dana.writes@example.com' };
const create = { resource: 'patient', operation: 'create', columns: automaticColumns };

export function writingCases(rig: () => Rig): void {
	const stored = async () => {
		const patients = await rig().simulator.records(2, '/patients');
		return patients.filter(({ name_last }) => name_last === newPatient.name_last);
	};

	it('goes on after a bad item, with an error item paired to it', async () => {
		const { items, execution } = await rig().run(create, {
			settings: { onError: 'continueRegularOutput' },
			inputItems: [newPatient, { ...newPatient, email: 'nobody' }, newPatient],
		});
		expect(execution.status).toBe('success');
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
		expect(items[1].json.error).toMatch(/'Email' is not an email address/);
		const ids = [items[0], items[2]].map(({ json }) => json.patient_id);
		expect((await stored()).map(({ patient_id }) => patient_id)).toEqual(ids);
	});

	it('sends a POST that is lost once, and says that its outcome is unknown', async () => {
		const { simulator, run } = rig();
		const fault = { kind: 'reset' } as const;
		await simulator.addFault({ match: { method: 'POST', times: 9 }, when: 'after', fault });
		const { error } = await run(create, { inputItems: [newPatient] });
		expect(error?.message).toMatch(/unknown whether EyeCloud Pro created/);
		expect(error?.description).toMatch(/not sent again.*before you run this item again/s);
		expect(await simulator.received({ method: 'POST' })).toHaveLength(1);
		expect(await stored()).toHaveLength(1);
	});
}
