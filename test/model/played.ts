// What a case that was played left behind. Made by play.ts, judged by balance.ts.
import type { NodeResult } from '../harness/runNode.ts';
import type { ApiRecord, ReceivedRequest } from '../simulator/start.ts';
import type { SettingsCase, Work } from './settingsCase.ts';

export interface Played {
	settings: SettingsCase;
	works: Work[];
	/** By execution that began at the same time: the first, and then what each press of Retry made of it. */
	executions: NodeResult[][];
	before: Map<number, ApiRecord[]>;
	after: Map<number, ApiRecord[]>;
	requests: ReceivedRequest[];
}
