// How often and with which seed the properties are tried. Called by the tests in this folder. `HOSTILE_SEED` tries
// other inputs, `HOSTILE_RUNS` so many times as many.
import type fc from 'fast-check';

const seed = Number(process.env.HOSTILE_SEED ?? 20_260_601);
const times = Number(process.env.HOSTILE_RUNS ?? 1);

/** What hangs is told, however busy the machine is. */
jest.setTimeout(900_000);

/** For `fc.assert`: the seed, and how many tries. */
export function tries(count: number): fc.Parameters<unknown> {
	return { seed, numRuns: Math.ceil(count * times), endOnFailure: true };
}
