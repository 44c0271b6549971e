// The example that copies all tables into a warehouse, in a real n8n with a real PostgreSQL: the database is what
// EyeCloud Pro has, night after night. In this folder, as it needs PostgreSQL.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRig, type Rig } from '../harness/realN8n.ts';
import type { Execution } from '../harness/startN8n.ts';
import { readExample } from '../n8n/example.ts';
import { ExampleRunner, itemsAt } from '../n8n/runExample.ts';
import type { ApiRecord, Fault } from '../simulator/start.ts';
import { postgresFolder, startPostgres, type Server } from './servers.ts';

jest.setTimeout(300_000);

const execute = promisify(execFile);
const name = 'all-tables-into-a-warehouse';
const refused: Fault = { kind: 'status', status: 403, body: { message: 'Not now.' } };

interface Table {
	table: string;
	path: string;
	idField: string;
	changedField: string;
}

interface Row {
	id: string;
	record: ApiRecord;
	isGone: boolean;
	/** Of the transaction that wrote it. */
	writtenBy: string;
}

let rig: Rig;
let database: Server;
let runner: ExampleRunner;
let tables: Table[];

beforeAll(async () => {
	[rig, database] = await Promise.all([startRig(), startPostgres()]);
	const credential = await rig.saveCredential(rig.simulator.clients.group);
	runner = new ExampleRunner(rig, credential);
	const settings = readExample(name).nodes.find((node) => node.name === 'Settings');
	const { assignments } = settings?.parameters.assignments as {
		assignments: Array<{ name: string; value: string }>;
	};
	tables = JSON.parse(assignments[0].value) as Table[];
});

afterAll(async () => {
	await Promise.all([rig?.stop(), database?.stop()]);
});

beforeEach(async () => {
	await query('drop table if exists eyecloudpro_records');
	await rig.simulator.reset({ data: true, options: true });
});

async function query(sql: string): Promise<string> {
	const { DB_POSTGRESDB_PORT: port, DB_POSTGRESDB_USER: user } = database.env;
	const psql = join(postgresFolder() ?? '', 'psql');
	const flags = ['-h', '127.0.0.1', '-p', port, '-U', user, '-d', 'postgres', '-At', '-c', sql];
	return (await execute(psql, flags, { maxBuffer: 1e8 })).stdout.trim();
}

async function rowsOf(table: string): Promise<Row[]> {
	const row = `json_build_object('id', id, 'record', record, 'isGone', deleted_at is not null, 'writtenBy', xmin::text)`;
	const sql = `select coalesce(json_agg(${row} order by id::bigint), '[]') from eyecloudpro_records where resource = '${table}'`;
	return JSON.parse(await query(sql)) as Row[];
}

async function save(settings: Record<string, string | number> = {}): Promise<string> {
	const { DB_POSTGRESDB_PORT: port, DB_POSTGRESDB_USER: user } = database.env;
	const data = {
		host: '127.0.0.1',
		port: Number(port),
		user,
		database: 'postgres',
		ssl: 'disable',
	};
	const saved = await rig.n8n.createCredential('Warehouse', { ...data, password: '-' }, 'postgres');
	const postgres = { id: saved.id, name: saved.name };
	const nodes = readExample(name)
		.nodes.filter(({ type }) => type.endsWith('.postgres'))
		.map((node) => ({ ...node, credentials: { postgres } }));
	return await runner.save(name, { settings, nodes, workflowSettings: { timezone: 'UTC' } });
}

async function run(id: string): Promise<Execution> {
	return await rig.n8n.runWorkflow(id, 'Every Night at 2');
}

/** Of every table: what is in the database, and not gone, is what the API has. */
async function expectSame(): Promise<void> {
	for (const { table, path } of tables) {
		const rows = (await rowsOf(table)).filter(({ isGone }) => !isGone);
		expect(rows.map(({ record }) => record)).toEqual(await rig.simulator.records(2, path));
	}
}

