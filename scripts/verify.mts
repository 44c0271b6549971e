// `npm run verify`: what n8n's verification asks for and a machine can tell, on the packed tarball. The last
// line is `N passed, N failed`, which the exit code goes by. `--only NAME` makes one check; `--package
// FOLDER` takes an unpacked package, and `--source FOLDER` other sources.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, pack, root } from './packing.mts';
import { appearanceChecks } from './verification/appearance.mts';
import { contentChecks } from './verification/contents.mts';
import { hostChecks } from './verification/hosts.mts';
import { ruleChecks } from './verification/rules.mts';
import { subjectOf, type Check, type Subject } from './verification/subject.mts';

const checks: Check[] = [...ruleChecks, ...contentChecks, ...appearanceChecks, ...hostChecks];

const { values } = parseArgs({
	options: {
		only: { type: 'string' },
		package: { type: 'string' },
		source: { type: 'string', default: root },
		tarball: { type: 'string' },
	},
});

/** Below this project's folder, so that `n8n-workflow` is found from there. */
const cache = join(root, '.cache', 'verify');

async function unpacked(): Promise<{ folder: string; remove: () => Promise<void> }> {
	if (values.package) return { folder: resolve(values.package), remove: async () => {} };
	await mkdir(cache, { recursive: true });
	const scratch = await mkdtemp(join(cache, 'run-'));
	const tarball = values.tarball ?? (await packed(join(scratch, 'packed')));
	execFileSync('tar', ['-xzf', resolve(tarball), '-C', scratch]);
	const { size } = await stat(tarball);
	const folder = join(scratch, 'package');
	const { files } = await subjectOf(root, folder);
	console.log(`The tarball: ${(size / 1_000).toFixed(1)} kB, ${files.length} files`);
	return { folder, remove: () => rm(scratch, { recursive: true, force: true }) };
}

async function packed(folder: string): Promise<string> {
	await build();
	return await pack(folder);
}

async function findingsOf(check: Check, subject: Subject): Promise<string[]> {
	try {
		return await check.findings(subject);
	} catch (error) {
		return [error instanceof Error ? error.message : String(error)];
	}
}

const chosen = checks.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) throw new Error(`There is no check ${values.only}.`);
const { folder, remove } = await unpacked();
let failed = 0;
try {
	const subject = await subjectOf(resolve(values.source), folder);
	const widest = Math.max(...chosen.map(({ name }) => name.length));
	for (const check of chosen) {
		const findings = await findingsOf(check, subject);
		if (findings.length > 0) failed += 1;
		const verdict = findings.length > 0 ? 'FAILED' : 'passed';
		console.log(`${verdict}  ${check.name.padEnd(widest)}  ${check.requirement}`);
		for (const finding of findings)
			console.log(`        ${finding.replaceAll('\n', '\n        ')}`);
	}
} finally {
	await remove();
}
console.log(`\n${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
