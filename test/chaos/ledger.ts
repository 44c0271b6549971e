// What the executions of a chaos run reported, and every difference that was found. Written by the jobs'
// judges, balanced at the end by balance.ts.
import type { AnswerNotes } from './sentences.ts';

/** What the user of an execution was told about one record that it was to create. */
export interface Claim {
	/** Of the patient, or the name of the price tier: made for this one item. */
	marker: string;
	path: '/patients' | '/configurations/pricetiers';
	executionId: string;
	job: string;
	report: 'created' | AnswerNotes;
	/** Where the user was told it. */
	id?: number;
	/** Find or Create may send it again after an unknown outcome, because it looks first. */
	looksFirst: boolean;
}

/** Records that are created together or not at all. */
export interface Batch {
	executionId: string;
	markers: string[];
}

export class Ledger {
	readonly claims: Claim[] = [];
	readonly batches: Batch[] = [];
	readonly differences: string[] = [];
	/** By job, then by what became of it. */
	readonly outcomes = new Map<string, Map<string, number>>();
	recordsRead = 0;
	/** Failed executions and failed items by their message. */
	readonly messages = new Map<string, number>();

	count(job: string, outcome: string): void {
		const ofJob = this.outcomes.get(job) ?? new Map<string, number>();
		ofJob.set(outcome, (ofJob.get(outcome) ?? 0) + 1);
		this.outcomes.set(job, ofJob);
	}

	countMessage(message: string): void {
		this.messages.set(message, (this.messages.get(message) ?? 0) + 1);
	}

	differ(executionId: string, what: string): void {
		this.differences.push(`execution ${executionId}: ${what}`);
	}

	get executions(): number {
		let sum = 0;
		for (const ofJob of this.outcomes.values()) {
			for (const count of ofJob.values()) sum += count;
		}
		return sum;
	}
}
