// One try with hostile parameters: runs the node, and holds what must hold for each of them. Called by the
// property tests in this folder; import it before anything that loads the node.
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import type { NodeRun } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';
import { tries } from './tried.ts';
import { watchedConnections } from './untouched.ts';

export interface Attempt extends Partial<NodeRun> {
	resource: string;
	operation: string;
	/** What `$json.value` is in the parameters. */
	value?: unknown;
	/** Which `METHOD /path` may go out. */
	allowed: RegExp;
}

export const fromItem = '={{ $json.value }}';

/** A simulated practice for a test file, and tries against it. */
export function attempts() {
	const practice = simulatedPractice({ patients: 12 });
	const connections = watchedConnections();
	let secret = '';
	let credential: StoredCredential;
	beforeEach(async () => {
		const client = await practice.simulator.createClient({ practiceIds: [2, 123] });
		secret = String(client.clientSecret);
		credential = StoredCredential.for(practice.simulator, client);
	});

	async function attempt({ resource, operation, value, allowed, ...more }: Attempt) {
		await practice.simulator.reset();
		connections.begin();
		const { parameters = {}, items = [{ value } as IDataObject], ...run } = more;
		const result = await practice.run(resource, operation, parameters, {
			...{ ...run, credential, items },
		});
		const requests = await practice.received();
		const lines = requests.map(({ method, path }) => `${method} ${path}`);
		expect(lines.filter((line) => !allowed.test(line))).toEqual([]);
		const { apiUrl, authUrl } = practice.simulator;
		connections.expectUntouched(result, [apiUrl, authUrl], [secret]);
		return { result, requests };
	}
	return { practice, attempt };
}

/** Holds for each of so many values. */
export async function property<T>(
	runs: number,
	arbitrary: fc.Arbitrary<T>,
	hold: (value: T) => Promise<unknown>,
): Promise<void> {
	const each = fc.asyncProperty(arbitrary, async (value) => void (await hold(value)));
	await fc.assert(each, tries(runs));
}
