// Whatever a user or an expression puts into a parameter of reading, or into a record ID: requests go to
// the API alone, and to the path of that operation; nothing that all code shares is changed; out come
// records or a sentence.
import { attempts, fromItem, property } from './attempt.ts';

import fc from 'fast-check';
import type { IDataObject, INodeType } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { byId, mapped } from '../harness/simulatedPractice.ts';
import { anything, text } from './values.ts';

const { attempt } = attempts();

/** As it may stand in an address. */
function textOf(value: unknown): string {
	return value instanceof Date ? value.toISOString() : String(value);
}

describe('record ID', () => {
	const list = '/v2/2/configurations/pricetiers';
	const segment = `${list}/([^/]+)$`;
	test.each(['get', 'update', 'delete'])('%s', async (operation) => {
		await property(120, anything, async (value) => {
			const { requests } = await attempt({
				...{ resource: 'priceTier', operation, value },
				parameters: {
					recordId: { __rl: true, mode: 'id', value: fromItem },
					columns: mapped({ name: 'x' }),
				},
				// After a record is deleted, a few others tell what the ID is called.
				allowed: new RegExp(`^((GET|PATCH|DELETE) ${segment}|GET ${list}$)`),
			});
			const lists = requests.filter(({ path }) => path === list);
			expect(lists.length).toBeLessThanOrEqual(operation === 'delete' ? 1 : 0);
			for (const { path } of requests.filter((each) => !lists.includes(each))) {
				const [, sent] = new RegExp(segment).exec(path) ?? [];
				expect(decodeURIComponent(sent)).toBe(textOf(value).trim());
				expect(['.', '..']).not.toContain(decodeURIComponent(sent));
			}
		});
	});

	test('as it is saved in a workflow', async () => {
		await property(40, text, async (id) => {
			// n8n takes the first for an expression, and runs the node with nothing else than the second.
			fc.pre(!id.startsWith('=') && /^\s*[^\s/\\]+\s*$/.test(id));
			await attempt({
				...{ resource: 'patient', operation: 'get', parameters: { recordId: byId(id) } },
				allowed: /^GET \/v2\/2\/patients\/[^/]+$/,
			});
		});
	});
});

const list = /^GET \/v2\/2\/patients$/;

test('practice', async () => {
	await property(150, anything, async (value) => {
		const { requests } = await attempt({
			...{ resource: 'patient', operation: 'count', value },
			parameters: { options: { practiceId: fromItem } },
			allowed: /^GET \/v2\/[1-9]\d*\/patients$/,
		});
		for (const { practiceId } of requests) {
			expect([String(value).trim(), '2']).toContain(practiceId);
		}
	});
});

test('sort', async () => {
	await property(120, fc.tuple(anything, anything), async ([value, direction]) => {
		const by = [{ field: fromItem, direction: '={{ $json.direction }}' }];
		await attempt({
			...{ resource: 'patient', operation: 'getAll' },
			items: [{ value, direction } as IDataObject],
			parameters: { returnAll: false, limit: 5, sort: { by } },
			allowed: list,
		});
	});
});

test('filters of the form', async () => {
	const each = fc.tuple(
		fc.oneof(anything, fc.constant('june@example.com'), fc.emailAddress()),
		fc.oneof(anything, fc.constantFrom('(512) 555-0100', 5125550100)),
		fc.oneof(anything, fc.constantFrom('2000-01-31', new Date(0)), fc.date()),
	);
	await property(150, each, async ([email, phone, dob]) => {
		const parameters = {
			filters: {
				email: '={{ $json.email }}',
				phone: '={{ $json.phone }}',
				dob: '={{ $json.dob }}',
			},
		};
		const { requests } = await attempt({
			...{ resource: 'patient', operation: 'count', parameters, allowed: list },
			items: [{ email, phone, dob } as IDataObject],
		});
		for (const { query } of requests) {
			expect(['page', 'page_size', 'email', 'phone', 'dob']).toEqual(
				expect.arrayContaining(Object.keys(query)),
			);
		}
	});
});

test.each(['limit', 'timeout'])('%s', async (parameter) => {
	const numbers = fc.oneof(anything, fc.double(), fc.integer(), fc.maxSafeInteger());
	await property(80, numbers, async (value) => {
		const chosen = parameter === 'limit' ? { limit: fromItem } : { limit: 5 };
		const options: IDataObject = parameter === 'timeout' ? { timeout: fromItem } : {};
		await attempt({
			...{ resource: 'patient', operation: 'getAll', value, allowed: list },
			parameters: { returnAll: false, ...chosen, options },
		});
	});
});

test('fields of a tool', async () => {
	const nodeType: INodeType = new EyeCloudPro();
	nodeType.description = { ...nodeType.description, name: 'eyeCloudProTool' };
	await property(60, fc.tuple(anything, anything), async ([fields, output]) => {
		await attempt({
			...{ resource: 'patient', operation: 'getAll', allowed: list, nodeType },
			items: [{ fields, output } as IDataObject],
			parameters: {
				...{ returnAll: false, limit: 5 },
				output: fields === undefined ? '={{ $json.output }}' : 'selected',
				fields: '={{ $json.fields }}',
			},
		});
	});
});
