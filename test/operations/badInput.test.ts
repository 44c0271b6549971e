// What a user reads for each slip, and that no token, secret or record value is ever part of it.
import { mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { Fault } from '../simulator/start.ts';
import { runNode } from '../harness/runNode.ts';

const practice = simulatedPractice({ patients: 10 });

test('no credential', async () => {
	const { error } = await runNode({ parameters: { resource: 'patient', operation: 'count' } });
	expect(error?.message).toBe('Node does not have any credentials set');
});

const refused = 'The auth server refused this credential';
const noPractice = "The 'Practice Client ID' must be a whole number";

test.each<[Record<string, string>, message: string, description: RegExp, requests: number]>([
	[
		{ clientSecret: 'wrong' },
		refused,
		/^Check 'Client ID', 'Client Secret' and 'Audience' in the credential \(invalid_client\)\. If they are right, ask EyeCloud Pro support whether your OAuth client still exists\.$/,
		0,
	],
	[{ audience: 'https://wrong.example' }, refused, /\(invalid_target\)/, 0],
	[{ practiceId: '2/../123' }, noPractice, /after \/v2\/ in your API addresses, not the/, 0],
	[
		{ practiceId: '7' },
		'EyeCloud Pro does not let this credential use practice 7',
		/Check the 'Practice Client ID'.*ask EyeCloud Pro support to/,
		1,
	],
])('%j in the credential', async (inCredential, message, description, requests) => {
	practice.credential.change(inCredential);
	const { error } = await practice.run('patient', 'count');
	expect(error).toMatchObject({ message, description: expect.stringMatching(description) });
	expect(await practice.received()).toHaveLength(requests);
});

describe('nothing leaks', () => {
	const { email, name_last, phone } = {
		...{ email: 'marge.secret@example.com', name_last: 'Zyxwvutson', phone: '5125550199' },
	};
	const columns = mapped({ email, name_last, phone });
	const quoted = `"email" with value "${email}" fails to match the required pattern: /^a,"b" c$/,"phone" with value "${phone}" fails because it is taken`;
	const told = `A patient ${name_last} with ${email} exists already`;
	const ofFilter = `"phone" with value "${phone}" fails to match /x/`;
	const answer = (status: number, message: string): Fault => ({
		...{ kind: 'status', status, body: { status: 'ERROR', message } },
	});

	test.each<[string, IDataObject, Fault | undefined]>([
		...[400, 401, 403, 404, 409, 422, 500].map((status): [string, IDataObject, Fault] => [
			...(['create', { columns }, answer(status, status < 405 ? quoted : told)] as const),
		]),
		...(['reset', 'hang', 'html'] as const).map((kind): [string, IDataObject, Fault] => [
			...(['create', { columns }, { kind }] as const),
		]),
		['count', { filters: { email, phone: `${phone}x` } }, undefined],
		['count', { filters: { email, phone } }, answer(400, ofFilter)],
	])('%s %j, answered %j', async (operation, parameters, fault) => {
		if (fault) await practice.simulator.addFault({ match: { times: 50 }, fault });
		for (const onError of ['stopWorkflow', 'continueRegularOutput'] as const) {
			const asked = { ...parameters, options: { timeout: 300 } };
			const result = await practice.run('patient', operation, asked, { onError });
			const text = `${result.inspected()} ${JSON.stringify(result.items)}`;
			expect(result.error ?? result.records[0].error).toBeDefined();
			expect(text).not.toMatch(/eyJ|Bearer/);
			const { clientSecret } = await practice.credential.getDecrypted();
			for (const secret of [clientSecret, email, name_last, phone]) {
				expect(text).not.toContain(secret);
			}
		}
	});
});
