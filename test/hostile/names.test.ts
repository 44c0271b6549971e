// Whatever names a user or an expression gives to fields and query parameters: `__proto__` and what
// every object inherits are names like others. Nothing that was to be sent is left out in silence.
import { attempts, fromItem, property } from './attempt.ts';

import fc from 'fast-check';
import type { NodeResult } from '../harness/runNode.ts';
import type { IDataObject } from 'n8n-workflow';

import { automatic, mapped } from '../harness/simulatedPractice.ts';
import { anything, name } from './values.ts';

const { attempt } = attempts();

test('other parameters', async () => {
	await property(150, fc.tuple(name, anything), async ([parameterName, value]) => {
		const parameter = [{ name: '={{ $json.name }}', value: fromItem }];
		const { result, requests } = await attempt({
			...{ resource: 'patient', operation: 'count', allowed: /^GET \/v2\/2\/patients$/ },
			items: [{ name: parameterName, value } as IDataObject],
			parameters: { filters: { custom: { parameter } } },
		});
		// A filter that is left out in silence would let through what it was to keep out.
		const isEmpty = parameterName === '' || value === '' || value === null || value === undefined;
		const isLost = !result.error && requests.some(({ query }) => Object.keys(query).length < 3);
		expect(isLost && !isEmpty).toBe(false);
	});
});

/** What the headings of an item mean is asked of the API once. */
const create = /^(GET|POST) \/v2\/2\/patients$/;

/** As JSON.parse makes it: `__proto__` is a key of its own. */
function fields(entries: Array<[string, unknown]>): IDataObject {
	const pairs = entries.map(([key, value]) => `${JSON.stringify(key)}:${jsonOf(value)}`);
	return JSON.parse(`{${pairs.join()}}`) as IDataObject;
}

/** Null for what JSON has no form for. */
function jsonOf(value: unknown): string {
	return JSON.stringify(value) ?? 'null';
}

const someFields = fc.array(fc.tuple(name, anything), { minLength: 1, maxLength: 4 });

/** An empty list is a value where nothing is known of the field. */
function isNothing(value: unknown): boolean {
	if (typeof value === 'string') return value.trim() === '';
	if (typeof value !== 'object' || value === null) return value === null;
	if (!Array.isArray(value)) return Object.keys(value).length === 0;
	return value.length > 0 && value.every((inner) => isNothing(inner) || isEmptyList(inner));
}

const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;

/** As the API writes its names. */
const IS_NAME = /^[a-z_][a-z0-9_.]*$/;

/** All but the empty ones and those without a heading; what can be no field is left out, and named. */
function expectAllSent(item: IDataObject, bodies: unknown[], { error, hints }: NodeResult) {
	for (const body of bodies) {
		const wanted = Object.entries(item)
			.filter(([key, value]) => key.trim() !== '' && !isNothing(value))
			.map(([key]) => key);
		const sent = Object.keys(body as object);
		const left = wanted.filter((key) => !sent.includes(key));
		expect(sent.filter((key) => !wanted.includes(key))).toEqual([]);
		expect(left.filter((key) => IS_NAME.test(key))).toEqual([]);
		// Headings that look like values may be those of a patient, and are counted.
		const isNamed = (key: string) =>
			hints.some((hint) => hint.includes(key.slice(0, 50)) || hint.includes('not named here'));
		// n8n drops the hints of a node that fails.
		if (!error) expect(left.filter((key) => !isNamed(key))).toEqual([]);
	}
}

test.each([false, true])('columns from the item, continue on fail: %s', async (continueOnFail) => {
	await property(80, someFields, async (entries) => {
		const item = fields(entries);
		const { requests, result } = await attempt({
			...{ resource: 'patient', operation: 'create', allowed: create, continueOnFail },
			...{ items: [item], parameters: { columns: automatic } },
		});
		expectAllSent(item, bodiesOf(requests), result);
	});
});

test('columns of the form', async () => {
	await property(80, someFields, async (entries) => {
		const item = fields(entries);
		const value = fields(Object.keys(item).map((key) => [key, `={{ $json[${jsonOf(key)}] }}`]));
		const { requests } = await attempt({
			...{ resource: 'patient', operation: 'create', allowed: create },
			...{ items: [item], parameters: { columns: mapped(value) } },
		});
		expect(requests.length).toBeLessThanOrEqual(1);
	});
});

test('additional fields', async () => {
	await property(80, fc.tuple(anything, anything), async ([fieldName, value]) => {
		const field = [{ name: '={{ $json.name }}', value: fromItem }];
		const { requests } = await attempt({
			...{ resource: 'patient', operation: 'create', allowed: create },
			items: [{ name: fieldName, value } as IDataObject],
			parameters: { columns: mapped({ name_last: 'Writes' }), additionalFields: { field } },
		});
		for (const body of bodiesOf(requests)) {
			const isNamed = fieldName !== '' && fieldName !== null && fieldName !== undefined;
			const isSent = isNamed && value !== undefined && fieldName !== 'name_last';
			expect(Object.keys(body as object)).toHaveLength(isSent ? 2 : 1);
		}
	});
});

test('items of Create Many', async () => {
	await property(80, fc.array(someFields, { minLength: 1, maxLength: 4 }), async (all) => {
		const items = all.map(fields);
		const { requests, result } = await attempt({
			...{ resource: 'patient', operation: 'createMany', allowed: create },
			...{ items, parameters: { columns: automatic } },
		});
		for (const body of bodiesOf(requests)) {
			(body as unknown[]).forEach((each, index) => expectAllSent(items[index], [each], result));
		}
	});
});

function bodiesOf(requests: Array<{ method: string; body?: unknown }>): unknown[] {
	return requests.flatMap(({ method, body }) => (method === 'POST' ? [body] : []));
}
