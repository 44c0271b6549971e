// For AI agents: what is being created, was created a moment ago or in the same execution, or may have been
// created, all within an hour and through whatever operation. A model asks twice at once, again where a tool
// failed, with less, and through another tool. n8n gives a tool no execution that all its calls would share, so
// what is sent is what tells a repetition. Used by the operations that create, and by those that
// change or delete what was created.
import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import type { Answer } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { systemClock } from '../api/clock';
import { ApiError, isObject } from '../api/errors';
import { idFieldOf } from '../api/page';
import { patient } from '../catalogue/patient';
import type { ValueKind } from '../catalogue/resource';
import { announceMaybeCreated } from '../parameters/concurrentCreates';
import { comparable, kindOf } from '../parameters/matching';
import { isNothing } from '../parameters/parameterValue';
import type { OperationRun } from '../parameters/run';
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
	/** By which a patient is recognized. */
	marks: Marks;
	/** Until there is an answer, however it is. */
	underWay?: Promise<void>;
	/** What is known of the record then: its ID alone, so that nothing of a patient stays in memory. */
	id?: IDataObject;
	/** Instead, that it is unknown whether it was created. */
	unknown?: ApiError;
}

/** Hashes of a patient's own; empty where a model has left them out. */
type Marks = Record<'emails' | 'phones' | 'birthDates' | 'names', string[]>;

/** One record that is to be created. */
type Wanted = Pick<Creation, 'marks'> & { keys: string[] };

/** By a hash of what was sent, or of what Find or Create matched on; the oldest first. */
const creations = new Map<string, Creation>();

/**
 * Sends a creation. As a tool, no record is sent while it is under way, nor again within a minute, nor within an
 * hour in the same execution or where its outcome is unknown: `run.toolNotes` then says that it was repeated.
 *
 * @param bodies the records of a batch, where the request is one
 * @param matchKey what Find or Create matches on, which means the same record whatever else is sent
 * @throws ApiError `invalidInput` where only some of a batch are known: nothing of it is sent
 * @throws whatever the request or the reading of its answer throws, and the same where the outcome is unknown
 */
export async function createOnce(
	run: OperationRun,
	request: ApiRequest,
	read: (answer: Answer) => Promise<IDataObject[]>,
	{ bodies = [request.body], matchKey }: { bodies?: unknown[]; matchKey?: string } = {},
): Promise<IDataObject[]> {
	const { client, functions } = run;
	const sendAndRead = async () => await read(await client.request(request));
	const create = async () =>
		await sendAndRead().catch((thrown: unknown): never => {
			for (const body of isPossiblyDone(thrown) ? bodies : []) {
				announceMaybeCreated(run, body as IDataObject);
			}
			throw thrown;
		});
	if (!isAiTool(functions.getNode())) return await create();
	const place = placeOf(run);
	const executionId = functions.getExecutionId();
	const { url } = client.endpointOf(request);
	const wanted = bodies.map((body): Wanted => {
		const sent = JSON.stringify([client.identity, url, meaningOf(run, body)]);
		return { keys: [sent, matchKey ?? []].flat().map(hashOf), marks: marksOf(run, body) };
	});
	let busy: Creation | undefined;
	do {
		await busy?.underWay;
		busy = wanted.flatMap(sameAs).find(({ underWay }) => underWay);
	} while (busy);

	const nowMs = systemClock.elapsedMs();
	forgetOld(nowMs);
	const unknown = Array.from(creations.values()).filter(
		(creation) => creation.unknown && creation.place === place,
	);
	const isRecent = ({ triedMs, executionId: by }: Creation) =>
		triedMs + MOMENT_MS > nowMs || (executionId !== '' && by === executionId);
	const before = wanted.map((one) => {
		const same = sameAs(one);
		const isAlike = ({ marks }: Creation) => areAlike(marks, one.marks);
		return same.find((each) => each.unknown) ?? same.find(isRecent) ?? unknown.find(isAlike);
	});
	const known = knownOfAll(before);
	if (known) {
		run.toolNotes.isRepeated = true;
		return known;
	}

	const creating = create();
	const sent = wanted.map(({ keys, marks }): Creation => {
		const creation = { place, triedMs: nowMs, executionId, marks };
		for (const key of keys) {
			creations.delete(key);
			creations.set(key, creation);
		}
		return creation;
	});
	const ended = creating.then(
		(records) => {
			for (const [index, creation] of sent.entries()) {
				creation.underWay = undefined;
				creation.triedMs = systemClock.elapsedMs();
				creation.id = onlyId(records[index] ?? {}, run.resource.idFields);
			}
		},
		(thrown: unknown) => {
			const outcome = isPossiblyDone(thrown) ? unknownOf(thrown) : undefined;
			for (const [index, creation] of sent.entries()) {
				creation.underWay = undefined;
				creation.unknown = outcome;
				if (!outcome) for (const key of wanted[index].keys) creations.delete(key);
			}
		},
	);
	for (const creation of sent) creation.underWay = ended;
	await ended;
	return await creating;
}

