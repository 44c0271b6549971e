// Starts the simulator in a process of its own and speaks to its control. Called by tests, by the
// demo and by whatever else needs an API; works natively in Node.js 24 and in Jest.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type {
	ApiRecord,
	Counts,
	FaultRule,
	NewField,
	NewOAuthClient,
	NewResource,
	OAuthClient,
	ReceivedFilter,
	ReceivedRequest,
	ReceivedTokenRequest,
	RefusedSort,
	ResetWhat,
	SimulatorChanges,
	SimulatorOptions,
	SimulatorState,
	TokenFault,
} from './contract.ts';

export type * from './contract.ts';

/** Everything that control can do. Each method throws an Error with control's sentence on a refusal. */
export interface SimulatorControl {
	state(): Promise<SimulatorState>;
	/** Changes options while it runs; a changed rate limit starts counting from nothing. */
	configure(changes: SimulatorChanges): Promise<SimulatorState>;
	addFault(...rules: FaultRule[]): Promise<void>;
	/** Also lets go of hanging requests. */
	clearFaults(): Promise<void>;
	/** Empties books, faults and rate limit counts; data and options only if asked. */
	reset(what?: ResetWhat): Promise<void>;
	/** Requests to the API in the order in which they came. */
	received(filter?: ReceivedFilter): Promise<ReceivedRequest[]>;
	tokenRequests(): Promise<ReceivedTokenRequest[]>;
	counts(): Promise<Counts>;
	/** All records in the order of their ids, as they are stored; `path` as in `/patients`. */
	records(practiceId: number, path: string): Promise<ApiRecord[]>;
	/** The same as the API answers them in the dialect that it speaks. */
	answeredRecords(practiceId: number, path: string): Promise<ApiRecord[]>;
	/** Adds a record behind the API's back; believable values for what isn't given. */
	addRecord(practiceId: number, path: string, record?: ApiRecord): Promise<ApiRecord>;
	/** False when there was no such record. `position` counts from 0 in the order of ids. */
	deleteRecord(
		practiceId: number,
		path: string,
		which: { id: number } | { position: number },
	): Promise<boolean>;
	/** From now on the API has one more resource, until data are reset. */
	addResource(resource: NewResource): Promise<void>;
	/** From now on every record of the resource has the field, until data are reset. */
	addField(field: NewField): Promise<void>;
	/** Changes a record behind the API's back; answers it as it is now. */
	changeRecord(
		practiceId: number,
		path: string,
		id: number,
		changes: ApiRecord,
	): Promise<ApiRecord>;
	/** From now on lists can't be sorted by the field, until data are reset. */
	refuseSort(sort: RefusedSort): Promise<void>;
	createClient(client?: NewOAuthClient): Promise<OAuthClient>;
	/** Every access token issued until now is refused. */
	expireTokens(): Promise<void>;
	/**
	 * The auth server knows one of `createClient`'s clients no more. Access tokens stay good until they
	 * expire, as they do wherever an API checks them by itself.
	 */
	revokeClient(clientId: string): Promise<void>;
	/** A person has withdrawn consent: no refresh token of the client is good any more. */
	withdrawConsent(clientId: string): Promise<void>;
	/** The refresh tokens of the client have ended, the consent has not. */
	forgetRefreshTokens(clientId: string): Promise<void>;
	/** The next token requests get no token, whoever sends them; until `reset`. */
	addTokenFault(fault: TokenFault): Promise<void>;
}

export interface Simulator extends SimulatorControl {
	apiUrl: string;
	authUrl: string;
	controlUrl: string;
	audience: string;
	practiceId: 2;
	otherPracticeId: 123;
	clients: {
		/** All scopes, practice 2 only. */
		practice: OAuthClient;
		/** All scopes, both practices. */
		group: OAuthClient;
		/** `read:patients` only, practice 2 only. */
		reader: OAuthClient;
	};
	stop(): Promise<void>;
}

const startTimeoutMs = 30_000;

