// The operations of the table, each with what is promised of it: complete, created once, success told as
// success, refusals told as refusals that name what can be named. Checked against what the simulator has
// stored, never against what the node's code does. Run by runCells.ts in each dialect.
import { automatic, byId, mapped } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { Editor } from '../harness/editorMethod.ts';
import { Poller } from '../harness/pollNode.ts';
import type { NodeResult } from '../harness/runNode.ts';
import { byField, same, textOf, type Scene } from './scene.ts';

/** Does the operation, notes broken promises in the scene, and says in a few words what came out. */
export type Cell = (scene: Scene) => Promise<string>;

const ann: IDataObject = { name_first: 'Ann', name_last: 'Lee', email: 'ann.lee@example.com' };
const priceTiers = '/configurations/pricetiers';

function patients(count: number): IDataObject[] {
	return Array.from({ length: count }, (_, index) => ({
		...{ name_first: 'Ann', name_last: `Number ${index}`, email: `number${index}@example.com` },
	}));
}

function said({ error, hints, items }: NodeResult, otherwise = `${items.length} items`): string {
	return error ? textOf(error) : [otherwise, ...hints].join(' · ');
}

/** A refusal is no unknown outcome: nothing was done, and the user is told so. */
function promiseRefusal(scene: Scene, { error }: NodeResult, naming: RegExp): void {
	scene.promise(error !== undefined, 'a refusal is told as one');
	if (!error) return;
	scene.promise(
		!/unknown whether/i.test(textOf(error)),
		'a refusal is not told as an unknown outcome',
	);
	scene.promise(naming.test(textOf(error)), `what was refused is named: ${String(naming)}`);
}

async function promiseCreated(scene: Scene, before: number, count: number, path = '/patients') {
	const stored = (await scene.stored(path)).length;
	scene.promise(
		stored === before + count,
		`${count} created once; there are ${stored - before} more`,
	);
}

function promiseNoError(scene: Scene, { error }: NodeResult): void {
	scene.promise(error === undefined, 'success is told as success');
}

/** A list under a name is what the user sets, once it is known. */
function bulkOptions({ dialect }: Scene): IDataObject {
	if (dialect.bulkBody === 'named') {
		const path = dialect.resources['/patients']?.path ?? '/patients';
		return { options: { bodyKey: path.split('/').at(-1) } };
	}
	return dialect.bulkBody === 'records' ? { options: { bodyKey: 'records' } } : {};
}

async function readsAll(scene: Scene): Promise<string> {
	const result = await scene.run('patient', 'getAll', { returnAll: true });
	promiseNoError(scene, result);
	const answered = byField(await scene.answered('/patients'), 'email');
	scene.promise(
		same(byField(result.records, 'email'), answered),
		`all ${answered.length} records, as the API has them`,
	);
	return said(result, `${result.records.length} of ${answered.length} records`);
}

async function readsSome(scene: Scene): Promise<string> {
	const sort = { by: [{ field: 'name_last', direction: 'desc' }] };
	const result = await scene.run('patient', 'getAll', { returnAll: false, limit: 7, sort });
	promiseNoError(scene, result);
	const last = (await scene.stored('/patients')).map(({ name_last }) => String(name_last));
	const expected = last.toSorted().reverse().slice(0, 7);
	scene.promise(
		same(
			result.records.map(({ name_last }) => name_last),
			expected,
		),
		'the first 7',
	);
	return said(result, `${result.records.length} records`);
}

async function looksUp(scene: Scene): Promise<string> {
	const stored = await scene.stored('/patients');
	const name = String(stored[7].name_last);
	const by = [{ field: 'name_last', condition: 'is', value: ` ${name.toUpperCase()}` }];
	const result = await scene.run('patient', 'getAll', { returnAll: true, lookup: { by } });
	const { sortable } = scene.dialect.resources['/patients'] ?? {};
	if (sortable && !sortable.includes('name_last')) {
		promiseRefusal(scene, result, /sort/);
		return said(result);
	}
	promiseNoError(scene, result);
	const answered = await scene.answered('/patients');
	const expected = answered.filter((_, index) => stored[index].name_last === name);
	scene.promise(
		same(byField(result.records, 'email'), byField(expected, 'email')),
		`the ${expected.length} of that name, as the API has them`,
	);
	return said(result);
}

