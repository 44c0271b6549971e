// Create or Update of a vendor's 5,000 frames: how many requests it costs, and that the second night costs no
// write.
import { automatic, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const FRAMES = 5_000;
const practice = simulatedPractice({ patients: 5, size: FRAMES / 320 });

test('200 changed and 50 new: 21 reads, 200 updates, one request for what is new', async () => {
	const stored = await practice.simulator.records(2, '/pricebooks/frames');
	expect(stored).toHaveLength(FRAMES);
	const known = stored.map(({ sku, description, brand, model, color, price }, index) => ({
		...{ sku, description, brand, model, color },
		price: index % 25 === 0 ? Number(price) + 1 : String(price),
	}));
	const fresh = Array.from({ length: 50 }, (_, index) => ({
		...{ sku: `NEW-${index}`, description: `New ${index}`, brand: 'Example', price: 100 },
	}));
	const items = [...known, ...fresh] as IDataObject[];
	const night = async () => {
		await practice.simulator.reset();
		const { rss } = process.memoryUsage();
		const startMs = performance.now();
		const parameters = { columns: automatic, matchOn: ['sku'] };
		const result = await practice.run('frame', 'upsert', parameters, { items });
		expect(result.error).toBeUndefined();
		const counted: Record<string, number> = {};
		for (const { method } of await practice.received()) {
			counted[method] = (counted[method] ?? 0) + 1;
		}
		if (process.env.EYECLOUDPRO_FIGURES) {
			const grown = Math.round((process.memoryUsage().rss - rss) / 2 ** 20);
			const took = Math.round(performance.now() - startMs);
			process.stderr.write(`${JSON.stringify(counted)} in ${took} ms, ${grown} MB more\n`);
		}
		return { counted, actions: result.records.map(({ _action }) => _action) };
	};
	const first = await night();
	// The last page is full, so that one more is read up to the first answer.
	expect(first.counted).toEqual({ GET: 21, PATCH: 200, POST: 1 });
	const wanted = items.map((_, index) =>
		index >= FRAMES ? 'created' : index % 25 === 0 ? 'updated' : 'unchanged',
	);
	expect(first.actions).toEqual(wanted);

	const second = await night();
	expect(second.counted).toEqual({ GET: 21 });
	expect(new Set(second.actions)).toEqual(new Set(['unchanged']));
}, 60_000);
