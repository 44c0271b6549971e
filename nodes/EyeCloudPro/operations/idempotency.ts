// What this node has done in this execution, so that nothing is done twice: n8n runs a node again with all
// its items (Retry On Fail), and its Retry button goes on from what is stored of an execution.
// Every operation that writes goes through it, by the node class or, for whole batches, by itself.
import { createHash } from 'crypto';

import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IRunData,
	ITaskData,
} from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { ApiError, CancelledError } from '../api/errors';
import type { Resource } from '../catalogue/resource';
import type { CreatedByMatch, OperationRun, Written } from '../parameters/run';
import type { Operation } from './operation';

/** What is unknown about a piece of work that may be done. */
interface UnknownOutcome {
	message: string;
	description?: string;
}

/** A piece of work: of one input item, or of a batch. As JSON, since n8n stores it. */
interface Work {
	items: number[];
	/** Where it was done. */
	place?: string;
	/** The output, as it was at first. */
	records?: IDataObject[];
	/** Set where it is unknown whether it was done; there are no records then. */
	unknown?: UnknownOutcome;
}

/** Part of n8n's own data of the execution: all tries share it, n8n stores it, and it goes with the execution. */
interface Kept {
	/** Which run of the node, and what it does there: each run of a loop is work of its own. */
	run: string;
	/** By the first of its items. */
	work: Record<string, Work>;
	createdByMatch: CreatedByMatch;
	written?: Written;
	/** The execution that holds it; the Retry button begins with a copy of what another one held. */
	executionId?: string;
	/** Set where n8n may have lost what was done: then all items that are not in `work` are unknown. */
	lost?: UnknownOutcome;
}

/** Noted before a request is sent, so that it stands where n8n stops before the answer. */
const UNDER_WAY: UnknownOutcome = {
	message: 'It is unknown whether EyeCloud Pro did what this item asks for',
	description:
		'The execution was stopped while the request was under way. It is not sent again, so that nothing is created twice. Look in EyeCloud Pro whether it is done, and leave the item out when you start the workflow anew.',
};

const LOST: UnknownOutcome = {
	message: 'It is unknown what this execution has created already',
	description:
		'n8n has not stored how far this node came before, as after a crash. Nothing was created now, so that nothing is created twice. Look in EyeCloud Pro what is there, and start the workflow anew with the items that are missing.',
};

const RETRIED: UnknownOutcome = {
	message: 'This execution has been retried before',
	description:
		"What the earlier retry has created is not known here. Nothing was created now, so that nothing is created twice. Choose 'Retry' in the newest execution that was retried from this one: it leaves out what is done.",
};

export class DoneWork {
	private readonly byItem = new Map<number, Work>();

	private constructor(
		private readonly operation: Operation,
		private readonly context: { done?: Kept },
		private readonly kept: Kept,
	) {
		for (const work of Object.values(kept.work)) this.list(work);
	}

	/** What was done in earlier tries of this run of the node. */
	static async of(
		functions: IExecuteFunctions,
		operation: Operation,
		resource: Resource,
	): Promise<DoneWork> {
		const isStored = writes(operation) && !isAiTool(functions.getNode());
		const runIndex = isStored ? Number(functions.evaluateExpression('{{ $runIndex }}', 0)) : 0;
		const run = JSON.stringify([runIndex, operation.verb, resource.value]);
		const context: { done?: Kept } = isStored
			? functions.getContext('node')
			: contextOfCall(functions);
		if (context.done?.run !== run) {
			const isLost = isStored && (await mayHaveRun(functions, runIndex));
			const lost = isLost ? { lost: LOST } : {};
			context.done = { run, work: {}, createdByMatch: {}, ...lost };
		}
		if (isStored) await continueFrom(functions, context.done);
		return new DoneWork(operation, context, context.done);
	}

	/** What Find or Create has created in this run of the node; to be added to. */
	get createdByMatch(): CreatedByMatch {
		return this.kept.createdByMatch;
	}