it('brings every table, then only what is new or changed, and marks what is gone', async () => {
	const { simulator } = rig;
	const id = await save();
	const first = await run(id);
	expect(first.error?.message).toBeUndefined();
	await expectSame();
	const before = await rowsOf('patients');
	expect(before.length).toBeGreaterThan(500);

	const again = await run(id);
	expect(again.error?.message).toBeUndefined();
	expect(await rowsOf('patients')).toEqual(before);

	const [changed, gone] = before;
	await simulator.changeRecord(2, '/patients', Number(changed.id), { name_last: 'O\'Neil, "$1"' });
	await simulator.deleteRecord(2, '/patients', Number(gone.id));
	const added = await simulator.addRecord(2, '/patients', { email: null });
	expect((await run(id)).error?.message).toBeUndefined();
	await expectSame();
	const after = await rowsOf('patients');
	expect(after.find((row) => row.id === gone.id)).toMatchObject({
		...gone,
		...{ isGone: true, writtenBy: expect.any(String) },
	});
	const written = after.filter(
		(row) => !before.some((other) => other.id === row.id && other.writtenBy === row.writtenBy),
	);
	expect(written.map((row) => row.id).sort()).toEqual(
		[changed.id, gone.id, String(added.patient_id)].sort(),
	);
});

it('tells what could not be read or lost most of its records, does the others, and takes nothing for gone', async () => {
	const { simulator } = rig;
	const id = await save();
	await run(id);
	const before = await rowsOf('invoices');
	await simulator.addFault({ match: { path: '/invoices', times: 99 }, fault: refused });
	await simulator.addFault({
		match: { path: '/orders' },
		fault: { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
	});
	await simulator.addRecord(2, '/orders', {});
	const run2 = await run(id);
	expect(run2.error?.message).toMatch(/^invoices: /);
	expect(run2.error?.message).not.toMatch(/orders/);
	expect(await rowsOf('invoices')).toEqual(before);
	await simulator.clearFaults();
	expect((await run(id)).error?.message).toBeUndefined();
	await expectSame();

	const lenses = await rowsOf('lenses');
	for (const lens of lenses.slice(5)) {
		await simulator.deleteRecord(2, '/pricebooks/lenses', Number(lens.id));
	}
	expect((await run(id)).error?.message).toBe(
		`lenses: The list has 5 records, and had ${lenses.length}: nothing was marked as gone.`,
	);
	expect(await rowsOf('lenses')).toEqual(lenses);
});

it('reads by the date of the last change where there is one, and the whole list once a week', async () => {
	const { simulator } = rig;
	await simulator.addField({
		path: '/patients',
		name: 'update_date',
		value: '2020-01-01T08:00:00',
		sortable: true,
	});
	const patients = tables.filter(({ table }) => table === 'patients');
	const Tables = JSON.stringify([{ ...patients[0], changedField: 'update_date' }]);
	const today = new Date().getUTCDay() || 7;
	const id = await save({ Tables, 'Day of the Whole Comparison': (today % 7) + 1 });
	await run(id);
	const [changed, gone] = await rowsOf('patients');
	const update_date = new Date().toISOString().slice(0, 19);
	await simulator.changeRecord(2, '/patients', Number(changed.id), {
		name_last: 'New',
		update_date,
	});
	await simulator.changeRecord(2, '/patients', Number(gone.id), { update_date });
	expect((await run(id)).error?.message).toBeUndefined();
	await simulator.deleteRecord(2, '/patients', Number(gone.id));
	await simulator.reset();
	const byDate = await run(id);
	expect(byDate.error?.message).toBeUndefined();
	expect(itemsAt(byDate, 'Get the Whole List')).toEqual([]);
	const rows = await rowsOf('patients');
	expect(rows[0].record).toMatchObject({ name_last: 'New' });
	expect(rows[1].isGone).toBe(false);
	expect((await simulator.received()).length).toBeLessThan(10);
	const weekly = await save({ Tables, 'Day of the Whole Comparison': today });
	await run(weekly);
	expect((await rowsOf('patients'))[1].isGone).toBe(true);
});
