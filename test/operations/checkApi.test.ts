// Check API: what it asks, what it finds where EyeCloud Pro is otherwise, and that nobody's data comes out.
import { madeUpDialect } from '../dialects/madeUp.ts';
import { fakeClock } from '../harness/fastTime.ts';
import { byId, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { resources } from '../../nodes/EyeCloudPro/catalogue';
import type { Dialect, ReceivedRequest } from '../simulator/start.ts';
import { catalogue } from '../harness/catalogue.ts';
import { Poller } from '../harness/pollNode.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';

const practice = simulatedPractice();
const mostRequests = 3 * catalogue.length;
const speak = async (dialect: Partial<Dialect>) => await practice.simulator.configure({ dialect });

interface Checked {
	resource: string;
	as_expected: boolean | null;
	to_do: string;
	differs: string;
	path: string;
	requests: number;
}

async function check(credential?: StoredCredential, options: IDataObject = {}) {
	const more = credential && { credential };
	const { error, records, hints } = await practice.run('account', 'checkApi', { options }, more);
	const items = records.slice(1, -1) as unknown as Checked[];
	const [summary] = records;
	const report = String(records[records.length - 1]?.report);
	const received = await practice.received();
	const of = (resource: string) => items.find((item) => item.resource === resource)!;
	return { error, items, summary, report, records, received, hints, of };
}

/** What the table of the report says of a resource, by the headings of its columns. */
function rowOf(report: string, resource: string): Record<string, string> {
	const cells = (line: string) => line.split('|').map((cell) => cell.trim());
	const lines = report.split('\n');
	const headings = cells(lines.find((line) => line.startsWith('| resource'))!);
	const row = cells(lines.find((line) => line.startsWith(`| ${resource} |`))!);
	return Object.fromEntries(headings.map((heading, index) => [heading, row[index]]));
}

/** The same in each item, or the table would write *undefined*. */
const allColumns = [
	...['resource', 'as_expected', 'to_do', 'differs', 'path', 'requests'],
	...['api_differences', 'report'],
];

/** Three small requests for each resource, each a GET. */
function expectModest(received: ReceivedRequest[], resourceCount = resources.length): void {
	const byPath = new Map<string, number>();
	for (const { method, query, path } of received) {
		expect([method, query.page_size]).toEqual(['GET', '5']);
		byPath.set(path, (byPath.get(path) ?? 0) + 1);
	}
	for (const count of byPath.values()) expect(count).toBeLessThanOrEqual(3);
	expect(received.length).toBeLessThanOrEqual(3 * resourceCount);
}

/** Every value that the simulator holds, but for those that any text has: short ones, and words of fields. */
async function valuesHeld(): Promise<Set<string>> {
	const held = new Set<string>();
	const visit = (value: unknown) => {
		if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
		else if (/string|number/.test(typeof value) && String(value).length >= 4)
			held.add(String(value));
	};
	for (const { path } of resources) {
		for (const practiceId of [2, practice.simulator.otherPracticeId]) {
			visit(await practice.simulator.records(practiceId, `/${path.join('/')}`));
		}
	}
	visit(practice.simulator.clients);
	// A kind of item is called like the path of its price book.
	held.delete('merchandise');
	return held;
}

test('the usual dialect: all as expected, at most three requests each, nothing written, nothing to paste', async () => {
	const { error, items, summary, report, received } = await check();
	expect(error).toBeUndefined();
	expect(items.map(({ resource }) => resource)).toEqual(
		resources.map(({ displayName }) => displayName),
	);
	for (const { as_expected, differs, to_do, requests } of items) {
		expect([as_expected, differs, to_do]).toEqual([true, 'Nothing.', 'Nothing.']);
		expect(requests).toBeLessThanOrEqual(3);
	}
	expect(summary).toMatchObject({ resource: 'All', as_expected: true, to_do: 'Nothing.' });
	expect(summary).toMatchObject({
		differs: 'Nothing.',
		api_differences: '',
		requests: mostRequests,
	});
	expect(report).toContain('Paths of scopes that the catalogue does not know: none');
	expect(received.length).toBeLessThanOrEqual(mostRequests);
	expectModest(received);
	expect(received.slice(0, 3).map(requestLine)).toEqual([
		'GET /v2/2/patients?no_such_filter=1&page=1&page_size=5&sort=no_such_field',
		'GET /v2/2/patients?page=1&page_size=5&sort=-patient_id',
		'GET /v2/2/patients?page=1&page_size=5&sort=-create_date',
	]);
});

const strictest: Partial<Dialect> = {
	...{ unknownParameter: 'ignored', errorWithStatus200: 'yes', totalCount: 'text' },
	...{ list: 'namedOnly', ids: 'text', idName: 'id', timeOffset: 'given' },
};

test.each<[string, Partial<Dialect>]>([
	['the usual', {}],
	['another', strictest],
	['the made-up', madeUpDialect],
])('no value of a record comes out, in %s dialect', async (name, dialect) => {
	await speak(dialect);
	const { records, received } = await check();
	const text = JSON.stringify(records);
	const held = await valuesHeld();
	expect(held.size).toBeGreaterThan(1_000);
	const words = new Set(text.split(/[^\w@.-]+/));
	const found = [...held].filter(
		(value) => words.has(value) || (/\W/.test(value) && text.includes(value)),
	);
	const writes = received.filter(({ method }) => method !== 'GET');
	console.log(
		`Check API, ${name} dialect: ${received.length} requests for ${resources.length} resources, ${writes.length} writes, ${held.size} values searched for in ${text.length} characters, ${found.length} found`,
	);
	expect([writes, found]).toEqual([[], []]);
	// Not even an id as this dialect writes it.
	expect(text).not.toMatch(/[\da-f]{8}-[\da-f]{4}-|"[a-z]\d{3,}"/);
	expect(text).not.toContain(practice.simulator.apiUrl);
	expectModest(received);
});

test.each<[Partial<Dialect>, string, Record<string, string>, RegExp]>([
	[{ list: 'named' }, 'Patient', { 'records in': 'data.patients' }, /'data.patients'/],
	[{ list: 'namedOnly' }, 'Patient', { 'records in': 'patients' }, /'patients'/],
	[{ totalCount: 'text' }, 'Patient', { total_count: 'text' }, /total_count is a text/],
	[{ ids: 'large' }, 'Patient', { ID: 'patient_id, large integer' }, /large integer/],
	[{ ids: 'guid' }, 'Patient', { ID: 'patient_id, GUID' }, /GUID/],
	[{ ids: 'text' }, 'Patient', { ID: 'patient_id, text' }, /of the kind text/],
	[{ idName: 'id' }, 'Patient', { ID: 'id, integer' }, /called 'id'/],
	[{ idName: 'long' }, 'Price Tier', { ID: 'price_tier_id, integer' }, /called 'price_tier_id'/],
	[{ unknownParameter: 'ignored' }, 'Patient', { 'unknown filter': 'ignored' }, /everybody comes/],
])('%j is found out', async (dialect, resource, facts, sentence) => {
	await speak(dialect);
	const { error, of, report } = await check();
	expect(error).toBeUndefined();
	expect(rowOf(report, resource)).toMatchObject(facts);
	expect(of(resource).differs).toMatch(sentence);
	expect(of(resource).as_expected).toBe(false);
	expect(of(resource).to_do).not.toBe('Nothing.');
});

test('each item is a short row of a table, in whatever dialect', async () => {
	await speak({ ...madeUpDialect, ...strictest });
	const { items, records } = await check();
	for (const item of records) expect(Object.keys(item)).toEqual(allColumns);
	for (const item of [records[0], ...items]) {
		for (const value of Object.values(item)) {
			expect(String(value).length).toBeLessThan(300);
			expect(typeof value).not.toBe('object');
			// The table would write the sign.
			expect(String(value)).not.toContain('\n');
		}
	}
});

test.each<[Partial<Dialect>, string]>([
	[{ timePrecision: 'day' }, 'YYYY-MM-DD'],
	[{ timePrecision: 'millisecond', timeOffset: 'given' }, 'YYYY-MM-DDTHH:mm:ss.SSSZ'],
	[{ timeZone: 'local', timeOffset: 'given' }, 'YYYY-MM-DDTHH:mm:ss±hh:mm'],
])('dates: %j', async (dialect, form) => {
	await speak(dialect);
	const { report } = await check();
	expect(rowOf(report, 'Patient')['creation date']).toBe(`create_date ${form}, sorted: yes`);
});

test('what lists can not be sorted by', async () => {
	await practice.simulator.refuseSort({ path: '/stores', field: 'store_id' });
	await practice.simulator.refuseSort({ path: '/orders', field: 'create_date' });
	const { of } = await check();
	expect(of('Store').differs).toBe("The list can't be sorted by its ID.");
	expect(of('Order').differs).toBe("The list can't be sorted by a date of creation.");
	expect(of('Order').to_do).toMatch(/remembers IDs/);
});

test('a server that fails at a field that there is not is read all the same', async () => {
	await practice.simulator.addFault({
		...{ match: { path: 'patients', holds: 'no_such' }, fault: { kind: 'status', status: 500 } },
	});
	const { of, report, received } = await check();
	expect(rowOf(report, 'Patient')).toMatchObject({
		...{ ID: 'patient_id, integer', 'sorted by ID': 'yes', 'records in': 'data' },
	});
	expect(of('Patient').differs).toBe('It does not say what the list can be sorted by.');
	expectModest(received);
});

test('a resource that is not there, or refuses, is an item and not the end', async () => {
	await practice.simulator.addFault(
		{ match: { path: 'invoices', times: 9 }, fault: { kind: 'status', status: 503 } },
		{ match: { path: 'stores', times: 9 }, fault: { kind: 'html', status: 403 } },
		{ match: { path: 'employees', times: 99 }, fault: { kind: 'reset' } },
		{ match: { path: 'lenses', times: 9 }, fault: { kind: 'html', status: 404 } },
		{ match: { path: 'frames', times: 9 }, fault: { kind: 'html' } },
	);
	const { error, of, items } = await check();
	expect(error).toBeUndefined();
	expect(items).toHaveLength(catalogue.length);
	expect(of('Invoice').differs).toBe('The list of invoices was refused (HTTP 503).');
	expect(of('Store').differs).toBe('The list of stores was refused (HTTP 403).');
	expect(of('Employee')).toMatchObject({
		...{ as_expected: null, differs: expect.stringMatching(/^Not checked. ./) },
	});
	expect(of('Lens').differs).toBe('There is nothing at /pricebooks/lenses.');
	expect(of('Frame').differs).toMatch(/can't read/);
	expect(of('Price Tier').as_expected).toBe(true);
});

test('scopes: what the token may not read is not asked for, what only it knows is told', async () => {
	const scopes = ['read:patients', 'read:recalls', 'create:recalls'];
	const credential = await practice.credentialFor({ scopes });
	const { items, summary, report, received } = await check(credential);
	expect(received).toHaveLength(3);
	expect(items.filter(({ requests }) => requests > 0).map(({ resource }) => resource)).toEqual([
		'Patient',
	]);
	expect(items[1]).toMatchObject({
		as_expected: null,
		differs: "Not checked. The credential lacks the scope 'read:appointments'.",
	});
	expect(summary).toMatchObject({
		...{ as_expected: true, to_do: "Use the resource 'Other' for what the scopes speak of." },
		differs: `${catalogue.length - 1} could not be checked. The scopes speak of more: /recalls (read, create).`,
	});
	expect(report).toContain('/recalls (read, create)');
});

test('a resource at another path is asked for where its scope there is granted', async () => {
	const credential = await practice.credentialFor({ scopes: ['read:crm:shops'] });
	const moved = { store: { path: '/crm/shops' }, employee: { path: '/crm/staff' } };
	credential.change({ apiDifferences: JSON.stringify(moved) });
	const { of, received } = await check(credential);
	expect(new Set(received.map(({ path }) => path))).toContain('/v2/2/crm/shops');
	expect(of('Employee').differs).toBe(
		"Not checked. The credential lacks the scope 'read:crm:staff'.",
	);
});

test('another practice by the option, and each practice once', async () => {
	const options = { practiceId: '={{ $json.practice }}' };
	const items = [{ practice: '123' }, { practice: '123' }, { practice: '2' }];
	const { records } = await practice.run('account', 'checkApi', { options }, { items });
	expect(records).toHaveLength(3 * (catalogue.length + 2));
	const received = await practice.received();
	expect(received.length).toBeLessThanOrEqual(2 * mostRequests);
	expect(new Set(received.map(({ practiceId }) => practiceId))).toEqual(new Set(['123', '2']));
});

test('what ends every request ends the check: a practice that is no number, a wrong secret', async () => {
	expect((await check(undefined, { practiceId: 'abc' })).error?.message).toMatch(/whole number/);
	practice.credential.change({ clientSecret: 'wrong' });
	const { error, received } = await check();
	expect(error?.message).toBeDefined();
	expect(received).toEqual([]);
});

test('the rate limit is obeyed', async () => {
	practice.credential.change({ requestsPerMinute: 10 });
	const startedAtMs = fakeClock.now();
	const { error, received, items } = await check();
	expect(error).toBeUndefined();
	expect(received.length).toBeLessThanOrEqual(mostRequests);
	const ofPriceBooks = received.filter(({ path }) => path.includes('/pricebooks/')).length;
	const minutes = Math.ceil(ofPriceBooks / 10) - 1;
	expect(minutes).toBeGreaterThanOrEqual(2);
	expect(fakeClock.now() - startedAtMs).toBeGreaterThanOrEqual(minutes * 60_000);
	for (const { as_expected } of items) expect(as_expected).toBe(true);
});

describe('in the made-up dialect', () => {
	// Of a name that the node finds by itself, such as id, the JSON says nothing.
	test.each([
		['id', madeUpDialect, { path: '/crm/people' }],
		[
			'person_guid',
			{
				...madeUpDialect,
				resources: { '/patients': { path: '/crm/people', idName: 'person_guid' } },
			},
			{ path: '/crm/people', idField: 'person_guid' },
		],
	])('the JSON to paste, and once it is pasted all works: %s', async (idName, dialect, patient) => {
		await speak(dialect);
		const { scopes } = practice.simulator.clients.group;
		const credential = await practice.credentialFor({ scopes: [...scopes, 'read:crm:people'] });
		const first = await check(credential);
		expect(first.of('Patient')).toMatchObject({ path: '/crm/people', as_expected: false });
		expect(first.of('Patient').to_do).toMatch(/Paste api_differences of the first item/);
		expect(JSON.parse(String(first.summary.api_differences))).toEqual({ patient });
		expect(first.received.length).toBeLessThanOrEqual(mostRequests);

		credential.change({ apiDifferences: String(first.summary.api_differences) });
		const second = await check(credential);
		expect(second.summary.api_differences).toBe('');
		expect(second.of('Patient').to_do).toBe('Nothing. The node copes with it.');

		const newPatient = { name_first: 'Ann', name_last: 'Lee', email: 'ann.lee@example.com' };
		const columns = mapped(newPatient);
		const run = async (operation: string, parameters: IDataObject) => {
			const result = await practice.run('patient', operation, parameters, { credential });
			expect(result.error).toBeUndefined();
			return result.records;
		};
		const polled = new Poller({
			credential,
			parameters: { resource: 'patient', event: 'created', simplify: false },
		});
		await polled.poll();
		const [created] = await run('create', { columns });
		expect(created).toMatchObject(newPatient);
		expect((await polled.poll()).records).toEqual([created]);
		const one = await run('get', { recordId: byId(created[idName]), simplify: false });
		expect(one).toEqual([created]);
		expect(await run('findOrCreate', { columns, matchOn: ['email'] })).toEqual([
			{ ...created, _created: false },
		]);
		expect(await run('createMany', { columns })).toEqual([expect.objectContaining(newPatient)]);
		expect(await run('count', {})).toEqual([{ count: 62 }]);
		const all = await run('getAll', { returnAll: true, simplify: true });
		expect([all.length, Object.keys(all[0])[0]]).toEqual([62, idName]);
	});

	test('a path that no scope speaks of is asked for', async () => {
		await speak(madeUpDialect);
		const { of, summary } = await check();
		expect(of('Patient').differs).toBe('There is nothing at /patients.');
		expect(of('Patient').to_do).toMatch(/Ask EyeCloud Pro support where patients are/);
		expect(summary.api_differences).toBe('');
	});

	test.each([
		['/pricebooks/contact-lenses', ''],
		['/pricebooks/contact_lenses', 'Not all could be found out in three requests.'],
	])('a path is found under its name as people write it: %s', async (path, sentence) => {
		await speak({ resources: { '/pricebooks/contactlenses': { path } } });
		const { summary, of, received } = await check();
		expect(JSON.parse(String(summary.api_differences))).toEqual({ contactLens: { path } });
		expect(of('Contact Lens').differs).toContain(sentence);
		expect(received.length).toBeLessThanOrEqual(mostRequests);
	});
});
