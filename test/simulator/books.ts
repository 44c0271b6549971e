// What the simulator received, for tests to assert on and people to look at. Written by the API and
// the auth server, read through control. Secrets and tokens are never written down.
import type { Counts, Outcome, ReceivedRequest, ReceivedTokenRequest } from './contract.ts';

const mostKept = 400_000;

export type OpenedRequest = Omit<ReceivedRequest, 'atMs' | 'inFlight' | 'outcome'>;

export class Books {
	private requests: ReceivedRequest[] = [];
	private tokens: ReceivedTokenRequest[] = [];
	private readonly working = new Set<ReceivedRequest>();
	private counted = noCounts(0);

	/** Writes down a request that has just come in. */
	open(request: OpenedRequest): ReceivedRequest {
		const entry: ReceivedRequest = {
			...request,
			atMs: Math.round(performance.now()),
			outcome: 'pending',
			inFlight: this.working.size + 1,
		};
		this.working.add(entry);
		if (this.requests.length >= mostKept) this.requests.splice(0, mostKept / 2);
		this.requests.push(entry);
		this.counted.total += 1;
		this.counted.maxInFlight = Math.max(this.counted.maxInFlight, entry.inFlight);
		const route = `${entry.method} ${entry.template}`;
		this.counted.byRoute[route] = (this.counted.byRoute[route] ?? 0) + 1;
		return entry;
	}

	/**
	 * The API doesn't work on the request any more. The first word about what became of it counts: a hung request that
	 * is let go has hung.
	 */
	finish(entry: ReceivedRequest, outcome: Outcome): void {
		this.working.delete(entry);
		this.settle(entry, outcome);
	}

	settle(entry: ReceivedRequest, outcome: Outcome): void {
		if (entry.outcome !== 'pending') return;
		entry.outcome = outcome;
		this.counted.byOutcome[outcome] = (this.counted.byOutcome[outcome] ?? 0) + 1;
	}

	recordTokenRequest(request: Omit<ReceivedTokenRequest, 'atMs'>): void {
		this.tokens.push({ atMs: Math.round(performance.now()), ...request });
		this.counted.tokenRequests += 1;
		if (request.status === 200) this.counted.tokensIssued += 1;
	}

	received({ method, path }: { method?: string; path?: string }): ReceivedRequest[] {
		return this.requests.filter(
			(entry) =>
				(method === undefined || entry.method === method.toUpperCase()) &&
				(path === undefined || entry.template === path || entry.path === path),
		);
	}

	tokenRequests(): ReceivedTokenRequest[] {
		return this.tokens;
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

function noCounts(maxInFlight: number): Counts {
	return { total: 0, byRoute: {}, byOutcome: {}, maxInFlight, tokenRequests: 0, tokensIssued: 0 };
}
