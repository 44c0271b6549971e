// Whatever a user or an expression puts into the parameters of writing, apart from the fields themselves:
// what is created is what was asked for, or nothing.
import { attempts, fromItem, property } from './attempt.ts';

import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { mapped } from '../harness/simulatedPractice.ts';
import { anything, name, nastyTexts } from './values.ts';

const { attempt, practice } = attempts();

const write = /^(GET|POST) \/v2\/2\/patients$/;
const columns = mapped({ name_first: 'Dana', name_last: '={{ $json.last ?? "Writes" }}' });

test('Match On', async () => {
	const chosen = fc.oneof(anything, fc.array(name), fc.array(anything), fc.constant(['name_last']));
	await property(150, chosen, async (value) => {
		await practice.simulator.reset({ data: true });
		const { result, requests } = await attempt({
			...{ resource: 'patient', operation: 'findOrCreate', value, allowed: write },
			parameters: { columns, matchOn: fromItem },
		});
		// No patient has these names, so whoever is found was not looked for.
		if (!result.error) expect(result.records).toMatchObject([{ _created: true }]);
		const posts = requests.filter(({ method }) => method === 'POST');
		expect(posts).toHaveLength(result.error ? 0 : 1);
	});
});

test('values that Match On compares', async () => {
	await property(80, fc.constantFrom(...nastyTexts), async (last) => {
		const { requests } = await attempt({
			...{ resource: 'patient', operation: 'findOrCreate', allowed: write },
			...{ items: [{ last }], parameters: { columns, matchOn: ['name_last'] } },
		});
		expect(requests.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(1);
	});
});

test.each(['batchSize', 'bodyKey'])('%s', async (option) => {
	await property(100, anything, async (value) => {
		const items = Array.from({ length: 7 }, (_, index) => ({ value, index }) as IDataObject);
		const { requests, result } = await attempt({
			...{ resource: 'patient', operation: 'createMany', items, allowed: write },
			parameters: { columns, options: { [option]: fromItem } },
		});
		const sent = requests.map(({ body }) => (Array.isArray(body) ? body.length : 0));
		const all = sent.reduce((a, b) => a + b, 0);
		if (option === 'batchSize') expect(all).toBe(result.error ? 0 : 7);
		else expect(requests.length).toBeLessThanOrEqual(1);
	});
});

test('Dry Run', async () => {
	await property(60, anything, async (value) => {
		const { requests } = await attempt({
			...{ resource: 'patient', operation: 'create', value, allowed: write },
			parameters: { columns, options: { dryRun: fromItem } },
		});
		// Whoever says yes in any way does not mean no.
		const isMeant = value === true || value === 'true';
		if (isMeant) expect(requests).toEqual([]);
	});
});
