// The table in n8n's database in which nodes note what they have seen before, which n8n-core hands to its
// server. Called by runNode and runExecution.
import { DataDeduplicationService } from 'n8n-core';
import type { DeduplicationItemTypes, ICheckProcessedContextData } from 'n8n-workflow';

/** By workflow and node. */
const seen = new Map<string, Set<DeduplicationItemTypes>>();

let isNoting = false;

/** @param executionId of a new execution: n8n gives each another one, tests the same again */
export async function noteRetries(executionId = ''): Promise<void> {
	for (const entries of seen.values()) {
		for (const entry of entries)
			if (String(entry).endsWith(` ${executionId}`)) entries.delete(entry);
	}
	if (isNoting) return;
	isNoting = true;
	const unused = async () => await Promise.reject(new Error('Not played here'));
	await DataDeduplicationService.init({
		checkProcessedAndRecord: async (items, _scope, { workflow, node }) =>
			await Promise.resolve(checkedAndNoted(items, { workflow, node })),
		removeProcessed: unused,
		clearAllProcessedItems: unused,
		getProcessedDataCount: unused,
	});
}

function checkedAndNoted(
	items: DeduplicationItemTypes[],
	{ workflow, node }: ICheckProcessedContextData,
) {
	const key = `${workflow.id} ${node?.id}`;
	const entries = seen.get(key) ?? new Set();
	seen.set(key, entries);
	const before = new Set(entries);
	for (const item of items) entries.add(item);
	return {
		new: items.filter((item) => !before.has(item)),
		processed: items.filter((item) => before.has(item)),
	};
}
