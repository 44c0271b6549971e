// What the simulator received, for tests to assert on and people to look at. Written by the API and
// the auth server, read through control. Secrets and tokens are never written down.
import type { Counts, Outcome, ReceivedRequest, ReceivedTokenRequest } from './contract.ts';

const mostKept = 400_000;

export type OpenedRequest = Omit<ReceivedRequest, 'inFlight' | 'outcome'>;

export class Books {
	private requests: ReceivedRequest[] = [];
	private tokens: ReceivedTokenRequest[] = [];
	private readonly working = new Set<ReceivedRequest>();

	/** Writes down a request that has just come in. */
	open(request: OpenedRequest): ReceivedRequest {
		const inFlight = this.working.size + 1;
		const entry: ReceivedRequest = { ...request, outcome: 'pending', inFlight };
		this.working.add(entry);
		if (this.requests.length >= mostKept) this.requests.splice(0, mostKept / 2);
		this.requests.push(entry);
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
		if (entry.outcome === 'pending') entry.outcome = outcome;
	}

	recordTokenRequest(request: ReceivedTokenRequest): void {
		this.tokens.push(request);
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
		const { requests, tokens } = this;
		const answered = requests.filter(({ outcome }) => outcome !== 'pending');
		return {
			total: requests.length,
			byRoute: countBy(requests.map(({ method, template }) => `${method} ${template}`)),
			byOutcome: countBy(answered.map(({ outcome }) => String(outcome))),
			maxInFlight: requests.reduce((most, { inFlight }) => Math.max(most, inFlight), 0),
			tokenRequests: tokens.length,
			tokensIssued: tokens.filter(({ status }) => status === 200).length,
		};
	}

	clear(): void {
		this.requests = [];
		this.tokens = [];
	}
}

function countBy(names: string[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
	return counts;
}
