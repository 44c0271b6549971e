// What the simulator's own process and those who call it agree on: its options, its books and its
// faults. Read by every file here, by start.ts and so by every test.
import type { Dialect } from './dialect.ts';

export type * from './dialect.ts';

/** Which headers tell about the rate limit. The API documents none, so a client must take any. */
export const rateLimitHeaderStyles = [
	...(['none', 'retryAfter', 'xRateLimit', 'draft6', 'draft7', 'draft8'] as const),
];

interface RateLimitOptions {
	requestsPerMinute: number;
	/** In which they are counted; a minute, unless a test is in a hurry. */
	windowMs: number;
	headers: (typeof rateLimitHeaderStyles)[number];
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
	rateLimit?: Partial<RateLimitOptions>;
	/** How it speaks where the document is silent (dialect.ts); what isn't named is as usual. */
	dialect?: Partial<Dialect>;
}

export type ResolvedOptions = Required<SimulatorOptions> & {
	rateLimit: RateLimitOptions;
	dialect: Dialect;
};

/** What may change while the simulator runs; of limits and dialect, what isn't named stays as it is. */
export type SimulatorChanges = Pick<
	SimulatorOptions,
	'latencyMs' | 'tokenLifetimeSeconds' | 'rateLimit' | 'dialect'
>;

export interface OAuthClient {
	clientId: string;
	clientSecret?: string;
	scopes: string[];
	practiceIds: number[];
}

/** With every scope that there is, and practice 2, unless told otherwise. */
export type NewOAuthClient = Partial<Omit<OAuthClient, 'clientSecret'>>;

export type ApiRecord = Record<string, unknown>;

/** A field that the API has from now on, in both practices. */
export interface NewField {
	path: string;
	name: string;
	/** What every record has in it; what is created may have another value of its type. */
	value: unknown;
	sortable?: boolean;
}

/** What isn't given matches any. */
interface FaultMatch {
	method?: string;
	/** A regular expression, tried on the path with its practice (`/v2/2/patients`). */
	path?: string;
	/** The page that the query asks for; a request without `page` asks for page 1. */
	page?: number;
	/** A text that the path, a value of the query or the body, as JSON, holds. */
	holds?: string;
	/** Which matching request since the rule was added, from 1. Default 1: the next one. */
	nth?: number;
	/** How many matching requests in a row, from the nth on. Default 1. */
	times?: number;
}

export type Fault =
	| { kind: 'status'; status: number; headers?: Record<string, string>; body?: unknown }
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
	method: string;
	path: string;
	/** The path without the practice and with `{id}` for an id, such as `/patients/{id}`. */
	template: string;
	query: Record<string, unknown>;
	/** As it stands in the path. */
	practiceId?: string;
	outcome: Outcome;
	body?: unknown;
}

/** Where it listens, and who may ask for tokens; what it tells whoever has started it. */
export interface SimulatorState {
	apiUrl: string;
	authUrl: string;
	controlUrl: string;
	audience: string;
	practiceId: 2;
	otherPracticeId: 123;
	/** `practice` has all scopes in practice 2, `group` in both; `reader` `read:patients` in practice 2. */
	clients: { practice: OAuthClient; group: OAuthClient; reader: OAuthClient };
	calls: string[];
}
