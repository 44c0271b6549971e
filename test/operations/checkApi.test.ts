// Check API: what it asks, what it finds where EyeCloud Pro is otherwise, and that nobody's data comes out.
import { madeUpDialect } from '../dialects/madeUp.ts';
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { Dialect, Fault } from '../simulator/start.ts';
import { catalogue } from '../harness/catalogue.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';

const practice = simulatedPractice();
const mostRequests = 3 * catalogue.length;
const speak = async (dialect: Partial<Dialect>) => await practice.simulator.configure({ dialect });

async function check(credential?: StoredCredential, options: IDataObject = {}) {
	const more = credential && { credential };
	const { error, records } = await practice.run('account', 'checkApi', { options }, more);
	const items = records.slice(1, -1);
	const [summary] = records;
	const report = String(records.at(-1)?.report);
	const [, json] = /^## Check API\n\n```json\n(.*)\n```$/s.exec(report) ?? [];
	const { resources = [], ...others } = JSON.parse(json ?? '{}') as { resources?: IDataObject[] };
	const received = await practice.received();
	for (const { method, query } of received) {
		expect([method, query.page_size]).toEqual(['GET', '5']);
	}
	const of = (resource: string) => items.find((item) => item.resource === resource)!;
	const facts = (resource: string) => resources.find((each) => each.resource === resource)!;
	return { error, items, summary, others, records, received, of, facts };
}

/** Every value that the simulator holds, but for those that any text has: short ones, and words of fields. */
async function valuesHeld(): Promise<string[]> {
	const held: string[] = [];
	for (const { path } of catalogue) {
		const text = JSON.stringify(await practice.simulator.records(2, path));
		for (const [, value] of text.matchAll(/:"?([^"{}[\],]{4,})/g)) held.push(value);
	}
	// A kind of item is called like the path of its price book.
	return held.filter((value) => !/^(merchandise|true|false|null)$/.test(value));
}

