// The trigger over many polls in a practice where records appear in bursts, late, with equal or wrong
// times, under ids that may not grow, and are deleted meanwhile: each comes exactly once.
import { Random } from '../harness/random.ts';
import { fakeClock } from '../harness/fastTime.ts';
import { simulatedTrigger, type SimulatedTrigger } from '../harness/simulatedTrigger.ts';

import type { IDataObject } from 'n8n-workflow';

const POLLS = 120;
/** One that comes late while others are deleted may be found as late as this. */
const QUIET_POLLS = 20;
const RECORDS = 1_000;
const MINUTE_MS = 60_000;
const trigger = simulatedTrigger({ resource: 'patient', path: '/patients' }, { patients: 300 });

/** Adds, over the polls, so many records in bursts; deletes some of those that were there. */
class Practice {
	/** Ids of records that have to be handed on. */
	readonly expected = new Set<number>();
	/** Ids of those that were. */
	readonly delivered = new Set<number>();
	private readonly random: Random;
	private readonly idsGrow: boolean;
	private added = 0;
	private there: number[] = [];

	constructor(seed: number, idsGrow: boolean) {
		this.random = new Random(seed, 'trigger');
		this.idsGrow = idsGrow;
	}

	async begin(): Promise<void> {
		const patients = await trigger.practice.simulator.records(2, '/patients');
		this.there = patients.map(({ patient_id }) => Number(patient_id));
	}

	/** What happens in the minute before a poll. */
	async minute(poll: number): Promise<void> {
		const rest = RECORDS - this.added;
		const burst = this.random.chance(0.05) ? this.random.whole(60, 160) : this.random.whole(0, 8);
		const count = poll === POLLS - 1 ? rest : Math.min(rest, burst);
		const fresh: number[] = [];
		for (let index = 0; index < count; index++) fresh.push(await this.add(poll));
		const old = this.there.length;
		for (let index = this.random.whole(0, 3); index > 0; index--) {
			const [gone] = this.there.splice(this.random.whole(0, old - 3 - index), 1);
			await trigger.remove(gone);
			if (!this.delivered.has(gone)) this.expected.delete(gone);
		}
		// One that comes and goes between two polls is nobody's to see.
		if (fresh.length > 2 && this.random.chance(0.3)) await trigger.remove(fresh.pop() ?? 0);
		for (const id of fresh) this.expected.add(id);
		this.there.push(...fresh);
	}

	private async add(poll: number): Promise<number> {
		this.added++;
		const [isLate, isAhead] = [this.random.chance(0.1), this.random.chance(0.05)];
		const offMinutes = isLate ? -this.random.whole(1, 55) : isAhead ? this.random.whole(1, 10) : 0;
		// Whole minutes, so that many share the very same time.
		const dateMs = Date.UTC(2030, 0, 1, 8) + (poll + offMinutes) * MINUTE_MS;
		const create_date = new Date(dateMs).toISOString().slice(0, 19);
		const id = this.idsGrow ? {} : { patient_id: 1_000_000 - this.added * 7 };
		return Number((await trigger.add({ create_date, ...id })).patient_id);
	}
}

async function storm(
	seed: number,
	idsGrow: boolean,
	polled: ReturnType<SimulatedTrigger['poller']>,
) {
	const practice = new Practice(seed, idsGrow);
	await practice.begin();
	await polled.poll();
	const records: IDataObject[] = [];
	let requests = 0;
	for (let poll = 0; poll < POLLS + QUIET_POLLS; poll++) {
		if (poll < POLLS) await practice.minute(poll);
		const outcome = await trigger.counted(polled);
		expect(outcome.error).toBeUndefined();
		for (const record of outcome.records) {
			records.push(record);
			practice.delivered.add(Number(record.patient_id));
		}
		requests += outcome.requests;
		await fakeClock.sleep(MINUTE_MS);
	}
	return { records, requests, expected: practice.expected };
}

function expectEachOnce(records: IDataObject[], expected: Set<number>): void {
	const delivered = records.map(({ patient_id }) => Number(patient_id));
	const found = new Set(delivered);
	expect(Array.from(expected).filter((id) => !found.has(id))).toEqual([]);
	expect(delivered.filter((id) => !expected.has(id))).toEqual([]);
	expect(delivered).toHaveLength(expected.size);
}

test.each([
	['ids that grow', 1, true, []],
	['ids that don’t grow with time', 2, false, []],
	['ids that grow, and no creation date to sort by', 3, true, ['create_date']],
	['ids that don’t grow, and no creation date to sort by', 4, false, ['create_date']],
	['nothing to sort by but names', 5, false, ['create_date', 'patient_id']],
])(
	'1,000 records with %s: each exactly once',
	async (title, seed, idsGrow, refusedSorts) => {
		for (const field of refusedSorts) {
			await trigger.practice.simulator.refuseSort({ path: '/patients', field });
		}
		const polled = trigger.poller();
		const { records, requests, expected } = await storm(seed, idsGrow, polled);
		expectEachOnce(records, expected);
		expect(expected.size).toBeGreaterThan(900);
		console.log(
			`${title}: ${records.length} records by ${POLLS + QUIET_POLLS} polls with ${requests} requests; cursor ${polled.storedBytes} bytes`,
		);
	},
	60_000,
);
