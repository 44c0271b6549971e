// A simulated practice that speaks one dialect, and what is stored there. Set up by dialects.test.ts, used by cells.ts.
import type { IDataObject } from 'n8n-workflow';

import type { NodeResult } from '../harness/runNode.ts';
import type { SimulatedPractice } from '../harness/simulatedPractice.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';
import type { ApiRecord, Dialect } from '../simulator/start.ts';

export class Scene {
	constructor(
		readonly practice: SimulatedPractice,
		readonly dialect: Dialect,
		readonly credential: StoredCredential,
	) {}

	async run(
		resource: string,
		operation: string,
		parameters: IDataObject = {},
		items?: IDataObject[],
	): Promise<NodeResult> {
		const whole = ['patient', 'order'].includes(resource) ? { simplify: false } : {};
		const more = { credential: this.credential, items };
		return await this.practice.run(resource, operation, { ...whole, ...parameters }, more);
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
	idName(usual: string): string {
		const { idName } = this.dialect;
		if (idName === 'id') return 'id';
		return idName === 'long' && usual === 'pricetier_id' ? 'price_tier_id' : usual;
	}

	/** The API takes new records in lists alone, so that single ones are refused. */
	get takesListsOnly(): boolean {
		return this.dialect.bulkBody === 'listOnly';
	}

	/** A list under a name is what the user sets, once it is known. */
	get bulkOptions(): IDataObject {
		const { bulkBody, resources } = this.dialect;
		const named = (resources['/patients']?.path ?? '/patients').split('/').at(-1);
		const bodyKey = { named, records: 'records' }[bulkBody as 'named' | 'records'];
		return bodyKey === undefined ? {} : { options: { bodyKey } };
	}
}

/** Message and description as a user reads them. */
export function textOf({ error }: Pick<NodeResult, 'error'>): string {
	return error ? `${error.message}. ${error.description ?? ''}`.trim() : '';
}
