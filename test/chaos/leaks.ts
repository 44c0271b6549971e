// Looks for what must not be in n8n's log after a chaos run. Called by chaos.ts.
import type { OAuthClient } from '../simulator/start.ts';

const accessToken = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

/** A sentence for each kind of thing that leaked; the thing itself is not in it, nor is a log line. */
export function findLeaks(log: string, marker: string, clients: OAuthClient[]): string[] {
	const lines = log.split('\n');
	const kinds: Array<[string, (line: string) => boolean]> = [
		['an access token', (line) => accessToken.test(line)],
		[
			"an OAuth client's secret",
			(line) => clients.some(({ clientSecret }) => clientSecret && line.includes(clientSecret)),
		],
		['a value that a job created', (line) => line.includes(marker)],
	];
	return kinds.flatMap(([what, isIn]) => {
		const at = lines.findIndex(isIn);
		return at === -1 ? [] : [`${what} is in n8n's log, line ${at + 1} of ${lines.length}`];
	});
}
