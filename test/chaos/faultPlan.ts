// What happens to the API in a chaos run: faults, expiring tokens, changing data, limits and latency, at moments that
// the seed chooses. Called by chaos.ts.
import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../harness/random.ts';
import { rateLimitHeaderStyles } from '../simulator/contract.ts';
import type { Fault, FaultRule, Simulator } from '../simulator/start.ts';
import type { Journal } from './journal.ts';

/** The limit that the credentials are told of; the simulator's is this or, at times, lower. */
export const rateLimit = { requestsPerMinute: 300, windowMs: 5_000 };

/** How often each comes. */
const eventWeights = {
	...{ fault: 55, addPatient: 8, deletePatient: 8, addWhileRead: 3, deleteWhileRead: 3 },
	...{ expireTokens: 4, tokenLifetime: 3, latency: 5, limit: 4, headers: 4 },
};

const faultWeights = {
	...{ rateLimited: 12, status: 18, reset: 12, hang: 6 },
	...{ truncate: 10, html: 8, expireTokens: 4, redirect: 1 },
};

/** One thing after the other, until `signal` says that it is enough; returns the emails of the patients that it added. */
export async function runFaultPlan(
	simulator: Simulator,
	journal: Journal,
	random: Random,
	signal: AbortSignal,
): Promise<Set<string>> {
	const { practiceId } = simulator;
	const path = '/patients';
	const usedIds = new Set<number>();
	const added = new Set<string>();

	const newLife = () => {
		const life = journal.expectNew();
		added.add(life.email);
		return life;
	};

	/** At the end of the list or, by an id that was free, in its midst. */
	const newPlace = (): { patient_id?: number } => {
		const id = Number(random.of(journal.kept()).id) + 1;
		if (random.chance(0.5) || usedIds.has(id)) return {};
		usedIds.add(id);
		return { patient_id: id };
	};

	/** At which request it comes, and so when, only the simulator knows. */
	const whileRead = async (fault: Fault) => {
		const match = { method: 'GET', path: '/patients$', page: random.whole(1, 12) };
		await simulator.addFault({ match, when: random.of(['before', 'after'] as const), fault });
	};

	const events: Record<keyof typeof eventWeights, () => Promise<unknown>> = {
		fault: async () => await simulator.addFault(faultRule(random, simulator)),
		async addPatient() {
			const life = newLife();
			const record = { email: life.email, ...newPlace() };
			const { patient_id } = await simulator.addRecord(practiceId, path, record);
			journal.confirm(life, Number(patient_id));
		},
		async deletePatient() {
			const life = random.of(journal.deletable());
			life.threatenedMs = Date.now();
			await simulator.deleteRecord(practiceId, path, Number(life.id));
			life.goneMs = Date.now();
		},
		addWhileRead: async () =>
			await whileRead({ kind: 'addRecord', path, record: { email: newLife().email } }),
		async deleteWhileRead() {
			// Not what a job created: whether that exists must be known at the end.
			const others = journal.deletable().filter(({ email }) => !email.startsWith(journal.marker));
			const life = random.of(others);
			life.threatenedMs = Date.now();
			await whileRead({ kind: 'deleteRecord', path, id: Number(life.id) });
		},
		expireTokens: async () => await simulator.expireTokens(),
		tokenLifetime: async () =>
			await simulator.configure({ tokenLifetimeSeconds: random.of([3, 8, 20, 3_600]) }),
		latency: async () => await simulator.configure({ latencyMs: random.of([0, 5, 20, 60]) }),
		async limit() {
			const requestsPerMinute = random.of([120, 200, 300]);
			await simulator.configure({ rateLimit: { ...rateLimit, requestsPerMinute } });
		},
		headers: async () =>
			await simulator.configure({ rateLimit: { headers: random.of(rateLimitHeaderStyles) } }),
	};

	while (!signal.aborted) {
		await events[random.weighted(eventWeights)]();
		await wait(random.whole(250, 900), undefined, { signal }).catch(() => undefined);
	}
	await simulator.clearFaults();
	await simulator.configure({ rateLimit, latencyMs: 0, tokenLifetimeSeconds: 3_600 });
	return added;
}

function faultRule(random: Random, { authUrl }: Simulator): FaultRule {
	const kind = random.weighted(faultWeights);
	const method = random.of([undefined, undefined, 'GET', 'GET', 'POST', 'PATCH', 'DELETE']);
	const page = method === 'GET' && random.chance(0.5) ? random.whole(1, 12) : undefined;
	const match = { method, page, nth: random.whole(1, 3), times: random.whole(1, 2) };
	// A request that is refused for the limit, or sent elsewhere, was never worked on.
	const isBefore = kind === 'rateLimited' || kind === 'redirect' || random.chance(0.5);
	const headers = random.chance(0.3) ? { headers: { 'Retry-After': '1' } } : {};
	const more: Partial<Record<keyof typeof faultWeights, Fault>> = {
		rateLimited: { kind: 'status', status: 429, ...headers },
		status: { kind: 'status', status: random.of([500, 502, 503]) },
		redirect: { kind: 'redirect', location: `${authUrl}/elsewhere` },
	};
	const fault = more[kind] ?? ({ kind } as Fault);
	return { match, when: isBefore ? 'before' : 'after', fault };
}
