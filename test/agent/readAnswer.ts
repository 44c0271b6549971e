// What a model reads of a tool's answer. Called by the cases in this folder.

export interface ReadAnswer {
	/** What stands ahead of the records. */
	head?: Record<string, unknown>;
	records: Array<Record<string, unknown>>;
	/** What went wrong and what to do, as one text. */
	failure?: string;
}

export function readAnswer(text: string): ReadAnswer {
	const items = JSON.parse(text) as Array<Record<string, unknown>>;
	const [first, ...others] = items;
	if (first.error !== undefined) {
		return { records: [], failure: `${String(first.error)}. ${String(first.message)}` };
	}
	return first.about === undefined ? { records: items } : { head: first, records: others };
}
