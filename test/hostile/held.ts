// What holds whatever was put in or answered: records or a sentence come out, the prototypes that all code shares are
// as they were, and nobody else's address was connected to. Called by the tests in this folder, which try it with
// generated values: `HOSTILE_SEED` tries others, `HOSTILE_RUNS` so many times as many.
import fc from 'fast-check';
import { Socket } from 'node:net';
import { runInThisContext } from 'node:vm';

import type { NodeResult } from '../harness/runNode.ts';
import { complaintsAbout } from './sentence.ts';

/** What hangs is told, however busy the machine is. */
jest.setTimeout(900_000);

/** Holds for each of so many values. */
export async function property<T>(
	runs: number,
	arbitrary: fc.Arbitrary<T>,
	hold: (value: T) => Promise<unknown>,
): Promise<void> {
	const seed = Number(process.env.HOSTILE_SEED ?? 20_260_601);
	const numRuns = Math.ceil(runs * Number(process.env.HOSTILE_RUNS ?? 1));
	const each = fc.asyncProperty(arbitrary, async (value) => void (await hold(value)));
	await fc.assert(each, { seed, numRuns, endOnFailure: true });
}

const NAMES = '[Object, Array, String, Number, Function, Promise, Map, Set, Error]';
type Shared = Array<{ name: string; prototype: object }>;

/** Those of the tests' own realm, where the node runs, and those of Node.js's modules. */
const shared = [...(eval(NAMES) as Shared), ...(runInThisContext(NAMES) as Shared)];

/** Each property of their prototypes, with its value. */
function prototypes(): unknown[] {
	return shared.flatMap(({ name, prototype }) =>
		Reflect.ownKeys(prototype).flatMap((key) => {
			const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
			return [`${name}.${String(key)}`, value, get, set] as unknown[];
		}),
	);
}

const before = prototypes();

/** For a test file: watches where this process connects to, whatever library does it. */
export function watchedConnections() {
	let opened: string[] = [];
	const original = Socket.prototype.connect;
	beforeAll(() => {
		Socket.prototype.connect = function (this: Socket, ...given: unknown[]) {
			opened.push(addressOf(given));
			return (original as (...all: unknown[]) => Socket).apply(this, given);
		} as typeof original;
	});
	afterAll(() => {
		Socket.prototype.connect = original;
	});
	return {
		/** Forgets what was opened so far. */
		begin() {
			opened = [];
		},
		/** @param known the addresses that may be connected to */
		expectHeld(result: NodeResult, known: string[], secrets: string[]) {
			const hosts = known.map((url) => new URL(url).host);
			expect(opened.filter((address) => !hosts.includes(address))).toEqual([]);
			const now = prototypes();
			expect(now.filter((each, index) => !Object.is(each, before[index]))).toEqual([]);
			expect(complaintsAbout(result, secrets)).toEqual([]);
		},
	};
}

/** net.connect hands its arguments on as one list, others give them as they are. */
function addressOf(given: unknown[]): string {
	const [to] = Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
	const { host, port, path } = to as { host?: string; port?: unknown; path?: string };
	return port === undefined ? `path ${path ?? String(to)}` : `${host}:${String(port)}`;
}
