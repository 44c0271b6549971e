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
	readonly lives: Life[];
	/** In the email of everything that this run creates, and nowhere else. */
	readonly marker: string;
	private lastNumber = 0;

	constructor(patients: ApiRecord[], marker: string) {
		this.marker = marker;
		const always = { bornMs: -never, sureMs: -never, threatenedMs: never, goneMs: never };
		this.lives = patients.map(({ email, patient_id }, index) => ({
			...{ ...always, email: String(email), id: Number(patient_id) },
			isKept: index < keptPatients,
		}));
	}

	/** From now on, a patient with an email that nobody has had may come into being. */
	expectNew(): Life {
		const email = `${this.marker}.${++this.lastNumber}@example.com`;
		const ends = { sureMs: never, threatenedMs: never, goneMs: never };
		const life: Life = { email, bornMs: Date.now(), ...ends, isKept: false };
		this.lives.push(life);
		return life;
	}

	/** Somebody was told that the patient exists. */
	confirm(life: Life, id: number): void {
		if (life.sureMs === never) Object.assign(life, { id, sureMs: Date.now() });
	}

	/** Patients that surely exist and that nobody deletes. */
	kept(): Life[] {
		return this.lives.filter((life) => life.isKept);
	}

	/** Patients that surely exist and may be deleted. */
	deletable(): Life[] {
		return this.lives.filter(
			(life) => !life.isKept && life.sureMs !== never && life.threatenedMs === never,
		);
	}

	/** All patients that existed from the beginning of the span to its end. */
	throughout({ fromMs, toMs }: Span): Life[] {
		return this.lives.filter((life) => life.sureMs <= fromMs && life.threatenedMs >= toMs);
	}

	/** All patients that may have existed at some moment of the span. */
	possibly({ fromMs, toMs }: Span): Life[] {
		return this.lives.filter((life) => life.bornMs <= toMs && life.goneMs >= fromMs);
	}
}
