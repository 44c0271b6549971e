// What a user reads for each slip, and that no token, secret or record value is ever part of it.
import { byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { Fault } from '../simulator/start.ts';
import { listen } from '../harness/ports.ts';
import { runNode } from '../harness/runNode.ts';

const practice = simulatedPractice({ patients: 10 });

/** What is read, and how many requests it took. */
async function said(resource: string, operation: string, parameters: IDataObject = {}) {
	const { error } = await practice.run(resource, operation, parameters);
	const requests = (await practice.received()).length;
	return { message: error?.message, description: error?.description ?? '', requests };
}

const count = async (inCredential: Record<string, string> = {}) => {
	practice.credential.change(inCredential);
	return await said('patient', 'count');
};

test('no credential', async () => {
	const { error } = await runNode({ parameters: { resource: 'patient', operation: 'count' } });
	expect(error?.message).toBe('Node does not have any credentials set');
});

const refused = 'The auth server refused this credential';
const noPractice = "The 'Practice Client ID' must be a whole number";
const noAddress = "The 'API Base URL' in the credential is not an https address";

test.each<[Record<string, string>, message: string, description: RegExp]>([
	[
		{ clientSecret: 'wrong' },
		refused,
		/^Check 'Client ID', 'Client Secret' and 'Audience' in the credential \(invalid_client\)\. If they are right, ask EyeCloud Pro support whether your OAuth client still exists\.$/,
	],
	[{ clientId: 'nobody' }, refused, /\(invalid_client\)/],
	[{ audience: 'https://wrong.example' }, refused, /\(invalid_target\)/],
	...['abc', '0', '-1', '1e3', '2/../123', ''].map(
		(practiceId): [Record<string, string>, string, RegExp] => [
			{ practiceId },
			noPractice,
			/after \/v2\/ in your API addresses, not the 'Client ID'/,
		],
	),
	...['http://api.eyecloudpro.com', 'api.eyecloudpro.com', 'ftp://127.0.0.1', ''].map(
		(apiBaseUrl): [Record<string, string>, string, RegExp] => [{ apiBaseUrl }, noAddress, /./],
	),
])('%j in the credential', async (inCredential, message, description) => {
	const told = await count(inCredential);
	expect(told).toEqual({
		...{ message, requests: 0, description: expect.stringMatching(description) },
	});
});

test('a practice that the token may not read', async () => {
	const told = await count({ practiceId: '7' });
	expect(told.message).toBe('EyeCloud Pro does not let this credential use practice 7');
	expect(told.description).toMatch(/Check the 'Practice Client ID'.*ask EyeCloud Pro support to/);
});

test.each([
	['store', 'count', {}, 'read:stores'],
	['patient', 'create', { columns: mapped({ name_last: 'X' }) }, 'create:patients'],
])('a missing scope: %s %s', async (resource, operation, parameters, scope) => {
	const scopes = ['read:patients', 'read:orders'];
	const credential = await practice.credentialFor({ scopes });
	const { error } = await practice.run(resource, operation, parameters, { credential });
	expect(error?.message).toBe(`The credential lacks the scope '${scope}'`);
	expect(error?.description).toContain(
		`Ask EyeCloud Pro support to grant your OAuth client '${scope}'`,
	);
	expect(error?.description).toContain('Granted now: read:patients, read:orders.');
});

test('an unknown sort field', async () => {
	const sort = { by: [{ field: 'shoe_size', direction: 'asc' }] };
	expect(await said('store', 'getAll', { returnAll: true, sort })).toMatchObject({
		message: "EyeCloud Pro did not accept the input: 'Sort' names a field that can't be sorted by",
		description: 'Fields you can sort by: store_id, store_name, create_date.',
	});
});

test('an invalid email, phone and date, all at once', async () => {
	const filters = { email: 'gordon@eyecloudpro', phone: 'XXX', dob: '2000-JAN-01' };
	const { message, description, requests } = await said('patient', 'count', { filters });
	expect(message?.split('; ')).toEqual([
		"'Email' is not an email address, e.g. nathan@example.com",
		"'Phone' is not a phone number of 10 digits, e.g. (512) 555-0100",
		"'Date of Birth' is not a date, e.g. 2000-01-31",
	]);
	expect(description).toMatch(/Nothing was sent to EyeCloud Pro/);
	expect(requests).toBe(0);
});

test.each(['12/34', '../stores', '..', '.', '', '  ', 'a\\b', '/'])('the ID %j', async (id) => {
	// What is typed, n8n looks at before it runs the node.
	const told = await said('patient', 'get', { recordId: byId(`={{ ${JSON.stringify(id)} }}`) });
	expect(told).toEqual({
		message: 'The ID is not one that a record can have',
		description: expect.stringMatching(/must not be empty or hold a slash/),
		requests: 0,
	});
});

test('a patient that does not exist', async () => {
	const told = await said('patient', 'get', { recordId: byId('999999') });
	expect(told.message).toBe('EyeCloud Pro found no such record');
	expect(told.description).toMatch(/Check the ID, and that the record belongs to this practice/);
});

test.each([301, 302, 307, 308])('a redirect (%i) is not followed', async (status) => {
	const elsewhere = await listen();
	const location = `${elsewhere.address}/v2/2/patients`;
	const fault = { kind: 'redirect', location, status } as const;
	await practice.simulator.addFault({ match: { times: 10 }, fault });
	const told = await count();
	elsewhere.close();
	expect(told).toEqual({
		message: 'The API address answered with a redirect to another one',
		description: expect.stringMatching(/not followed, because your access token would go with it/),
		requests: 1,
	});
	expect(elsewhere.received).toEqual([]);
});

describe('nothing leaks', () => {
	const { email, name_last, phone } = {
		...{ email: 'marge.secret@example.com', name_last: 'Zyxwvutson', phone: '5125550199' },
	};
	const columns = mapped({ email, name_last, phone });
	const quoted = `"email" with value "${email}" fails to match the required pattern: /^a,"b" c$/,"phone" with value "${phone}" fails because it is taken`;
	const told = `A patient ${name_last} with ${email} exists already`;
	const ofFilter = `"phone" with value "${phone}" fails to match /x/`;
	const answer = (status: number, message = 'Refused'): Fault => ({
		...{ kind: 'status', status, body: { status: 'ERROR', message } },
	});

	test.each<[string, IDataObject, Fault | undefined]>([
		...[400, 401, 403, 404, 409, 418, 422, 500, 503].map((status): [string, IDataObject, Fault] => [
			'create',
			{ columns },
			answer(status),
		]),
		...[400, 409, 422].flatMap(
			(status): Array<[string, IDataObject, Fault]> => [
				['create', { columns }, answer(status, quoted)],
				['create', { columns }, answer(status, told)],
			],
		),
		...(['reset', 'hang', 'html'] as const).map((kind): [string, IDataObject, Fault] => [
			...(['create', { columns }, { kind }] as const),
		]),
		['count', { filters: { email, phone: `${phone}x` } }, undefined],
		['count', { filters: { email, phone } }, answer(400, ofFilter)],
	])('%s %j, answered %j', async (operation, parameters, fault) => {
		if (fault) await practice.simulator.addFault({ match: { times: 50 }, fault });
		const credential = await practice.credentialFor({});
		for (const continueOnFail of [false, true]) {
			const asked = { ...parameters, options: { timeout: 300 } };
			const more = { credential, continueOnFail };
			const result = await practice.run('patient', operation, asked, more);
			const text = `${result.inspected()} ${JSON.stringify(result.items)}`;
			expect(result.error ?? result.records[0].error).toBeDefined();
			expect(text).not.toMatch(/eyJ|Bearer/);
			const { clientSecret } = await credential.getDecrypted();
			for (const secret of [clientSecret, email, name_last, phone]) {
				expect(text).not.toContain(secret);
			}
		}
	});
});
