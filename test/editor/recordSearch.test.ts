// The list of a resource locator: readable records, found by whatever is typed, page by page.
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { INodeListSearchItems } from 'n8n-workflow';

import type { ApiRecord } from '../simulator/start.ts';
import { Editor } from '../harness/editorMethod.ts';

const PATIENTS = 1_600;
const PAGES = 7;

const practice = simulatedPractice({ patients: PATIENTS });
const form = { resource: 'patient', operation: 'get' };
let patients: ApiRecord[];

beforeAll(async () => {
	patients = await practice.simulator.records(2, '/patients');
});

async function search(text?: string, token?: string) {
	return await new Editor(practice.credential).search(form, text, token);
}

function labelOf({ name_first, name_last, dob, patient_id }: ApiRecord): string {
	return `${name_first} ${name_last} ${dob} (${patient_id})`;
}

/** All that a user gets to see who scrolls to the end. */
async function scrolled(text?: string): Promise<INodeListSearchItems[]> {
	const all: INodeListSearchItems[] = [];
	let token: unknown;
	do {
		const { results, paginationToken } = await search(text, token as string | undefined);
		for (const result of results) all.push(result);
		token = paginationToken;
	} while (token !== undefined);
	return all;
}

function idsOf(found: Array<{ value: unknown }>): unknown[] {
	return found.map(({ value }) => value).sort();
}

test('a page of patients by name, with the date of birth', async () => {
	const { results, paginationToken } = await search();
	expect(results).toHaveLength(250);
	const byValue = new Map(patients.map((one) => [String(one.patient_id), labelOf(one)]));
	for (const { name, value } of results) expect(name).toBe(byValue.get(String(value)));
	const names = results.map(({ name }) => name.split(' ')[0]);
	expect(names).toEqual(names.toSorted());
	expect(paginationToken).toBe('2');
	expect((await practice.received()).map(requestLine)).toEqual([
		'GET /v2/2/patients?page=1&page_size=250&sort=name_first,name_last,dob',
	]);
});

test('digits alone are an ID, whatever else they may be', async () => {
	for (const typed of ['2024123', '20240123']) {
		await search(typed).catch(() => undefined);
	}
	for (const { query } of await practice.received()) expect(query).not.toHaveProperty('dob');
});

test.each([{ options: null }, { options: { practiceId: null } }])(
	'a practice whose expression has no value yet is not the one in the credential: %j',
	async (unknown) => {
		const editor = new Editor(practice.credential);
		await expect(editor.search({ ...form, ...unknown } as never)).rejects.toThrow(
			/'Practice Client ID' in 'Options' is an expression that has no value yet/,
		);
		expect(await practice.received()).toEqual([]);
	},
);

test('scrolling shows every patient once, and ends', async () => {
	const all = await scrolled();
	expect(idsOf(all)).toEqual(patients.map(({ patient_id }) => String(patient_id)).sort());
	expect(await practice.received()).toHaveLength(PAGES);
});

test.each<[string, (patient: ApiRecord) => string, string]>([
	['email', ({ email }) => ` ${String(email)}`, 'email'],
	['phone number', ({ phone }) => String(phone), 'phone'],
	[
		'phone number with its marks',
		({ phone }) =>
			`(${String(phone).slice(0, 3)}) ${String(phone).slice(3, 6)}-${String(phone).slice(6)}`,
		'phone',
	],
	['date of birth', ({ dob }) => String(dob), 'dob'],
])('by %s: the API finds it', async (_what, typed, field) => {
	const patient = patients[777];
	const { results } = await search(typed(patient));
	const expected = patients.filter((one) => one[field] === patient[field]);
	expect(idsOf(results)).toEqual(expected.map(({ patient_id }) => String(patient_id)).sort());
	const received = await practice.received();
	expect(received).toHaveLength(1);
	expect(received[0].query[field]).toBe(patient[field]);
});

test('by phone: an API that ignores the filter offers nobody else', async () => {
	const patient = patients[200];
	const body = {
		data: patients.slice(0, 250),
		pagination: { page: 1, page_size: 250, total_pages: 1, total_count: 250 },
	};
	const fault = { kind: 'status', status: 200, body } as const;
	await practice.simulator.addFault({ match: { times: 50 }, fault });
	const expected = body.data.filter(({ phone }) => phone === patient.phone);
	expect(idsOf((await search(String(patient.phone))).results)).toEqual(
		expected.map(({ patient_id }) => String(patient_id)).sort(),
	);
});

test.each<[string, (patient: ApiRecord) => string]>([
	['first name', ({ name_first }) => String(name_first)],
	['last name, in another case', ({ name_last }) => String(name_last).toUpperCase()],
	['both, the last name first', ({ name_first, name_last }) => `${name_last}  ${name_first}`],
	['the beginning of a name', ({ name_last }) => String(name_last).slice(0, 4)],
])('by %s: looked up at once, however far down the list', async (_what, typed) => {
	const text = typed(patients[1_234]);
	const words = text.toLowerCase().split(/\s+/);
	const expected = patients.filter(({ name_first, name_last }) =>
		words.every((word) =>
			[name_first, name_last].some((name) => String(name).toLowerCase().startsWith(word)),
		),
	);
	expect(expected.length).toBeGreaterThan(0);
	const { results, paginationToken } = await search(text);
	expect(idsOf(results)).toEqual(
		expect.arrayContaining(expected.map(({ patient_id }) => String(patient_id))),
	);
	expect(paginationToken).toBeUndefined();
	const sorts = (await practice.received()).map(({ query }) => query.sort);
	expect(sorts[1]).toBe('name_last,patient_id');
});

