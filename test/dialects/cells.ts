// What is promised of each operation in each dialect: complete, created once, success told as success, refusals told as
// refusals that name what can be named. Held against what the simulator has stored. Run by dialects.test.ts.
import { automatic, byId, mapped, type SimulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { caseFor, catalogue } from '../harness/catalogue.ts';
import { Editor } from '../harness/editorMethod.ts';
import { Poller } from '../harness/pollNode.ts';
import type { NodeResult } from '../harness/runNode.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';
import type { ApiRecord, Dialect } from '../simulator/start.ts';

/** A practice that speaks one dialect, and what is stored there. */
export class Scene {
	constructor(
		readonly practice: SimulatedPractice,
		readonly dialect: Dialect,
		readonly credential: StoredCredential,
	) {}

	async run(
		resource: string,
		operation: string,
		parameters: IDataObject = {},
		items?: IDataObject[],
	): Promise<NodeResult> {
		const whole = ['patient', 'order'].includes(resource) ? { simplify: false } : {};
		const more = { credential: this.credential, items };
		return await this.practice.run(resource, operation, { ...whole, ...parameters }, more);
	}

	/** What is stored, whatever is spoken. */
	async stored(path: string): Promise<ApiRecord[]> {
		return await this.practice.simulator.records(2, path);
	}

	/** The same as a caller reads it. */
	async answered(path: string): Promise<ApiRecord[]> {
		return await this.practice.simulator.answeredRecords(2, path);
	}

	/** What a resource's own id is called in this dialect. */
	idName(usual: string): string {
		const { idName } = this.dialect;
		if (idName === 'id') return 'id';
		return idName === 'long' && usual === 'pricetier_id' ? 'price_tier_id' : usual;
	}

	/** The API takes new records in lists alone, so that single ones are refused. */
	get takesListsOnly(): boolean {
		return this.dialect.bulkBody === 'listOnly';
	}

	/** A list under a name is what the user sets, once it is known. */
	get bulkOptions(): IDataObject {
		const { bulkBody, resources } = this.dialect;
		const named = (resources['/patients']?.path ?? '/patients').split('/').at(-1);
		const bodyKey = { named, records: 'records' }[bulkBody as 'named' | 'records'];
		return bodyKey === undefined ? {} : { options: { bodyKey } };
	}
}

/** Message and description as a user reads them. */
export function textOf({ error }: Pick<NodeResult, 'error'>): string {
	return error ? `${error.message}. ${error.description ?? ''}`.trim() : '';
}

/** Does the operation, and throws where a promise is broken. */
export type Cell = (scene: Scene) => Promise<void>;

const ann: IDataObject = { name_first: 'Ann', name_last: 'Lee', email: 'ann.lee@example.com' };
const priceTiers = '/configurations/pricetiers';

function patients(count: number): IDataObject[] {
	return Array.from({ length: count }, (_, index) => ({
		...{ name_first: 'Ann', name_last: `Number ${index}`, email: `number${index}@example.com` },
	}));
}

function byEmail(records: ApiRecord[]): ApiRecord[] {
	return records.toSorted((a, b) => (String(a.email) < String(b.email) ? -1 : 1));
}

/** Does it, with so many records more afterwards. Undefined where it is to be refused: that was told, and nothing done. */
async function adds(
	scene: Scene,
	{ path = '/patients', more = 1, refused }: { path?: string; more?: number; refused?: RegExp },
	run: () => Promise<NodeResult>,
): Promise<NodeResult | undefined> {
	const { length: before } = await scene.stored(path);
	const result = await run();
	if (refused) {
		expect(textOf(result)).toMatch(refused);
		// A refusal is no unknown outcome.
		expect(textOf(result)).not.toMatch(/unknown whether/i);
	} else expect(result.error).toBeUndefined();
	expect((await scene.stored(path)).length - before).toBe(refused ? 0 : more);
	return refused ? undefined : result;
}

/** Single records are refused where the API takes lists alone. */
function alone({ takesListsOnly }: Scene): { refused?: RegExp } {
	return takesListsOnly ? { refused: /array|list/ } : {};
}

/** As in everyOperation.test.ts: the catalogue's case, and what comes of it in this dialect. */
function asInCatalogue(resource: string, operation: string, more = 0): Cell {
	return async (scene) => {
		const row = catalogue.find((known) => known.resource === resource);
		if (!row) throw new Error(`There is no ${resource}.`);
		const newRecord = resource === 'patient' ? ann : row.newRecord;
		const idField = scene.idName(row.idField);
		const records = await scene.answered(row.path);
		const expected = caseFor(operation, { ...row, idField, newRecord }, records);
		const parameters = { ...expected.parameters, ...scene.bulkOptions };
		const run = async () => await scene.run(resource, operation, parameters, expected.items);
		const single = operation === 'create' ? alone(scene) : {};
		const result = await adds(scene, { path: row.path, more, ...single }, run);
		if (!result) return;
		// All that the API may tell of a new record is its id, or nothing.
		const { created, bulkCreated } = scene.dialect;
		const told = { create: created, createMany: bulkCreated }[operation] ?? 'data';
		expect(result.items.every(({ pairedItem }) => pairedItem !== undefined)).toBe(true);
		if (['empty', 'noContent', 'count'].includes(told)) return;
		const ids = (await scene.answered(row.path)).slice(records.length).map((one) => one[idField]);
		if (['id', 'ids', 'location'].includes(told)) {
			expect(result.records.map((record) => String(record[idField]))).toEqual(ids.map(String));
		} else expect(result.records).toEqual(expected.output);
	};
}

async function readsAll(scene: Scene): Promise<void> {
	const { error, records } = await scene.run('patient', 'getAll', { returnAll: true });
	expect(error).toBeUndefined();
	expect(byEmail(records)).toEqual(byEmail(await scene.answered('/patients')));
}

async function looksUp(scene: Scene): Promise<void> {
	const stored = await scene.stored('/patients');
	const name = String(stored[7].name_last);
	const by = [{ field: 'name_last', condition: 'is', value: ` ${name.toUpperCase()}` }];
	const { records } = await scene.run('patient', 'getAll', { returnAll: true, lookup: { by } });
	const answered = await scene.answered('/patients');
	const expected = answered.filter((_, index) => stored[index].name_last === name);
	expect(byEmail(records)).toEqual(byEmail(expected));
}

async function filters(scene: Scene): Promise<void> {
	const [, one] = await scene.answered('/patients');
	// A filter need not be a field.
	const isByPhone = scene.dialect.phoneField !== 'phone';
	const value = isByPhone ? { phone: one.phone_mobile } : { email: one.email };
	const parameters = { returnAll: true, filters: value as IDataObject };
	const { records, hints } = await scene.run('patient', 'getAll', parameters);
	expect([records, hints]).toEqual([[one], []]);
}

/** It is refused, or the user hears that it did nothing. */
async function filtersByUnknown(scene: Scene): Promise<void> {
	const custom = { parameter: [{ name: 'surname', value: 'Lee' }] };
	const parameters = { returnAll: true, filters: { custom } };
	const result = await scene.run('patient', 'getAll', parameters);
	expect(`${textOf(result)} ${result.hints.join()}`).toMatch(/surname|filter/i);
}

async function getsMissing(scene: Scene): Promise<void> {
	const [one] = await scene.answered('/patients');
	await scene.practice.simulator.deleteRecord(2, '/patients', 1001);
	const recordId = byId(String(one[scene.idName('patient_id')]));
	const refused = /found no|not (be )?found|no (such )?(patient|record)|does not exist/i;
	await adds(scene, { refused }, async () => await scene.run('patient', 'get', { recordId }));
}

async function createsRefused(scene: Scene): Promise<void> {
	const columns = mapped({ name_first: 'Ann', gender: 'X' });
	const refused = scene.takesListsOnly ? /array|list/ : /name_last|Last Name/;
	await adds(scene, { refused }, async () => await scene.run('patient', 'create', { columns }));
}

async function createsWithUnknownField(scene: Scene): Promise<void> {
	const columns = mapped({ ...ann, shoe_size: 43 });
	const refused = scene.dialect.unknownField === 'dropped' ? {} : { refused: /shoe_size/ };
	const run = async () => await scene.run('patient', 'create', { columns });
	await adds(scene, { ...refused, ...alone(scene) }, run);
}

async function createsManyRefused(scene: Scene): Promise<void> {
	const [good, ...others] = patients(3);
	const bad = others.map(({ email }) => ({ name_first: 'Ann', email, gender: 'X' }));
	const parameters = { columns: automatic, ...scene.bulkOptions };
	const isNameable = scene.dialect.bulkRefused !== 'alternatives';
	await adds(scene, { refused: isNameable ? /items? 2\b/i : /which|items/i }, async () => {
		const result = await scene.run('patient', 'createMany', parameters, [good, ...bad]);
		// Nobody is named who is not the reason.
		expect(textOf(result)).not.toMatch(/item 1\b/);
		return result;
	});
}

/** Over 100 kB together, which many servers do not take in one request. */
async function createsLargeBulk(scene: Scene): Promise<void> {
	const insurances = [1, 2, 3].map((priority) => ({ priority, payer: 'P'.repeat(90) }));
	const items = patients(400).map((item) => ({ ...item, insurances }));
	const parameters = { columns: automatic, ...scene.bulkOptions };
	const run = async () => await scene.run('patient', 'createMany', parameters, items);
	await adds(scene, { more: 400 }, run);
}

/** One that is there, and two rows of a new one. */
async function findsOrCreates(scene: Scene): Promise<void> {
	const [, { name_first, name_last, email }] = await scene.stored('/patients');
	const there = { name_first, name_last, email } as IDataObject;
	const items = [there, ann, { ...ann, name_first: 'Anna' }];
	const parameters = { columns: automatic, matchOn: ['email'] };
	const run = async () => await scene.run('patient', 'findOrCreate', parameters, items);
	const result = await adds(scene, alone(scene), run);
	if (!result) return;
	expect(result.records.map(({ _created }) => _created)).toEqual([false, true, false]);
	const [, found] = await scene.answered('/patients');
	expect(result.records[0]).toEqual({ ...found, _created: false });
}

/** One that is there and differs, one that is as it should be, and two rows of a new one. */
async function upserts(scene: Scene): Promise<void> {
	const [first, second] = await scene.stored(priceTiers);
	const items = [
		{ tier_name: second.tier_name, discount_percent: 33 },
		{ tier_name: first.tier_name, discount_percent: String(first.discount_percent) },
		{ tier_name: 'Club', discount_percent: 5 },
		{ tier_name: 'club', discount_percent: 5 },
	] as IDataObject[];
	const parameters = { columns: automatic, matchOn: ['tier_name'] };
	const run = async () => await scene.run('priceTier', 'upsert', parameters, items);
	const result = await adds(scene, { path: priceTiers, ...alone(scene) }, run);
	if (!result) return;
	const actions = result.records.map(({ _action }) => _action);
	expect(actions).toEqual(['updated', 'unchanged', 'created', 'unchanged']);
	expect((await scene.stored(priceTiers))[1].discount_percent).toBe(33);
	const [, changed] = await scene.answered(priceTiers);
	expect(result.records[0]).toEqual({ ...changed, _action: 'updated' });
}

async function createsOrder(scene: Scene): Promise<void> {
	const [, patient] = await scene.answered('/patients');
	const [store] = await scene.answered('/stores');
	const columns = mapped({
		patient_id: patient[scene.idName('patient_id')] as string,
		store_id: store[scene.idName('store_id')] as string,
		items: [{ item_type: 'frame', quantity: 1, unit_price: 120 }],
	});
	const run = async () => await scene.run('order', 'create', { columns });
	if (!(await adds(scene, { path: '/orders', ...alone(scene) }, run))) return;
	const [, { patient_id: wanted }] = await scene.stored('/patients');
	expect((await scene.stored('/orders')).at(-1)?.patient_id).toBe(wanted);
}

/** What is new or changed comes once, a replica that is behind or not. */
function watches(event: string, happens: (scene: Scene) => Promise<unknown>): Cell {
	return async (scene) => {
		const parameters = { resource: 'patient', event, simplify: false };
		const poller = new Poller({ credential: scene.credential, parameters });
		const polls = [await poller.poll()];
		const email = await happens(scene);
		polls.push(await poller.poll());
		const lagMs = Number(scene.dialect.replicaLagMs);
		if (lagMs > 0) await new Promise((resolve) => setTimeout(resolve, lagMs + 50));
		polls.push(await poller.poll(), await poller.poll());
		expect(polls.flatMap(({ error }) => error ?? [])).toEqual([]);
		const emails = polls.flatMap(({ records }) => records.map((record) => record.email));
		expect(emails).toEqual([email]);
	};
}

const watchesNew = watches('created', async ({ practice }) => {
	const { email } = await practice.simulator.addRecord(2, '/patients', { email: 'new@ex.com' });
	return email;
});

const watchesChanged = watches('changed', async (scene) => {
	const [, { patient_id: id, email }] = await scene.stored('/patients');
	const changes = { name_last: 'Otherwise' };
	await scene.practice.simulator.changeRecord(2, '/patients', Number(id), changes);
	return email;
});

async function listsInEditor(scene: Scene): Promise<void> {
	const editor = new Editor(scene.credential);
	const { results } = await editor.search({ resource: 'patient', operation: 'get' });
	const idName = scene.idName('patient_id');
	const ids = (await scene.answered('/patients')).map((record) => String(record[idName]));
	expect(results.length).toBeGreaterThanOrEqual(20);
	expect(results.filter(({ name }) => !/\p{L}+ \p{L}/u.test(name))).toEqual([]);
	expect(results.filter(({ value }) => !ids.includes(String(value)))).toEqual([]);
	const { fields } = await editor.columns({ resource: 'patient', operation: 'create' });
	const names = fields.map(({ id }) => id);
	expect(names).toEqual(expect.arrayContaining(['name_first', 'gender', 'preferred_store_id']));
	// No column of a wrapping.
	expect(names.filter((name) => ['patients', 'people'].includes(name))).toEqual([]);
	const sorts = await editor.sortFields({ resource: 'patient', operation: 'getAll' });
	const values = sorts.map(({ value }) => value);
	expect(values).toEqual(expect.arrayContaining(['create_date', idName]));
}

/** The API refuses one request in the middle for its rate limit. */
async function waitsForLimit(scene: Scene): Promise<void> {
	const fault = { kind: 'status', status: 429 } as const;
	await scene.practice.simulator.addFault({ match: { nth: 1 }, fault });
	await readsAll(scene);
	await scene.practice.simulator.addFault({ match: { method: 'POST' }, fault });
	await asInCatalogue('patient', 'createMany', 2)(scene);
}

export const cells: Record<string, Cell> = {
	'Get Many, Return All': readsAll,
	'Get Many, Look Up': looksUp,
	'Get Many, a filter': filters,
	'Get Many, an unknown filter': filtersByUnknown,
	Get: asInCatalogue('patient', 'get'),
	'Get, not there': getsMissing,
	Count: asInCatalogue('patient', 'count'),
	Create: asInCatalogue('patient', 'create', 1),
	'Create, refused': createsRefused,
	'Create, an unknown field': createsWithUnknownField,
	'Create Many': asInCatalogue('patient', 'createMany', 2),
	'Create Many, refused': createsManyRefused,
	'Create Many, over 100 kB': createsLargeBulk,
	'Find or Create': findsOrCreates,
	'Create or Update': upserts,
	'Create, with references': createsOrder,
	Update: asInCatalogue('priceTier', 'update'),
	Delete: asInCatalogue('priceTier', 'delete', -1),
	'Trigger, created': watchesNew,
	'Trigger, changed': watchesChanged,
	'Editor, lists': listsInEditor,
	'Rate limit': waitsForLimit,
};