async function filters(scene: Scene): Promise<string> {
	const [, one] = await scene.answered('/patients');
	// A filter need not be a field.
	const isByPhone = scene.dialect.phoneField !== 'phone';
	const value = isByPhone ? { phone: one.phone_mobile } : { email: one.email };
	const result = await scene.run('patient', 'getAll', {
		...{ returnAll: true, filters: value as IDataObject },
	});
	promiseNoError(scene, result);
	scene.promise(same(result.records, [one]), 'the one record that the filter is for');
	scene.promise(result.hints.length === 0, 'no hint where the filter did what it is for');
	return said(result);
}

async function filtersByUnknown(scene: Scene): Promise<string> {
	const parameter = [{ name: 'surname', value: 'Lee' }];
	const result = await scene.run('patient', 'getAll', {
		...{ returnAll: true, filters: { custom: { parameter } } },
	});
	if (scene.dialect.unknownParameter === 'refused') promiseRefusal(scene, result, /surname/);
	else {
		scene.promise(
			result.error !== undefined || result.hints.some((hint) => /surname|filter/i.test(hint)),
			'an ignored filter is not passed over in silence',
		);
	}
	return said(result);
}

async function gets(scene: Scene): Promise<string> {
	const [, one] = await scene.answered('/patients');
	const id = one[scene.idName('/patients', 'patient_id')];
	const result = await scene.run('patient', 'get', { recordId: byId(id) });
	promiseNoError(scene, result);
	scene.promise(same(result.records, [one]), 'the record, by itself');
	return said(result);
}

async function getsMissing(scene: Scene): Promise<string> {
	const [one] = await scene.answered('/patients');
	const there = String(one[scene.idName('/patients', 'patient_id')]);
	await scene.practice.simulator.deleteRecord(2, '/patients', { position: 0 });
	const result = await scene.run('patient', 'get', { recordId: byId(there) });
	promiseRefusal(
		scene,
		result,
		/found no|not (be )?found|no (such )?(patient|record)|does not exist|is not there/i,
	);
	return said(result);
}

async function counts(scene: Scene): Promise<string> {
	const result = await scene.run('patient', 'count');
	promiseNoError(scene, result);
	const { length } = await scene.stored('/patients');
	scene.promise(same(result.records, [{ count: length }]), `the count, ${length}`);
	return said(result, JSON.stringify(result.records));
}

async function creates(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored('/patients');
	const result = await scene.run('patient', 'create', { columns: mapped(ann) });
	if (scene.dialect.bulkBody === 'listOnly') {
		promiseRefusal(scene, result, /array|list/);
		await promiseCreated(scene, before, 0);
		return said(result);
	}
	promiseNoError(scene, result);
	await promiseCreated(scene, before, 1);
	scene.promise(result.items.length === 1, 'one item');
	const record = (await scene.answered('/patients')).at(-1) ?? {};
	const idName = scene.idName('/patients', 'patient_id');
	const [first = {}] = result.records;
	const { created } = scene.dialect;
	if (created === 'id' || created === 'location') {
		const told = String(first[idName]) === String(record[idName]);
		scene.promise(told, 'the id that the API told');
	} else if (created !== 'empty' && created !== 'noContent') {
		scene.promise(same(first, record), 'the created record, by itself');
	}
	return said(result, JSON.stringify(Object.keys(first)));
}

async function createsRefused(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored('/patients');
	const columns = mapped({ name_first: 'Ann', gender: 'X' });
	const result = await scene.run('patient', 'create', { columns });
	const isOfList = scene.dialect.bulkBody === 'listOnly';
	promiseRefusal(scene, result, isOfList ? /array|list/ : /name_last|Last Name/);
	await promiseCreated(scene, before, 0);
	return said(result);
}

async function createsWithUnknownField(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored('/patients');
	const result = await scene.run('patient', 'create', {
		columns: mapped({ ...ann, shoe_size: 43 }),
	});
	if (scene.dialect.bulkBody === 'listOnly') promiseRefusal(scene, result, /array|list/);
	else if (scene.dialect.unknownField === 'refused') promiseRefusal(scene, result, /shoe_size/);
	else promiseNoError(scene, result);
	const isDropped = scene.dialect.unknownField === 'dropped';
	await promiseCreated(scene, before, isDropped && scene.dialect.bulkBody !== 'listOnly' ? 1 : 0);
	return said(result);
}

