// Plays a case in the real n8n-core against the simulator, and writes down what came out and what the
// books say. Called by the tests in this folder; import it before anything that loads the node.
import { fakeClock } from '../harness/fastTime.ts';

import { setTimeout as delay } from 'node:timers/promises';
import * as n8nWorkflow from 'n8n-workflow';
import type { ICredentialDataDecryptedObject, INodeType } from 'n8n-workflow';

import * as errors from '../../nodes/EyeCloudPro/api/errors';
import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { runNode, type NodeResult, type NodeRun } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';
import {
	startSimulator,
	type ApiRecord,
	type FaultRule,
	type OAuthClient,
	type ReceivedRequest,
	type Simulator,
} from '../simulator/start.ts';
import { credentialPractice, inputItems, parametersOf } from './nodeParameters.ts';
import { facts, practices, worksOf, type SettingsCase, type Work } from './settingsCase.ts';

/** Enough for as many items as a case deletes one by one. */
const fewestRecords = 12;

let simulator: Simulator;
let client: OAuthClient;
let credential: StoredCredential;
let token: ICredentialDataDecryptedObject['oauthTokenData'];

/** Copies of the node that share no memory, as processes of n8n; each case uses one after the other. */
const processes: INodeType[] = [];
let turn = 0;

/** What a case that was played left behind. */
export interface Played {
	settings: SettingsCase;
	works: Work[];
	/** By execution that began at the same time: the first, and then what each press of Retry made of it. */
	executions: NodeResult[][];
	before: Map<number, ApiRecord[]>;
	after: Map<number, ApiRecord[]>;
	requests: ReceivedRequest[];
}

/** A simulator for the tests of a file. */
export function simulated(): void {
	beforeAll(async () => {
		simulator = await startSimulator({
			patients: 30,
			rateLimit: { requestsPerMinute: 1_000_000 },
		});
		client = await simulator.createClient({ practiceIds: [...practices] });
		credential = await storedCredential('2');
		processes.push(new EyeCloudPro(), ...Array.from({ length: 3 }, loadedAgain));
	});
	afterAll(async () => await simulator?.stop());
}

/** Every credential has been used before: it holds a token. */
async function storedCredential(practiceId: string): Promise<StoredCredential> {
	token ??= await fetchedToken();
	const oauthTokenData = structuredClone(token);
	const others = { requestsPerMinute: 1_000_000, oauthTokenData };
	return StoredCredential.for(simulator, client, { practiceId, ...others });
}

async function fetchedToken(): Promise<ICredentialDataDecryptedObject['oauthTokenData']> {
	const fetching = StoredCredential.for(simulator, client);
	await runNode({ credential: fetching, parameters: { resource: 'patient', operation: 'count' } });
	return (await fetching.getDecrypted()).oauthTokenData;
}

/** The node, with nothing in its memory; it shares n8n and the errors with the others, for `instanceof`. */
function loadedAgain(): INodeType {
	let node: INodeType | undefined;
	jest.doMock('n8n-workflow', () => n8nWorkflow);
	jest.doMock('../../nodes/EyeCloudPro/api/errors', () => errors);
	jest.isolateModules(() => {
		const path = '../../nodes/EyeCloudPro/EyeCloudPro.node';
		const loaded = jest.requireActual<{ EyeCloudPro: new () => INodeType }>(path);
		node = new loaded.EyeCloudPro();
	});
	jest.dontMock('n8n-workflow');
	jest.dontMock('../../nodes/EyeCloudPro/api/errors');
	return node as INodeType;
}

export async function play(settings: SettingsCase): Promise<Played> {
	fakeClock.reset();
	// A token expires once, not twice at the same time.
	const expires = settings.runs.flat().some(({ fault }) => fault?.how === 'expired');
	if (expires) credential.change({ oauthTokenData: (token = await fetchedToken()) });
	await simulator.reset({ data: true });
	const before = await recordsBefore(settings);
	const works = worksOf(settings, before);
	const rules = works.flatMap((work) => ruleFor(settings, work));
	if (rules.length > 0) await simulator.addFault(...rules);
	const inOwn = credentialPractice(settings, works);
	const run: NodeRun = {
		credential: inOwn === '2' ? credential : await storedCredential(inOwn),
		mode: settings.byHand ? 'manual' : 'trigger',
		timezone: 'UTC',
		parameters: parametersOf(settings, works),
		onError: settings.onError,
		...(settings.tries ? { retryOnFail: true, maxTries: settings.tries } : {}),
		runs: inputItems(settings, works),
		failsBefore: settings.failsBefore,
		nodes: settings.nodes,
		crash: settings.killed,
		crashesIn: settings.killedInSecond ? 1 : 0,
	};
	const executions = await pressed(settings, run);
	const requests = await settled();
	const records = await Promise.all(
		practices.map((practice) => simulator.records(practice, facts[settings.resource].path)),
	);
	const after = new Map(practices.map((practice, index) => [practice as number, records[index]]));
	return { settings, works, executions, before, after, requests };
}

