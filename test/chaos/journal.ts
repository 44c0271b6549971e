// What the chaos program knows of each patient: since when it may exist, since when it surely does, and
// the same of its end. From that follows what a list that was read meanwhile must hold. Filled by the
// fault plan and by the jobs, asked by the judges.
import type { ApiRecord } from '../simulator/start.ts';

/** Times by this process's clock, in milliseconds. A patient is known by its email, which is its own. */
export interface Life {
	email: string;
	/** Undefined until somebody was told. */
	id?: number;
	/** Before this it did not exist. */
	bornMs: number;
	/** From here on it surely existed. */
	sureMs: number;
	/** Until here nobody had begun to delete it. */
	threatenedMs: number;
	/** From here on it surely is gone. */
	goneMs: number;
	/** Never to be deleted, because a job counts on it. */
	isKept: boolean;
}

export interface Span {
	fromMs: number;
	toMs: number;
}

const never = Number.POSITIVE_INFINITY;

/** The first so many patients stay, for jobs that look for one. */
const keptPatients = 600;

export class Journal {
	private readonly lives = new Map<string, Life>();

	constructor(patients: ApiRecord[]) {
		for (const [index, { email, patient_id }] of patients.entries()) {
			const life = this.expect(String(email));
			life.bornMs = life.sureMs = Number.NEGATIVE_INFINITY;
			Object.assign(life, { id: Number(patient_id), isKept: index < keptPatients });
		}
	}

	/** From now on, a patient with this email may come into being. */
	expect(email: string): Life {
		const ends = { sureMs: never, threatenedMs: never, goneMs: never };
		const life: Life = { email, bornMs: Date.now(), ...ends, isKept: false };
		this.lives.set(email, life);
		return life;
	}

	/** Somebody was told that the patient exists. */
	confirm(email: string, id: number): void {
		const life = this.lives.get(email);
		if (life?.sureMs === never) Object.assign(life, { id, sureMs: Date.now() });
	}

	find(email: string): Life | undefined {
		return this.lives.get(email);
	}

	/** Patients that surely exist and that nobody deletes. */
	kept(): Life[] {
		return this.select((life) => life.isKept);
	}

	/** Patients that surely exist and may be deleted. */
	deletable(): Life[] {
		return this.select(
			(life) => !life.isKept && life.sureMs !== never && life.threatenedMs === never,
		);
	}

	/** All patients that existed from the beginning of the span to its end. */
	throughout({ fromMs, toMs }: Span): Life[] {
		return this.select((life) => life.sureMs <= fromMs && life.threatenedMs >= toMs);
	}

	/** All patients that may have existed at some moment of the span. */
	possibly({ fromMs, toMs }: Span): Life[] {
		return this.select((life) => life.bornMs <= toMs && life.goneMs >= fromMs);
	}

	private select(passes: (life: Life) => boolean): Life[] {
		return Array.from(this.lives.values()).filter(passes);
	}
}
