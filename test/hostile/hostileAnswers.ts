// One try with a hostile answer: runs the node against an API that means no good, and holds what must
// hold for each of them. Called by the tests of answers; import it before anything that loads the node.
import { fakeClock } from '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { listen, type Listener } from '../harness/ports.ts';
import { runNode, type NodeResult } from '../harness/runNode.ts';
import { byId, mapped } from '../harness/simulatedPractice.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';
import { startSimulator, type OAuthClient, type Simulator } from '../simulator/start.ts';
import { startHostileApi, type AnswerRequest, type HostileApi } from './hostileApi.ts';
import { watchedConnections } from './untouched.ts';

export const operations: Record<string, IDataObject> = {
	getAll: { returnAll: true, simplify: false },
	get: { recordId: byId(1), simplify: true },
	count: {},
	create: { columns: mapped({ name_last: 'Writes' }) },
	createMany: { columns: mapped({ name_last: 'Writes' }) },
	findOrCreate: { columns: mapped({ name_last: 'Writes' }), matchOn: ['name_last'] },
};

/** More than any try of one operation needs: 6 tries a request, 6 rounds a list. */
const MOST_REQUESTS = 150;

export interface Allowed {
	parameters?: IDataObject;
	mostRequests?: number;
	/** More than one where the API refuses to do anything: with 401, and with 429. */
	mostPosts?: number;
}

/** A hostile API for a test file, and tries against it. */
export function hostileAnswers() {
	const connections = watchedConnections();
	let simulator: Simulator;
	let api: HostileApi;
	let elsewhere: Listener;
	let client: OAuthClient;
	let credential: StoredCredential;

	beforeAll(async () => {
		[simulator, api, elsewhere] = await Promise.all([
			startSimulator({ patients: 5 }),
			startHostileApi(),
			listen(),
		]);
	});
	afterAll(async () => {
		elsewhere?.close();
		await Promise.all([simulator?.stop(), api?.close()]);
	});
	const useNewClient = async () => {
		client = await simulator.createClient();
		credential = api.credentialFor(simulator, client);
	};
	beforeEach(async () => {
		fakeClock.reset();
		await useNewClient();
	});

	/** Runs one operation against the API as it answers now, and holds all of the properties. */
	async function attempt(operation: string, allowed: Allowed = {}) {
		fakeClock.reset();
		connections.begin();
		const parameters = {
			resource: 'patient',
			operation,
			...operations[operation],
			...allowed.parameters,
		};
		const result = await runNode({ credential, parameters });
		const secrets = [String(client.clientSecret), ...api.tokens];
		connections.expectUntouched(result, [api.address, simulator.authUrl], secrets);
		expect(elsewhere.received).toEqual([]);
		expect(api.received.length).toBeLessThanOrEqual(allowed.mostRequests ?? MOST_REQUESTS);
		expect(api.received.filter((line) => !/^\w+ \/v2\/2\/patients(\/1)?(\?|$)/.test(line))).toEqual(
			[],
		);
		const posts = api.received.filter((line) => line.startsWith('POST'));

		expect(posts.length).toBeLessThanOrEqual(allowed.mostPosts ?? 1);
		return result;
	}

	async function attemptEach(how: AnswerRequest, allowed?: Allowed) {
		const results: Record<string, NodeResult> = {};
		for (const operation of Object.keys(operations)) {
			api.answer(how);
			results[operation] = await attempt(operation, allowed);
		}
		return results;
	}

	return {
		attempt,
		attemptEach,
		/** A limit that was learned is kept for the client that learned it. */
		useNewClient,
		get api() {
			return api;
		},
		get elsewhere() {
			return elsewhere;
		},
	};
}
