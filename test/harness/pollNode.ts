// Polls the trigger node in the real n8n-core's poll context: parameters and a cursor in, items and the
// next cursor out. Called by the trigger's tests; what n8n's server does between polls stands in here.
import { PollContext } from 'n8n-core';
import {
	ObservableObject,
	type IDataObject,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';

import { EyeCloudProTrigger } from '../../nodes/EyeCloudPro/EyeCloudProTrigger.node';
import { additionalDataFor, storedNode, storedWorkflow } from './n8nServer.ts';
import type { StoredCredential } from './storedCredential.ts';

export interface PollerOptions {
	parameters: IDataObject;
	credential: StoredCredential;
	/** What n8n says about how long a poll may take. */
	budgetMs?: number;
	timezone?: string;
	/** Without it, n8n stores the cursor apart from the execution. Default: with. */
	hasDurableCursors?: boolean;
	/** Fetch Test Event, and not an active workflow. */
	isTest?: boolean;
}

export interface PollOutcome {
	/** Of all executions that the poll started, in order. */
	records: IDataObject[];
	executions: INodeExecutionData[][];
	error?: { message: string; description?: string | null };
}

type Emit = (
	data: INodeExecutionData[][],
	_?: unknown,
	done?: { reject: (reason: Error) => void },
) => void;

/** One activated trigger node. */
export class Poller {
	/** What n8n has stored between two polls, as text. */
	stored = '{}';

	constructor(public options: PollerOptions) {}

	/** @param cancelled why the execution was not made, where a user or the database prevented it */
	async poll(cancelled?: Error): Promise<PollOutcome> {
		const nodeType = new EyeCloudProTrigger();
		const staticData = JSON.parse(this.stored) as IDataObject;
		const executions: INodeExecutionData[][] = [];
		const emit: Emit = (data, _, done) => {
			if (cancelled) done?.reject(cancelled);
			else executions.push(data[0]);
		};
		const context = this.context(nodeType, staticData, emit);
		const outcome = await nodeType.poll.call(context).then(
			(data) => ({ data }),
			(error: PollOutcome['error'] & Error) => ({ error }),
		);
		if ('error' in outcome) {
			const { message, description } = outcome.error;
			return { records: [], executions: [], error: { message, description } };
		}
		if (outcome.data) emit(outcome.data);
		this.stored = JSON.stringify(staticData);
		return { records: executions.flat().map(({ json }) => json), executions };
	}

	private context(nodeType: EyeCloudProTrigger, staticData: IDataObject, emit: Emit): PollContext {
		const { credential, parameters, budgetMs, timezone, isTest } = this.options;
		const { hasDurableCursors = true } = this.options;
		const node = storedNode('EyeCloud Pro Trigger', 'eyeCloudProTrigger', {
			parameters: parameters as INode['parameters'],
			credential,
		});
		const workflow = storedWorkflow(() => nodeType, [node], {
			...{ id: 'trigger-test', active: !isTest, timezone },
		});
		return new PollContext(
			workflow,
			node,
			additionalDataFor(credential),
			isTest ? 'manual' : 'trigger',
			isTest ? 'manual' : 'activate',
			emit,
			undefined,
			undefined,
			undefined,
			hasDurableCursors ? () => staticData : () => ObservableObject.create(staticData),
			budgetMs === undefined ? undefined : () => budgetMs,
		);
	}
}
