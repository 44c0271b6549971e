// What the model finds and nobody has mended yet: listed, told at the end of each run, and left out of the
// verdict. An entry goes when its difference does. Read by modelled.ts.
import type { SettingsCase } from './settingsCase.ts';

export interface OpenDifference {
	what: string;
	kinds: RegExp;
	concerns: (settings: SettingsCase) => boolean;
}

export const openDifferences: OpenDifference[] = [
	{
		what: 'Retry of the first execution once more, though its retry in another process has gone further: n8n tells the node nothing of that retry',
		kinds: /^twice$|sent again|^told as failed, but it was done$|^created, and told/,
		concerns: ({ retries = [] }) =>
			retries.some(({ ofFirst }) => ofFirst) && retries.slice(1).some(({ restarted }) => restarted),
	},
];

/** The entry that a difference belongs to. */
export function openDifference(settings: SettingsCase, kind: string): OpenDifference | undefined {
	return openDifferences.find(({ kinds, concerns }) => kinds.test(kind) && concerns(settings));
}
