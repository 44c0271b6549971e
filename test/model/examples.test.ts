// What went wrong once, one test each: work that was done twice or in the wrong place, and what went
// missing or came for everybody. Written from what users were told would hold.
import { simulatedPractice, mapped } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { settingsCase, simulated } from './play.ts';

simulated();
const practice = simulatedPractice({ patients: 48 });

describe('twice: with Retry On Fail and On Error Continue', () => {
	const continuing = [
		{ onError: 'continueRegularOutput', tries: 3 },
		{ onError: 'continueErrorOutput', tries: 5 },
	] as const;

	test.each(continuing)('the first item is refused for good ($onError)', async (settings) => {
		const refused = { fault: { how: 'refused', times: 99 } } as const;
		const runs = [[refused, {}, {}, {}]];
		await settingsCase({ operation: 'create', resource: 'patient', runs, ...settings });
	});

	test.each(continuing)('the outcome of the first item is unknown ($onError)', async (settings) => {
		for (const after of [undefined, true] as const) {
			const runs = [[{ fault: { how: 'reset', after } as const }, {}, {}, {}]];
			await settingsCase({ operation: 'create', resource: 'patient', runs, ...settings });
		}
	});

	test.each(continuing)('Create Many: the first batch is refused ($onError)', async (settings) => {
		const refused = { fault: { how: 'refused', times: 99 } } as const;
		const runs = [[refused, {}, {}, {}]];
		const batches = { batchSize: 2, runs, ...settings };
		await settingsCase({ operation: 'createMany', resource: 'patient', ...batches });
	});

	test.each(continuing)('a Delete that worked stays one ($onError)', async (settings) => {
		const runs = [[{ fails: 'refused' as const }, {}, {}]];
		await settingsCase({ operation: 'delete', resource: 'priceTier', runs, ...settings });
	});
});

describe('twice: otherwise', () => {
	test.each([undefined, true] as const)(
		'the Retry button of an execution that failed at the third item (restarted: %s)',
		async (restarted) => {
			const runs = [[{}, {}, { fault: { how: 'refused' } as const }, {}]];
			const retries = [{ restarted }];
			await settingsCase({ operation: 'create', resource: 'patient', runs, retries });
			await settingsCase({
				operation: 'createMany',
				resource: 'patient',
				batchSize: 1,
				runs,
				retries,
			});
		},
	);

	test('the Retry button of the first execution once more, though its retry has gone further', async () => {
		const refused = { fault: { how: 'refused', times: 1 } } as const;
		const runs = [[{}, refused, {}, refused, {}]];
		const retries = [{}, { ofFirst: true } as const, {}];
		await settingsCase({ operation: 'create', resource: 'patient', runs, retries });
		await settingsCase({
			operation: 'createMany',
			resource: 'patient',
			batchSize: 1,
			runs,
			retries,
		});
		const matchOn = ['email' as const];
		await settingsCase({ operation: 'findOrCreate', resource: 'patient', matchOn, runs, retries });
	});

	test('a column with another value at each try', async () => {
		const runs = [[{}, {}, { fault: { how: 'refused' } as const }, {}, {}]];
		await settingsCase({ operation: 'create', resource: 'patient', runs, varies: true, tries: 2 });
	});

	test('230 executions at once, in each of which something is refused at first', async () => {
		const times = 230;
		const runs = [[{}, { fault: { how: 'refused', times } as const }]];
		const settings = { runs, tries: 5, atOnce: times, automatic: true } as const;
		await settingsCase({ operation: 'create', resource: 'priceTier', ...settings });
	}, 120_000);
});

