// What the simulator received, for tests to assert on and people to look at. Written by the API and
// the auth server, read through control. Secrets and tokens are never written down.
import type {
	Counts,
	Outcome,
	ReceivedFilter,
	ReceivedRequest,
	ReceivedTokenRequest,
} from './contract.ts';

const kept = 200_000;

/** Keeps the last `kept` entries, and gives way in large steps, since each costs a copy. */
function append<T>(entries: T[], entry: T): void {
	entries.push(entry);
	if (entries.length >= kept + 10_000) entries.splice(0, entries.length - kept);
}

export type OpenedRequest = Omit<ReceivedRequest, 'atMs' | 'inFlight' | 'outcome'>;

export class Books {
	private requests: ReceivedRequest[] = [];
	private tokens: ReceivedTokenRequest[] = [];
	private readonly working = new Set<ReceivedRequest>();
	private counted: Counts = noCounts(0);

	/** Writes down a request that has just come in. */
	open(request: OpenedRequest): ReceivedRequest {
		const entry: ReceivedRequest = {
			...request,
			atMs: Math.round(performance.now()),
			outcome: 'pending',
			inFlight: this.working.size + 1,
		};
		this.working.add(entry);
		append(this.requests, entry);
		this.counted.total += 1;
		this.counted.maxInFlight = Math.max(this.counted.maxInFlight, entry.inFlight);
		const route = `${entry.method} ${entry.template}`;
		this.counted.byRoute[route] = (this.counted.byRoute[route] ?? 0) + 1;
		return entry;
	}

	/** Says what became of a request. The first word counts: a hung request that is let go has hung. */
	settle(entry: ReceivedRequest, outcome: Outcome): void {
		if (entry.outcome !== 'pending') return;
		entry.outcome = outcome;
		this.counted.byOutcome[outcome] = (this.counted.byOutcome[outcome] ?? 0) + 1;
	}

	/** The API doesn't work on the request any more. */
	finish(entry: ReceivedRequest): void {
		this.working.delete(entry);
	}

	recordTokenRequest(request: Omit<ReceivedTokenRequest, 'atMs'>): void {
		append(this.tokens, { atMs: Math.round(performance.now()), ...request });
		this.counted.tokenRequests += 1;
		if (request.status === 200) this.counted.tokensIssued += 1;
	}

	received({ method, path }: ReceivedFilter): ReceivedRequest[] {
		return this.requests
			.slice(-kept)
			.filter(
				(entry) =>
					(method === undefined || entry.method === method.toUpperCase()) &&
					(path === undefined || entry.template === path || entry.path === path),
			);
	}

	tokenRequests(): ReceivedTokenRequest[] {
		return this.tokens.slice(-kept);
	}

	counts(): Counts {
		return this.counted;
	}

	clear(): void {
		this.requests = [];
		this.tokens = [];
		this.counted = noCounts(this.working.size);
	}
}

function noCounts(inFlight: number): Counts {
	return {
		total: 0,
		byRoute: {},
		byOutcome: {},
		maxInFlight: inFlight,
		tokenRequests: 0,
		tokensIssued: 0,
	};
}
