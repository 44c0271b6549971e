// The faults of a chaos run: faults, expiring tokens, changing data, limits and latency, at moments
// that the seed chooses. Started by chaos.ts.
import { setTimeout as wait } from 'node:timers/promises';
import { rateLimitHeaderStyles } from '../simulator/contract.ts';
import type { Fault, FaultRule, Simulator } from '../simulator/start.ts';
import type { Journal } from './journal.ts';
import type { Random } from '../harness/random.ts';

/** The limit that the credentials are told of; the simulator's is this or, at times, lower. */
export const rateLimit = { requestsPerMinute: 300, windowMs: 5_000 };

/** A page for people comes with this status, which nothing else has, so that the books can count it. */
export const htmlStatus = 203;

const patients = '/patients';
const shortestPauseMs = 250;
const longestPauseMs = 900;

const events = {
	fault: 55,
	addPatient: 8,
	deletePatient: 8,
	addWhileRead: 3,
	deleteWhileRead: 3,
	expireTokens: 4,
	tokenLifetime: 3,
	latency: 5,
	limit: 4,
	headers: 4,
};

type Event = keyof typeof events;

const faultKinds = {
	rateLimited: 12,
	status: 18,
	reset: 12,
	hang: 6,
	truncate: 10,
	html: 8,
	expireTokens: 4,
	redirect: 1,
};

export class FaultPlan {
	/** How often each thing was made to happen; a fault that no request met any more is in here too. */
	readonly made: Record<string, number> = {};

	private added = 0;
	private readonly usedPlaces = new Set<number>();
	private readonly simulator: Simulator;
	private readonly journal: Journal;
	private readonly random: Random;
	private readonly marker: string;

	/** `marker` starts the email of each patient that is added here. */
	constructor(parts: { simulator: Simulator; journal: Journal; random: Random; marker: string }) {
		this.simulator = parts.simulator;
		this.journal = parts.journal;
		this.random = parts.random;
		this.marker = parts.marker;
	}

	/** One thing after the other, until `signal` says that it is enough; then the fault plan clears up. */
	async run(signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			const event = this.random.weighted(events);
			this.made[event] = (this.made[event] ?? 0) + 1;
			await this.happen(event);
			const pauseMs = this.random.whole(shortestPauseMs, longestPauseMs);
			await wait(pauseMs, undefined, { signal }).catch(() => undefined);
		}
		await this.simulator.clearFaults();
		await this.simulator.configure({ rateLimit, latencyMs: 0, tokenLifetimeSeconds: 3_600 });
	}

	private async happen(event: Event): Promise<void> {
		const { simulator, random } = this;
		switch (event) {
			case 'fault':
				return await simulator.addFault(this.fault());
			case 'addPatient':
				return await this.addPatient();
			case 'deletePatient':
				return await this.deletePatient();
			case 'addWhileRead':
				return await simulator.addFault(this.addWhileRead());
			case 'deleteWhileRead':
				return await simulator.addFault(this.deleteWhileRead());
			case 'expireTokens':
				return await simulator.expireTokens();
			case 'tokenLifetime':
				return await this.configure({ tokenLifetimeSeconds: random.of([3, 8, 20, 3_600]) });
			case 'latency':
				return await this.configure({ latencyMs: random.of([0, 5, 20, 60]) });
			case 'limit':
				return await this.configure({
					rateLimit: { ...rateLimit, requestsPerMinute: random.of([120, 200, 300]) },
				});
			case 'headers':
				return await this.configure({ rateLimit: { headers: random.of(rateLimitHeaderStyles) } });
		}
	}

	private async configure(changes: Parameters<Simulator['configure']>[0]): Promise<void> {
		await this.simulator.configure(changes);
	}

	private fault(): FaultRule {
		const { random } = this;
		const kind = random.weighted(faultKinds);
		const method = random.of([undefined, undefined, 'GET', 'GET', 'POST', 'PATCH', 'DELETE']);
		const page = method === 'GET' && random.chance(0.5) ? random.whole(1, 12) : undefined;
		const match = {
			...(method !== undefined && { method }),
			...(page !== undefined && { page }),
			nth: random.whole(1, 3),
			times: random.whole(1, 2),
		};
		// A request that is refused for the limit, or sent elsewhere, was never worked on.
		const isBefore = kind === 'rateLimited' || kind === 'redirect' || random.chance(0.5);
		return { match, when: isBefore ? 'before' : 'after', fault: this.faultOf(kind) };
	}

	private faultOf(kind: keyof typeof faultKinds): Fault {
		const { random } = this;
		switch (kind) {
			case 'rateLimited':
				return {
					kind: 'status',
					status: 429,
					...(random.chance(0.3) && { headers: { 'Retry-After': '1' } }),
				};
			case 'status':
				return { kind, status: random.of([500, 502, 503]) };
			case 'html':
				return { kind, status: htmlStatus };
			case 'redirect':
				return { kind, location: `${this.simulator.authUrl}/elsewhere` };
			default:
				return { kind };
		}
	}

	/** An email that no patient has had. */
	private newEmail(): string {
		return `${this.marker}.added.${++this.added}@example.com`;
	}

	/** At the end of the list or, by an id that was free, in its midst. */
	private place(): { patient_id?: number } {
		const existing = this.random.of(this.journal.kept());
		const id = Number(existing.id) + 1;
		if (this.random.chance(0.5) || this.usedPlaces.has(id)) return {};
		this.usedPlaces.add(id);
		return { patient_id: id };
	}

	private async addPatient(): Promise<void> {
		const email = this.newEmail();
		this.journal.expect(email);
		const { practiceId } = this.simulator;
		const record = await this.simulator.addRecord(practiceId, patients, { email, ...this.place() });
		this.journal.confirm(email, Number(record.patient_id));
	}

	private async deletePatient(): Promise<void> {
		const life = this.random.of(this.journal.deletable());
		life.threatenedMs = Date.now();
		const { practiceId } = this.simulator;
		await this.simulator.deleteRecord(practiceId, patients, { id: Number(life.id) });
		life.goneMs = Date.now();
	}

	/** At which request it comes, and so when, only the simulator knows. */
	private addWhileRead(): FaultRule {
		const email = this.newEmail();
		this.journal.expect(email);
		const fault: Fault = { kind: 'addRecord', path: patients, record: { email } };
		return { ...this.whileRead(), fault };
	}

	/** Not what a job created: whether that exists must be known at the end. */
	private deleteWhileRead(): FaultRule {
		const others = this.journal.deletable().filter(({ email }) => !email.startsWith(this.marker));
		const life = this.random.of(others);
		life.threatenedMs = Date.now();
		const fault: Fault = { kind: 'deleteRecord', path: patients, id: Number(life.id) };
		return { ...this.whileRead(), fault };
	}

	private whileRead(): Omit<FaultRule, 'fault'> {
		const match = { method: 'GET', path: '/patients$', page: this.random.whole(1, 12) };
		return { match, when: this.random.of(['before', 'after'] as const) };
	}
}