describe('in the wrong place', () => {
	test.each(['create', 'createMany', 'findOrCreate', 'update', 'delete'] as const)(
		'%s: the option Practice Client ID is an expression that gives nothing',
		async (operation) => {
			for (const nothing of ['undefined', 'null', 'blank'] as const) {
				await settingsCase({
					operation,
					resource: operation === 'update' || operation === 'delete' ? 'priceTier' : 'patient',
					matchOn: operation === 'findOrCreate' ? ['email'] : undefined,
					runs: [[{}, { practice: nothing }]],
				});
			}
		},
	);

	test.each(['create', 'createMany', 'findOrCreate', 'get', 'count'] as const)(
		'%s: the Practice Client ID of the credential is an expression',
		async (operation) => {
			await settingsCase({
				operation,
				resource: 'patient',
				matchOn: operation === 'findOrCreate' ? ['email'] : undefined,
				practiceIn: 'credential',
				runs: [[{ practice: 123 }, {}, { practice: 123 }]],
			});
		},
	);

	/** Creates one record and looks whether another one is taken for it. */
	async function found(resource: string, path: string, known: IDataObject, item: IDataObject) {
		await practice.simulator.addRecord(2, path, { ...known });
		const matchOn = Object.keys(known);
		const columns = mapped(
			Object.fromEntries(Object.keys(item).map((name) => [name, `={{ $json.${name} }}`])),
		);
		const more = { items: [item], timezone: 'UTC' };
		const result = await practice.run(resource, 'findOrCreate', { columns, matchOn }, more);
		expect(result.error).toBeUndefined();
		return result.records[0]._created === false;
	}

	test('Find or Create tells times of day apart', async () => {
		const morning = { patient_id: 1001, start_date: '2031-07-01T09:00:00' };
		const afternoon = { patient_id: 1001, start_date: '2031-07-01T14:30:00', store_id: 1 };
		expect(await found('appointment', '/appointments', morning, afternoon)).toBe(false);
		const other = { ...morning, patient_id: 1004 };
		const again = { ...other, store_id: 1 };
		expect(await found('appointment', '/appointments', other, again)).toBe(true);
	});

	test('Find or Create tells texts apart that begin with the same day', async () => {
		const smith = { sku: '2025-01-15 Smith' };
		const jones = { description: 'Half round', brand: 'Example', price: 99 };
		const item = { ...jones, sku: '2025-01-15 Jones' };
		expect(await found('frame', '/pricebooks/frames', smith, item)).toBe(false);
	});

	test('Find or Create tells codes apart that have the same number, whatever the field is called', async () => {
		for (const name of ['miscellaneous', 'cell_code', 'phone_model']) {
			await practice.simulator.addField({ path: '/pricebooks/frames', name, value: 'none' });
			const frame = { description: 'Half round', brand: 'Example', price: 99, [name]: 'B-12' };
			expect(await found('frame', '/pricebooks/frames', { [name]: 'A-12' }, frame)).toBe(false);
		}
	});

	test('Find or Create refuses where records come back that lack the field to match on', async () => {
		const record = { patient_id: 1001, name_first: 'Ann', name_last: 'Lee', mobile: '5125550142' };
		const pagination = { page: 1, page_size: 250, total_pages: 1, total_count: 1 };
		await practice.simulator.addFault({
			match: { method: 'GET', times: 9 },
			fault: { kind: 'status', status: 200, body: { data: [record], pagination } },
		});
		const columns = mapped({ name_first: 'Ann', name_last: 'Lee', phone: '5125550142' });
		const { error } = await practice.run('patient', 'findOrCreate', {
			columns,
			matchOn: ['phone'],
		});
		expect(await practice.received('POST')).toEqual([]);
		expect(`${error?.message} ${error?.description}`).toMatch(/phone/i);
	});
});

describe('missing, or everybody', () => {
	test.each(['getAll', 'count'] as const)('%s: a filter that gives nothing', async (operation) => {
		for (const nothing of ['undefined', 'null', 'blank'] as const) {
			for (const resource of ['patient', 'frame'] as const) {
				await settingsCase({ operation, resource, runs: [[{ fails: nothing }]] });
				const continued = { onError: 'continueRegularOutput' as const };
				await settingsCase({
					operation,
					resource,
					runs: [[{}, { fails: nothing }, {}]],
					...continued,
				});
			}
		}
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'Create Many with one expression that throws (%s)',
		async (onError) => {
			const runs = [[{}, { fails: 'throws' as const }, {}]];
			await settingsCase({ operation: 'createMany', resource: 'patient', runs, onError });
			const practices = [[{}, { practice: 'null' as const }, {}]];
			await settingsCase({
				operation: 'createMany',
				resource: 'patient',
				runs: practices,
				onError,
			});
		},
	);

	test.each(['get', 'update', 'delete'] as const)(
		'%s: an id that gives nothing',
		async (operation) => {
			for (const nothing of ['undefined', 'null', 'blank'] as const) {
				const runs = [[{ fails: nothing }]];
				await settingsCase({
					operation,
					resource: operation === 'get' ? 'patient' : 'priceTier',
					runs,
				});
			}
		},
	);

	test('Find or Create: a field to match on that gives nothing', async () => {
		for (const nothing of ['undefined', 'null', 'blank'] as const) {
			const runs = [[{ fails: nothing }, {}]];
			const settings = { resource: 'patient' as const, runs, matchOn: ['email' as const] };
			await settingsCase({ operation: 'findOrCreate', ...settings });
			await settingsCase({ operation: 'findOrCreate', ...settings, automatic: true });
		}
	});
});
