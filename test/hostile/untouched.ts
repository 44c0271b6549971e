// What holds whatever was put in or answered: records or a sentence come out, the prototypes that all code shares are
// as they were, and nobody else's address was connected to. Called by the tests in this folder.
import { Socket } from 'node:net';
import { runInThisContext } from 'node:vm';

import type { NodeResult } from '../harness/runNode.ts';
import { complaintsAbout } from './sentence.ts';

/** Those of the tests' own realm, where the node runs, and those of Node.js's modules. */
const outer = runInThisContext(
	'[Object, Array, String, Number, Function, Promise, Map, Set, Error]',
) as Array<{ prototype: object }>;
const shared: object[] = [
	...[Object, Array, String, Number, Boolean, Function, Promise, Map, Set, Date, RegExp, Error],
	...outer,
].map(({ prototype }) => prototype);

/** Each of their properties, by its name. */
function allProperties(): Map<string, PropertyDescriptor | undefined> {
	const all = shared.flatMap((prototype, index) =>
		Reflect.ownKeys(prototype).map(
			(key) =>
				[
					`${index} ${prototype.constructor.name}.prototype.${String(key)}`,
					Object.getOwnPropertyDescriptor(prototype, key),
				] as const,
		),
	);
	return new Map(all);
}

const before = allProperties();

function changedPrototypes(): string[] {
	const now = allProperties();
	return Array.from(new Set([...before.keys(), ...now.keys()])).filter((name) => {
		const [was, is] = [before.get(name), now.get(name)];
		return was?.value !== is?.value || was?.get !== is?.get || was?.set !== is?.set;
	});
}

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
		expectUntouched(result: NodeResult, known: string[], secrets: string[]) {
			const hosts = known.map((url) => new URL(url).host);
			expect(opened.filter((address) => !hosts.includes(address))).toEqual([]);
			expect(changedPrototypes()).toEqual([]);
			expect(complaintsAbout(result, secrets)).toEqual([]);
		},
	};
}

/** net.connect hands its arguments on as one list, others give them as they are. */
function addressOf(given: unknown[]): string {
	const [first, second] = Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
	if (typeof first === 'object' && first !== null) {
		const { host, port, path } = first as { host?: string; port?: unknown; path?: string };
		const isPath = path !== undefined && port === undefined;
		return isPath ? `path ${path}` : `${host ?? 'localhost'}:${String(port)}`;
	}
	return `${typeof second === 'string' ? second : 'localhost'}:${String(first)}`;
}
