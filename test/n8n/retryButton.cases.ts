// n8n's own loop around the node: Retry On Fail together with Continue, and the Retry button of a failed
// execution. Called by realN8n.test.ts, and by test/versions for the oldest n8n.
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
	const refuse = async (nth: number, times = 1) =>
		await rig().simulator.addFault({
			match: { method: 'POST', path: '/patients$', nth, times },
			fault: { kind: 'status', status: 400 },
		});
	const lose = async (nth: number) =>
		await rig().simulator.addFault({
			match: { method: 'POST', path: '/patients$', nth },
			when: 'after',
			fault: { kind: 'reset' },
		});

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
			const { outputs } = await rig().run(
				{ ...create, columns },
				{ settings, inputItems: people.slice(0, 3) },
			);
			expect(await created()).toHaveLength(3);
			const texts = outputs.flat().map(({ json }) => String(json.error ?? ''));
			expect(texts.filter((text) => text.startsWith('It is unknown whether'))).toHaveLength(1);
		},
	);

	it('Find or Create: of three executions at once, one creates', async () => {
		const parameters = { ...create, operation: 'findOrCreate', matchOn: ['email'] };
		const inputItems = people.slice(0, 2);
		const runs = await Promise.all(
			[1, 2, 3].map(async () => await rig().run(parameters, { inputItems })),
		);
		expect(await created()).toEqual(names.slice(0, 2));
		const all = runs.flatMap(({ items }) => items.map(({ json }) => json._created));
		expect(all.sort()).toEqual([false, false, false, false, true, true]);
	});

	it('an execution that was retried before creates nothing more, and says what to retry', async () => {
		await refuse(3);
		await rig().simulator.addFault({
			match: { method: 'POST', path: '/patients$', holds: people[3].email },
			fault: { kind: 'status', status: 400 },
		});
		const { execution } = await rig().run(create, { inputItems: people });
		const second = await rig().n8n.retryExecution(execution.id, false);
		expect(second.status).toBe('error');
		expect(await created()).toEqual(names.slice(0, 3));
		const again = await rig().n8n.retryExecution(execution.id, false);
		expect(again.error?.message).toBe('This execution has been retried before');
		expect(again.error?.description).toContain("Choose 'Retry' in the newest execution");
		expect(await created()).toEqual(names.slice(0, 3));
		expect((await rig().n8n.retryExecution(second.id, false)).status).toBe('success');
		expect(await created()).toEqual(names);
	});

	describe.each([false, true])('the Retry button, with the workflow as it is now: %s', (now) => {
		const again = async (executionId: string) => await rig().n8n.retryExecution(executionId, now);

		it('creates what is missing, and nobody twice', async () => {
			await refuse(3, 2);
			const { execution } = await rig().run(create, { inputItems: people });
			expect(execution.status).toBe('error');
			expect(await created()).toEqual(names.slice(0, 2));
			const second = await again(execution.id);
			expect(second.status).toBe('error');
			expect(await created()).toEqual(names.slice(0, 2));
			const third = await again(second.id);
			expect(third.status).toBe('success');
			const items = third.nodes.Node.at(-1)?.items ?? [];
			expect(items.map(({ json }) => json.name_last)).toEqual(names);
			expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
				people.map((_, item) => ({ item })),
			);
			expect(await created()).toEqual(names);
		});

		it('does not send again whose outcome is unknown, and says so', async () => {
			await lose(2);
			const { execution } = await rig().run(create, { inputItems: people });
			const second = await again(execution.id);
			expect(second.status).toBe('error');
			expect(second.error?.message).toMatch(/^It is unknown whether/);
			expect(await created()).toEqual(names.slice(0, 2));
		});

		it('Create Many: the batches that are in stay as they are', async () => {
			await refuse(2);
			const parameters = { ...create, operation: 'createMany', options: { batchSize: 2 } };
			const { execution } = await rig().run(parameters, { inputItems: people });
			expect(execution.status).toBe('error');
			const second = await again(execution.id);
			expect(second.nodes.Node.at(-1)?.items.map(({ json }) => json.name_last)).toEqual(names);
			expect(await created()).toEqual(names);
		});
	});
}
