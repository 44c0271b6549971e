// What the simulator received, for tests to assert on and people to look at. Written by the API and
// the auth server, read through control. Secrets and tokens are never written down.
import type { Outcome, ReceivedRequest } from './contract.ts';

export type OpenedRequest = Omit<ReceivedRequest, 'outcome'>;

export class Books {
	private requests: ReceivedRequest[] = [];
	private tokens: Array<{ grantType?: string; status: number }> = [];
	private maxInFlight = 0;
	private readonly working = new Set<ReceivedRequest>();

	/** Writes down a request that has just come in. */
	open(request: OpenedRequest): ReceivedRequest {
		const entry: ReceivedRequest = { ...request, outcome: 'pending' };
		this.working.add(entry);
		this.maxInFlight = Math.max(this.maxInFlight, this.working.size);
		this.requests.push(entry);
		return entry;
	}

	/** The first word about what became of a request counts: a hung one that is let go has hung. */
	finish(entry: ReceivedRequest, outcome: Outcome): void {
		this.working.delete(entry);
		this.settle(entry, outcome);
	}

	settle(entry: ReceivedRequest, outcome: Outcome): void {
		if (entry.outcome === 'pending') entry.outcome = outcome;
	}

	recordTokenRequest(request: { grantType?: string; status: number }): void {
		this.tokens.push(request);
	}

	received(method?: string): ReceivedRequest[] {
		return this.requests.filter((entry) => method === undefined || entry.method === method);
	}

	tokenRequests() {
		return this.tokens;
	}

	/** Requests without an answer yet are in the total alone; of the others, by status or by why there was none. */
	counts() {
		const { requests, tokens, maxInFlight } = this;
		const byOutcome: Record<string, number> = {};
		for (const { outcome } of requests) {
			if (outcome !== 'pending') byOutcome[outcome] = (byOutcome[outcome] ?? 0) + 1;
		}
		return {
			...{ total: requests.length, byOutcome, maxInFlight },
			tokenRequests: tokens.length,
			tokensIssued: tokens.filter(({ status }) => status === 200).length,
		};
	}

	clear(): void {
		this.requests = [];
		this.tokens = [];
		this.maxInFlight = 0;
	}
}
