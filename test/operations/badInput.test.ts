// What a user reads for each mistake, and that no token, secret or record value is ever part of it.
import { fakeClock } from '../harness/fastTime.ts';

import { startSimulator, type Simulator } from '../simulator/start.ts';
import { listen } from '../harness/ports.ts';
import { runNode, type NodeResult, type NodeRun } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

let simulator: Simulator;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 10 });
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ data: true });
});

const countPatients = { resource: 'patient', operation: 'count' };

function getById(value: unknown) {
	return { resource: 'patient', operation: 'get', recordId: { __rl: true, mode: 'id', value } };
}

async function run(
	parameters: object,
	changes: ConstructorParameters<typeof StoredCredential>[0] = {},
) {
	const credential = StoredCredential.for(simulator, await simulator.createClient(), changes);
	return await runNode({ credential, parameters: parameters as NodeRun['parameters'] });
}

function said({ error }: NodeResult) {
	return [error?.message, error?.description];
}

async function requests() {
	return (await simulator.received()).length;
}

test('no credential', async () => {
	expect(said(await runNode({ parameters: countPatients }))[0]).toBe(
		'Node does not have any credentials set',
	);
});

test.each([
	['secret', { clientSecret: 'wrong' }, 'invalid_client'],
	['client ID', { clientId: 'nobody' }, 'invalid_client'],
	['audience', { audience: 'https://wrong.example' }, 'invalid_target'],
])('a wrong %s', async (_name, changes, reason) => {
	const [message, description] = said(await run(countPatients, changes));
	expect(message).toBe('The auth server refused this credential');
	expect(description).toBe(
		`Check 'Client ID', 'Client Secret' and 'Audience' in the credential (${reason}). If they are right, ask EyeCloud Pro support whether your OAuth client still exists.`,
	);
	expect(await requests()).toBe(0);
});

test.each(['abc', '0', '-1', '1e3', '2/../123', ''])(
	'practice client ID %j',
	async (practiceId) => {
		const [message, description] = said(await run(countPatients, { practiceId }));
		expect(message).toBe("The 'Practice Client ID' must be a whole number");
		expect(description).toMatch(/after \/v2\/ in your API addresses, not the 'Client ID'/);
		expect(await requests()).toBe(0);
	},
);

test('a practice that the token may not read', async () => {
	const [message, description] = said(await run(countPatients, { practiceId: '123' }));
	expect(message).toBe('EyeCloud Pro does not let this credential use practice 123');
	expect(description).toMatch(/Check the 'Practice Client ID'.*ask EyeCloud Pro support to grant/);
});

test.each([
	['store', 'count', {}, 'read:stores'],
	[
		'patient',
		'create',
		{ columns: { mappingMode: 'defineBelow', value: { name_last: 'X' }, schema: [] } },
		'create:patients',
	],
])('a missing scope: %s %s', async (resource, operation, parameters, scope) => {
	const scopes = ['read:patients', 'read:orders'];
	const credential = StoredCredential.for(simulator, await simulator.createClient({ scopes }));
	const result = await runNode({ credential, parameters: { resource, operation, ...parameters } });
	const [message, description] = said(result);
	expect(message).toBe(`The credential lacks the scope '${scope}'`);
	expect(description).toContain(`Ask EyeCloud Pro support to grant your OAuth client '${scope}'`);
	expect(description).toContain('Granted now: read:patients, read:orders.');
});

test('an unknown sort field', async () => {
	const sort = { by: [{ field: 'shoe_size', direction: 'asc' }] };
	const [message, description] = said(
		await run({ resource: 'store', operation: 'getAll', returnAll: true, sort }),
	);
	expect(message).toBe(
		"EyeCloud Pro did not accept the input: 'Sort' names a field that can't be sorted by",
	);
	expect(description).toBe('Fields you can sort by: store_id, store_name, create_date.');
});

test('an invalid email, phone and date, all at once', async () => {
	const filters = { email: 'gordon@eyecloudpro', phone: 'XXX', dob: '2000-JAN-01' };
	const [message, description] = said(await run({ ...countPatients, filters }));
	expect(message?.split('; ')).toEqual([
		"'Email' is not an email address, e.g. nathan@example.com",
		"'Phone' is not a phone number of 10 digits, e.g. (512) 555-0100",
		"'Date of Birth' is not a date, e.g. 2000-01-31",
	]);
	expect(description).toMatch(/Nothing was sent to EyeCloud Pro/);
	expect(await requests()).toBe(0);
});

