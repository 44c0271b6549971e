// What was done is not done again by a tool's tries with several items, and leaves nothing behind. All else of Retry On
// Fail, the Retry button and n8n's end is played in test/model.
import { byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import { parse } from 'flatted';
import type { IDataObject, IRunExecutionData } from 'n8n-workflow';

import { asTool } from '../harness/asTool.ts';

const practice = simulatedPractice({ patients: 5 });
const people = () => ['1', '2', '3'].map((name): IDataObject => ({ name }));
const columns = mapped({ name_first: 'New', name_last: '={{ $json.name }}' });
const createdNames = async () =>
	(await practice.simulator.records(2, '/patients')).slice(5).map(({ name_last }) => name_last);

describe('as a tool, Retry On Fail', () => {
	const settings = { retryOnFail: true, nodeType: asTool(), executionId: '' } as const;

	test.each<[string, 'continueRegularOutput' | 'stopWorkflow', nth: number, IDataObject]>([
		['create', 'continueRegularOutput', 1, {}],
		['create', 'stopWorkflow', 2, {}],
		['createMany', 'continueRegularOutput', 1, { batchSize: 1 }],
		// An option of the first item is no value.
		['create', 'continueRegularOutput', 9, { timeout: '={{ $json.name === "1" ? "" : 5000 }}' }],
	])(
		'%s, On Error %s, refused at %i, %j: nobody twice',
		async (operation, onError, nth, options) => {
			await practice.simulator.addFault({
				...{ match: { method: 'POST', nth }, fault: { kind: 'status', status: 400 } },
			});
			const more = { ...settings, onError, items: people() };
			await practice.run('patient', operation, { columns, options }, more);
			const created = await createdNames();
			expect(created.length).toBeGreaterThan(1);
			expect(new Set(created).size).toBe(created.length);
		},
	);

	test('a Delete that worked is no missing record', async () => {
		const more = {
			...settings,
			onError: 'continueRegularOutput',
			items: [{ id: '' }, { id: '1' }],
		};
		const parameters = { recordId: byId('={{ $json.id }}') };
		const { records } = await practice.run('priceTier', 'delete', parameters, more as object);
		expect(records.at(-1)).toMatchObject({ deleted: true });
		expect(await practice.received('DELETE')).toHaveLength(1);
	});
});

test('what ended well leaves nothing behind in the execution', async () => {
	const more = { items: people(), retryOnFail: true };
	const { stored } = await practice.run('patient', 'create', { columns }, more);
	expect(await createdNames()).toEqual(['1', '2', '3']);
	const { executionData } = parse(stored()) as IRunExecutionData;
	expect(JSON.stringify(executionData?.contextData)).not.toContain('New');
});
