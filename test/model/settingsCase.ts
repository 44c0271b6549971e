// A case of the model: one operation of the node, with all that stands beside it in n8n, and what befalls
// each of its items. Plain data, so that a failing case can be printed and pasted into a test. Made by
// chance in generate.ts, played in play.ts, judged in balance.ts.
import type { Crash } from '../harness/runNode.ts';
import type { ApiRecord } from '../simulator/start.ts';

export type Operation =
	| ('get' | 'getAll' | 'count' | 'update' | 'delete')
	| ('create' | 'createMany' | 'findOrCreate' | 'upsert');

export type ResourceName = 'patient' | 'frame' | 'priceTier';

/** An expression that gives nothing, in the three ways in which there is nothing. */
export type Nothing = 'undefined' | 'null' | 'blank';

export interface ItemFault {
	/**
	 * `refused`: 400, `limited`: 429, `expired`: the token is refused from this request on. The others leave
	 * the outcome unknown: `page` is a page for people with status 200.
	 */
	how: 'refused' | 'limited' | 'expired' | 'reset' | '500' | 'truncated' | 'page';
	/** The work is done all the same. */
	after?: true;
	/** How often, from the first time on; once unless said. */
	times?: number;
	/** Befalls the looking of Find or Create, not the creating. */
	inSearch?: true;
}

export interface CaseItem {
	/** Which person or record; below zero, of Find or Create, one that is there: -1 is the first. */
	who?: number;
	/** By expression; 999 is one that the credential may not use. Of items without one the case's. */
	practice?: 2 | 123 | 999 | Nothing;
	dryRun?: boolean | Nothing;
	/**
	 * In the parameter that counts, which is the id, the filter, the field to match on or a column: `throws`
	 * an expression that can't be resolved; `value` one that is of no use there; `refused` one that the API
	 * itself refuses for good.
	 */
	fails?: Nothing | 'throws' | 'value' | 'refused';
	fault?: ItemFault;
}

export interface SettingsCase {
	operation: Operation;
	resource: ResourceName;
	/** The items of each run of the node in one execution. */
	runs: CaseItem[][];
	onError?: 'continueRegularOutput' | 'continueErrorOutput';
	/** Retry On Fail with so many tries. */
	tries?: number;
	/** Started by a person, not by a trigger. */
	byHand?: true;
	/** Map Automatically, not each column by expression. */
	automatic?: true;
	/** One column has another value at each try. */
	varies?: true;
	matchOn?: Array<'email' | 'phone' | 'dob' | 'name_last' | 'sku'>;
	batchSize?: number;
	/** Where the practices of the items stand: in the option, unless in the credential. */
	practiceIn?: 'credential';
	/** The whole option is fixed. */
	practice?: 123;
	dryRun?: true;
	/** Executions of the same workflow with the same items at the same time. */
	atOnce?: number;
	/** So many nodes that are the same, each with all items. */
	nodes?: number;
	/** n8n's Retry button, once for each. */
	retries?: Array<{
		/** n8n was started again in between. */
		restarted?: true;
		/** Retry with the currently saved workflow. */
		loadWorkflow?: true;
	}>;
	/** n8n died during the first execution, after the node's work and before it could be stored. */
	killed?: Crash;
	/** In the second of its nodes, not the first. */
	killedInSecond?: true;
	/** The node before this one throws in the first execution. */
	failsBefore?: true;
}

/** What one item of one run is to do. */
export interface Work {
	run: number;
	item: number;
	of: CaseItem;
	/** Undefined where there is none to be had. */
	practice?: number;
	isDryRun: boolean;
	/** A word that stands in what is sent for this item alone. */
	marker: string;
	who: number;
	/** What the input item holds. */
	fields: ApiRecord;
	/** The id of the record that is to be read, changed or deleted. */
	recordId?: number;
	/** What the list is filtered by. */
	filter?: string;
}

export const practices = [2, 123] as const;

export function isNothing(value: unknown): value is Nothing {
	return value === 'undefined' || value === 'null' || value === 'blank';
}