/** The answer is lost; without anything to filter by, the whole list is looked through. */
async function looksWhetherItExists(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored('/patients');
	await scene.practice.simulator.addFault({
		...{ when: 'after', match: { method: 'POST' }, fault: { kind: 'reset' } },
	});
	const { name_first, name_last } = ann;
	const result = await scene.run('patient', 'create', {
		...{ columns: mapped({ name_first, name_last }), options: { lookWhetherItExists: true } },
	});
	const isRefused = scene.dialect.bulkBody === 'listOnly';
	await promiseCreated(scene, before, isRefused ? 0 : 1);
	if (isRefused || Number(scene.dialect.replicaLagMs) > 0) {
		const isTold = /has no record.*look once more/is.test(textOf(result.error));
		scene.promise(isTold, 'that it is not there, or not yet');
		return said(result);
	}
	promiseNoError(scene, result);
	const record = (await scene.answered('/patients')).at(-1);
	scene.promise(same(result.records, [record]), 'the record that is there');
	return said(result);
}

async function createsMany(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored('/patients');
	const items = patients(3);
	const result = await scene.run(
		'patient',
		'createMany',
		{ columns: automatic, ...bulkOptions(scene) },
		{ items },
	);
	promiseNoError(scene, result);
	await promiseCreated(scene, before, 3);
	const created = (await scene.answered('/patients')).slice(before);
	const { bulkCreated } = scene.dialect;
	const paired = result.items.flatMap(({ pairedItem }) => pairedItem ?? []);
	scene.promise(paired.length === 3, 'every input item is paired with what came out');
	if (['data', 'bare', 'named'].includes(bulkCreated)) {
		scene.promise(same(result.records, created), 'the created records');
		scene.promise(
			same(paired, [{ item: 0 }, { item: 1 }, { item: 2 }]),
			'each paired with its item',
		);
	} else if (bulkCreated === 'ids') {
		const idName = scene.idName('/patients', 'patient_id');
		const ids = result.records.map((record) => String(record[idName]));
		scene.promise(
			same(
				ids,
				created.map((record) => String(record[idName])),
			),
			'the ids',
		);
	}
	return said(result);
}

async function createsManyRefused(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored('/patients');
	const items = patients(3).map((item, index) =>
		index === 0 ? item : { name_first: 'Ann', email: item.email, gender: 'X' },
	);
	const result = await scene.run(
		'patient',
		'createMany',
		{ columns: automatic, ...bulkOptions(scene) },
		{ items },
	);
	const isNameable = scene.dialect.bulkRefused !== 'alternatives';
	promiseRefusal(scene, result, isNameable ? /items? 2\b/i : /./);
	// Nobody is named who is not the reason.
	scene.promise(
		!/item 1\b/.test(textOf(result.error)),
		'the first item, which is good, is not named',
	);
	if (!isNameable) {
		scene.promise(/which|items/i.test(textOf(result.error)), 'that it is unknown which items');
	}
	await promiseCreated(scene, before, 0);
	return said(result);
}

/** Over 100 kB together, which many servers do not take in one request. */
async function createsLargeBulk(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored('/patients');
	const insurances = [1, 2, 3].map((priority) => ({ priority, payer: 'P'.repeat(90) }));
	const items = patients(400).map((item) => ({ ...item, insurances }));
	const result = await scene.run(
		'patient',
		'createMany',
		{ columns: automatic, ...bulkOptions(scene) },
		{ items },
	);
	promiseNoError(scene, result);
	await promiseCreated(scene, before, 400);
	return said(result);
}

async function findsOrCreates(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored('/patients');
	const [, there] = await scene.stored('/patients');
	const { name_first, name_last, email } = there as IDataObject;
	const items = [{ name_first, name_last, email }, ann, { ...ann, name_first: 'Anna' }];
	const result = await scene.run(
		'patient',
		'findOrCreate',
		{ columns: automatic, matchOn: ['email'] },
		{ items },
	);
	if (scene.dialect.bulkBody === 'listOnly') {
		promiseRefusal(scene, result, /array|list/);
		await promiseCreated(scene, before, 0);
		return said(result);
	}
	promiseNoError(scene, result);
	await promiseCreated(scene, before, 1);
	const created = result.records.map(({ _created }) => _created);
	scene.promise(same(created, [false, true, false]), 'found, created, found');
	const found = (await scene.answered('/patients'))[1];
	const { _created, ...first } = result.records[0] ?? {};
	scene.promise(same(first, found), `the record that was found (_created ${String(_created)})`);
	return said(result, JSON.stringify(created));
}