/** Throws an Error that says what is missing when the simulator can't be started. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	if (Number(process.versions.node.split('.')[0]) < 24) {
		throw new Error(
			`The simulator needs Node.js 24 or later; this is ${process.version}. Run it with npx -y node@24.`,
		);
	}
	const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), flagsFor(options), {
		execArgv: [],
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
	const { apiUrl, authUrl, controlUrl, audience, practiceId, otherPracticeId, clients } =
		await untilReady(child);
	// A test run that ends without stopping the simulator must be able to end; the child then goes too.
	child.unref();
	child.channel?.unref();
	(child.stderr as Socket | null)?.unref();
	return {
		...{ apiUrl, authUrl, controlUrl, audience, practiceId, otherPracticeId, clients },
		...connectControl(controlUrl),
		stop: () => stop(child),
	};
}

function flagsFor(options: SimulatorOptions): string[] {
	const values = {
		port: options.port,
		seed: options.seed,
		patients: options.patients,
		size: options.size,
		'latency-ms': options.latencyMs,
		'token-lifetime-seconds': options.tokenLifetimeSeconds,
		'requests-per-minute': options.rateLimit?.requestsPerMinute,
		'window-ms': options.rateLimit?.windowMs,
		headers: options.rateLimit?.headers,
		dialect: options.dialect && JSON.stringify(options.dialect),
	};
	return Object.entries(values)
		.filter(([, value]) => value !== undefined)
		.map(([flag, value]) => `--${flag}=${value}`);
}

async function untilReady(child: ChildProcess): Promise<SimulatorState> {
	let complaint = '';
	const collect = (chunk: Buffer) => {
		complaint += chunk.toString();
	};
	child.stderr?.on('data', collect);
	const settled = new AbortController();
	const { signal } = settled;
	const exited = once(child, 'exit', { signal }).then(() => {
		throw new Error(complaint.trim() || 'The simulator ended before it was ready.');
	});
	const late = once(AbortSignal.timeout(startTimeoutMs), 'abort', { signal }).then(() => {
		child.kill();
		throw new Error(`The simulator was not ready after ${startTimeoutMs / 1_000} seconds.`);
	});
	try {
		const ready = once(child, 'message', { signal });
		return (await Promise.race([ready, exited, late]))[0] as SimulatorState;
	} finally {
		exited.catch(() => undefined);
		late.catch(() => undefined);
		settled.abort();
		// From here on, what it complains of is for whoever looks at the test run.
		child.stderr?.off('data', collect).on('data', (chunk) => process.stderr.write(chunk));
	}
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, 'exit');
	child.ref();
	child.kill();
	await exited;
}

/** Control of a simulator that runs already, such as one that was started by hand. */
export function connectControl(controlUrl: string): SimulatorControl {
	async function call<T = void>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(controlUrl + path, {
			method,
			body: body === undefined ? undefined : JSON.stringify(body),
			headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
		});
		const text = await response.text();
		const answer: unknown = text === '' ? undefined : JSON.parse(text);
		if (response.ok) return answer as T;
		throw new Error((answer as { message: string }).message);
	}
	const query = (values: object) => {
		const parameters = new URLSearchParams();
		for (const [name, value] of Object.entries(values)) parameters.set(name, String(value));
		return `?${parameters}`;
	};
	return {
		state: () => call('GET', '/state'),
		configure: (changes) => call('POST', '/configure', changes),
		addFault: (...rules) => call('POST', '/faults', rules),
		clearFaults: () => call('DELETE', '/faults'),
		reset: (what = {}) => call('POST', '/reset', what),
		received: (filter = {}) => call('GET', `/received${query(filter)}`),
		tokenRequests: () => call('GET', '/token-requests'),
		counts: () => call('GET', '/counts'),
		records: (practice, path) => call('GET', `/records${query({ practice, path })}`),
		answeredRecords: (practice, path) =>
			call('GET', `/records${query({ practice, path, answered: true })}`),
		addRecord: (practice, path, record = {}) =>
			call('POST', `/records${query({ practice, path })}`, record),
		deleteRecord: async (practice, path, which) => {
			const answer = await call<{ deleted: boolean }>(
				'DELETE',
				`/records${query({ practice, path, ...which })}`,
			);
			return answer.deleted;
		},
		addResource: (resource) => call('POST', '/resources', resource),
		addField: (field) => call('POST', '/fields', field),
		changeRecord: (practice, path, id, changes) =>
			call('PATCH', `/records${query({ practice, path, id })}`, changes),
		refuseSort: (sort) => call('DELETE', `/sorts${query(sort)}`),
		createClient: (client = {}) => call('POST', '/clients', client),
		expireTokens: () => call('POST', '/expire-tokens'),
		revokeClient: (clientId) => call('POST', '/revoke-client', { clientId }),
		withdrawConsent: (clientId) => call('POST', '/withdraw-consent', { clientId }),
		forgetRefreshTokens: (clientId) => call('POST', '/forget-refresh-tokens', { clientId }),
		addTokenFault: (fault) => call('POST', '/token-faults', fault),
	};
}