export interface ResourceFacts {
	path: string;
	idField: string;
	/** Holds the marker. */
	markerField: string;
	types: Record<string, string>;
	fields: (marker: string, who: number) => ApiRecord;
	/** A value that the node must not send, and one that the API refuses. */
	wrong: { field: string; value: unknown };
	refused: { field: string; value: unknown };
	/** What lists are filtered by. */
	filter: string;
}

const tooLong = 'x'.repeat(101);

/** From the published endpoints and the simulator, not from the node. */
export const facts: Record<ResourceName, ResourceFacts> = {
	patient: {
		path: '/patients',
		idField: 'patient_id',
		markerField: 'name_first',
		types: { name_first: 'string', name_last: 'string', email: 'string', phone: 'string' },
		fields: (marker, who) => ({
			name_first: marker,
			name_last: `Quill${word(who)}`,
			email: `zoe.${word(who)}@example.com`,
			phone: String(5125551000 + who),
			dob: `${1950 + (who % 50)}-0${1 + (who % 9)}-1${who % 10}`,
		}),
		wrong: { field: 'dob', value: '2001-02-30' },
		refused: { field: 'name_last', value: tooLong },
		filter: 'email',
	},
	frame: {
		path: '/pricebooks/frames',
		idField: 'frame_id',
		markerField: 'description',
		types: { description: 'string', brand: 'string', sku: 'string', price: 'number' },
		fields: (marker, who) => ({
			description: marker,
			brand: 'Quillbrand',
			sku: `SKU-${word(who)}`,
			price: 100 + (who % 100),
		}),
		wrong: { field: 'price', value: 'cheap' },
		refused: { field: 'brand', value: tooLong },
		filter: 'sku',
	},
	priceTier: {
		path: '/configurations/pricetiers',
		idField: 'pricetier_id',
		markerField: 'tier_name',
		types: { tier_name: 'string', discount_percent: 'number' },
		fields: (marker, who) => ({ tier_name: marker, discount_percent: who % 50 }),
		wrong: { field: 'discount_percent', value: 'half' },
		refused: { field: 'discount_percent', value: 101 },
		filter: 'tier_name',
	},
};

/** A number in four letters, which no other text has by chance. */
export function word(number: number): string {
	const digits = (number + 4_000).toString(20).padStart(4, '0');
	return digits.replace(/./g, (digit) => 'bcdfghjklmnpqrstvwxz'[parseInt(digit, 20)]);
}

/** Looks for the record first. */
export function finds(operation: Operation): boolean {
	return operation === 'findOrCreate' || operation === 'upsert';
}

/** Items that are created go in one request, and share what befalls it. */
export function sendsBatches(operation: Operation): boolean {
	return operation === 'createMany' || operation === 'upsert';
}

/** What each item is to do, with the records as they are before. */
export function worksOf(settings: SettingsCase, before: Map<number, ApiRecord[]>): Work[] {
	const { operation, resource } = settings;
	const { fields, idField, filter } = facts[resource];
	const taken = new Map<number, number>();
	let number = 0;
	return settings.runs.flatMap((items, run) =>
		items.map((of, item): Work => {
			number += 1;
			const chosen = of.practice ?? settings.practice ?? 2;
			const practice = typeof chosen === 'number' ? chosen : undefined;
			const there = before.get(practice ?? 2) ?? before.get(2) ?? [];
			const next = taken.get(practice ?? 2) ?? 0;
			taken.set(practice ?? 2, next + 1);
			const who = of.who ?? number;
			const marker = `Zoltan${word(number)}`;
			const known = there[(who < 0 ? -1 - who : next) % Math.max(1, there.length)];
			const work: Work = {
				...{ run, item, of, practice, marker, who },
				isDryRun: of.dryRun === undefined ? settings.dryRun === true : of.dryRun === true,
				fields: fields(marker, Math.max(0, who)),
			};
			if (operation === 'get' || operation === 'update' || operation === 'delete') {
				work.recordId = of.fails === 'refused' ? 999_999 : Number(known?.[idField]);
			}
			if (operation === 'getAll' || operation === 'count') work.filter = String(known?.[filter]);
			if (finds(operation) && who < 0) {
				for (const name of settings.matchOn ?? []) work.fields[name] = known?.[name];
				if (operation === 'upsert') work.recordId = Number(known?.[idField]);
			}
			return work;
		}),
	);
}
