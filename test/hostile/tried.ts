// How often and with which seed the properties are tried, and the table of what came of it. Called by
// the tests in this folder. `HOSTILE_SEED` tries other inputs, `HOSTILE_RUNS` so many times as many.
import fc from 'fast-check';

const seed = Number(process.env.HOSTILE_SEED ?? 20_260_601);
const times = Number(process.env.HOSTILE_RUNS ?? 1);

/** So long may one try take, and all of a test: what hangs is told, however busy the machine is. */
const tryTimeoutMs = 120_000;
jest.setTimeout(900_000);

/** For `fc.assert`: the seed, and how many tries. */
export function tries(count: number): fc.Parameters<unknown> {
	return { seed, numRuns: Math.ceil(count * times), endOnFailure: true };
}

/** Rejects when the work takes longer than any try may. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		const say = () => reject(new Error(`It was not over after ${tryTimeoutMs} ms.`));
		timer = setTimeout(say, tryTimeoutMs);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}

/** Counts what came of the tries, by what was tried, and prints it when the file's tests are over. */
export function countedTries(title: string): (tried: string, outcome: string) => void {
	const counts = new Map<string, Map<string, number>>();
	afterAll(() => {
		const lines = Array.from(counts, ([tried, outcomes]) => {
			const texts = Array.from(outcomes, ([outcome, count]) => `${outcome} ${count}`);
			return `  ${tried}: ${texts.sort().join(', ')}`;
		});
		console.log([`${title} (seed ${seed}):`, ...lines].join('\n'));
	});
	return (tried, outcome) => {
		const outcomes = counts.get(tried) ?? new Map<string, number>();
		counts.set(tried, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
	};
}
