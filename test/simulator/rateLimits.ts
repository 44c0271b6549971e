// The rate limits: one for each module and OAuth client, by express-rate-limit, whose header styles
// are those that a client may meet. Used by api.ts; rebuilt when control changes the limit.
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit, type Options } from 'express-rate-limit';
import type { RateLimitHeaderStyle, ResolvedOptions } from './contract.ts';

const styles: Record<RateLimitHeaderStyle, Partial<Options>> = {
	none: { standardHeaders: false, legacyHeaders: false },
	// express-rate-limit has no style with this header alone; the refusal sets it.
	retryAfter: { standardHeaders: false, legacyHeaders: false },
	xRateLimit: { standardHeaders: false, legacyHeaders: true },
	draft6: { standardHeaders: 'draft-6', legacyHeaders: false },
	draft7: { standardHeaders: 'draft-7', legacyHeaders: false },
	draft8: { standardHeaders: 'draft-8', legacyHeaders: false },
};

type Refuse = (request: Request, response: Response) => void;

interface RateLimitParts {
	options: () => ResolvedOptions;
	/** Who is counted, when it is known. */
	oauthClientId: (response: Response) => string | undefined;
	/** Answers 429; the headers are set already. */
	refuse: Refuse;
}

export class RateLimits {
	private limiters = new Map<string, { limiter: RequestHandler; store: MemoryStore }>();

	private readonly parts: RateLimitParts;

	constructor(parts: RateLimitParts) {
		this.parts = parts;
	}

	/** Forgets all counts; the next request meets limits as the options are then. */
	rebuild(): void {
		for (const { store } of this.limiters.values()) store.shutdown();
		this.limiters.clear();
	}

	/** The limit of one module. */
	of(module: string): RequestHandler {
		let entry = this.limiters.get(module);
		if (!entry) {
			const store = new MemoryStore();
			entry = { store, limiter: this.build(store, this.parts.refuse) };
			this.limiters.set(module, entry);
		}
		return entry.limiter;
	}

	/** Refuses whatever comes, with the headers of a limit that ends in a second. */
	refusing(refuse: Refuse): RequestHandler {
		const { requestsPerMinute } = this.parts.options().rateLimit;
		const used = {
			totalHits: requestsPerMinute + 1,
			resetTime: new Date(Date.now() + 1_000),
		};
		const nothing = async () => {};
		return this.build(
			{ increment: async () => used, decrement: nothing, resetKey: nothing },
			refuse,
		);
	}

	private build(store: Options['store'], refuse: Refuse): RequestHandler {
		const { rateLimit: set, dialect } = this.parts.options();
		const { requestsPerMinute, windowMs } = set;
		const isText = dialect.tooManyRequests !== 'json';
		const headers = isText ? 'xRateLimit' : set.headers;
		return rateLimit({
			...styles[headers],
			store,
			windowMs,
			limit: requestsPerMinute,
			keyGenerator: (request, response) =>
				this.parts.oauthClientId(response) ?? ipKeyGenerator(request.ip ?? ''),
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
