// Cases that are a little simpler than one, the boldest steps first. Called by modelled.ts.
import type { CaseItem, SettingsCase } from './settingsCase.ts';

export function* simpler(settings: SettingsCase): Generator<SettingsCase> {
	const { runs } = settings;
	// Fewer runs, then fewer items.
	if (runs.length > 1) {
		for (const index of runs.keys()) {
			yield { ...settings, runs: runs.filter((_, run) => run !== index) };
		}
	}
	for (const [run, items] of runs.entries()) {
		const others = (changed: CaseItem[]) => ({ ...settings, runs: runs.with(run, changed) });
		if (items.length > 3) {
			const half = Math.ceil(items.length / 2);
			yield others(items.slice(0, half));
			yield others(items.slice(half));
		}
		if (items.length > 1) {
			for (const index of items.keys()) yield others(items.filter((_, item) => item !== index));
		}
	}
	for (const name of [
		...([
			'retries',
			'killedInSecond',
			'killed',
			'failsBefore',
			'atOnce',
			'nodes',
			'tries',
			'onError',
			'byHand',
		] as const),
		...(['automatic', 'varies', 'batchSize', 'practiceIn', 'practice', 'dryRun'] as const),
	]) {
		if (settings[name] !== undefined) yield without(settings, name);
	}
	if (settings.retries && settings.retries.length > 1) {
		yield { ...settings, retries: settings.retries.slice(1) };
		yield { ...settings, retries: settings.retries.slice(0, 1) };
	}
	for (const [press, retry] of (settings.retries ?? []).entries()) {
		for (const name of ['restarted', 'loadWorkflow', 'ofFirst'] as const) {
			if (!retry[name]) continue;
			yield { ...settings, retries: settings.retries?.with(press, without(retry, name)) };
		}
	}
	if (settings.tries && settings.tries > 2) yield { ...settings, tries: 2 };
	if (settings.onError === 'continueErrorOutput') {
		yield { ...settings, onError: 'continueRegularOutput' };
	}
	if (settings.matchOn && settings.matchOn.length > 1) {
		// Many people were born on the same day.
		yield { ...settings, matchOn: settings.matchOn.filter((name) => name !== 'dob').slice(0, 1) };
	}
	for (const [run, items] of runs.entries()) {
		for (const [index, item] of items.entries()) {
			for (const changed of simplerItems(item)) {
				yield { ...settings, runs: runs.with(run, items.with(index, changed)) };
			}
		}
	}
}

function* simplerItems(item: CaseItem): Generator<CaseItem> {
	for (const name of ['fails', 'fault', 'practice', 'dryRun', 'who'] as const) {
		if (item[name] !== undefined) yield without(item, name);
	}
	if (item.times) {
		yield without(item, 'times');
		if (item.times > 3) yield { ...item, times: Math.ceil(item.times / 2) };
	}
	const { fault } = item;
	if (!fault) return;
	for (const name of ['after', 'times', 'tells', 'inSearch'] as const) {
		if (fault[name] !== undefined) yield { ...item, fault: without(fault, name) };
	}
}

function without<T extends object, K extends keyof T>(value: T, name: K): T {
	const rest = { ...value };
	delete rest[name];
	return rest;
}
