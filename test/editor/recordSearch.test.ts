// The list of a resource locator: readable records, found by whatever is typed, page by page.
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { INodeListSearchItems } from 'n8n-workflow';

import { catalogue } from '../harness/catalogue.ts';
import { Editor } from '../harness/editorMethod.ts';
import type { ApiRecord } from '../simulator/start.ts';

/** More than one search looks through. */
const PATIENTS = 6_000;
const practice = simulatedPractice({ patients: PATIENTS });
const form = { resource: 'patient', operation: 'get' };
let patients: ApiRecord[];

beforeEach(async () => {
	patients = await practice.simulator.records(2, '/patients');
});

const search = async (text?: string, token?: string) =>
	await new Editor(practice.credential).search(form, text, token);

/** All that a user gets to see who scrolls to the end. */
async function scrolled(text?: string): Promise<INodeListSearchItems[]> {
	const all: INodeListSearchItems[][] = [];
	let token: unknown;
	do {
		const { results, paginationToken } = await search(text, token as string | undefined);
		all.push(results);
		token = paginationToken;
	} while (token !== undefined);
	return all.flat();
}

const idsIn = (found: INodeListSearchItems[]) => found.map(({ value }) => value).sort();
const idsOf = (found: ApiRecord[]) => found.map(({ patient_id }) => String(patient_id)).sort();

/** Of the first page, whatever is asked for. */
async function alwaysFirstPage(total_count: number): Promise<ApiRecord[]> {
	const data = patients.slice(0, 250);
	const pagination = { page: 1, page_size: 250, total_pages: total_count / 250, total_count };
	const fault = { kind: 'status', status: 200, body: { data, pagination } } as const;
	await practice.simulator.addFault({ match: { times: 50 }, fault });
	return data;
}

test('patients by name, with the date of birth; scrolling shows each once, and ends', async () => {
	const { results, paginationToken } = await search();
	expect([results.length, paginationToken]).toEqual([250, '2']);
	expect((await practice.received()).map(requestLine)).toEqual([
		'GET /v2/2/patients?page=1&page_size=250&sort=name_first,name_last,dob',
	]);
	const all = await scrolled();
	expect(idsIn(all)).toEqual(idsOf(patients));
	expect(all.map(({ name }) => name).sort()).toEqual(
		patients
			.map((one) => `${one.name_first} ${one.name_last} ${one.dob} (${one.patient_id})`)
			.sort(),
	);
});

test.each<[string, string, (patient: ApiRecord) => string]>([
	['email', 'email', ({ email }) => ` ${String(email)}`],
	['phone', 'phone number', ({ phone }) => String(phone).replace(/(...)(...)/, '($1) $2-')],
	['dob', 'date of birth', ({ dob }) => String(dob)],
])('by %s: the API finds it, whole in a %s', async (field, _what, typedFor) => {
	const patient = patients[777];
	const { results } = await search(typedFor(patient));
	expect(idsIn(results)).toEqual(idsOf(patients.filter((one) => one[field] === patient[field])));
	const queries = (await practice.received()).map(({ query }) => query[field]);
	expect(queries).toEqual([patient[field]]);
});

test('by phone: an API that ignores the filter offers nobody else', async () => {
	const data = await alwaysFirstPage(250);
	const { results } = await search(String(data[200].phone));
	expect(idsIn(results)).toEqual(idsOf(data.filter(({ phone }) => phone === data[200].phone)));
});

test.each<[string, (patient: ApiRecord) => string]>([
	['a last name, in another case', ({ name_last }) => String(name_last).toUpperCase()],
	['both, the last name first', ({ name_first, name_last }) => `${name_last}  ${name_first}`],
	['the beginning of a name', ({ name_last }) => String(name_last).slice(0, 4)],
])('by %s: looked up at once, however far down the list', async (_what, typedFor) => {
	for (const nth of [10, 3_000, 5_990]) {
		await practice.simulator.reset();
		const typed = typedFor(patients[nth]);
		const words = typed.toLowerCase().split(/\s+/);
		const expected = patients.filter(({ name_first, name_last }) =>
			words.every((word) =>
				[name_first, name_last].some((name) => String(name).toLowerCase().startsWith(word)),
			),
		);
		const { results, paginationToken } = await search(typed);
		expect(idsIn(results)).toEqual(expect.arrayContaining(idsOf(expected)));
		expect(paginationToken).toBeUndefined();
		expect((await practice.received()).length).toBeLessThanOrEqual(40);
	}
});

test('by ID, by what stands within a name, and by a part of an email: page by page', async () => {
	const { patient_id, name_last, email } = patients[1_234];
	const within = [patient_id, String(name_last).slice(1), String(email).split('@')[0]];
	for (const typed of within) {
		expect(idsIn(await scrolled(String(typed)))).toContain(String(patient_id));
	}
	// Digits alone are no day.
	await search('20240123').catch(() => undefined);
	for (const { query } of await practice.received()) expect(query).not.toHaveProperty('dob');
	const { results, paginationToken } = await search('a');
	expect([results.length >= 20, paginationToken]).toEqual([true, '2']);
});

test('more pages than one search looks through: says so, rather than that there is nobody', async () => {
	await alwaysFirstPage(100_000);
	await expect(search('Nobody Atall')).rejects.toThrow(
		"Not among the 5,000 patients looked through. Search by email, phone, date of birth, or choose 'By ID'.",
	);
	// The order of that list tells nothing.
	expect((await practice.received()).length).toBeLessThanOrEqual(24);
});

test.each([
	['store', 'store_name'],
	['employee', 'name_first'],
	['frame', 'description'],
	['invoice', 'invoice_number'],
	['order', 'status'],
])('a label of %s holds its %s, and its ID is behind it', async (resource, telling) => {
	const { results } = await new Editor(practice.credential).search({ ...form, resource });
	const { path = '', idField = '' } = catalogue.find((row) => row.resource === resource) ?? {};
	const records = (await practice.simulator.records(2, path)).slice(0, results.length);
	expect(results).toEqual(
		records.map((record) => ({
			value: String(record[idField]),
			name: expect.stringMatching(`${record[telling]}.* \\(${record[idField]}\\)$`),
		})),
	);
});