/** After a change or deletion: the record may be gone or be otherwise, and so may one whose ID can't be compared. */
export function forgetCreated(run: OperationRun, changedId: string): void {
	const place = placeOf(run);
	const isNumber = (id: string) => /^\d+$/.test(id);
	for (const [key, creation] of creations) {
		if (!creation.id || creation.place !== place) continue;
		const own = String(Object.values(creation.id)[0]).toLowerCase();
		const isSame = own === changedId.toLowerCase() || isNumber(own) !== isNumber(changedId);
		if (isSame) creations.delete(key);
	}
}

function placeOf({ client, resource }: OperationRun): string {
	return JSON.stringify([client.identity, resource.path]);
}

function hashOf(text: string): string {
	return createHash('sha256').update(text).digest('hex');
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
	const places = before.flatMap((creation, place) =>
		creation ? [`Record ${place + 1}: ${sentenceOf(creation)}.`] : [],
	);
	const were = places.length === 1 ? 'was' : 'were';
	throw new ApiError(
		'invalidInput',
		`${places.length} of these ${before.length} records ${were} sent before, so nothing was sent now`,
		{ description: `${places.join(' ')} Leave them out and run it again.` },
	);
}

function sentenceOf({ id = {}, unknown }: Creation): string {
	if (unknown) return 'it is unknown whether EyeCloud Pro created it';
	const [name, value] = Object.entries(id)[0];
	return `it was created${value === true ? '' : `, ${name} ${String(value)}`}`;
}

/** Of patients alone: two bookings with the same email are two. */
function marksOf({ resource, functions }: OperationRun, body: unknown): Marks {
	const isPatient = resource.path.join('/') === patient.path.join('/') && isObject(body);
	const entries = Object.entries(isPatient ? body : {});
	const valuesOf = (names: RegExp, kind: ValueKind) =>
		entries
			.filter(([name]) => names.test(name.toLowerCase().replace(/[^a-z]/g, '')))
			.map(([, value]) => comparable(kind, value, functions.getTimezone()))
			.filter((text) => text !== '');
	const [first, last] = [/^(namefirst|firstname)$/, /^(namelast|lastname)$/].map(
		(names) => valuesOf(names, 'text')[0],
	);
	// Without accents and signs.
	const name = `${first} ${last}`.normalize('NFKD').replace(/[^\p{L}\p{N} ]/gu, '');
	const emails = valuesOf(/email/, 'email').filter((text) => text.includes('@'));
	const phones = valuesOf(/phone|mobile|cell/, 'phone').filter((text) => /^\d{10}$/.test(text));
	const birthDates = valuesOf(/^(dob|birthdate|birthday|dateofbirth)$/, 'date');
	return {
		emails: emails.map(hashOf),
		phones: phones.map(hashOf),
		birthDates: birthDates.map(hashOf),
		names: first && last ? [hashOf(name)] : [],
	};
}

/** Another email, phone or birth date is another patient; another name may be the same, written otherwise. */
function areAlike(one: Marks, other: Marks): boolean {
	const isShared = (mark: keyof Marks) => one[mark].some((hash) => other[mark].includes(hash));
	const isOther = (mark: keyof Marks) =>
		one[mark].length > 0 && other[mark].length > 0 && !isShared(mark);
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
