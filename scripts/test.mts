// `npm test`; without the real n8n, `npm run test:fast`; with the suites that need more, `npm run test:all`;
// one such suite alone, e.g. `npm run test:browser`, with `--screenshots` to renew docs/images. Every check
// runs even if one before it failed. The last line is `N passed, N failed`, which the exit code goes by.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pack, root } from './packing.mts';
import { npmCommand } from './steps.mjs';
import { suites, type Suite } from './suites.mts';

/** What Jest writes about a run; of all that is in there, what is counted here. */
interface JestResults {
	numTotalTests: number;
	numPassedTests: number;
	numFailedTests: number;
	numPendingTests: number;
	numTodoTests: number;
	numRuntimeErrorTestSuites: number;
}

const folder = join(root, '.cache', 'test');
const { values } = parseArgs({
	options: {
		fast: { type: 'boolean', default: false },
		all: { type: 'boolean', default: false },
		suite: { type: 'string' },
		screenshots: { type: 'boolean', default: false },
	},
});
const tally = { passed: 0, failed: 0, skipped: 0 };

function count(title: string, passed: boolean, why = ''): boolean {
	tally[passed ? 'passed' : 'failed'] += 1;
	console.log(`${title}: ${passed ? 'passed' : 'FAILED'}${why && ` (${why})`}`);
	return passed;
}

interface Running {
	env?: Record<string, string>;
	/** For what runs beside others. */
	atItsEnd?: boolean;
}

/** Runs a command with its output shown as it comes, or all at its end; whether it succeeded. */
async function succeeds(
	command: string[],
	{ env, atItsEnd = false }: Running = {},
): Promise<boolean> {
	const output = atItsEnd ? 'pipe' : 'inherit';
	const child = spawn(command[0], command.slice(1), {
		cwd: root,
		env: { ...process.env, ...env },
		stdio: ['ignore', output, output],
		shell: command[0].endsWith('.cmd'),
	});
	const chunks: Buffer[] = [];
	for (const stream of [child.stdout, child.stderr]) {
		stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
	}
	const end = () => child.kill();
	process.once('SIGTERM', end);
	const [code] = (await once(child, 'close')) as [number | null];
	process.off('SIGTERM', end);
	process.stdout.write(Buffer.concat(chunks));
	return code === 0;
}

async function check(title: string, command: string[], atItsEnd = false): Promise<boolean> {
	console.log(`\n${title} …`);
	const startedAtMs = Date.now();
	const passed = await succeeds(command, { atItsEnd });
	return count(title, passed, `${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s`);
}

/** The command for a tool of node_modules, which npx would look for first. */
function tool(path: string, ...toolArguments: string[]): string[] {
	return [process.execPath, join(root, 'node_modules', ...path.split('/')), ...toolArguments];
}

/** Runs Jest and counts each of its tests. A suite that can't run counts as one that failed. */
async function jest(title: string, jestArguments: string[], running?: Running) {
	console.log(`\n${title} …`);
	const file = join(folder, `${title}.json`);
	await rm(file, { force: true });
	// After a test that failed, n8n-core may keep a handle open, and a run that can't end says nothing.
	const report = ['--json', `--outputFile=${file}`, '--forceExit'];
	const passed = await succeeds(tool('jest/bin/jest.js', ...report, ...jestArguments), running);
	if (!existsSync(file)) return count(title, false, 'Jest wrote no results');
	const results = JSON.parse(await readFile(file, 'utf8')) as JestResults;
	const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
	tally.passed += results.numPassedTests;
	tally.failed += failed;
	tally.skipped += results.numPendingTests + results.numTodoTests;
	if (results.numPassedTests + results.numFailedTests === 0) {
		return count(title, false, 'no test was executed');
	}
	if (!passed && failed === 0) return count(title, false, 'Jest failed without a failing test');
	return passed;
}

/** The tarball for verification and the real n8n, made anew; undefined where it can't be made. */
async function packed(): Promise<string | undefined> {
	if (!(await check('Build', [...npmCommand(), 'run', 'build']))) {
		count('Pack', false, 'there is no build');
		return undefined;
	}
	const tarball = await pack(join(folder, 'packed')).catch((error: Error) => {
		console.error(error.message);
		return undefined;
	});
	count('Pack', tarball !== undefined);
	return tarball;
}

/** All that needs no n8n, or n8n's core alone. */
async function withoutN8n(): Promise<void> {
	const compile = (project: string) => tool('typescript/bin/tsc', '-p', project, '--noEmit');
	// None of them needs another, so they share the time.
	await Promise.all([
		check('Formats', tool('prettier/bin/prettier.cjs', '--check', '.'), true),
		check('Lint', [...npmCommand(), 'run', 'lint'], true),
		check('Types of the package', compile('tsconfig.json'), true),
		check('Types of the tests', compile('test/tsconfig.json'), true),
	]);
	const apart = ['n8n', 'verification', ...suites.map(({ name }) => name)];
	// The whole table takes minutes: `npm run test:dialects`.
	const others = [...apart.map((name) => `test/${name}/`), 'test/dialects/table'];
	await jest('Tests without the real n8n', [
		'--testPathIgnorePatterns',
		'/node_modules/',
		...others,
	]);
}

/** What n8n's verification asks for, and that each check of it says no to what is broken. */
async function verification(tarball: string | undefined): Promise<void> {
	if (tarball === undefined) {
		count('Verification', false, 'there is no packed package');
		return;
	}
	const verify = join(root, 'scripts', 'verify.mts');
	await check('Verification', [process.execPath, verify, '--tarball', tarball]);
	const env = { EYECLOUDPRO_TARBALL: tarball };
	await jest('Verification of broken copies', ['--runInBand', 'test/verification/'], { env });
}

type Chosen = Pick<Suite, 'name' | 'title'> & Partial<Suite>;

/** The suites that run the packed package in a real n8n: two at a time, as each waits for n8n a lot. */
async function withN8n(tarball: string | undefined, chosen: Chosen[]) {
	const left = [...chosen];
	const atItsEnd = chosen.length > 1;
	const lane = async () => {
		for (let suite = left.shift(); suite; suite = left.shift()) {
			await suiteWithN8n(tarball, suite, atItsEnd);
		}
	};
	await Promise.all([lane(), lane()]);
}

async function suiteWithN8n(
	tarball: string | undefined,
	{ name, title, lacks }: Chosen,
	atItsEnd: boolean,
) {
	const lacking = tarball === undefined ? 'There is no packed package.' : lacks?.();
	if (lacking) return count(title, false, lacking);
	const env = {
		EYECLOUDPRO_TARBALL: String(tarball),
		...(values.screenshots && { EYECLOUDPRO_SCREENSHOTS: 'docs' }),
	};
	return await jest(title, ['--runInBand', `test/${name}/`], { env, atItsEnd });
}

await mkdir(folder, { recursive: true });
const realN8n = { name: 'n8n', title: 'Tests in the real n8n' };
if (values.suite) {
	const chosen = suites.filter(({ name }) => name === values.suite);
	if (chosen.length === 0) throw new Error(`There is no suite ${values.suite}.`);
	await withN8n(await packed(), chosen);
} else {
	await withoutN8n();
	const tarball = await packed();
	await verification(tarball);
	if (!values.fast) await withN8n(tarball, values.all ? [...suites, realN8n] : [realN8n]);
}

const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
console.log(`\n${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed === 0 ? 0 : 1;
