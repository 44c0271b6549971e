// The whole table, dialects × operations: `npm run test:dialects`. What came out of each cell is written to
// .cache/dialects/table.md.
import { credentialsWithExpiredTokens, practiceForCells, runCell, writeTable } from './runCells.ts';

import { join } from 'node:path';
import type { StoredCredential } from '../harness/storedCredential.ts';
import { cells } from './cells.ts';
import type { Outcome } from './scene.ts';
import { variants } from './variants.ts';

const practice = practiceForCells();
const table = new Map<string, Map<string, Outcome>>();
const names = Object.keys(cells);

afterAll(() => {
	writeTable(table, join(__dirname, '..', '..', '.cache', 'dialects', 'table.md'));
});

describe.each(variants)('$name', (variant) => {
	const row = new Map<string, Outcome>();
	let credentials = new Map<string, StoredCredential>();

	beforeAll(async () => {
		table.set(variant.name, row);
		if (variant.hasExpiredToken) {
			credentials = await credentialsWithExpiredTokens(practice, names);
		}
	});

	test.each(names)('%s', async (name) => {
		const outcome = await runCell(practice, variant, name, credentials.get(name));
		row.set(name, outcome);
		expect(outcome).toEqual({ cameOut: outcome.cameOut, broken: [] });
	});
});
