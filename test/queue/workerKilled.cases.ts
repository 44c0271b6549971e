// Workers that are killed in the middle of their work: what n8n says of the executions, what is in
// EyeCloud Pro then, and what starting again does. Called by queue.test.ts.
import { setTimeout as wait } from 'node:timers/promises';
import { credentialData, eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import type { Execution, SavedCredential } from '../harness/startN8n.ts';
import type { ApiRecord, FaultRule } from '../simulator/start.ts';
import { call, publish, type Published } from './production.ts';
import { patients, ranOn, type QueueMode } from './queueMode.ts';

const outOfTheWay = 100_000;
const batchSize = 20;
const pollIntervalMs = 50;
const columns = { mappingMode: 'autoMapInputData', value: null };
const batches = { columns, options: { batchSize } };
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** What is under way when its worker is killed: in each, the API never answers one of the requests. */
interface Job {
	parameters: Record<string, unknown>;
	/** What comes in. */
	records: ApiRecord[];
	fault: FaultRule;
}

const hang = { kind: 'hang' } as const;

const jobs = {
	readAll: {
		parameters: { resource: 'patient', operation: 'getAll', returnAll: true },
		records: [{}],
		fault: { match: { method: 'GET', path: '/patients$', page: 5 }, fault: hang },
	},
	/** The third batch is created, and nobody hears of it. */
	createMany: {
		parameters: { resource: 'frame', operation: 'createMany', ...batches },
		records: numbers(100).map((number) => ({
			...{ description: `Half-made ${number}`, brand: 'Example', price: 100 + number },
		})),
		fault: { match: { method: 'POST', path: '/frames$', nth: 3 }, when: 'after', fault: hang },
	},
	/** The third batch is never created. */
	createManyLost: {
		parameters: { resource: 'priceTier', operation: 'createMany', ...batches },
		records: numbers(100).map((number) => ({ tier_name: `Half-made ${number}` })),
		fault: { match: { method: 'POST', path: '/pricetiers$', nth: 3 }, fault: hang },
	},
	findOrCreate: {
		parameters: {
			...{ resource: 'appointment', operation: 'findOrCreate', columns },
			matchOn: ['start_date'],
		},
		records: numbers(8).map((number) => ({
			...{ patient_id: 1001, store_id: 1, start_date: `2031-07-0${number + 1}T09:00:00` },
		})),
		fault: {
			...{ match: { method: 'POST', path: '/appointments$', nth: 3 }, when: 'after' },
			fault: hang,
		},
	},
} satisfies Record<string, Job>;

type JobName = keyof typeof jobs;

export function workerKilledCases(rig: () => QueueMode): void {
	const published = {} as Record<JobName, Published>;
	const killed = {} as Record<JobName, Execution>;

	// All at once, since n8n takes most of a minute to believe that a worker is gone.
	beforeAll(async () => {
		const queue = rig();
		const { n8n, simulator } = queue;
		const credential = await credentialWithoutLimit(queue);
		const ids: string[] = [];
		for (const [name, { parameters, records, fault }] of Object.entries(jobs)) {
			await simulator.addFault(fault as FaultRule);
			const node = eyeCloudProNode('Node', credential, parameters);
			const job = await publish(n8n, name, node);
			published[name as JobName] = job;
			ids.push(await call(job, records));
		}
		while ((await simulator.counts()).byOutcome.hang !== ids.length) await wait(pollIntervalMs);
		const workers = queue.workers.length;
		const busy = queue.workers.filter(({ output }) => ids.some((id) => ranOn(output, id)));
		for (const worker of busy) await queue.kill(worker);
		await queue.growTo(workers);
		const ended = await Promise.all(ids.map((id) => n8n.executionEnded(id)));
		Object.keys(jobs).forEach((name, index) => (killed[name as JobName] = ended[index]));
		await simulator.clearFaults();
	});

	/** The descriptions, names or dates of all records that a job has created. */
	const created = async (path: string, field: string, mark: string): Promise<string[]> => {
		const { simulator } = rig();
		const records = await simulator.records(simulator.practiceId, path);
		return records.map((record) => String(record[field])).filter((text) => text.startsWith(mark));
	};
	const frames = async () => await created('/pricebooks/frames', 'description', 'Half-made');
	const tiers = async () => await created('/configurations/pricetiers', 'tier_name', 'Half-made');
	const appointments = async () => await created('/appointments', 'start_date', '2031-07-0');
	const halfMade = (count: number) => numbers(count).map((number) => `Half-made ${number}`);

	it.each(Object.keys(jobs) as JobName[])('%s: n8n reports a failed execution', (name) => {
		const { status, error, nodes } = killed[name];
		expect(status).toBe('error');
		expect(error?.message).toMatch(/failed to be processed too many times/);
		// Not even what came in is kept.
		expect(nodes).toEqual({});
	});

	it('n8n does not do the work again by itself', async () => {
		expect(await rig().simulator.received({ path: '/patients', method: 'GET' })).toHaveLength(
			patients / 250 + 1,
		);
		expect(await rig().simulator.received({ method: 'POST' })).toHaveLength(9);
	});

	it('the batches that were sent are in, each once, also the one that nobody heard of', async () => {
		expect(await frames()).toEqual(halfMade(3 * batchSize));
		expect(await tiers()).toEqual(halfMade(2 * batchSize));
	});

	/** As a user does who starts the workflow once more with what came in. */
	const again = async (name: JobName): Promise<Execution> => {
		const { n8n } = rig();
		return await n8n.executionEnded(await call(published[name], jobs[name].records));
	};

	it('Return All, started again, is complete', async () => {
		const { nodes, status } = await again('readAll');
		expect(status).toBe('success');
		const ids = nodes.Node[0].items.map(({ json }) => json.patient_id);
		expect([ids.length, new Set(ids).size]).toEqual([patients, patients]);
	});

	it('Find or Create, started again, creates what is missing and nothing twice', async () => {
		expect(await appointments()).toHaveLength(3);
		const { nodes } = await again('findOrCreate');
		const wasCreated = nodes.Node[0].items.map(({ json }) => json._created);
		expect(wasCreated).toEqual([...numbers(3).map(() => false), ...numbers(5).map(() => true)]);
		const wanted = jobs.findOrCreate.records.map(({ start_date }) => start_date);
		expect(await appointments()).toEqual(wanted);
	});

	it('Create Many, started again with all items, creates all of them again', async () => {
		await again('createMany');
		expect(await frames()).toEqual([...halfMade(3 * batchSize), ...halfMade(100)]);
	});
}

async function credentialWithoutLimit({ n8n, simulator }: QueueMode): Promise<SavedCredential> {
	await simulator.reset({ data: true, options: true });
	await simulator.configure({ rateLimit: { requestsPerMinute: outOfTheWay } });
	const client = await simulator.createClient();
	const data = credentialData(simulator, client, { requestsPerMinute: outOfTheWay });
	return await n8n.createCredential('Without a limit', data);
}