/** One that is there and differs, one that is as it should be, and two rows of a new one. */
async function upserts(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored(priceTiers);
	const [first, second] = await scene.stored(priceTiers);
	const items = [
		{ tier_name: second.tier_name, discount_percent: 33 },
		{ tier_name: first.tier_name, discount_percent: String(first.discount_percent) },
		{ tier_name: 'Club', discount_percent: 5 },
		{ tier_name: 'club', discount_percent: 5 },
	] as IDataObject[];
	const parameters = { columns: automatic, matchOn: ['tier_name'] };
	const result = await scene.run('priceTier', 'upsert', parameters, { items });
	if (scene.dialect.bulkBody === 'listOnly') {
		promiseRefusal(scene, result, /array|list/);
		await promiseCreated(scene, before, 0, priceTiers);
		return said(result);
	}
	promiseNoError(scene, result);
	await promiseCreated(scene, before, 1, priceTiers);
	const actions = result.records.map(({ _action }) => _action);
	scene.promise(
		same(actions, ['updated', 'unchanged', 'created', 'unchanged']),
		'updated, unchanged, created, unchanged',
	);
	const stored = await scene.stored(priceTiers);
	scene.promise(stored[1].discount_percent === 33, 'changed');
	const answered = (await scene.answered(priceTiers))[1];
	const { _action, ...changed } = result.records[0] ?? {};
	scene.promise(same(changed, answered), `the changed record (_action ${String(_action)})`);
	return said(result, JSON.stringify(actions));
}

async function createsOrder(scene: Scene): Promise<string> {
	const path = '/orders';
	const { length: before } = await scene.stored(path);
	const patientId = (await scene.answered('/patients'))[1][
		scene.idName('/patients', 'patient_id')
	] as string;
	const store_id = (await scene.answered('/stores'))[0][scene.idName('/stores', 'store_id')];
	const item = { item_type: 'frame', quantity: 1, unit_price: 120 };
	const result = await scene.run('order', 'create', {
		columns: mapped({ patient_id: patientId, store_id: store_id as string, items: [item] }),
	});
	if (scene.dialect.bulkBody === 'listOnly') {
		promiseRefusal(scene, result, /array|list/);
		await promiseCreated(scene, before, 0, path);
		return said(result);
	}
	promiseNoError(scene, result);
	await promiseCreated(scene, before, 1, path);
	const stored = (await scene.stored(path)).at(-1);
	const [, patient] = await scene.stored('/patients');
	scene.promise(stored?.patient_id === patient.patient_id, 'for the patient that it is for');
	return said(result);
}

async function updates(scene: Scene): Promise<string> {
	const one = (await scene.answered(priceTiers))[1];
	const recordId = byId(one[scene.idName(priceTiers, 'pricetier_id')]);
	const result = await scene.run('priceTier', 'update', {
		...{ recordId, columns: mapped({ discount_percent: 33 }) },
	});
	promiseNoError(scene, result);
	const stored = (await scene.stored(priceTiers))[1];
	scene.promise(stored.discount_percent === 33, 'changed');
	scene.promise(same(result.records, [{ ...one, discount_percent: 33 }]), 'the changed record');
	return said(result);
}

async function deletes(scene: Scene): Promise<string> {
	const { length: before } = await scene.stored(priceTiers);
	const idName = scene.idName(priceTiers, 'pricetier_id');
	const id = (await scene.answered(priceTiers))[1][idName];
	const result = await scene.run('priceTier', 'delete', { recordId: byId(id) });
	promiseNoError(scene, result);
	await promiseCreated(scene, before, -1, priceTiers);
	const [{ deleted, ...ids } = {}] = result.records;
	scene.promise(deleted === true, 'deleted: true');
	const named = Object.entries(ids).map(([name, value]) => [name, String(value)]);
	scene.promise(same(named, [[idName, String(id)]]), "the id that was deleted, by the API's name");
	return said(result, JSON.stringify(result.records[0]));
}

function pollerOf({ credential }: Scene, event: string): Poller {
	const parameters = { resource: 'patient', event, simplify: false };
	return new Poller({ credential, parameters });
}

function tells({ error, records }: Awaited<ReturnType<Poller['poll']>>): string {
	return error ? textOf(error) : `${records.length} new`;
}

