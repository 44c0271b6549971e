// What the model finds and nobody has mended yet: listed, told at the end of each run, and left out of the
// verdict. An entry goes when its difference does. Read by modelled.ts.
import type { SettingsCase } from './settingsCase.ts';

export interface OpenDifference {
	what: string;
	kinds: RegExp;
	concerns: (settings: SettingsCase) => boolean;
}

const isRepeated = ({ runs, nodes = 1 }: SettingsCase) => runs.length * nodes > 1;

export const openDifferences: OpenDifference[] = [
	{
		what: 'Create Many that stops: an unknown outcome names no item',
		kinds: /^the error names no item$/,
		concerns: ({ operation, onError }) => operation === 'createMany' && !onError,
	},
	{
		what: 'Retry: a later run of the node, which has never run, is told as possibly lost',
		// A deletion that may be lost takes a record that is not there for its own.
		kinds: /^told as unknown, though it is known$|^done in spite of fails: refused$/,
		concerns: (settings) => settings.retries !== undefined && isRepeated(settings),
	},
	{
		what: 'Retry after a crash of which n8n had stored nothing since the start',
		kinds: /^twice$/,
		concerns: ({ killed }) => killed === 'withoutProgress',
	},
	{
		what: 'Retry of the first execution once more, though its retry has gone further: n8n tells the node nothing of that retry',
		kinds: /^twice$|sent again|^told as failed, but it was done$|^created, and told/,
		concerns: ({ retries }) => retries?.some(({ ofFirst }) => ofFirst) ?? false,
	},
];

/** The entry that a difference belongs to. */
export function openDifference(settings: SettingsCase, kind: string): OpenDifference | undefined {
	return openDifferences.find(({ kinds, concerns }) => kinds.test(kind) && concerns(settings));
}
