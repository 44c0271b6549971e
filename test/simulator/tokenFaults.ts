// Troubles of the auth server itself: what the next token requests are answered with instead of a token.
// Filled by control, used by authServer.ts.
import type { TokenFault } from './contract.ts';

export class TokenFaults {
	private due: TokenFault[] = [];

	add({ times = 1, ...fault }: TokenFault): void {
		for (let time = 0; time < times; time += 1) this.due.push(fault);
	}

	/** The one for the token request that has just come in. */
	next(): TokenFault | undefined {
		return this.due.shift();
	}

	clear(): void {
		this.due = [];
	}
}
