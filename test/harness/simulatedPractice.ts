// One simulator for a test file, a fresh OAuth client and credential for each test, and the node run
// against them in time that costs nothing. Called by most tests of operations, parameters and the API;
// import it before anything that loads the node.
import { fakeClock } from './fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { parseDialect } from '../simulator/dialect.ts';
import {
	startSimulator,
	type NewOAuthClient,
	type ReceivedRequest,
	type Simulator,
	type SimulatorOptions,
} from '../simulator/start.ts';
export {
	automaticColumns as automatic,
	byId,
	mappedColumns as mapped,
	requestLine,
} from './eyeCloudPro.ts';
import { runNode, type NodeResult, type NodeRun } from './runNode.ts';
import { StoredCredential } from './storedCredential.ts';

export type SimulatedPractice = ReturnType<typeof simulatedPractice>;

/** Any test can be run in another dialect, e.g. `EYECLOUDPRO_DIALECT=ids=guid,created=empty`. */
const dialectOfThisRun = parseDialect(process.env.EYECLOUDPRO_DIALECT ?? '{}');

/** @param inCredential what the credential says otherwise than usual */
export function simulatedPractice(
	options: SimulatorOptions = {},
	inCredential: Record<string, number | string> = {},
) {
	let simulator: Simulator;
	let credential: StoredCredential;
	const credentialFor = async (client: NewOAuthClient) =>
		StoredCredential.for(simulator, await simulator.createClient(client), inCredential);

	beforeAll(async () => {
		simulator = await startSimulator({
			patients: 60,
			rateLimit: { requestsPerMinute: 100_000 },
			...options,
			dialect: { ...dialectOfThisRun, ...options.dialect },
		});
	});
	afterAll(async () => await simulator?.stop());
	beforeEach(async () => {
		fakeClock.reset();
		await simulator.reset({ data: true, options: true });
		credential = await credentialFor({ practiceIds: [2, 123] });
	});
	return {
		get simulator() {
			return simulator;
		},
		/** Of a client that nobody has used yet, with every scope. */
		get credential() {
			return credential;
		},
		credentialFor,
		run: async (
			resource: string,
			operation: string,
			parameters: IDataObject = {},
			more: Omit<NodeRun, 'parameters'> = {},
		): Promise<NodeResult> =>
			await runNode({
				credential,
				...more,
				parameters: { resource, operation, ...parameters },
			}),
		/** Requests that came in since the test began. */
		received: async (method?: string): Promise<ReceivedRequest[]> =>
			await simulator.received(method ? { method } : {}),
	};
}
