// So many cases from a seed, and what is found in them: by kind, with the simplest case of each. Called by
// the tests in this folder, each of which has operations of its own.
import { appendFileSync } from 'node:fs';

import { Random } from '../harness/random.ts';
import { differencesOf, type Difference } from './balance.ts';
import { generated, type Weights } from './generate.ts';
import { openDifference } from './open.ts';
import { play } from './play.ts';
import { printed, type SettingsCase } from './settingsCase.ts';
import { simpler } from './simpler.ts';

const seed = Number(process.env.MODEL_SEED ?? 20_261_124);

/** Writes down each kind of difference, for who collects them. */
const report = process.env.MODEL_REPORT;

interface Kind {
	count: number;
	first: SettingsCase;
	detail: string;
}

/** Plays a case and says what does not balance. */
export async function judged(settings: SettingsCase): Promise<Difference[]> {
	return differencesOf(await play(settings));
}

/** @param usual how many cases, all together as many as are worth a minute and a half of CI's time */
export function modelled(title: string, weights: Weights, usual = 1_000): void {
	const cases = Number(process.env.MODEL_CASES ?? usual);
	test(
		`${title}: ${cases} cases of seed ${seed}`,
		async () => {
			const random = new Random(seed, title);
			const kinds = new Map<string, Kind>();
			const open = new Map<string, number>();
			const startMs = performance.now();
			let failing = 0;
			for (let number = 0; number < cases; number++) {
				const settings = generated(random, weights);
				const all = await judgedOrThrown(settings);
				const found = all.filter(({ kind }) => {
					const known = openDifference(settings, kind);
					if (known) open.set(known.what, (open.get(known.what) ?? 0) + 1);
					return !known;
				});
				if (found.length > 0) failing += 1;
				for (const { kind, detail } of uniqueKinds(found)) {
					const key = `${settings.operation}: ${kind}`;
					const known = kinds.get(key);
					if (!known) kinds.set(key, { count: 1, first: settings, detail });
					else known.count += 1;
				}
			}
			const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
			const lines = [
				`${title}: ${cases} cases of seed ${seed} in ${seconds} s, ${failing} with differences`,
			];
			for (const [what, count] of open) lines.push(`open: ${what} (${count})`);
			for (const [key, kind] of [...kinds].sort(([, a], [, b]) => b.count - a.count)) {
				const shortest = await simplest(kind.first, key.slice(key.indexOf(': ') + 2));
				lines.push(`${key} (${kind.count} cases)`);
				lines.push(`  ${shortest.detail.slice(0, 600)}`);
				lines.push(`  ${printed(shortest.settings)}`);
			}
			if (report) appendFileSync(report, `${lines.join('\n')}\n\n`);
			if (kinds.size > 0) throw new Error(lines.join('\n'));
			console.log(lines.join('\n'));
		},
		30 * 60_000,
	);
}

async function judgedOrThrown(settings: SettingsCase): Promise<Difference[]> {
	try {
		return await judged(settings);
	} catch (error) {
		return [{ kind: 'the case itself failed', detail: String((error as Error).stack) }];
	}
}

function uniqueKinds(found: Difference[]): Difference[] {
	return found.filter((one, index) => found.findIndex(({ kind }) => kind === one.kind) === index);
}

/** The case without all that is not needed for its difference. */
async function simplest(
	first: SettingsCase,
	kind: string,
): Promise<{ settings: SettingsCase; detail: string }> {
	let settings = first;
	let detail = '';
	let triesLeft = 120;
	search: while (true) {
		for (const candidate of simpler(settings)) {
			if (triesLeft-- <= 0) break search;
			const found = (await judgedOrThrown(candidate)).find((one) => one.kind === kind);
			if (!found) continue;
			settings = candidate;
			detail = found.detail;
			continue search;
		}
		break;
	}
	if (detail === '') {
		const found = (await judgedOrThrown(settings)).find((one) => one.kind === kind);
		detail = found?.detail ?? 'Not again, when it was played once more.';
	}
	return { settings, detail };
}