async function watchesNew(scene: Scene): Promise<string> {
	const poller = pollerOf(scene, 'created');
	const polls = [await poller.poll()];
	await scene.practice.simulator.addRecord(2, '/patients', { email: 'new@example.com' });
	polls.push(await poller.poll());
	const lagMs = Number(scene.dialect.replicaLagMs);
	if (lagMs > 0) {
		await new Promise((resolve) => setTimeout(resolve, lagMs + 50));
		polls.push(await poller.poll());
	}
	polls.push(await poller.poll());
	const emails = polls.flatMap(({ records }) => records.map(({ email }) => email));
	scene.promise(
		polls.every(({ error }) => error === undefined),
		'a poll is told as success',
	);
	scene.promise(same(emails, ['new@example.com']), 'the new record, once');
	return polls.map(tells).join(', ');
}

async function watchesChanged(scene: Scene): Promise<string> {
	const poller = pollerOf(scene, 'changed');
	const polls = [await poller.poll()];
	const [, one] = await scene.stored('/patients');
	const changes = { name_last: 'Otherwise' };
	await scene.practice.simulator.changeRecord(2, '/patients', Number(one.patient_id), changes);
	polls.push(await poller.poll(), await poller.poll());
	const emails = polls.flatMap(({ records }) => records.map(({ email }) => email));
	scene.promise(
		polls.every(({ error }) => error === undefined),
		'a poll is told as success',
	);
	scene.promise(same(emails, [one.email]), 'the changed record, once');
	return polls.map(tells).join(', ');
}

async function listsInEditor(scene: Scene): Promise<string> {
	const editor = new Editor(scene.credential);
	const form = { resource: 'patient', operation: 'get' };
	const { results } = await editor.search(form);
	const answered = await scene.answered('/patients');
	const idName = scene.idName('/patients', 'patient_id');
	const ids = new Set(answered.map((record) => String(record[idName])));
	const known = results.filter(({ value }) => ids.has(String(value)));
	scene.promise(results.length >= 20, 'a page of records to pick from');
	scene.promise(known.length === results.length, 'each with the id that it is read by');
	scene.promise(
		results.every(({ name }) => /\p{L}+ \p{L}/u.test(name)),
		'each with a name',
	);

	const { fields } = await editor.columns({ resource: 'patient', operation: 'create' });
	const names = fields.map(({ id }) => id);
	for (const name of ['name_first', 'gender', 'preferred_store_id']) {
		scene.promise(names.includes(name), `a column ${name}`);
	}
	scene.promise(
		!names.includes('patients') && !names.includes('people'),
		'no column of a wrapping',
	);
	const sorts = (await editor.sortFields({ resource: 'patient', operation: 'getAll' })).map(
		({ value }) => value,
	);
	scene.promise(sorts.includes('create_date') && sorts.includes(idName), 'what to sort by');
	return `${results.length} records, ${names.length} columns, ${sorts.length} to sort by`;
}

/** The API refuses one request in the middle for its rate limit. */
async function waitsForLimit(scene: Scene): Promise<string> {
	const { simulator } = scene.practice;
	await simulator.addFault({ match: { nth: 1 }, fault: { kind: 'status', status: 429 } });
	const read = await readsAll(scene);
	const { length: before } = await scene.stored('/patients');
	await simulator.addFault({
		...{ match: { method: 'POST' }, fault: { kind: 'status', status: 429 } },
	});
	const result = await scene.run(
		'patient',
		'createMany',
		{ columns: automatic, ...bulkOptions(scene) },
		{ items: patients(1) },
	);
	promiseNoError(scene, result);
	await promiseCreated(scene, before, 1);
	return `${read}; ${said(result)}`;
}

/** The columns of the table, in its order. */
export const cells: Record<string, Cell> = {
	'Get Many, Return All': readsAll,
	'Get Many, Limit and Sort': readsSome,
	'Get Many, Look Up': looksUp,
	'Get Many, a filter': filters,
	'Get Many, an unknown filter': filtersByUnknown,
	Get: gets,
	'Get, not there': getsMissing,
	Count: counts,
	Create: creates,
	'Create, looked for': looksWhetherItExists,
	'Create, refused': createsRefused,
	'Create, an unknown field': createsWithUnknownField,
	'Create Many': createsMany,
	'Create Many, refused': createsManyRefused,
	'Create Many, over 100 kB': createsLargeBulk,
	'Find or Create': findsOrCreates,
	'Create or Update': upserts,
	'Create, with references': createsOrder,
	Update: updates,
	Delete: deletes,
	'Trigger, created': watchesNew,
	'Trigger, changed': watchesChanged,
	'Editor, lists': listsInEditor,
	'Rate limit': waitsForLimit,
};
