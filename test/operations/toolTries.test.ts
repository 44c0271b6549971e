// A tool whose execution n8n gives no ID, and Retry On Fail of it: what was created in an earlier try is not created
// again. What holds with an ID is in neverTwice.test.ts.
import { fakeClock } from '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { answerOf, asTool } from '../harness/asTool.ts';
import { runNode, type NodeRun } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

let simulator: Simulator;
let credential: StoredCredential;
let executions = 0;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 5 });
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ data: true });
	credential = StoredCredential.for(simulator, await simulator.createClient());
});

const people = Array.from({ length: 2 }, (_, index): IDataObject => {
	return { name_first: 'New', name_last: `Patient ${index + 1}`, email: `new${index}@example.com` };
});

async function run(operation: string, changes: Partial<NodeRun> = {}) {
	const { parameters, ...rest } = changes;
	return await runNode({
		credential,
		items: people,
		retryOnFail: true,
		executionId: `retry-${++executions}`,
		parameters: {
			resource: 'patient',
			operation,
			columns: { mappingMode: 'autoMapInputData' },
			...parameters,
		},
		...rest,
	});
}

async function posts() {
	return (await simulator.received({ method: 'POST' })).length;
}

const refusalAt = (nth: number) => ({
	match: { method: 'POST', nth },
	fault: { kind: 'status' as const, status: 400 },
});
const lossAt = (nth: number) => ({
	match: { method: 'POST', nth },
	when: 'after' as const,
	fault: { kind: 'reset' as const },
});

describe('as a tool, which n8n may give no execution id', () => {
	const asked = { executionId: '', items: people.slice(0, 1), retryOnFail: false };
	const call = async (operation: string, { parameters, ...changes }: Partial<NodeRun> = {}) => {
		const [value] = changes.items ?? asked.items;
		const columns = { mappingMode: 'defineBelow', value, matchingColumns: [], schema: [] };
		const asATool = { nodeType: asTool(), parameters: { columns, ...parameters } };
		return answerOf(await run(operation, { ...asked, ...changes, ...asATool }));
	};

	test('Create: what may be there is not sent again within an hour, then it is', async () => {
		await simulator.addFault(lossAt(1));
		for (const retryOnFail of [true, false]) {
			const { failure } = await call('create', { retryOnFail });
			expect(failure).toMatch(/^It is unknown whether.*before you run this item again\.$/);
		}
		expect(await posts()).toBe(1);
		expect((await call('create', { items: people.slice(1, 2) })).failure).toBeUndefined();
		expect(await posts()).toBe(2);
		await fakeClock.sleep(60 * 60_000 + 1);
		expect((await call('create')).failure).toBeUndefined();
		expect(await posts()).toBe(3);
	});

	test('Create: refused, it may be asked for again, and after a minute as often as a model wants', async () => {
		await simulator.addFault(refusalAt(1));
		expect((await call('create')).failure).toBeDefined();
		for (let time = 0; time < 2; time++) {
			await fakeClock.sleep(60_001);
			expect((await call('create')).failure).toBeUndefined();
		}
		expect(await posts()).toBe(3);
	});

	test('Create Many: what may be there is not sent again', async () => {
		await simulator.addFault(lossAt(1));
		for (let time = 0; time < 2; time++) expect((await call('createMany')).failure).toBeDefined();
		expect(await posts()).toBe(1);
	});

	test('Find or Create looks, and goes on', async () => {
		await simulator.addFault(lossAt(1));
		const parameters = { matchOn: ['email'] };
		expect((await call('findOrCreate', { parameters })).failure).toBeDefined();
		const { records } = await call('findOrCreate', { parameters });
		expect(records).toMatchObject([{ name_last: 'Patient 1', _created: false }]);
		expect(await posts()).toBe(1);
	});
});
