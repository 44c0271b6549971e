// One simulated practice that a cell of the table runs in: one dialect, a client that nobody has used, and
// what a cell notes down. Used by cells.ts; set up by runCells.ts.
import type { SimulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { NodeResult, NodeRun } from '../harness/runNode.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';
import type { ApiRecord, Dialect } from '../simulator/start.ts';

/** What came out of one cell. */
export interface Outcome {
	/** In a few words, for people. */
	cameOut: string;
	/** What was promised and does not hold; empty where all does. */
	broken: string[];
}

export class Scene {
	readonly broken: string[] = [];

	constructor(
		readonly practice: SimulatedPractice,
		readonly dialect: Dialect,
		readonly credential: StoredCredential,
	) {}

	/** Notes a promise that does not hold. */
	promise(isKept: boolean, sentence: string): void {
		if (!isKept) this.broken.push(sentence);
	}

	async run(
		resource: string,
		operation: string,
		parameters: IDataObject = {},
		more: Omit<NodeRun, 'parameters'> = {},
	): Promise<NodeResult> {
		const whole = ['patient', 'order'].includes(resource) ? { simplify: false } : {};
		const { credential } = this;
		return await this.practice.run(
			resource,
			operation,
			{ ...whole, ...parameters },
			{ credential, ...more },
		);
	}

	/** What is stored, whatever is spoken. */
	async stored(path: string): Promise<ApiRecord[]> {
		return await this.practice.simulator.records(2, path);
	}

	/** The same as a caller reads it. */
	async answered(path: string): Promise<ApiRecord[]> {
		return await this.practice.simulator.answeredRecords(2, path);
	}

	/** What a resource's own id is called in this dialect. */
	idName(path: string, usual: string): string {
		const long: Record<string, string> = { pricetier_id: 'price_tier_id' };
		const { idName, resources } = this.dialect;
		const named = resources[path]?.idName;
		if (named !== undefined) return named;
		if (idName === 'own') return usual;
		return idName === 'id' ? 'id' : (long[usual] ?? usual);
	}
}

/** Message and description as a user reads them. */
export function textOf(error: NodeResult['error']): string {
	return error ? `${error.message}. ${error.description ?? ''}`.trim() : '';
}

/** In the same order, whatever order they came in. */
export function byField(records: ApiRecord[], field: string): ApiRecord[] {
	const text = (record: ApiRecord) => String(record[field]);
	return records.toSorted((a, b) => (text(a) < text(b) ? -1 : Number(text(a) > text(b))));
}

export function same(left: unknown, right: unknown): boolean {
	// In any order of keys, as `toEqual` compares.
	try {
		expect(left).toEqual(right);
		return true;
	} catch {
		return false;
	}
}
