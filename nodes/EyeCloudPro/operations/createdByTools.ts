// For AI agents: what is being created, was created a moment ago or in the same execution, or may have been
// created, all within an hour and through whatever operation. A model asks twice at once, again where a tool
// failed, with less, and through another tool. n8n gives a tool no execution that all its calls would share, so
// what is sent is what tells a repetition. Used by the operations that create.
import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import type { Answer } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { systemClock } from '../api/clock';
import { ApiError, CancelledError, isObject } from '../api/errors';
import { idFieldOf } from '../api/page';
import { patient } from '../catalogue/patient';
import { comparable, kindOf } from '../parameters/matching';
import { isNothing } from '../parameters/read';
import type { OperationRun } from '../parameters/run';
import { toCalendarDay, toPhoneDigits } from '../parameters/values';
import { isPossiblyDone } from './idempotency';

/** As long as a conversation may last in which a model asks for the same again. */
const KEPT_MS = 60 * 60_000;

/** Calls that a model makes at once arrive one after the other, and MCP clients try again. */
const MOMENT_MS = 60_000;

/** More than a client may send within that time at the documented limit. */
const MOST_KEPT = 10_000;

/** Of one record, whether it was sent alone or in a batch. */
interface Creation {
	/** Which client's records of which resource these are. */
	place: string;
	triedMs: number;
	executionId: string;
	traits: Traits;
	/** Until there is an answer: the records of the whole request. */
	underWay?: Promise<IDataObject[]>;
	/** Whether the request holds this record alone. */
	isAlone: boolean;
	/** What is known of the record then: its ID alone, so that nothing of a patient stays in memory. */
	id?: IDataObject;
	/** Instead, that it is unknown whether it was created. */
	unknown?: ApiError;
}

/** By a hash of what was sent, or of what Find or Create matched on; the oldest first. */
const creations = new Map<string, Creation>();

/** Some records of a batch are known from before, so that nothing of it was sent. */
export class KnownBefore extends Error {
	/** @param named what is known, by the record's place in the batch */
	constructor(readonly named: Map<number, string[]>) {
		super('Some records of the batch are known from before');
	}
}

/**
 * Sends a creation. As a tool, no record is sent while it is under way, nor again within a minute, nor within an
 * hour in the same execution or where its outcome is unknown: `run.toolNotes` then says that it was repeated.
 *
 * @param bodies the records of a batch, where the request is one
 * @param matchKey what Find or Create matches on, which means the same record whatever else is sent
 * @throws KnownBefore where only some of a batch are known
 * @throws whatever the request or the reading of its answer throws, and the same where the outcome is unknown
 */
export async function createOnce(
	run: OperationRun,
	request: ApiRequest,
	read: (answer: Answer) => Promise<IDataObject[]>,
	{ bodies = [request.body], matchKey }: { bodies?: unknown[]; matchKey?: string } = {},
): Promise<IDataObject[]> {
	const { client, functions } = run;
	const create = async () => await read(await client.request(request));
	if (!isAiTool(functions.getNode())) return await create();
	const place = placeOf(run);
	const executionId = functions.getExecutionId();
	const { url } = client.endpointOf(request);
	const wanted = bodies.map((body): Wanted => {
		const sent = JSON.stringify([client.identity, url, meaningOf(run, body)]);
		const keys = [sent, matchKey ?? []].flat().map(hashOf);
		return { keys, traits: traitsOf(run, body) };
	});
	forgetOld(systemClock.elapsedMs());
	const isAlone = bodies.length === 1;
	const waitedFor = wanted.flatMap(sameAs).find((creation) => creation.underWay);
	if (waitedFor) {
		const records = await waitedFor.underWay?.catch((thrown: unknown) => {
			if (isAlone && waitedFor.isAlone && !(thrown instanceof CancelledError)) throw thrown;
			// It failed for a reason of its own: another record, or a stopped execution. What is known now is looked at anew.
			return undefined;
		});
		if (records && isAlone && waitedFor.isAlone) return repeated(run, records);
		return await createOnce(run, request, read, { bodies, matchKey });
	}
	const nowMs = systemClock.elapsedMs();
	const unknown = Array.from(creations.values()).filter(
		(creation) => creation.unknown && creation.place === place,
	);
	const before = wanted.map((one) => {
		const same = sameAs(one);
		return (
			same.find((creation) => creation.unknown) ??
			same.find(
				(creation) =>
					creation.triedMs + MOMENT_MS > nowMs ||
					(executionId !== '' && creation.executionId === executionId),
			) ??
			unknown.find(({ traits }) => areAlike(traits, one.traits))
		);
	});
	const known = knownOfAll(before);
	if (known) return repeated(run, known);

	const underWayNow = create();
	const sent = wanted.map(({ keys, traits }): Creation => {
		const creation = { place, traits, triedMs: nowMs, executionId, underWay: underWayNow, isAlone };
		for (const key of keys) {
			creations.delete(key);
			creations.set(key, creation);
		}
		return creation;
	});
	return await underWayNow.then(
		(records) => {
			for (const [index, creation] of sent.entries()) {
				creation.underWay = undefined;
				creation.triedMs = systemClock.elapsedMs();
				creation.id = onlyId(records[index] ?? {}, run.resource.idFields);
			}
			return records;
		},
		(thrown: unknown): never => {
			const outcome = isPossiblyDone(thrown) ? unknownOf(thrown) : undefined;
			for (const [index, creation] of sent.entries()) {
				creation.underWay = undefined;
				creation.unknown = outcome;
				if (!outcome) for (const key of wanted[index].keys) creations.delete(key);
			}
			throw thrown;
		},
	);
}

