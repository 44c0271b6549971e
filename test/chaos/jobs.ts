// The jobs of a chaos run, a node each: what it does, and what is wrong with what came out. Called by chaos.ts.
import { automaticColumns } from '../harness/eyeCloudPro.ts';
import type { Random } from '../harness/random.ts';
import type { NodeInWorkflow, OutputItem } from '../harness/startN8n.ts';
import type { Journal, Life, Span } from './journal.ts';

/** What a user was told of a patient that was to be created. */
export interface Claim {
	report: 'created' | 'unknown' | 'notCreated';
	id?: number;
}

export interface JobParts {
	journal: Journal;
	/** By email. */
	claims: Map<string, Claim>;
	random: Random;
}

export interface Job {
	parameters: Record<string, unknown>;
	settings: Partial<NodeInWorkflow>;
	inputItems?: Array<Record<string, unknown>>;
	/** Asked where n8n called the execution a success. */
	judge(items: OutputItem[], span: Span): string[];
}

/** Short, since some requests are never answered. */
const timeout = 3_000;

const retrying = { retryOnFail: true, maxTries: 3, waitBetweenTries: 300 };

/** By the operation; how often each comes, and what it is. */
export const jobs: Record<string, [weight: number, (parts: JobParts) => Job]> = {
	getAll: [4, returnAll],
	create: [5, (parts) => creating(parts, 'create', newPatients(parts, 3, 8))],
	createMany: [4, (parts) => creating(parts, 'createMany', newPatients(parts, 8, 30))],
	findOrCreate: [4, findOrCreate],
};

/** A list in the order of ids. */
function returnAll({ journal, random }: JobParts): Job {
	return {
		parameters: { operation: 'getAll', returnAll: true, options: { timeout } },
		settings: random.chance(0.3) ? retrying : {},
		judge(items, span) {
			const ids = items.map(({ json }) => Number(json.patient_id));
			const emails = new Set(items.map(({ json }) => String(json.email)));
			const possible = new Set(journal.possibly(span).map(({ email }) => email));
			const missing = journal.throughout(span).filter(({ email }) => !emails.has(email));
			const never = Array.from(emails).filter((email) => !possible.has(email));
			const isOrdered = ids.every((id, index) => index === 0 || id > ids[index - 1]);
			return [
				...(isOrdered ? [] : ['patients came twice, or in another order than that of their ids']),
				...missing.map(({ id }) => `missing: ${id}`),
				...never.map((email) => `there was none such: ${email}`),
			].slice(0, 5);
		},
	};
}

function newPatients({ journal, random }: JobParts, from: number, to: number): Life[] {
	return Array.from({ length: random.whole(from, to) }, () => journal.expectNew());
}

/** New patients, some of them twice, among some that exist. */
function findOrCreate(parts: JobParts): Job {
	const { random, journal } = parts;
	const fresh = newPatients(parts, 2, 5);
	const known = Array.from({ length: random.whole(1, 3) }, () => random.of(journal.kept()));
	const doubles = fresh.filter(() => random.chance(0.4));
	return creating(parts, 'findOrCreate', [...fresh, ...known, ...doubles]);
}

/** Each input item has its output item, which tells what became of it. */
function creating({ claims, journal, random }: JobParts, operation: string, lives: Life[]): Job {
	const batchSize = operation === 'createMany' ? { batchSize: random.of([0, 4, 7, 10]) } : {};
	return {
		parameters: {
			...{ operation, columns: automaticColumns, options: { timeout, ...batchSize } },
			...(operation === 'findOrCreate' && { matchOn: ['email'] }),
		},
		settings: { onError: 'continueRegularOutput', ...(random.chance(0.5) ? retrying : {}) },
		inputItems: lives.map(({ email }) => ({ name_first: 'Robin', name_last: 'Zq', email })),
		judge(items) {
			const isPaired = items.every(({ pairedItem: of }, index) => {
				return typeof of === 'object' && 'item' in of && of.item === index;
			});
			if (items.length !== lives.length || !isPaired) {
				return [`${lives.length} items went in, ${items.length} came out, or paired wrongly`];
			}
			return lives.flatMap((life, index) => {
				const claim = claimOf(items[index]);
				const known = claims.get(life.email);
				if (claim.id && life.id && claim.id !== life.id) {
					return [`told ${claim.id} instead of ${life.id} for ${life.email}`];
				}
				if (claim.id) journal.confirm(life, claim.id);
				// Several items may mean one patient: whoever was told most knows best.
				const isMore = known?.report === 'notCreated' || claim.report === 'created';
				if (!life.isKept && (!known || isMore)) claims.set(life.email, claim);
				return [];
			});
		},
	};
}

/** What Continue On Fail put in the place of a record; undefined where the item is a record. */
export function errorIn({ json, error }: OutputItem): string | undefined {
	return typeof json.error === 'string' ? json.error : error?.message;
}

function claimOf(item: OutputItem): Claim {
	const error = errorIn(item);
	if (error === undefined) return { report: 'created', id: Number(item.json.patient_id) };
	const isUnknown = /^It is unknown whether|^EyeCloud Pro answered without the records?$/;
	return { report: isUnknown.test(error) ? 'unknown' : 'notCreated' };
}
