// What the simulator's own process and those who call it agree on: its options, its books and its
// faults. Read by every file here, by start.ts and so by every test.
import type { Dialect } from './dialect.ts';

export type * from './dialect.ts';

/** Which headers tell about the rate limit. The API documents none, so a client must take any. */
export const rateLimitHeaderStyles = [
	'none',
	'retryAfter',
	'xRateLimit',
	'draft6',
	'draft7',
	'draft8',
] as const;

export type RateLimitHeaderStyle = (typeof rateLimitHeaderStyles)[number];

export interface RateLimitOptions {
	requestsPerMinute?: number;
	/** The length of the window that `requestsPerMinute` is counted in; a minute, unless a test is in a hurry. */
	windowMs?: number;
	headers?: RateLimitHeaderStyle;
}

export interface SimulatorOptions {
	/** Port of the API; the auth server gets the next one, control the one after. 0: any free ones. */
	port?: number;
	seed?: number;
	/** How many patients practice 2 has. */
	patients?: number;
	/** How many times the usual number practice 2 has of everything else. Default 1. */
	size?: number;
	latencyMs?: number;
	tokenLifetimeSeconds?: number;
	rateLimit?: RateLimitOptions;
	/** How it speaks where the document is silent (dialect.ts); what isn't named is as usual. */
	dialect?: Partial<Dialect>;
}

/** All options with their values, as `GET /state` tells them. */
export type ResolvedOptions = Required<Omit<SimulatorOptions, 'rateLimit' | 'dialect'>> & {
	rateLimit: Required<RateLimitOptions>;
	dialect: Dialect;
};

/** What may change while the simulator runs. */
export interface SimulatorChanges {
	latencyMs?: number;
	tokenLifetimeSeconds?: number;
	rateLimit?: RateLimitOptions;
	/** What isn't named stays as it is. */
	dialect?: Partial<Dialect>;
	/** Scopes by OAuth client id. They hold for tokens issued from now on, as in life. */
	grantedScopes?: Record<string, string[]>;
}

export type GrantType = 'client_credentials' | 'authorization_code' | 'refresh_token';

export interface OAuthClient {
	clientId: string;
	/** Made at start or by `createClient`, random; undefined for a public client. */
	clientSecret?: string;
	scopes: string[];
	practiceIds: number[];
	grantTypes: GrantType[];
}

export interface NewOAuthClient {
	clientId?: string;
	/** Default: every scope that there is. */
	scopes?: string[];
	/** Default: practice 2. */
	practiceIds?: number[];
	/** Default: all three. */
	grantTypes?: GrantType[];
	/** A client without a secret, which must use PKCE. */
	public?: boolean;
}

/** A record of the API, such as a patient. */
export type ApiRecord = Record<string, unknown>;

/** A field that the API has from now on, in both practices. */
export interface NewField {
	/** A resource's, such as `/patients`. */
	path: string;
	name: string;
	/** What every record has in it; what is created may have another value of its type. */
	value: unknown;
	/** Whether lists can be sorted by it. */
	sortable?: boolean;
}

/** A resource that the API has from now on, in both practices, with all four actions. */
export interface NewResource {
	/** Its scopes are named after it: `read:recalls` for `/recalls`. */
	path: string;
	idField: string;
}

/** A field that lists can't be sorted by any more, in both practices. */
export interface RefusedSort {
	path: string;
	field: string;
}

export interface FaultMatch {
	/** Default: any. */
	method?: string;
	/** A regular expression, tried on the path with its practice (`/v2/2/patients`). Default: any. */
	path?: string;
	/** The page that the query asks for; a request without `page` asks for page 1. */
	page?: number;
	/** A text that the path, a value of the query or the body, as JSON, holds. Default: any. */
	holds?: string;
	/** Which matching request since the rule was added, from 1. Default 1: the next one. */
	nth?: number;
	/** How many matching requests in a row, from the nth on. Default 1. */
	times?: number;
}

