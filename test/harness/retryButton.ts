// What n8n's server does between an execution that failed and the one that its Retry button starts
// (n8n 2.41.1: ExecutionService.retry, ExecutionRecoveryService.amend). Called by runNode and runExecution.
import { parse, stringify } from 'flatted';
import type { ExecutionError, IRunExecutionData } from 'n8n-workflow';

/** Nobody presses it at once. */
const pressedAfterMs = 3_600_000;

/** The data that the new execution begins with, from what is stored of the failed one. */
export function preparedForRetry(stored: string): IRunExecutionData {
	const data = timePassed(parse(stored) as IRunExecutionData);
	const { lastNodeExecuted, runData } = data.resultData;
	if (lastNodeExecuted) {
		delete data.resultData.error;
		const tasks = runData[lastNodeExecuted];
		if (tasks?.length > 0 && tasks[tasks.length - 1].error !== undefined) tasks.pop();
	}
	return data;
}

function timePassed(data: IRunExecutionData): IRunExecutionData {
	const { runtimeData } = data.executionData ?? {};
	if (runtimeData) runtimeData.establishedAt -= pressedAfterMs;
	for (const task of Object.values(data.resultData.runData).flat()) {
		task.startTime -= pressedAfterMs;
	}
	return data;
}

/**
 * What n8n makes at its next start of the data of an execution that died with it, if its log is there.
 *
 * @param finished the nodes that had ended, in the order of the workflow; `running` had begun
 */
export function recovered(stored: string, finished: string[], running: string): string {
	const data = parse(stored) as IRunExecutionData;
	const { resultData } = data;
	for (const name of [...finished, running]) {
		if (resultData.runData[name] !== undefined) continue;
		const task = { startTime: Date.now(), executionIndex: 0, executionTime: -1, source: [null] };
		resultData.lastNodeExecuted = name;
		if (name === running) {
			const error = { name: 'NodeCrashedError', message: 'Node crashed' } as ExecutionError;
			const crashed = { executionStatus: 'crashed' as const, error, executionTime: 0 };
			resultData.runData[name] = [{ ...task, ...crashed }];
			resultData.error = error;
		} else {
			const isArtificialOutput = { json: { isArtificialRecoveredEventItem: true } };
			const data = { main: [[{ ...isArtificialOutput, pairedItem: undefined }]] };
			resultData.runData[name] = [{ ...task, executionStatus: 'success', data }];
		}
	}
	return stringify(data);
}
