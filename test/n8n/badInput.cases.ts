// What a user reads in a real n8n who filled in something wrong. That there is a sentence for whatever can be wrong is
// for test/operations. Called by realN8n.test.ts, and leak.cases.ts looks at what is left.
import { byId, mappedColumns } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const list = { operation: 'getAll' };
const create = { operation: 'create', columns: mappedColumns({ name_first: 'Dana' }) };

export function badInputCases(rig: () => Rig): void {
	it.each<[Record<string, unknown>, RegExp]>([
		[{ ...list, filters: { email: 'gordon@eyecloudpro' } }, /'Email' is not an email address/],
		[{ ...list, filters: { dob: '2000-JAN-51' } }, /'Date of Birth' is not a date/],
		[{ operation: 'get', recordId: byId('={{ "10/01" }}') }, /slash/],
		[{ operation: 'get', recordId: byId(99999999) }, /no such record/],
		[create, /'Last Name' is required/],
		[{ ...list, options: { practiceId: '123' } }, /use practice 123/],
	])('%j', async (parameters, says) => {
		const { error, execution } = await rig().run({ resource: 'patient', ...parameters });
		expect(execution.status).toBe('error');
		expect(`${error?.message} ${error?.description}`).toMatch(says);
	});
}
