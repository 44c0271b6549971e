// The model of n8n's settings: cases by chance, each played in n8n-core and judged by the simulator's books.
// `MODEL_SEED` gives other cases, `MODEL_CASES` more of them.
import { play, simulated } from './play.ts';

import { Random } from '../harness/random.ts';
import { differencesOf, type Difference } from './balance.ts';
import { generated, type Weights } from './generate.ts';

const seed = Number(process.env.MODEL_SEED ?? 20_261_124);

simulated();

/** How many cases: together as many as are worth a minute and a half of CI's time. */
test.each<[string, Weights, number]>([
	['reading and changing', { get: 3, getAll: 2, count: 2, update: 4, delete: 3 }, 1_000],
	['creating', { create: 4, createMany: 3, findOrCreate: 4 }, 1_000],
	['creating or updating', { upsert: 1 }, 500],
])(
	`%s, seed ${seed}`,
	async (title, weights, usual) => {
		const random = new Random(seed, title);
		/** By kind: the smallest case of it. */
		const found = new Map<string, { size: number; text: string }>();
		for (let left = Number(process.env.MODEL_CASES ?? usual); left > 0; left--) {
			const settings = generated(random, weights);
			const differences = await play(settings)
				.then(differencesOf)
				.catch((thrown: Error): Difference[] => [
					{ kind: 'the case itself failed', detail: String(thrown.stack) },
				]);
			const printed = JSON.stringify(settings);
			for (const { kind, detail } of differences) {
				const key = `${settings.operation}: ${kind}`;
				const size = found.get(key)?.size ?? Number.POSITIVE_INFINITY;
				const text = `${key}\n  ${detail}\n  ${printed}`;
				if (printed.length < size) found.set(key, { size: printed.length, text });
			}
		}
		expect(Array.from(found.values(), ({ text }) => text).join('\n')).toBe('');
	},
	30 * 60_000,
);