/** All executions, and then Retry for those that failed, as often as it is pressed. */
async function pressed(
	{ retries = [], killed, atOnce = 1 }: SettingsCase,
	run: NodeRun,
): Promise<NodeResult[][]> {
	let process = turn++;
	const next = () => ({ nodeType: processes[process % processes.length] });
	const all = await Promise.all(
		Array.from({ length: atOnce }, async () => [await runNode({ ...run, ...next() })]),
	);
	for (const [press, { restarted, loadWorkflow }] of retries.entries()) {
		const isKilled = killed !== undefined && press === 0;
		if (restarted || isKilled) process += 1;
		const failed = all.filter((executed) => isKilled || executed.at(-1)?.status !== 'success');
		const again = { failsBefore: false, crash: undefined };
		await Promise.all(
			failed.map(async (executed) => {
				const from = executed.at(-1) as NodeResult;
				executed.push(await from.retry({ ...again, ...next() }, { loadWorkflow }));
			}),
		);
	}
	for (const { error, nodes } of all.flat()) {
		const isOfNode = nodes.flat().some((task) => task.error !== undefined);
		if (error && !isOfNode && !run.failsBefore && !killed) {
			throw new Error(`n8n itself failed: ${error.message}`);
		}
	}
	return all;
}

/** The requests, when none is under way any more: a node that stopped may have left some. */
async function settled(): Promise<ReceivedRequest[]> {
	let known = -1;
	for (let calm = 0; calm < 2; ) {
		await delay(1);
		const requests = await simulator.received();
		const isCalm =
			requests.length === known && requests.every(({ outcome }) => outcome !== 'pending');
		calm = isCalm ? calm + 1 : 0;
		known = requests.length;
	}
	return await simulator.received();
}

async function recordsBefore({ operation, resource }: SettingsCase) {
	const { path } = facts[resource];
	const records = new Map<number, ApiRecord[]>();
	for (const practice of practices) {
		const all = async () => await simulator.records(practice, path);
		const takesEach = operation === 'delete' || operation === 'update';
		let missing = takesEach ? fewestRecords - (await all()).length : 0;
		for (; missing > 0; missing--) await simulator.addRecord(practice, path);
		records.set(practice, await all());
	}
	return records;
}

/** What befalls the item's requests. */
function ruleFor({ operation, resource, matchOn = [] }: SettingsCase, work: Work): FaultRule[] {
	const { fault } = work.of;
	if (!fault) return [];
	const { path, filter } = facts[resource];
	const times = fault.times ?? 1;
	const when = fault.after ? 'after' : 'before';
	const creating = { method: 'POST', holds: work.marker, times };
	const one = { path: `^/v2/${work.practice}${path}/${work.recordId}$`, times };
	const listing = { method: 'GET', path: `^/v2/${work.practice}/`, holds: work.filter, times };
	const search = matchOn.map((name) => String(work.fields[name]));
	// Where the list is read as a whole, the looking is nobody's own.
	const finding = fault.inSearch
		? {
				method: 'GET',
				...(filter === matchOn[0] && resource === 'patient' ? { holds: search[0] } : { path }),
				times,
			}
		: creating;
	const match = {
		get: { method: 'GET', ...one },
		update: { method: 'PATCH', ...one },
		delete: { method: 'DELETE', ...one },
		getAll: listing,
		count: listing,
		create: creating,
		createMany: creating,
		findOrCreate: finding,
		upsert: finding,
	}[operation];
	return [{ match, when, fault: answerOf(fault) }];
}

function answerOf({ how }: NonNullable<Work['of']['fault']>): FaultRule['fault'] {
	switch (how) {
		case 'refused':
			return { kind: 'status', status: 400 };
		case 'limited':
			return { kind: 'status', status: 429 };
		case 'expired':
			return { kind: 'expireTokens' };
		case '500':
			return { kind: 'status', status: 500 };
		case 'page':
			return { kind: 'html' };
		case 'truncated':
			return { kind: 'truncate' };
		case 'reset':
			return { kind: 'reset' };
	}
}