/** After a change or deletion in the list, created records may be gone or be otherwise. */
export function forgetCreated(run: OperationRun): void {
	const place = placeOf(run);
	for (const [key, creation] of creations) {
		if (creation.id && creation.place === place) creations.delete(key);
	}
}

function placeOf({ client, resource }: OperationRun): string {
	return JSON.stringify([client.identity, resource.path]);
}

function repeated({ toolNotes }: OperationRun, records: IDataObject[]): IDataObject[] {
	toolNotes.isRepeated = true;
	return records;
}

function hashOf(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}

/** One record that is to be created. */
interface Wanted {
	keys: string[];
	traits: Traits;
}

function sameAs({ keys }: Wanted): Creation[] {
	return keys.flatMap((key) => creations.get(key) ?? []);
}

/**
 * The IDs of all records, where all were created; undefined where none is known.
 *
 * @throws what is known, where that is not all
 */
function knownOfAll(before: Array<Creation | undefined>): IDataObject[] | undefined {
	const ids = before.flatMap((creation) => (creation?.id ? [creation.id] : []));
	if (ids.length === before.length) return ids;
	const unknown = before.flatMap((creation) => creation?.unknown ?? []);
	if (unknown.length === before.length) throw unknown[0];
	if (ids.length + unknown.length === 0) return undefined;
	const named = new Map<number, string[]>();
	for (const [index, creation] of before.entries()) {
		if (creation) named.set(index, [sentenceOf(creation)]);
	}
	throw new KnownBefore(named);
}

function sentenceOf({ id = {}, unknown }: Creation): string {
	if (unknown) return 'it is unknown whether EyeCloud Pro created it before';
	const [name, value] = Object.entries(id)[0];
	return `it was created before${value === true ? '' : `, ${name} ${String(value)}`}`;
}

/** Hashes by which a patient is recognized, also where a model has left something out. */
type Traits = Record<'emails' | 'phones' | 'birthDates' | 'names', string[]>;

/** Of patients alone: two bookings with the same email are two. */
function traitsOf({ resource, functions }: OperationRun, body: unknown): Traits {
	const isPatient = resource.path.join('/') === patient.path.join('/');
	const texts = Object.entries(isPatient && isObject(body) ? body : {}).map(
		([name, value]) => [name.toLowerCase().replace(/[^a-z]/g, ''), value] as const,
	);
	const valuesOf = (names: RegExp, meant: (value: unknown) => string | undefined) =>
		texts.flatMap(([name, value]) => (names.test(name) ? (meant(value) ?? []) : []));
	const words = (value: unknown) => comparable('text', value, '') || undefined;
	const [first] = valuesOf(/^(namefirst|firstname)$/, words);
	const [last] = valuesOf(/^(namelast|lastname)$/, words);
	const hashes = (values: string[]) => values.map(hashOf);
	return {
		emails: hashes(valuesOf(/email/, words).filter((text) => text.includes('@'))),
		phones: hashes(valuesOf(/phone|mobile|cell/, (value) => toPhoneDigits(String(value)))),
		birthDates: hashes(
			valuesOf(/^(dob|birthdate|birthday|dateofbirth)$/, (value) =>
				toCalendarDay(value, functions.getTimezone()),
			),
		),
		names: first && last ? hashes([folded(`${first} ${last}`)]) : [],
	};
}

/** Without accents and signs. */
function folded(text: string): string {
	return text.normalize('NFKD').replace(/[^\p{L}\p{N} ]/gu, '');
}

/** Another email, phone or birth date is another patient; another name may be the same, written otherwise. */
function areAlike(one: Traits, other: Traits): boolean {
	const isShared = (trait: keyof Traits) => one[trait].some((hash) => other[trait].includes(hash));
	const isOther = (trait: keyof Traits) =>
		one[trait].length > 0 && other[trait].length > 0 && !isShared(trait);
	if (isOther('emails') || isOther('phones') || isOther('birthDates')) return false;
	return isShared('emails') || isShared('phones') || isShared('names');
}

/** Equal for bodies that mean the same to people, whatever their order, case and way of writing. */
function meaningOf(run: OperationRun, value: unknown, field = ''): unknown {
	if (Array.isArray(value)) return value.map((entry) => meaningOf(run, entry, field));
	if (!isObject(value)) {
		return comparable(kindOf(run.resource, field), value, run.functions.getTimezone());
	}
	return Object.keys(value)
		.filter((name) => !isNothing(value[name]))
		.sort()
		.map((name) => [name, meaningOf(run, value[name], name)]);
}

function onlyId(record: IDataObject, idFields: readonly string[]): IDataObject {
	const id = idFieldOf(record, idFields);
	return id === undefined ? { created: true } : { [id]: record[id] };
}

function unknownOf(thrown: unknown): ApiError {
	if (thrown instanceof ApiError) return thrown;
	return new ApiError('outcomeUnknown', 'It is unknown whether EyeCloud Pro created the record', {
		description:
			'The execution that sent it was stopped before there was an answer. It is not sent again, so that nothing is created twice. Look in EyeCloud Pro whether it is there.',
	});
}

function forgetOld(nowMs: number): void {
	for (const [key, { triedMs, underWay }] of creations) {
		if (underWay) continue;
		if (triedMs + KEPT_MS >= nowMs && creations.size <= MOST_KEPT) break;
		creations.delete(key);
	}
}