test.each(['12/34', '../stores', '..', '.', '={{ "" }}', '  ', 'a\\b', '/'])(
	'the ID %j',
	async (id) => {
		// What is typed, n8n looks at before it runs the node.
		const given = id.startsWith('=') ? id : `={{ ${JSON.stringify(id)} }}`;
		const [message, description] = said(await run(getById(given)));
		expect(message).toBe('The ID is not one that a record can have');
		expect(description).toMatch(/must not be empty or hold a slash/);
		expect(await requests()).toBe(0);
	},
);

test('a patient that does not exist', async () => {
	const [message, description] = said(await run(getById('999999')));
	expect(message).toBe('EyeCloud Pro found no such record');
	expect(description).toMatch(/Check the ID, and that the record belongs to this practice/);
});

test.each(['http://api.eyecloudpro.com', 'api.eyecloudpro.com', 'ftp://127.0.0.1', ''])(
	'the API address %j',
	async (apiBaseUrl) => {
		const [message] = said(await run(countPatients, { apiBaseUrl }));
		expect(message).toBe("The 'API Base URL' in the credential is not an https address");
	},
);

test('an operation that the resource does not have', async () => {
	const [message] = said(await run({ resource: 'store', operation: 'create' }));
	expect(message).toBe('This resource has no such operation');
});

test.each([301, 302, 307, 308])('a redirect (%i) is not followed', async (status) => {
	const elsewhere = await listen();
	const location = `${elsewhere.address}/v2/2/patients`;
	await simulator.addFault({
		match: { times: 10 },
		fault: { kind: 'redirect', location, status },
	});
	const [message, description] = said(await run(countPatients));
	elsewhere.close();
	expect(message).toBe('The API address answered with a redirect to another one');
	expect(description).toMatch(/not followed, because your access token would go with it/);
	expect(elsewhere.received).toEqual([]);
	expect(await requests()).toBe(1);
});

describe('nothing leaks', () => {
	const secrets = {
		email: 'marge.secret@example.com',
		name_last: 'Zyxwvutson',
		phone: '5125550199',
	};
	const columns = { mappingMode: 'defineBelow', value: secrets, schema: [] };
	const create = { resource: 'patient', operation: 'create', columns };

	async function expectNoLeak(parameters: object, fault?: { status: number; message: string }) {
		const client = await simulator.createClient();
		if (fault) {
			const body = { status: 'ERROR', message: fault.message };
			await simulator.addFault({
				match: { times: 50 },
				fault: { kind: 'status', status: fault.status, body },
			});
		}
		for (const continueOnFail of [false, true]) {
			const credential = StoredCredential.for(simulator, client);
			const result = await runNode({
				credential,
				continueOnFail,
				parameters: { ...parameters, options: { timeout: 300 } },
			});
			const text = `${result.inspected()} ${JSON.stringify(result.items)}`;
			const isRefused = result.error ?? result.records[0].error;
			expect(isRefused).toBeDefined();
			expect(text).not.toMatch(/eyJ|Bearer/);
			expect(text).not.toContain(client.clientSecret);
			for (const value of Object.values(secrets)) expect(text).not.toContain(value);
		}
	}

	test.each([400, 401, 403, 404, 409, 418, 422, 500, 503])('with a %i', async (status) => {
		await expectNoLeak(create, { status, message: 'Refused' });
	});

	test.each([400, 409, 422])('where the API quotes the input in a %i', async (status) => {
		await expectNoLeak(create, {
			status,
			message: `"email" with value "${secrets.email}" fails to match the required pattern: /^a,"b" c$/,"phone" with value "${secrets.phone}" fails because it is taken`,
		});
	});

	test.each([400, 409, 422])('where the API tells of the input in a %i', async (status) => {
		await expectNoLeak(create, {
			status,
			message: `A patient ${secrets.name_last} with ${secrets.email} exists already`,
		});
	});

	test('with a reset, a time-out, a web page', async () => {
		for (const kind of ['reset', 'hang', 'html'] as const) {
			await simulator.reset();
			await simulator.addFault({ match: { times: 20 }, fault: { kind } });
			await expectNoLeak(create);
		}
	});

	test('in filters that are refused here or there', async () => {
		const filters = { email: secrets.email, phone: secrets.phone };
		await expectNoLeak({ ...countPatients, filters: { ...filters, phone: '5125550199x' } });
		await expectNoLeak(
			{ ...countPatients, filters },
			{ status: 400, message: `"phone" with value "${secrets.phone}" fails to match /x/` },
		);
	});
});
