// Requests and seconds of Look Up against reading all, for 1,000, 10,000 and 200,000 patients whose API answers after
// 100 ms. Prints a table: `npm run bench:lookup`. Not one of the usual tests.
import type { IDataObject } from 'n8n-workflow';

import { runNode } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';
import { startSimulator, type Simulator } from '../simulator/start.ts';

const LATENCY_MS = 100;
const SIZES = (process.env.EYECLOUDPRO_PATIENTS ?? '1000,10000,200000').split(',').map(Number);
/** Of as many different patients as are looked for. */
const LOOKED_FOR = 5;

interface Row {
	patients: number;
	what: string;
	found: number;
	requests: number;
	seconds: number;
}

test('Look Up against reading all', async () => {
	const rows: Row[] = [];
	for (const patients of SIZES) {
		const simulator = await startSimulator({
			...{ patients, latencyMs: LATENCY_MS },
			rateLimit: { requestsPerMinute: 1_000_000 },
		});
		try {
			rows.push(...(await measured(simulator, patients)));
		} finally {
			await simulator.stop();
		}
	}
	process.stderr.write(`${tableOf(rows)}\n`);
	for (const { what, requests, patients } of rows) {
		if (what !== 'reading all') expect(requests).toBeLessThanOrEqual(Math.max(8, patients / 2_500));
	}
}, 900_000);

async function measured(simulator: Simulator, patients: number): Promise<Row[]> {
	const client = await simulator.createClient({ practiceIds: [2] });
	const credential = StoredCredential.for(simulator, client, { requestsPerMinute: 1_000_000 });
	const stored = (await simulator.records(2, '/patients')) as IDataObject[];
	const read = async (parameters: IDataObject) => {
		await simulator.reset();
		const startMs = performance.now();
		const { error, records } = await runNode({
			credential,
			parameters: {
				...{ resource: 'patient', operation: 'getAll', returnAll: true, simplify: false },
				...parameters,
			},
		});
		expect(error).toBeUndefined();
		const seconds = (performance.now() - startMs) / 1_000;
		const requests = (await simulator.received({ method: 'GET' })).length;
		return { found: records.length, requests, seconds };
	};
	const lookUps = [
		['is', (name: string) => name],
		['beginsWith', (name: string) => name.slice(0, 2)],
	] as const;
	const rows: Row[] = [];
	for (const [condition, typed] of lookUps) {
		const all: Array<Omit<Row, 'patients' | 'what'>> = [];
		for (let nth = 0; nth < LOOKED_FOR; nth++) {
			const patient = stored[Math.floor(((nth + 0.5) * patients) / LOOKED_FOR)];
			const value = typed(String(patient.name_last));
			const lookup = { by: [{ field: 'name_last', condition, value }] };
			all.push(await read({ lookup } as unknown as IDataObject));
		}
		const mean = (name: 'found' | 'requests' | 'seconds') =>
			all.reduce((sum, one) => sum + one[name], 0) / all.length;
		const what = condition === 'is' ? 'last name is' : 'last name begins with two letters';
		rows.push({
			...{ patients, what, found: mean('found'), requests: mean('requests') },
			seconds: mean('seconds'),
		});
	}
	return [...rows, { patients, what: 'reading all', ...(await read({})) }];
}

function tableOf(rows: Row[]): string {
	const lines = rows.map(({ patients, what, found, requests, seconds }) =>
		[patients, what, Math.round(found), requests.toFixed(1), seconds.toFixed(1)].join(' | '),
	);
	return ['patients | Look Up | found | requests | seconds', '---|---|---|---|---', ...lines].join(
		'\n',
	);
}
