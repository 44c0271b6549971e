// n8n in queue mode, with the packed package in its main process and in its workers. Run by
// `npm run test:queue`.
import { startQueueMode, type QueueMode } from './queueMode.ts';
import { workerKilledCases } from './workerKilled.cases.ts';
import { retriedElsewhereCases } from './retriedElsewhere.cases.ts';
import { thirtyAtOnceCases, type Figures } from './thirtyAtOnce.cases.ts';

jest.setTimeout(240_000);

let started: QueueMode | undefined;
const figures: Figures[] = [];

function rig(): QueueMode {
	if (!started) throw new Error('Queue mode did not start.');
	return started;
}

beforeAll(async () => {
	started = await startQueueMode();
	await started.growTo(2);
});

afterAll(async () => {
	if (figures.length > 0) console.table(figures);
	await started?.stop();
});

describe('the Retry button', () => retriedElsewhereCases(rig));
describe('a worker is killed', () => workerKilledCases(rig));
describe('thirty executions at once, one credential, one limit', () =>
	thirtyAtOnceCases(rig, figures));
