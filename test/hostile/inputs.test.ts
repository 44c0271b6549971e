// Whatever a user or an expression puts into a parameter: requests go to the API alone, and to the path of that
// operation; nothing is sent that was not asked for, and nothing is left out in silence; out come records or a sentence.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import type { NodeResult } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';
import type { ReceivedRequest } from '../simulator/start.ts';
import { property, watchedConnections } from './held.ts';
import { anything, name } from './values.ts';

const practice = simulatedPractice({ patients: 12 });
const connections = watchedConnections();

interface Input {
	resource?: string;
	operation: string;
	parameters: IDataObject;
	/** What `$json` is; a list of several for Create Many. */
	items: fc.Arbitrary<IDataObject | IDataObject[]>;
	/** Which `METHOD /path` may go out. */
	allowed: RegExp;
	hold?(requests: ReceivedRequest[], items: IDataObject[], result: NodeResult): void;
}

const value = anything.map((given) => ({ value: given }) as IDataObject);
const fromItem = '={{ $json.value }}';
const tiers = '/v2/2/configurations/pricetiers';
const list = { operation: 'getAll', allowed: /^GET \/v2\/2\/patients$/ };
const write = { allowed: /^(GET|POST) \/v2\/2\/patients$/ };
const dana = mapped({ name_first: 'Dana', name_last: 'Writes' });
const posted = (requests: ReceivedRequest[]) => requests.filter(({ method }) => method === 'POST');

/** As it may stand in an address. */
const textOf = (given: unknown) =>
	(given instanceof Date ? given.toISOString() : String(given)).trim();

const byId = (operation: string): Input => ({
	...{ resource: 'priceTier', operation, items: value },
	parameters: {
		recordId: { __rl: true, mode: 'id', value: fromItem },
		columns: mapped({ name: 'x' }),
	},
	// After a record is deleted, a few others tell what the ID is called.
	allowed: new RegExp(`^((GET|PATCH|DELETE) ${tiers}/[^/]+|GET ${tiers})$`),
	hold(requests, [item]) {
		const ofOne = requests.filter(({ path }) => path !== tiers);
		expect(requests.length - ofOne.length).toBeLessThanOrEqual(operation === 'delete' ? 1 : 0);
		for (const { path } of ofOne) {
			const sent = decodeURIComponent(path.slice(tiers.length + 1));
			expect(sent).toBe(textOf(item.value));
			expect(['.', '..']).not.toContain(sent);
		}
	},
});

/** As JSON.parse makes it: `__proto__` is a key of its own. */
function fields(entries: Array<[string, unknown]>): IDataObject {
	const jsonOf = (each: unknown) => JSON.stringify(each) ?? 'null';
	const pairs = entries.map(([key, each]) => `${JSON.stringify(key)}:${jsonOf(each)}`);
	return JSON.parse(`{${pairs.join()}}`) as IDataObject;
}

const someFields = fc
	.array(fc.tuple(name, anything), { minLength: 1, maxLength: 4 })
	.map((entries) => fields(entries));

/** An empty list is a value where nothing is known of the field. */
function isNothing(given: unknown): boolean {
	if (typeof given === 'string') return given.trim() === '';
	if (typeof given !== 'object' || given === null) return given === null;
	if (!Array.isArray(given)) return Object.keys(given).length === 0;
	const isNone = (each: unknown) => isNothing(each) || (Array.isArray(each) && each.length === 0);
	return given.length > 0 && given.every(isNone);
}

/** All but the empty ones and those without a heading; what can be no field is left out, and named. */
function expectAllSent(requests: ReceivedRequest[], items: IDataObject[], result: NodeResult) {
	const bodies = posted(requests).flatMap(({ body }) => body as object);
	for (const [index, body] of bodies.entries()) {
		const filled = Object.entries(items[index]).filter(
			([key, each]) => key.trim() !== '' && !isNothing(each),
		);
		const wanted = filled.map(([key]) => key);
		const sent = Object.keys(body);
		const left = wanted.filter((key) => !sent.includes(key));
		expect(sent.filter((key) => !wanted.includes(key))).toEqual([]);
		// As the API writes its names.
		expect(left.filter((key) => /^[a-z_][a-z0-9_.]*$/.test(key))).toEqual([]);
		// Headings that look like values may be those of a patient, and are counted.
		const isNamed = (key: string) =>
			result.hints.some((hint) => hint.includes(key.slice(0, 50)) || /not named here/.test(hint));
		// n8n drops the hints of a node that fails.
		if (!result.error) expect(left.filter((key) => !isNamed(key))).toEqual([]);
	}
}

const columnsOfItem = { ...write, parameters: { columns: automatic }, hold: expectAllSent };
const numbers = fc.oneof(anything, fc.double(), fc.integer(), fc.maxSafeInteger());
const number = numbers.map((given) => ({ value: given }) as IDataObject);

