// What no input and no answer may change or reach: the prototypes that all code shares, and every
// address but those of the API and its auth server. Called by the tests in this folder.
import { Socket } from 'node:net';
import { runInThisContext } from 'node:vm';

/** Those of the tests' own realm, where the node runs, and those of Node.js's modules. */
const outer = runInThisContext(
	'[Object, Array, String, Number, Function, Promise, Map, Set, Error]',
) as Array<{ prototype: object }>;
const shared: object[] = [
	...[Object, Array, String, Number, Boolean, Function, Promise, Map, Set, Date, RegExp, Error],
	...outer,
].map(({ prototype }) => prototype);

type Described = Map<PropertyKey, PropertyDescriptor | undefined>;

function describe(prototype: object): Described {
	const keys = Reflect.ownKeys(prototype);
	return new Map(keys.map((key) => [key, Object.getOwnPropertyDescriptor(prototype, key)]));
}

const before = shared.map(describe);

/** Each property of a shared prototype that was not there when this file was loaded, or was another. */
export function changedPrototypes(): string[] {
	return shared.flatMap((prototype, index) => {
		const now = describe(prototype);
		const keys = new Set([...before[index].keys(), ...now.keys()]);
		return Array.from(keys)
			.filter((key) => {
				const [was, is] = [before[index].get(key), now.get(key)];
				return was?.value !== is?.value || was?.get !== is?.get || was?.set !== is?.set;
			})
			.map((key) => `${prototype.constructor.name}.prototype.${String(key)}`);
	});
}

export interface ConnectionWatch {
	/** `host:port` of each connection that this process opened since the last call. */
	taken(): string[];
	stop(): void;
}

/** Writes down where this process connects to, whatever library does it. */
export function watchConnections(): ConnectionWatch {
	let opened: string[] = [];
	const original = Socket.prototype.connect;
	Socket.prototype.connect = function (this: Socket, ...given: unknown[]) {
		opened.push(addressOf(given));
		return (original as (...all: unknown[]) => Socket).apply(this, given);
	} as typeof original;
	return {
		taken() {
			const taken = opened;
			opened = [];
			return taken;
		},
		stop() {
			Socket.prototype.connect = original;
		},
	};
}

/** net.connect hands its arguments on as one list, others give them as they are. */
function addressOf(given: unknown[]): string {
	const [first, second] = Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
	if (typeof first === 'object' && first !== null) {
		const { host, port, path } = first as { host?: string; port?: unknown; path?: string };
		return path !== undefined && port === undefined
			? `path ${path}`
			: `${host ?? 'localhost'}:${String(port)}`;
	}
	return `${typeof second === 'string' ? second : 'localhost'}:${String(first)}`;
}
