// What the model finds and nobody has mended yet: listed, told at the end of each run, and left out of the
// verdict. An entry goes when its difference does. Read by modelled.ts.
import type { SettingsCase } from './settingsCase.ts';

export interface OpenDifference {
	what: string;
	kinds: RegExp;
	concerns: (settings: SettingsCase) => boolean;
}

export const openDifferences: OpenDifference[] = [];

/** The entry that a difference belongs to. */
export function openDifference(settings: SettingsCase, kind: string): OpenDifference | undefined {
	return openDifferences.find(({ kinds, concerns }) => kinds.test(kind) && concerns(settings));
}
