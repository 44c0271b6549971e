// The rate limits: one for each module and OAuth client, by express-rate-limit, whose header styles
// are those that a client may meet. Used by api.ts; rebuilt when control changes the limit.
import type { Request, RequestHandler, Response } from 'express';
import { MemoryStore, rateLimit, type Options } from 'express-rate-limit';
import type { ResolvedOptions } from './contract.ts';

/** express-rate-limit has no style with Retry-After alone; the refusal sets it. */
const standardHeaders: Record<string, Options['standardHeaders']> = {
	...({ draft6: 'draft-6', draft7: 'draft-7', draft8: 'draft-8' } as const),
};

type Refuse = (request: Request, response: Response) => void;

interface RateLimitParts {
	options: () => ResolvedOptions;
	/** What is counted together: the module, and the OAuth client where it is known. */
	key: (response: Response) => string;
	/** Answers 429; the headers are set already. */
	refuse: Refuse;
}

export class RateLimits {
	private readonly parts: RateLimitParts;
	private store = new MemoryStore();
	/** Refuses what is beyond the limit. */
	limit: RequestHandler;

	constructor(parts: RateLimitParts) {
		this.parts = parts;
		this.limit = this.build(this.store, parts.refuse);
	}

	/** Forgets all counts; the next request meets limits as the options are then. */
	rebuild(): void {
		this.store.shutdown();
		this.store = new MemoryStore();
		this.limit = this.build(this.store, this.parts.refuse);
	}

	/** Refuses whatever comes, with the headers of a limit that ends in a second. */
	refusing(refuse: Refuse): RequestHandler {
		const totalHits = this.parts.options().rateLimit.requestsPerMinute + 1;
		const increment = async () => ({ totalHits, resetTime: new Date(Date.now() + 1_000) });
		const nothing = async () => {};
		return this.build({ increment, decrement: nothing, resetKey: nothing }, refuse);
	}

	private build(store: Options['store'], refuse: Refuse): RequestHandler {
		const { rateLimit: set, dialect } = this.parts.options();
		const { requestsPerMinute, windowMs } = set;
		const headers = dialect.tooManyRequests === 'json' ? set.headers : 'xRateLimit';
		return rateLimit({
			...{ store, windowMs, limit: requestsPerMinute },
			standardHeaders: standardHeaders[headers] ?? false,
			legacyHeaders: headers === 'xRateLimit',
			keyGenerator: (_request, response) => this.parts.key(response),
			handler: (request, response) => {
				if (headers === 'retryAfter') {
					const { resetTime } = (request as Request & { rateLimit: { resetTime: Date } }).rateLimit;
					const seconds = Math.ceil((resetTime.getTime() - Date.now()) / 1_000);
					response.set('Retry-After', String(Math.max(0, seconds)));
				}
				if (dialect.tooManyRequests === 'textWholeWindow') {
					response.set('Retry-After', String(Math.ceil(windowMs / 1_000)));
				}
				refuse(request, response);
			},
			// Limits are made anew while the simulator runs; the library warns of that otherwise.
			validate: { creationStack: false },
		});
	}
}
