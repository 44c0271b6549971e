// n8n's own loop around the node: Retry On Fail together with Continue, and the Retry button of a failed
// execution. What follows from all that may befall it is for test/model. Called by realN8n.test.ts, and by
// test/versions for the oldest n8n.
import { automaticColumns, mappedColumns } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const people = ['One', 'Two', 'Three', 'Four', 'Five'].map((name) => {
	const email = `${name.toLowerCase()}@example.com`;
	return { name_first: 'Again', name_last: `Patient ${name}`, email };
});
const names = people.map(({ name_last }) => name_last);
const create = { resource: 'patient', operation: 'create', columns: automaticColumns };

export function retryButtonCases(rig: () => Rig): void {
	const created = async () => {
		const { simulator } = rig();
		const patients = await simulator.records(simulator.practiceId, '/patients');
		const own = patients.filter(({ name_first }) => name_first === 'Again');
		return own.map(({ name_last }) => name_last);
	};
	const match = (nth: number, times = 1) => ({ method: 'POST', path: '/patients$', nth, times });
	const refuse = async (nth: number, times?: number) =>
		await rig().simulator.addFault({
			match: match(nth, times),
			fault: { kind: 'status', status: 400 },
		});
	const lose = async (nth: number) =>
		await rig().simulator.addFault({ match: match(nth), when: 'after', fault: { kind: 'reset' } });

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'Retry On Fail with On Error: %s: whoever was created, or may have been, is not sent again',
		async (onError) => {
			const settings = { onError, retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
			await lose(1);
			await refuse(2);
			// Each try has a time of its own in it.
			const columns = mappedColumns({
				name_first: 'Again',
				name_last: '={{ $json.name_last + " " + $now.toMillis() }}',
			});
			const inputItems = people.slice(0, 3);
			const { outputs } = await rig().run({ ...create, columns }, { settings, inputItems });
			expect(await created()).toHaveLength(3);
			const texts = outputs.flat().map(({ json }) => String(json.error ?? ''));
			expect(texts.filter((text) => text.startsWith('It is unknown whether'))).toHaveLength(1);
		},
	);

	it.each([false, true])(
		'the Retry button, with the workflow as it is now: %s: creates what is missing, and nobody twice',
		async (now) => {
			const { n8n, run } = rig();
			await refuse(3, 2);
			const { execution } = await run(create, { inputItems: people });
			const second = await n8n.retryExecution(execution.id, now);
			expect([execution.status, second.status]).toEqual(['error', 'error']);
			expect(await created()).toEqual(names.slice(0, 2));
			const first = await n8n.retryExecution(execution.id, now);
			expect(first.error?.message).toBe('This execution has been retried before');
			const third = await n8n.retryExecution(second.id, now);
			expect(third.status).toBe('success');
			expect(third.nodes.Node[0].items.map(({ json }) => json.name_last)).toEqual(names);
			expect(await created()).toEqual(names);
		},
	);

	it.each(['create', 'createMany'])(
		'the Retry button, after a lost %s, says so',
		async (operation) => {
			await lose(2);
			const parameters = { ...create, operation, options: { batchSize: 2 } };
			const { execution } = await rig().run(parameters, { inputItems: people });
			const before = await created();
			const second = await rig().n8n.retryExecution(execution.id, true);
			expect(second.error?.message).toMatch(/^It is unknown whether/);
			expect(await created()).toEqual(before);
		},
	);
}
