// The model of n8n's settings: cases by chance, each played in n8n-core and judged by the simulator's books. A difference
// is made as simple as it gets. `MODEL_SEED` gives other cases, `MODEL_CASES` more of them.
import { play, simulated } from './play.ts';

import { Random } from '../harness/random.ts';
import { differencesOf, type Difference } from './balance.ts';
import { generated, type Weights } from './generate.ts';
import type { SettingsCase } from './settingsCase.ts';
import { simpler } from './simpler.ts';

const seed = Number(process.env.MODEL_SEED ?? 20_261_124);
const MOST_STEPS = 120;

simulated();

/** What does not balance, by kind. */
async function judged(settings: SettingsCase): Promise<Map<string, string>> {
	const found = await play(settings)
		.then(differencesOf)
		.catch((thrown: Error): Difference[] => [
			{ kind: 'the case itself failed', detail: String(thrown.stack) },
		]);
	const kinds = found.toReversed().map(({ kind, detail }): [string, string] => [kind, detail]);
	return new Map(kinds);
}

/** The case without all that is not needed for its difference. */
async function simplest(settings: SettingsCase, kind: string): Promise<SettingsCase> {
	let steps = 0;
	let simple = settings;
	for (let isSimpler = true; isSimpler; ) {
		isSimpler = false;
		for (const candidate of simpler(simple)) {
			if (steps++ > MOST_STEPS) return simple;
			if (!(await judged(candidate)).has(kind)) continue;
			[simple, isSimpler] = [candidate, true];
			break;
		}
	}
	return simple;
}

/** How many cases: together as many as are worth a minute and a half of CI's time. */
test.each<[string, Weights, number]>([
	['reading and changing', { get: 3, getAll: 2, count: 2, update: 4, delete: 3 }, 1_000],
	['creating', { create: 4, createMany: 3, findOrCreate: 4 }, 1_000],
	['creating or updating', { upsert: 1 }, 500],
])(
	`%s, seed ${seed}`,
	async (title, weights, usual) => {
		const cases = Number(process.env.MODEL_CASES ?? usual);
		const random = new Random(seed, title);
		const found = new Map<string, { count: number; settings: SettingsCase; detail: string }>();
		for (let number = 0; number < cases; number++) {
			const settings = generated(random, weights);
			for (const [kind, detail] of await judged(settings)) {
				const known = found.get(`${settings.operation}: ${kind}`);
				const count = (known?.count ?? 0) + 1;
				const first = known ?? { settings, detail };
				found.set(`${settings.operation}: ${kind}`, { ...first, count });
			}
		}
		const lines: string[] = [];
		for (const [key, { count, settings, detail }] of found) {
			const simple = await simplest(settings, key.slice(key.indexOf(': ') + 2));
			lines.push(
				`${key} (${count} cases)`,
				`  ${detail.slice(0, 600)}`,
				`  ${JSON.stringify(simple)}`,
			);
		}
		expect(lines.join('\n')).toBe('');
	},
	30 * 60_000,
);