test('the usual dialect: all as expected, at most three requests each, nothing to paste', async () => {
	const { items, summary, others, records, received, facts } = await check();
	const asExpected = { as_expected: true, differs: 'Nothing.', to_do: 'Nothing.' };
	const paths = catalogue.map(({ path }) => path);
	expect(items).toMatchObject(paths.map((path) => ({ ...asExpected, path, requests: 3 })));
	expect(summary).toMatchObject({
		...{ ...asExpected, resource: 'All', api_differences: '', requests: mostRequests },
	});
	expect(records.at(-1)).toMatchObject({ resource: 'Report', to_do: 'Nothing.' });
	expect(others).toEqual({ api_differences: {}, unknown_paths: [] });
	expect(facts('Patient')).toMatchObject({
		fields: { patient_id: 'number', name_last: 'text' },
		sortable: expect.arrayContaining(['patient_id', 'create_date']),
	});
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
	['another', strictest],
	['the made-up', madeUpDialect],
])(
	'no value of a record comes out, in %s dialect, and each item is a short row',
	async (_, dialect) => {
		await speak(dialect);
		const { items, records, received } = await check();
		const text = JSON.stringify(records);
		const held = await valuesHeld();
		expect(held.length).toBeGreaterThan(1_000);
		const words = new Set(text.split(/[^\w@.-]+/));
		const isIn = (value: string) => words.has(value) || (/\W/.test(value) && text.includes(value));
		expect(held.filter(isIn)).toEqual([]);
		// Not even an id as this dialect writes it.
		expect(text).not.toMatch(/[\da-f]{8}-[\da-f]{4}-|"[a-z]\d{3,}"/);
		expect(text).not.toContain(practice.simulator.apiUrl);
		expect(received.length).toBeLessThanOrEqual(mostRequests);
		// The same columns in each item, or n8n's table would write *undefined*, and no sign for a new line.
		for (const record of records) expect(Object.keys(record)).toEqual(Object.keys(records[0]));
		for (const value of [records[0], ...items].flatMap(Object.values)) {
			expect(String(value)).toMatch(/^(?!\[object).{0,300}$/);
		}
	},
);

test.each<[Partial<Dialect>, IDataObject, RegExp]>([
	[{ list: 'named' }, { wrapping: ['data', 'patients'] }, /'data.patients'/],
	[{ list: 'namedOnly' }, { wrapping: ['patients'] }, /'patients'/],
	[{ totalCount: 'text' }, { totalCount: 'text' }, /total_count is a text/],
	[{ ids: 'large' }, { idKind: 'large integer' }, /large integer/],
	[{ ids: 'guid' }, { idKind: 'GUID' }, /GUID/],
	[{ ids: 'text' }, { idKind: 'text' }, /of the kind text/],
	[{ idName: 'id' }, { idField: 'id' }, /called 'id'/],
	[
		{ timeZone: 'local', timeOffset: 'given', timePrecision: 'millisecond', idName: 'id' },
		{
			sortsByDate: true,
			fields: expect.objectContaining({ create_date: 'YYYY-MM-DDTHH:mm:ss.SSS±hh:mm' }),
		},
		/./,
	],
	[{ unknownParameter: 'ignored' }, { unknownFilter: 'ignored' }, /everybody comes/],
])('%j is found out', async (dialect, expected, sentence) => {
	await speak(dialect);
	const { of, facts, records } = await check();
	expect(facts('Patient')).toMatchObject(expected);
	const differs = expect.stringMatching(sentence);
	expect(of('Patient')).toMatchObject({ differs, as_expected: false });
	expect(of('Patient').to_do).not.toBe('Nothing.');
	expect(records.at(-1)?.to_do).toMatch(/^Put the report into an issue/);
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
	const { of, facts } = await check();
	const byId = "The list can't be sorted by its ID.";
	expect(of('Store').differs).toBe(byId);
	expect(of('Order').differs).toBe("The list can't be sorted by a date of creation.");
	expect(of('Order').to_do).toMatch(/remembers IDs/);
	expect(of('Patient').differs).toContain(byId);
	expect(facts('Patient')).toMatchObject({
		...{ sortsById: false, rateLimitHeaders: ['ratelimit-limit'] },
		fields: { patient_id: 'number', recall: 'empty', note: 'text' },
	});
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
	const credential = await practice.credentialFor({ scopes });
	const { items, summary, others, received } = await check(credential);
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
	const unknown_paths = [{ path: '/recalls', verbs: ['read', 'create'] }];
	expect(others).toMatchObject({ unknown_paths });
});

test('what ends every request ends the check', async () => {
	expect((await check(undefined, { practiceId: 'abc' })).error?.message).toMatch(/whole number/);
	practice.credential.change({ clientSecret: 'wrong' });
	const { error, received } = await check();
	expect(error?.message).toBeDefined();
	expect(received).toEqual([]);
});

test.each(['/pricebooks/contact-lenses', '/pricebooks/contact_lenses'])(
	'a path is found under its name as people write it: %s',
	async (path) => {
		await speak({ resources: { '/pricebooks/contactlenses': { path } } });
		const { summary, received } = await check();
		expect(JSON.parse(String(summary.api_differences))).toEqual({ contactLens: { path } });
		expect(received.length).toBeLessThanOrEqual(mostRequests);
	},
);

describe('in the made-up dialect', () => {
	const resources = { '/patients': { path: '/crm/people', idName: 'person_guid' } };
	const credentialThere = async () => {
		await speak({ ...madeUpDialect, resources });
		const { scopes } = practice.simulator.clients.group;
		return await practice.credentialFor({ scopes: [...scopes, 'read:crm:people'] });
	};

	test('the JSON to paste, and once it is pasted there is no more', async () => {
		const credential = await credentialThere();
		const first = await check(credential);
		expect(first.of('Patient')).toMatchObject({ path: '/crm/people', as_expected: false });
		expect(first.of('Patient').to_do).toMatch(/Paste api_differences of the first item/);
		const json = String(first.summary.api_differences);
		const patient = { path: '/crm/people', idField: 'person_guid' };
		expect(JSON.parse(json)).toEqual({ patient });
		expect(first.received.length).toBeLessThanOrEqual(mostRequests);
		credential.change({ apiDifferences: json });
		const { summary, of } = await check(credential);
		expect(summary.api_differences).toBe('');
		expect(of('Patient').to_do).toBe('Nothing. The node copes with it.');
	});

	test('what is there, and is another resource, is not taken for it', async () => {
		const credential = await credentialThere();
		const fault = listOf([{ store_id: 1, store_name: 'North' }]);
		await practice.simulator.addFault({ match: { path: '/crm/people', times: 9 }, fault });
		const { summary, of } = await check(credential);
		expect(of('Patient').differs).toBe('There is nothing at /patients.');
		expect(of('Patient').to_do).toMatch(/Ask EyeCloud Pro support where patients are/);
		expect(summary.api_differences).toBe('');
	});
});
