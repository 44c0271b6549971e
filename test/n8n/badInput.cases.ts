// What a user reads who filled in something wrong: a sentence that names the parameter. Called by
// realN8n.test.ts.
import { mappedColumns } from '../harness/eyeCloudPro.ts';
import type { Rig, RunOptions } from '../harness/realN8n.ts';

const list = { resource: 'patient', operation: 'getAll' };
const one = (value: string) => ({
	resource: 'patient',
	operation: 'get',
	recordId: { __rl: true, mode: 'id', value },
});

export function badInputCases(rig: () => Rig): void {
	const failure = async (parameters: Record<string, unknown>, options?: RunOptions) => {
		const { error, execution } = await rig().run(parameters, options);
		expect(execution.status).toBe('error');
		return { message: error?.message ?? '', description: error?.description ?? '' };
	};

	it('no credential', async () => {
		const { message } = await failure(list, { credential: null });
		expect(message).toBe('Node does not have any credentials set');
	});

	it('a wrong secret', async () => {
		const { saveCredential, simulator } = rig();
		const credential = await saveCredential(simulator.clients.practice, { clientSecret: 'wrong' });
		const { message, description } = await failure(list, { credential });
		expect(message).toMatch(/auth server refused this credential/);
		expect(description).toMatch(/'Client ID', 'Client Secret' and 'Audience'/);
	});

	it('a practice client ID that is not a number', async () => {
		const { saveCredential, simulator } = rig();
		const credential = await saveCredential(simulator.clients.practice, { practiceId: 'abc' });
		const { message } = await failure(list, { credential });
		expect(message).toMatch(/'Practice Client ID' must be a whole number/);
		expect((await simulator.counts()).total).toBe(0);
	});

	it('a practice that the token may not read', async () => {
		const practiceId = String(rig().simulator.otherPracticeId);
		const { message, description } = await failure({ ...list, options: { practiceId } });
		expect(message).toMatch(new RegExp(`not let this credential use practice ${practiceId}`));
		expect(description).toMatch(/Practice Client ID/);
	});

	it('a missing scope: names it, and those that are granted', async () => {
		const { saveCredential, simulator } = rig();
		const credential = await saveCredential(simulator.clients.reader);
		const parameters = { resource: 'store', operation: 'count' };
		const { message, description } = await failure(parameters, { credential });
		expect(message).toMatch(/lacks the scope 'read:stores'/);
		expect(description).toMatch(/Granted now: read:patients\./);
	});

	it('an unknown sort field: lists those that there are', async () => {
		const sort = { by: [{ field: 'shoe_size', direction: 'asc' }] };
		const { message, description } = await failure({ ...list, sort });
		expect(message).toMatch(/'Sort' names a field that can't be sorted by/);
		expect(description).toMatch(/patient_id, name_first, name_last, email, dob, create_date/);
	});

	it('an email, a phone number and a date, each of them', async () => {
		const filters = { email: 'gordon@eyecloudpro', phone: 'XXX', dob: '2000-JAN-51' };
		const { message } = await failure({ ...list, filters });
		expect(message).toMatch(/'Email' is not an email address/);
		expect(message).toMatch(/'Phone' is not a phone number of 10 digits/);
		expect(message).toMatch(/'Date of Birth' is not a date/);
		expect(message).not.toContain('gordon');
		expect((await rig().simulator.counts()).total).toBe(0);
	});

	it('an id with a slash', async () => {
		const { message, description } = await failure(one('={{ "10/01" }}'));
		expect(message).toMatch(/ID is not one that a record can have/);
		expect(description).toMatch(/slash/);
		expect((await rig().simulator.counts()).total).toBe(0);
	});

	it('a patient that does not exist', async () => {
		const { message, description } = await failure(one('99999999'));
		expect(message).toMatch(/found no such record/);
		expect(description).toMatch(/Check the ID/);
	});

	it('a field that the API wants', async () => {
		const columns = mappedColumns({ name_first: 'Dana' });
		const { message } = await failure({ resource: 'patient', operation: 'create', columns });
		expect(message).toMatch(/'Last Name' is required/);
	});
}
