// What comes out when the API answers 429 once, in the middle of a list. Called by tools/bench.mts.
import { startSimulator } from '../simulator/start.ts';
import { noLimit, type MeasuredN8n, type NodesMeasured } from './measuredN8n.ts';
import { inOne } from './readingEverything.ts';

export interface RefusedMidway {
	way: NodesMeasured;
	patients: number;
	refusedPage: number;
	/** The execution's, as n8n shows it. */
	status: string;
	/** What the last node that ran put out. */
	records: number;
	distinct: number;
	error?: string;
}

const patients = 10_000;
const refusedPage = 20;

export async function readRefusedMidway(measured: MeasuredN8n): Promise<RefusedMidway[]> {
	const simulator = await startSimulator({ patients, rateLimit: noLimit });
	try {
		const credential = await measured.connect(simulator, simulator.clients.practice, noLimit);
		const outcomes: RefusedMidway[] = [];
		for (const way of ['eyeCloudPro', 'httpRequest'] as const) {
			const match = { path: '/patients$', page: refusedPage };
			await simulator.addFault({ match, fault: { kind: 'status', status: 429 } });
			const workflowId = await measured.workflow(way, simulator, credential);
			const execution = await measured.run(workflowId);
			const { records, distinct } = inOne(execution);
			const { status, error } = execution;
			outcomes.push({ way, patients, refusedPage, status, records, distinct, error });
			await simulator.reset();
		}
		return outcomes;
	} finally {
		await simulator.stop();
	}
}
