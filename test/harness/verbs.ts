// One request of each verb on price tiers, which have all four, and what came of it. Used by the tests
// of the retry table.
import type { ReceivedRequest, Simulator } from '../simulator/start.ts';
import { byId, mappedColumns } from './eyeCloudPro.ts';
import { runNode, type NodeResult } from './runNode.ts';
import { StoredCredential } from './storedCredential.ts';

/** How often a request is tried that never gets through. */
export const TRIES = 6;

const TIERS = 6;

const one = { recordId: byId(1) };
const columns = mappedColumns({ tier_name: 'Sent' });
const operations = {
	GET: { operation: 'get', ...one, simplify: false },
	POST: { operation: 'create', columns },
	PATCH: { operation: 'update', ...one, columns },
	DELETE: { operation: 'delete', ...one },
};

export type Verb = keyof typeof operations;

export const verbs = Object.keys(operations) as Verb[];

export interface Outcome extends NodeResult {
	received: ReceivedRequest[];
	/** How many records the verb created, changed or deleted. */
	done: number;
}

/** @param changes to what is usual: values of the credential, or the Timeout option */
export async function sendVerb(
	simulator: Simulator,
	verb: Verb,
	changes: { apiBaseUrl?: string; authServerUrl?: string; timeoutMs?: number } = {},
): Promise<Outcome> {
	const client = await simulator.createClient();
	const { timeoutMs = 20_000, ...addresses } = changes;
	const result = await runNode({
		credential: StoredCredential.for(simulator, client, addresses),
		parameters: { resource: 'priceTier', ...operations[verb], options: { timeout: timeoutMs } },
	});
	return {
		...result,
		received: await simulator.received({ method: verb }),
		done: await timesDone(simulator, verb),
	};
}

async function timesDone(simulator: Simulator, verb: Verb): Promise<number> {
	const tiers = await simulator.records(2, '/configurations/pricetiers');
	if (verb === 'POST') return tiers.length - TIERS;
	if (verb === 'DELETE') return TIERS - tiers.length;
	return tiers.filter(({ tier_name }) => tier_name === 'Sent').length;
}

/** All that the user reads. */
export function sayings({ error }: Outcome): string {
	return `${error?.message} ${error?.description ?? ''}`;
}

export function expectDone(outcome: Outcome, verb: Verb): void {
	expect(outcome.error).toBeUndefined();
	expect(outcome.done).toBe(verb === 'GET' ? 0 : 1);
}