const inputs: Record<string, Input> = {
	'the ID to read': byId('get'),
	'the ID to change': byId('update'),
	'the ID to delete': byId('delete'),
	'the practice': {
		...{ operation: 'count', items: value, parameters: { options: { practiceId: fromItem } } },
		allowed: /^GET \/v2\/[1-9]\d*\/patients$/,
		hold(requests, [item]) {
			for (const { practiceId } of requests)
				expect([textOf(item.value), '2']).toContain(practiceId);
		},
	},
	'the sort': {
		...{ ...list, items: fc.record({ value: anything, way: anything }) as never },
		parameters: { limit: 5, sort: { by: [{ field: fromItem, direction: '={{ $json.way }}' }] } },
	},
	'the limit': { ...list, items: number, parameters: { limit: fromItem } },
	'the time-out': { ...list, items: number, parameters: { options: { timeout: fromItem } } },
	'other parameters': {
		...{ ...list, operation: 'count', items: fc.record({ name, value: anything }) as never },
		parameters: {
			filters: { custom: { parameter: [{ name: '={{ $json.name }}', value: fromItem }] } },
		},
		hold(requests, [item], { error }) {
			// A filter that is left out in silence would let through what it was to keep out.
			const isEmpty = [item.name, item.value].some(
				(each) => each === '' || (each ?? null) === null,
			);
			const isLost = !error && requests.some(({ query }) => Object.keys(query).length < 3);
			expect(isLost && !isEmpty).toBe(false);
		},
	},
	'Match On': {
		...{ ...write, operation: 'findOrCreate' },
		items: fc
			.oneof(anything, fc.array(name), fc.constant(['name_last']))
			.map((given) => ({ value: given }) as IDataObject),
		parameters: { columns: dana, matchOn: fromItem },
		hold(requests, _items, { error, records }) {
			// No patient has these names, so whoever is found was not looked for.
			if (!error) expect(records).toMatchObject([{ _created: true }]);
			expect(posted(requests)).toHaveLength(error ? 0 : 1);
		},
	},
	'the batch size': {
		...{ ...write, operation: 'createMany' },
		items: value.map((item) => Array.from({ length: 7 }, (_, index) => ({ ...item, index }))),
		parameters: { columns: dana, options: { batchSize: fromItem } },
		hold(requests, _items, { error }) {
			const sent = posted(requests).flatMap(({ body }) => body as unknown[]);
			expect(sent).toHaveLength(error ? 0 : 7);
		},
	},
	'Dry Run': {
		...{ ...write, operation: 'create', items: value },
		parameters: { columns: dana, options: { dryRun: fromItem } },
		hold(requests, [item]) {
			// Whoever says yes in any way does not mean no.
			if (item.value === true || item.value === 'true') expect(requests).toEqual([]);
		},
	},
	'the columns of an item': { ...columnsOfItem, operation: 'create', items: someFields },
	'the columns of several items': {
		...{ ...columnsOfItem, operation: 'createMany' },
		items: fc.array(someFields, { minLength: 1, maxLength: 4 }),
	},
	'additional fields': {
		...{
			...write,
			operation: 'create',
			items: fc.record({ name: anything, value: anything }) as never,
		},
		parameters: {
			columns: mapped({ name_last: 'Writes' }),
			additionalFields: { field: [{ name: '={{ $json.name }}', value: fromItem }] },
		},
		hold(requests, [item]) {
			const isNamed = item.name !== '' && (item.name ?? null) !== null && item.name !== 'name_last';
			const isSent = isNamed && item.value !== undefined;
			for (const { body } of posted(requests)) {
				expect(Object.keys(body as object)).toHaveLength(isSent ? 2 : 1);
			}
		},
	},
};

test.each(Object.entries(inputs))('%s', async (_, input) => {
	const { resource = 'patient', operation, parameters, allowed } = input;
	const { apiUrl, authUrl } = practice.simulator;
	const client = await practice.simulator.createClient({ practiceIds: [2, 123] });
	const credential = StoredCredential.for(practice.simulator, client);
	await property(80, input.items, async (given) => {
		await practice.simulator.reset({ data: operation === 'findOrCreate' });
		connections.begin();
		const items = Array.isArray(given) ? given : [given];
		const result = await practice.run(resource, operation, parameters, { credential, items });
		const requests = await practice.received();
		const lines = requests.map(({ method, path }) => `${method} ${path}`);
		expect(lines.filter((line) => !allowed.test(line))).toEqual([]);
		connections.expectHeld(result, [apiUrl, authUrl], [String(client.clientSecret)]);
		input.hold?.(requests, items, result);
	});
});