	/** Which records were changed or deleted in this run of the node; to be added to. */
	get written(): Written {
		return (this.kept.written ??= { by: {}, record: {} });
	}

	/** Everything that is known to be done, with its records. */
	*all(): Generator<Work & Required<Pick<Work, 'records'>>> {
		for (const work of Object.values(this.kept.work)) {
			if (work.records) yield { ...work, records: work.records };
		}
	}

	/** How many records this run of the node has created. */
	countCreated(): number {
		if (this.operation.verb !== 'create') return 0;
		return Array.from(this.all(), ({ records }) => records.filter(isCreated)).flat().length;
	}

	has(itemIndex: number): boolean {
		return this.byItem.get(itemIndex)?.records !== undefined;
	}

	/** The error of an item whose work an earlier try may have done or not; undefined where that is known. */
	unknownOf(itemIndex: number): ApiError | undefined {
		const unknown = this.byItem.get(itemIndex)?.unknown ?? this.kept.lost;
		return unknown && new ApiError('outcomeUnknown', unknown.message, unknown);
	}

	/** The items whose work was sent together with that of this one. */
	itemsWith(itemIndex: number): number[] {
		return this.byItem.get(itemIndex)?.items ?? [];
	}

	/**
	 * Does the work, and remembers what came of it. What was surely not done is forgotten.
	 *
	 * @throws whatever the work throws
	 */
	async remember(
		items: number[],
		run: OperationRun,
		perform: () => Promise<IDataObject[]>,
	): Promise<IDataObject[]> {
		const before = this.byItem.get(items[0])?.unknown;
		const work: Work = { items, place: placeOf(run), unknown: before ?? UNDER_WAY };
		this.kept.work[items[0]] = work;
		this.list(work);
		work.records = await perform().catch((thrown: unknown): never => {
			if (!isPossiblyDone(thrown)) this.forget(work, before);
			else if (thrown instanceof ApiError) {
				work.unknown = { message: thrown.message, description: thrown.description };
			}
			throw thrown;
		});
		delete work.unknown;
		return work.records;
	}

	/**
	 * The node has ended without throwing. n8n runs it again where its first item tells of an error, and
	 * Retry On Fail is on; otherwise what was done is in its output.
	 */
	ended(functions: IExecuteFunctions, output: INodeExecutionData[]): void {
		const mayRunAgain = functions.getNode().retryOnFail && output[0]?.json.error !== undefined;
		if (!mayRunAgain) delete this.context.done;
	}

	/** This try did not do it. An earlier one of unknown outcome may have. */
	private forget({ items }: Work, before?: UnknownOutcome): void {
		if (before) return;
		delete this.kept.work[items[0]];
		for (const item of items) this.byItem.delete(item);
	}

	private list(work: Work): void {
		for (const item of work.items) this.byItem.set(item, work);
	}
}

/** What the tries of a tool's call have done, by the object that holds the model's input. */
const calls = new WeakMap<IDataObject, { done?: Kept }>();

/**
 * n8n's context of a node is shared by all calls of a tool in an execution, several at a time, each of which is
 * work of its own. The tries of one call have the same input in common, as an object.
 */
function contextOfCall(functions: IExecuteFunctions): { done?: Kept } {
	const input = functions.getInputData().at(0)?.json;
	const context = (input && calls.get(input)) ?? {};
	if (input) calls.set(input, context);
	return context;
}

/** Find or Create and Create or Update say so of each record; Create need not. */
function isCreated({ _created = true, _action = 'created' }: IDataObject): boolean {
	return _created === true && _action === 'created';
}

/** The list of one resource in one practice. */
export function placeOf({ client, resource }: OperationRun): string {
	const { apiBaseUrl, practiceId } = client.settings;
	return JSON.stringify([apiBaseUrl, practiceId, resource.path]);
}

export function writes({ verb }: Operation): boolean {
	return verb === 'create' || verb === 'update' || verb === 'delete';
}