test('by ID, and by what stands within a name: page by page', async () => {
	const { patient_id, name_last } = patients[1_234];
	expect(idsOf(await scrolled(String(patient_id)))).toContain(String(patient_id));
	const within = String(name_last).slice(1);
	expect(idsOf(await scrolled(within))).toContain(String(patient_id));
});

test('the editor does not ask on after an empty answer, so the first one has what there is', async () => {
	const late = { name_first: 'Zzyx', name_last: 'Late' };
	const added = await practice.simulator.addRecord(2, '/patients', late);
	const { results } = await search('zzyx late');
	expect(idsOf(results)).toEqual([String(added.patient_id)]);
});

test('more pages than one search looks through: says so, rather than that there is nobody', async () => {
	const body = {
		data: patients.slice(0, 250),
		pagination: { page: 1, page_size: 250, total_pages: 400, total_count: 100_000 },
	};
	const fault = { kind: 'status', status: 200, body } as const;
	await practice.simulator.addFault({ match: { times: 50 }, fault });
	await expect(search('Nobody Atall')).rejects.toThrow(
		"Not among the 5,000 patients looked through. Search by email, phone, date of birth, or choose 'By ID'.",
	);
	// The order of that list tells nothing.
	expect((await practice.received()).length).toBeLessThanOrEqual(24);
});

test('a list that is long enough to scroll comes at once', async () => {
	const { results, paginationToken } = await search('a');
	expect(results.length).toBeGreaterThanOrEqual(20);
	expect(paginationToken).toBe('2');
});

test('nobody of that name: an empty list, and its end', async () => {
	expect(await search('Nobody Atall')).toEqual({ results: [], paginationToken: undefined });
});

test.each([
	['store', 'store_name'],
	['employee', 'name_first'],
	['frame', 'description'],
	['priceTier', 'tier_name'],
	['invoice', 'invoice_number'],
	['order', 'status'],
	['appointment', 'status'],
])('a label of %s holds its %s, and its ID is behind it', async (resource, telling) => {
	const { results } = await new Editor(practice.credential).search({ ...form, resource });
	const path = { frame: '/pricebooks/frames', priceTier: '/configurations/pricetiers' }[resource];
	const records = await practice.simulator.records(2, path ?? `/${resource}s`);
	const [idField] = Object.keys(records[0]);
	for (const [index, { name, value }] of results.entries()) {
		expect(value).toBe(String(records[index][idField]));
		expect(name).toContain(String(records[index][telling]));
		expect(name.endsWith(`(${value})`)).toBe(true);
	}
	expect(results).toHaveLength(Math.min(250, records.length));
});

test('without the scope, a sentence', async () => {
	const credential = await practice.credentialFor({ scopes: ['read:stores'] });
	const question = new Editor(credential).search(form);
	await expect(question).rejects.toThrow("The credential lacks the scope 'read:patients'");
});

test('a part of an email or a phone number finds who has it, as far as was typed', async () => {
	const wanted = patients[7];
	const [namePart] = String(wanted.email).split('@');
	const phonePart = String(wanted.phone).slice(0, 8);
	for (const typed of [namePart, phonePart]) {
		expect(idsOf(await scrolled(typed))).toContain(String(wanted.patient_id));
	}
});

describe('more patients than are looked through', () => {
	const many = simulatedPractice({ patients: 6_000 });
	let all: ApiRecord[];

	beforeAll(async () => {
		all = await many.simulator.records(2, '/patients');
	});

	const lookedUp = async (typed: string) => {
		await many.simulator.reset();
		const found = await new Editor(many.credential).search(form, typed);
		return { ...found, requests: (await many.received()).length };
	};
	const expected = (isSame: (patient: ApiRecord) => boolean) =>
		all
			.filter(isSame)
			.map(({ patient_id }) => String(patient_id))
			.sort();

	test('a last name, a first name, and both, wherever they are in the list', async () => {
		for (const nth of [10, 3_000, 5_990]) {
			const { name_first, name_last } = all[nth];
			const typed = `${String(name_last).toUpperCase()} ${String(name_first)}`;
			const both = await lookedUp(typed);
			const isBoth = (one: ApiRecord) =>
				one.name_last === name_last && one.name_first === name_first;
			expect(idsOf(both.results)).toEqual(expect.arrayContaining(expected(isBoth)));
			expect(both.requests).toBeLessThanOrEqual(26);
			const last = await lookedUp(String(name_last));
			const isLast = (one: ApiRecord) => one.name_last === name_last;
			expect(idsOf(last.results)).toEqual(expect.arrayContaining(expected(isLast)));
			expect(last.requests).toBeLessThanOrEqual(40);
		}
	});
});
