// The trigger against the simulated practice: pollers, records that appear, and the requests that polls
// took. Called by the tests in this folder.
import { fakeClock } from '../harness/fastTime.ts';
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { Poller, type PollerOptions, type PollOutcome } from '../harness/pollNode.ts';

export const MINUTE_MS = 60_000;

/** The time of the machine, as the practice's clock shows it. */
export const now = (offMs = 0) => new Date(fakeClock.now() + offMs).toISOString().slice(0, 19);

export function simulatedTrigger({ resource, path }: { resource: string; path: string }) {
	const practice = simulatedPractice({ patients: 300, size: 1 });
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
		remove: async (id: number) => await practice.simulator.deleteRecord(2, path, id),
		/** What the API answers from now on. */
		async answer(data: IDataObject[], total_count = data.length, page?: number) {
			const body = { data, pagination: { total_count } };
			const fault = { kind: 'status', status: 200, body } as const;
			await practice.simulator.addFault({ match: { times: 1_000, page }, fault });
		},
		/** Gives all records a date of their last change, and lets the list be sorted by it. */
		async addUpdateDate() {
			const field = { name: 'update_date', value: '2020-01-01T10:00:00', sortable: true };
			await practice.simulator.addField({ path, ...field });
		},
		refuseSort: async (field: string) => await practice.simulator.refuseSort({ path, field }),
		/** The outcome of a poll, and the requests that it took. */
		async counted(poller: Poller): Promise<PollOutcome & { requests: number }> {
			const { total } = await practice.simulator.counts();
			const outcome = await poller.poll();
			return { ...outcome, requests: (await practice.simulator.counts()).total - total };
		},
	};
}
