// What the executions of a chaos run reported, and every difference that was found. Written by the jobs' judges,
// balanced at the end by balance.ts.

/** What the user of an execution was told about one record that it was to create. */
export interface Claim {
	/** Of the patient, or the name of the price tier: made for this one item. */
	marker: string;
	executionId: string;
	job: string;
	report: 'created' | 'unknown' | 'notCreated';
	/** Where the user was told it. */
	id?: number;
}

export class Ledger {
	readonly claims: Claim[] = [];
	readonly differences: string[] = [];
	/** By job, then by what became of it. */
	readonly outcomes: Record<string, Record<string, number>> = {};
	executions = 0;
	recordsRead = 0;
	/** Failed executions and failed items by their message. */
	readonly messages: Record<string, number> = {};

	count(job: string, outcome: string): void {
		const ofJob = (this.outcomes[job] ??= {});
		ofJob[outcome] = (ofJob[outcome] ?? 0) + 1;
		this.executions++;
	}

	differ(executionId: string, what: string): void {
		this.differences.push(`execution ${executionId}: ${what}`);
	}
}
