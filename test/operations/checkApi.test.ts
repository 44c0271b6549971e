// Check API: what it asks, what it finds where EyeCloud Pro is otherwise, and that nobody's data comes out.
import { madeUpDialect } from '../dialects/madeUp.ts';
import { fakeClock } from '../harness/fastTime.ts';
import { byId, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { Dialect, Fault, ReceivedRequest } from '../simulator/start.ts';
import { catalogue } from '../harness/catalogue.ts';
import { Poller } from '../harness/pollNode.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';

const practice = simulatedPractice();
const mostRequests = 3 * catalogue.length;
const speak = async (dialect: Partial<Dialect>) => await practice.simulator.configure({ dialect });

async function check(credential?: StoredCredential, options: IDataObject = {}) {
	const more = credential && { credential };
	const { error, records } = await practice.run('account', 'checkApi', { options }, more);
	const items = records.slice(1, -1);
	const [summary] = records;
	const report = String(records[records.length - 1]?.report);
	const received = await practice.received();
	const of = (resource: string) => items.find((item) => item.resource === resource)!;
	return { error, items, summary, report, records, received, of };
}

/** What the table of the report says of a resource, by the headings of its columns. */
function rowOf(report: string, resource: string): Record<string, string> {
	const cells = (beginning: string) => {
		const line = report.split('\n').find((each) => each.startsWith(`| ${beginning} |`))!;
		return line.split('|').map((cell) => cell.trim());
	};
	const row = cells(resource);
	return Object.fromEntries(cells('resource').map((heading, index) => [heading, row[index]]));
}

/** Three small requests for each resource, each a GET. */
function expectModest(received: ReceivedRequest[]): void {
	const counts = new Map<string, number>();
	for (const { method, query, path } of received) {
		expect([method, query.page_size]).toEqual(['GET', '5']);
		counts.set(path, (counts.get(path) ?? 0) + 1);
	}
	expect(Math.max(...counts.values())).toBeLessThanOrEqual(3);
	expect(received.length).toBeLessThanOrEqual(mostRequests);
}

/** Every value that the simulator holds, but for those that any text has: short ones, and words of fields. */
async function valuesHeld(): Promise<Set<string>> {
	const held = new Set<string>();
	const visit = (value: unknown) => {
		if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
		else if (/string|number/.test(typeof value) && String(value).length >= 4)
			held.add(String(value));
	};
	for (const { path } of catalogue) {
		for (const practiceId of [2, practice.simulator.otherPracticeId]) {
			visit(await practice.simulator.records(practiceId, path));
		}
	}
	visit(practice.simulator.clients);
	// A kind of item is called like the path of its price book.
	held.delete('merchandise');
	return held;
}

test('the usual dialect: all as expected, at most three requests each, nothing written, nothing to paste', async () => {
	const { items, summary, report, records, received } = await check();
	const asExpected = { as_expected: true, differs: 'Nothing.', to_do: 'Nothing.' };
	expect(items).toMatchObject(catalogue.map(() => ({ ...asExpected, requests: 3 })));
	expect(items.map(({ path }) => path)).toEqual(catalogue.map(({ path }) => path));
	expect(summary).toMatchObject({
		...{ ...asExpected, resource: 'All', api_differences: '', requests: mostRequests },
	});
	expect(records.at(-1)).toMatchObject({ resource: 'Report', to_do: 'Nothing.' });
	expect(report).toContain('Paths of scopes that the catalogue does not know: none');
	expect(report).toMatch(
		/^Patient: patient_id \(number\), .*; sortable: patient_id, .*create_date$/m,
	);
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
])(
	'no value of a record comes out, in %s dialect, and each item is a short row',
	async (_, dialect) => {
		await speak(dialect);
		const { items, records, received } = await check();
		const text = JSON.stringify(records);
		const held = await valuesHeld();
		expect(held.size).toBeGreaterThan(1_000);
		const words = new Set(text.split(/[^\w@.-]+/));
		const isIn = (value: string) => words.has(value) || (/\W/.test(value) && text.includes(value));
		expect([...held].filter(isIn)).toEqual([]);
		// Not even an id as this dialect writes it.
		expect(text).not.toMatch(/[\da-f]{8}-[\da-f]{4}-|"[a-z]\d{3,}"/);
		expect(text).not.toContain(practice.simulator.apiUrl);
		expectModest(received);
		// The same columns in each item, or n8n's table would write *undefined*, and no sign for a new line.
		for (const record of records) expect(Object.keys(record)).toEqual(Object.keys(records[0]));
		for (const value of [records[0], ...items].flatMap(Object.values)) {
			expect([value === null || typeof value !== 'object', String(value).length < 300]).toEqual([
				...[true, true],
			]);
			expect(String(value)).not.toContain('\n');
		}
	},
);

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
	const { of, report, records } = await check();
	expect(rowOf(report, resource)).toMatchObject(facts);
	expect(of(resource)).toMatchObject({
		...{ differs: expect.stringMatching(sentence), as_expected: false },
	});
	expect(of(resource).to_do).not.toBe('Nothing.');
	expect(records.at(-1)?.to_do).toMatch(/^Put the report into an issue/);
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

/** What a list answers to whatever it is asked. */
const listOf = (records: IDataObject[]): Fault => ({
	...{ kind: 'status', status: 200, headers: { 'RateLimit-Limit': '100' } },
	body: { data: records, pagination: { total_count: records.length } },
});

test('what lists can not be sorted by: refused, or left unsorted', async () => {
	await practice.simulator.refuseSort({ path: '/stores', field: 'store_id' });
	await practice.simulator.refuseSort({ path: '/orders', field: 'create_date' });
	const rows = [1, 2, 3].map((patient_id) => ({
		patient_id,
		recall: null,
		note: patient_id > 2 ? 'x' : null,
	}));
	await practice.simulator.addFault({ match: { path: 'patients', times: 9 }, fault: listOf(rows) });
	const { of, report } = await check();
	const byId = "The list can't be sorted by its ID.";
	expect(of('Store').differs).toBe(byId);
	expect(of('Order').differs).toBe("The list can't be sorted by a date of creation.");
	expect(of('Order').to_do).toMatch(/remembers IDs/);
	expect(of('Patient').differs).toContain(byId);
	expect(report).toContain('\nRate limit headers: ratelimit-limit\n');
	expect(report).toContain(
		'\nPatient: patient_id (number), recall (empty), note (text); sortable: not said\n',
	);
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
	const { items, of } = await check();
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
	const { items, summary, report, received } = await check(
		await practice.credentialFor({ scopes }),
	);
	expect(received).toHaveLength(3);
	expect(items.map(({ requests }) => requests)).toEqual(catalogue.map((_, n) => (n === 0 ? 3 : 0)));
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
	const { received, summary } = await check();
	const ofPriceBooks = received.filter(({ path }) => path.includes('/pricebooks/')).length;
	const minutes = Math.ceil(ofPriceBooks / 10) - 1;
	expect(minutes).toBeGreaterThanOrEqual(2);
	expect(fakeClock.now() - startedAtMs).toBeGreaterThanOrEqual(minutes * 60_000);
	expect(summary.as_expected).toBe(true);
});

describe('in the made-up dialect', () => {
	const person_guid = { '/patients': { path: '/crm/people', idName: 'person_guid' } };

	// Of a name that the node finds by itself, such as id, the JSON says nothing.
	test.each<[string, Partial<Dialect>, IDataObject]>([
		['id', {}, { path: '/crm/people' }],
		['person_guid', { resources: person_guid }, { path: '/crm/people', idField: 'person_guid' }],
	])('the JSON to paste, and once it is pasted all works: %s', async (idName, more, patient) => {
		await speak({ ...madeUpDialect, ...more });
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
		const run = async (operation: string, parameters: IDataObject) =>
			(await practice.run('patient', operation, parameters, { credential })).records;
		const polled = new Poller({
			...{ credential, parameters: { resource: 'patient', event: 'created', simplify: false } },
		});
		await polled.poll();
		const [created] = await run('create', { columns });
		expect(created).toMatchObject(newPatient);
		expect((await polled.poll()).records).toEqual([created]);
		const recordId = byId(created[idName]);
		expect(await run('get', { recordId, simplify: false })).toEqual([created]);
		const found = await run('findOrCreate', { columns, matchOn: ['email'] });
		expect(found).toEqual([{ ...created, _created: false }]);
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

	test('what is there, and is another resource, is not taken for it', async () => {
		const path = '/pricebooks/contact-lenses';
		await speak({ resources: { '/pricebooks/contactlenses': { path } } });
		const others = [{ store_id: 1, store_name: 'North' }];
		await practice.simulator.addFault({ match: { path, times: 9 }, fault: listOf(others) });
		const { summary, of } = await check();
		expect(of('Contact Lens').differs).toBe('There is nothing at /pricebooks/contactlenses.');
		expect(summary.api_differences).toBe('');
	});
});