export type Fault =
	| { kind: 'status'; status: number; headers?: Record<string, string>; body?: unknown }
	/** The connection is reset. */
	| { kind: 'reset' }
	/** Never answered; let go by `reset`, `clearFaults` and `stop`. */
	| { kind: 'hang' }
	/** The body ends in the middle, the content-length says that there is more. Always after the work. */
	| { kind: 'truncate' }
	/** A page for people, with status 200 unless told otherwise. */
	| { kind: 'html'; status?: number }
	/** From this request on, every access token issued until now is refused. */
	| { kind: 'expireTokens' }
	/** `path` is a resource's, such as `/patients`; the practice is that of the request. */
	| { kind: 'addRecord'; path: string; record?: ApiRecord }
	/** By id, or by position in the order of ids, from 0. Default: position 0. */
	| { kind: 'deleteRecord'; path: string; id?: number; position?: number }
	| { kind: 'redirect'; location: string; status?: number };

export interface FaultRule {
	match?: FaultMatch;
	/** Before or after the API did the work (so an order exists or not). Default `before`. */
	when?: 'before' | 'after';
	fault: Fault;
}

/** What a token request is answered with instead of a token. */
export interface TokenFault {
	status: number;
	/** Text is sent as a page, anything else as JSON. Default: an empty object. */
	body?: unknown;
	/** How many token requests in a row, from the next one on. Default 1. */
	times?: number;
}

/** What became of a request: a status, or why there was none. `pending`: not answered yet. */
export type Outcome = number | 'reset' | 'hang' | 'truncated' | 'aborted' | 'pending';

export interface ReceivedRequest {
	/** Milliseconds since the simulator started. */
	atMs: number;
	method: string;
	path: string;
	/** The path without the practice and with `{id}` for an id, such as `/patients/{id}`. */
	template: string;
	query: Record<string, unknown>;
	userAgent?: string;
	/** From the access token, if it was good. */
	oauthClientId?: string;
	/** As it stands in the path. */
	practiceId?: string;
	outcome: Outcome;
	/** For writes; of an array, the keys of its first element. */
	bodyKeys?: string[];
	body?: unknown;
	/** How many requests the API was working on when this one came in, itself included. */
	inFlight: number;
}

export interface ReceivedTokenRequest {
	atMs: number;
	grantType?: string;
	hasAudience: boolean;
	oauthClientId?: string;
	status: number;
}

export interface Counts {
	total: number;
	/** By `METHOD /template`, such as `GET /patients`. */
	byRoute: Record<string, number>;
	/** By status, or by why there was none. Requests without an answer yet are not in here. */
	byOutcome: Record<string, number>;
	maxInFlight: number;
	tokenRequests: number;
	tokensIssued: number;
}

export interface ReceivedFilter {
	method?: string;
	/** A template (`/patients/{id}`) or a whole path (`/v2/2/patients`). */
	path?: string;
}

export interface SimulatorState {
	apiUrl: string;
	authUrl: string;
	controlUrl: string;
	audience: string;
	practiceId: 2;
	otherPracticeId: 123;
	clients: { practice: OAuthClient; group: OAuthClient; reader: OAuthClient };
	/** Those made by `createClient`. */
	createdClients: OAuthClient[];
	options: ResolvedOptions;
}

export interface ResetWhat {
	/** The records of both practices, and their fields, as they were at start. */
	data?: boolean;
	/** The options as they were at start; granted scopes stay. */
	options?: boolean;
}

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

export const controlNames = [
	...['state', 'configure', 'addFault', 'clearFaults', 'reset', 'received', 'tokenRequests'],
	...[
		'counts',
		'records',
		'answeredRecords',
		'addRecord',
		'deleteRecord',
		'addResource',
		'addField',
	],
	...['changeRecord', 'refuseSort', 'createClient', 'expireTokens', 'revokeClient'],
	...['withdrawConsent', 'forgetRefreshTokens', 'addTokenFault'],
];
