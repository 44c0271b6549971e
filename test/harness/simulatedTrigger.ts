// The trigger against the simulated practice: pollers, records that appear, and the requests that polls
// took. Called by the trigger's tests.
import { simulatedPractice } from './simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { SimulatorOptions } from '../simulator/start.ts';
import { Poller, type PollerOptions, type PollOutcome } from './pollNode.ts';

export type SimulatedTrigger = ReturnType<typeof simulatedTrigger>;

export function simulatedTrigger(
	{ resource, path }: { resource: string; path: string },
	options: SimulatorOptions = {},
) {
	const practice = simulatedPractice(options);
	return {
		practice,
		/** An activated trigger that has not polled yet. */
		poller: (parameters: IDataObject = {}, more: Partial<PollerOptions> = {}): Poller =>
			new Poller({
				credential: practice.credential,
				parameters: { resource, event: 'created', simplify: false, ...parameters },
				...more,
			}),
		add: async (record: IDataObject = {}) =>
			(await practice.simulator.addRecord(2, path, record)) as IDataObject,
		change: async (id: number, changes: IDataObject) =>
			await practice.simulator.changeRecord(2, path, id, changes),
		remove: async (id: number) => await practice.simulator.deleteRecord(2, path, { id }),
		/** The outcome of a poll, and the requests that it took. */
		async counted(poller: Poller): Promise<PollOutcome & { requests: number }> {
			const { total } = await practice.simulator.counts();
			const outcome = await poller.poll();
			return { ...outcome, requests: (await practice.simulator.counts()).total - total };
		},
	};
}
