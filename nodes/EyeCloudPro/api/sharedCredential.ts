// One reading of the credential for many requests. n8n's request helper asks for the credential at each request, which
// is a query, a decryption and an evaluation of each hidden expression: more work than all else that a request needs.
// Used by the client and accessToken.ts.
import type { Clock } from './clock';
import { CREDENTIAL_TYPE, type RequestContext } from './transport';

/** A token that another process has renewed meanwhile is used by then. Until then n8n takes it after a 401, as ever. */
const LONGEST_SHARED_MS = 1_000;

export class SharedCredential {
	/** What n8n's helpers are called on: the node's own context, with the shared credential. */
	readonly context: RequestContext;

	private latest?: { credential: Promise<unknown>; readAtMs: number };

	constructor(
		private readonly own: RequestContext,
		private readonly clock: Clock,
	) {
		const getCredentials = async () => await this.shared();
		this.context = Object.create(own, { getCredentials: { value: getCredentials } });
	}

	/** As a request finds it now. */
	async shared<T extends object>(): Promise<T> {
		const { latest } = this;
		const isRecent = latest && this.clock.elapsedMs() - latest.readAtMs < LONGEST_SHARED_MS;
		return await (isRecent ? (latest.credential as Promise<T>) : this.read<T>());
	}

	/** Reads it anew, for the next requests as well. */
	async read<T extends object>(): Promise<T> {
		const credential = this.own.getCredentials<T>(CREDENTIAL_TYPE);
		this.latest = { credential, readAtMs: this.clock.elapsedMs() };
		credential.catch(() => this.forget());
		return await credential;
	}

	/** The next request reads it anew. */
	forget(): void {
		this.latest = undefined;
	}
}
