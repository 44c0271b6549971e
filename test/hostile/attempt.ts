// One try with hostile parameters: runs the node, and holds what must hold for each of them. Called by the
// property tests in this folder; import it before anything that loads the node.
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import fc from 'fast-check';
import type { IDataObject, INodeType } from 'n8n-workflow';

import type { NodeResult } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';
import type { OAuthClient, ReceivedRequest } from '../simulator/start.ts';
import { complaintsAbout } from './sentence.ts';
import { countedTries, inTime, tries } from './tried.ts';
import { changedPrototypes, watchConnections, type ConnectionWatch } from './untouched.ts';

export interface Attempt {
	resource: string;
	operation: string;
	parameters?: IDataObject;
	/** What `$json.value` is in the parameters. */
	value?: unknown;
	items?: IDataObject[];
	continueOnFail?: boolean;
	nodeType?: INodeType;
	/** Which `METHOD /path` may go out. */
	allowed: RegExp;
}

/** What went out and what came back. */
export interface Attempted {
	result: NodeResult;
	requests: ReceivedRequest[];
}

export const fromItem = '={{ $json.value }}';

/** A simulated practice for a test file, and tries against it that are counted under `title`. */
export function attempts(title: string) {
	const practice = simulatedPractice({ patients: 12 });
	const count = countedTries(title);
	let watch: ConnectionWatch;
	let credential: StoredCredential;
	beforeAll(() => {
		watch = watchConnections();
	});
	afterAll(() => watch.stop());

	// With a secret that the test knows, and wants to see nowhere.
	let client: OAuthClient;
	beforeEach(async () => {
		client = await practice.simulator.createClient({ practiceIds: [2, 123] });
		credential = StoredCredential.for(practice.simulator, client);
	});

	async function attempt(
		tried: string,
		{ resource, operation, parameters = {}, value, allowed, ...more }: Attempt,
	): Promise<Attempted> {
		await practice.simulator.reset();
		watch.taken();
		const items = more.items ?? [{ value } as IDataObject];
		const result = await inTime(
			practice.run(resource, operation, parameters, { ...more, credential, items }),
		);
		const opened = watch.taken();
		const requests = await practice.received();
		const lines = requests.map(({ method, path }) => `${method} ${path}`);
		expect(lines.filter((line) => !allowed.test(line))).toEqual([]);
		const { apiUrl, authUrl } = practice.simulator;
		const known = [apiUrl, authUrl].map((url) => new URL(url).host);
		expect(opened.filter((address) => !known.includes(address))).toEqual([]);
		expect(changedPrototypes()).toEqual([]);
		expect(complaintsAbout(result, [String(client.clientSecret)])).toEqual([]);
		count(tried, outcomeOf(result, requests));
		return { result, requests };
	}
	return { practice, attempt };
}

function outcomeOf({ error, records }: NodeResult, requests: ReceivedRequest[]): string {
	const isFailed = error !== undefined || records.some((record) => 'error' in record);
	if (!isFailed) return records.length > 0 ? 'records' : 'no records';
	return requests.length > 0 ? 'refused by the API' : 'refused before sending';
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
