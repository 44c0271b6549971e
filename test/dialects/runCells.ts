// Runs cells of the table in the real n8n-core, and writes down what came out. Called by the tests in this
// folder.
import { simulatedPractice, type SimulatedPractice } from '../harness/simulatedPractice.ts';

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { useClock } from '../harness/fastTime.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';
import { usualDialect } from '../simulator/dialect.ts';
import { FakeClock } from '../harness/fakeClock.ts';
import { cells } from './cells.ts';
import { Scene, type Outcome } from './scene.ts';
import type { Variant } from './variants.ts';

/** A whole page and a bit. */
const PATIENTS = 260;

export function practiceForCells(): SimulatedPractice {
	return simulatedPractice({ patients: PATIENTS, size: 0.05, dialect: {} });
}

/** @param credential one that has been used before, whose token may be over */
export async function runCell(
	practice: SimulatedPractice,
	variant: Variant,
	cell: string,
	credential: StoredCredential = practice.credential,
): Promise<Outcome> {
	// Time stands still but for waits, from the real time on, or no token would ever be over.
	useClock(new FakeClock(Date.now()));
	const before = await everythingStored(practice);
	await practice.simulator.configure({ dialect: variant.dialect });
	if (variant.differences) {
		credential.change({ apiDifferences: JSON.stringify(variant.differences) });
	}
	const scene = new Scene(practice, { ...usualDialect, ...variant.dialect }, credential);
	let cameOut: string;
	try {
		cameOut = await cells[cell](scene);
	} catch (error) {
		const { message, description } = error as Error & { description?: string };
		cameOut = `${message}. ${description ?? ''}`.trim();
		scene.promise(false, 'an answer');
	}
	if (!variant.says) return { cameOut, broken: scene.broken };
	const broken = variant.says.test(cameOut) ? [] : [`it says ${String(variant.says)}`];
	const writes = (await everythingStored(practice)) - before;
	// The cells of the trigger and of Get, not there change one record themselves.
	if (!/Trigger|not there/.test(cell) && writes !== 0) broken.push('nothing is created');
	return { cameOut, broken };
}

async function everythingStored({ simulator }: SimulatedPractice): Promise<number> {
	const paths = ['/patients', '/orders', '/configurations/pricetiers'];
	const all = await Promise.all(paths.map((path) => simulator.records(2, path)));
	return all.reduce((sum, { length }) => sum + length, 0);
}

/** Credentials, one for each name, whose tokens are over. */
export async function credentialsWithExpiredTokens(
	practice: SimulatedPractice,
	names: string[],
): Promise<Map<string, StoredCredential>> {
	const { simulator } = practice;
	await simulator.configure({ tokenLifetimeSeconds: 1 });
	const credentials = new Map<string, StoredCredential>();
	const prepare = async (name: string) => {
		const credential = await practice.credentialFor({ practiceIds: [2] });
		await practice.run('store', 'count', {}, { credential });
		credentials.set(name, credential);
	};
	await Promise.all(names.map(prepare));
	await simulator.configure({ tokenLifetimeSeconds: 3_600 });
	await new Promise((resolve) => setTimeout(resolve, 1_100));
	return credentials;
}

export type Table = Map<string, Map<string, Outcome>>;

/** The table in Markdown: what holds, then for each row what came out. */
export function writeTable(table: Table, file: string): void {
	const names = Object.keys(cells);
	const all = [...table.values()].flatMap((row) => [...row.values()]);
	const held = all.filter(({ broken }) => broken.length === 0).length;
	const lines = [
		'# Dialects × operations',
		'',
		`${held} of ${all.length} cells hold.`,
		'',
		`| dialect | ${names.join(' | ')} |`,
		`| --- |${names.map(() => ' :-: |').join('')}`,
	];
	for (const [variant, row] of table) {
		const marks = names.map((name) => {
			const outcome = row.get(name);
			return outcome ? (outcome.broken.length === 0 ? '✓' : '**✗**') : '';
		});
		lines.push(`| ${variant} | ${marks.join(' | ')} |`);
	}
	for (const [variant, row] of table) {
		lines.push('', `## ${variant}`, '');
		for (const [name, { cameOut, broken }] of row) {
			const text = cameOut.replace(/\s+/g, ' ').slice(0, 400);
			lines.push(`- ${broken.length === 0 ? '✓' : '✗'} ${name}: ${text}`);
			for (const sentence of broken) lines.push(`  - does not hold: ${sentence}`);
		}
	}
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, `${lines.join('\n')}\n`);
}
