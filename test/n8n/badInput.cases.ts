// What a user reads in a real n8n who filled in something wrong: a sentence that names the parameter. That there is one
// for whatever can be wrong is for test/operations. Called by realN8n.test.ts, and leak.cases.ts looks at what is left.
import { byId, mappedColumns } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const list = { resource: 'patient', operation: 'getAll' };
const one = { resource: 'patient', operation: 'get' };
const create = { resource: 'patient', operation: 'create' };

const cases: Array<[what: string, parameters: Record<string, unknown>, ...says: RegExp[]]> = [
	[
		'an email, a phone number and a date, each of them',
		{ ...list, filters: { email: 'gordon@eyecloudpro', phone: 'XXX', dob: '2000-JAN-51' } },
		/'Email' is not an email address/,
		/'Phone' is not a phone number of 10 digits/,
		/'Date of Birth' is not a date/,
	],
	['an ID with a slash', { ...one, recordId: byId('={{ "10/01" }}') }, /slash/],
	['a patient that does not exist', { ...one, recordId: byId(99999999) }, /no such record/],
	[
		'a field that the API wants',
		{ ...create, columns: mappedColumns({ name_first: 'Dana' }) },
		/'Last Name' is required/,
	],
	['another practice', { ...list, options: { practiceId: '123' } }, /use practice 123/],
];

export function badInputCases(rig: () => Rig): void {
	it.each(cases)('%s', async (_what, parameters, ...says) => {
		const { error, execution } = await rig().run(parameters);
		expect(execution.status).toBe('error');
		for (const words of says) expect(`${error?.message} ${error?.description}`).toMatch(words);
		expect(error?.message).not.toContain('gordon');
	});

	it.each([
		['a wrong secret', 'practice', { clientSecret: 'wrong' }, /refused this credential/],
		['a number that is none', 'practice', { practiceId: 'abc' }, /'Practice Client ID' must be/],
		['a missing scope', 'reader', {}, /lacks the scope 'read:stores'/],
	] as const)('a credential with %s', async (_what, client, changes, words) => {
		const { saveCredential, simulator, run } = rig();
		const credential = await saveCredential(simulator.clients[client], changes);
		const { error } = await run({ resource: 'store', operation: 'count' }, { credential });
		expect(error?.message).toMatch(words);
	});
}