/** The record may exist: the API did not say that it doesn't. */
export function isPossiblyDone(thrown: unknown): boolean {
	if (thrown instanceof CancelledError) return thrown.isUnderWay;
	return (
		thrown instanceof ApiError && (thrown.kind === 'outcomeUnknown' || thrown.kind === 'unreadable')
	);
}

/** The records of a piece of work: each paired with its item, or with all where that can't be told. */
export function paired(items: number[], records: IDataObject[]): INodeExecutionData[] {
	const all = items.map((item) => ({ item }));
	const isEach = records.length === items.length;
	return records.map((json, index) => {
		const pairedItem = isEach ? all[index] : all.length === 1 ? all[0] : all;
		return { json, pairedItem };
	});
}

/** n8n starts a node right after the one before it. If it comes later, n8n was down meanwhile, and the node may have run. */
const AT_ONCE_MS = 10_000;

/**
 * Whether the Retry button runs this node again without a word of what it did. A node that fails leaves its
 * work in the stored data, empty or not; one that was running when n8n crashed leaves nothing.
 */
async function mayHaveRun(functions: IExecuteFunctions, runIndex: number): Promise<boolean> {
	if (functions.getMode() !== 'retry') return false;
	// n8n stores its source with an execution's first progress. Where it is 'retry', the failed one had stored none.
	if (functions.getExecutionContext()?.source === 'retry') return true;
	// When a retry begins, its stored data is still that of the failed execution.
	const stored = await functions
		.getExecutionDataById(functions.getExecutionId())
		.catch(() => undefined);
	const runData = stored?.resultData.runData ?? {};
	if (!stored || Object.keys(runData).length === 0) return true;
	const { name } = functions.getNode();
	const own = Object.hasOwn(runData, name) ? runData[name] : undefined;
	if (own?.some(isOutputLost)) return true;
	// Later runs of the node were never begun.
	if (runIndex > (own?.length ?? 0)) return false;
	if (own?.length === 0) return true;
	const next = stored.executionData?.nodeExecutionStack[0]?.node.name;
	return next === name && Date.now() - lastEndMs(runData) > AT_ONCE_MS;
}

/** How many retries are kept for each node in n8n's database. */
const MOST_RETRIES_KEPT = 1000;

/**
 * A failed execution is continued only once. The Retry button may be pressed again on the same failed
 * execution, whose data doesn't tell what the first press has done; n8n's database does, for all processes.
 */
async function continueFrom(functions: IExecuteFunctions, kept: Kept): Promise<void> {
	const executionId = functions.getExecutionId();
	const before = kept.executionId;
	kept.executionId = executionId;
	if (functions.getMode() !== 'retry' || before === executionId || kept.lost) return;
	try {
		const from = before ?? (await fingerprintOf(functions));
		const { processed } = await functions.helpers.checkProcessedAndRecord(
			[`retry ${kept.run} ${from}`],
			'node',
			{ mode: 'entries', maxEntries: MOST_RETRIES_KEPT },
		);
		if (processed.length > 0) kept.lost = RETRIED;
	} catch {
		kept.lost = LOST;
	}
}

/** What the failed execution had run, which tells it from all others. */
async function fingerprintOf(functions: IExecuteFunctions): Promise<string> {
	const stored = await functions.getExecutionDataById(functions.getExecutionId());
	const times = Object.entries(stored?.resultData.runData ?? {}).map(([name, tasks]) => {
		return [name, tasks.map(({ startTime, executionTime }) => [startTime, executionTime])];
	});
	return createHash('sha256').update(JSON.stringify(times)).digest('hex');
}

/** After a crash, n8n knows from its log only that the node was running or had ended. */
function isOutputLost({ executionStatus, data }: ITaskData): boolean {
	const isMadeUp = data?.main?.[0]?.[0]?.json.isArtificialRecoveredEventItem === true;
	return executionStatus === 'crashed' || isMadeUp;
}

function lastEndMs(runData: IRunData): number {
	const tasks = Object.values(runData).flat();
	return tasks.reduce((latest, { startTime, executionTime }) => {
		return Math.max(latest, startTime + executionTime);
	}, 0);
}
