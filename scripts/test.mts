// `npm test` and, without the real n8n, `npm run test:fast`: every check there is, each of them even if one
// before it failed. The last line is `N passed, N failed`, which the exit code goes by.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pack, root } from './packing.mts';
import { npmCommand } from './steps.mjs';

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
const { values } = parseArgs({ options: { fast: { type: 'boolean', default: false } } });
const tally = { passed: 0, failed: 0, skipped: 0 };

function count(title: string, passed: boolean, why = ''): boolean {
	tally[passed ? 'passed' : 'failed'] += 1;
	console.log(`${title}: ${passed ? 'passed' : 'FAILED'}${why && ` (${why})`}`);
	return passed;
}

/** Runs a command with its output shown; whether it succeeded. */
async function succeeds(command: string[], env: Record<string, string> = {}): Promise<boolean> {
	const child = spawn(command[0], command.slice(1), {
		cwd: root,
		env: { ...process.env, ...env },
		stdio: ['ignore', 'inherit', 'inherit'],
		shell: command[0].endsWith('.cmd'),
	});
	const end = () => child.kill();
	process.once('SIGTERM', end);
	const [code] = (await once(child, 'exit')) as [number | null];
	process.off('SIGTERM', end);
	return code === 0;
}

async function check(title: string, command: string[]): Promise<boolean> {
	console.log(`\n${title} …`);
	const startedAtMs = Date.now();
	const passed = await succeeds(command);
	return count(title, passed, `${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s`);
}

/** The command for a tool of node_modules, which npx would look for first. */
function tool(path: string, ...toolArguments: string[]): string[] {
	return [process.execPath, join(root, 'node_modules', ...path.split('/')), ...toolArguments];
}

/** Runs Jest and counts each of its tests. A suite that can't run counts as one that failed. */
async function jest(title: string, jestArguments: string[], env?: Record<string, string>) {
	console.log(`\n${title} …`);
	const file = join(folder, 'jest.json');
	await rm(file, { force: true });
	// After a test that failed, n8n-core may keep a handle open, and a run that can't end says nothing.
	const report = ['--json', `--outputFile=${file}`, '--forceExit'];
	const passed = await succeeds(tool('jest/bin/jest.js', ...report, ...jestArguments), env);
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

await mkdir(folder, { recursive: true });
await check('Formats', tool('prettier/bin/prettier.cjs', '--check', '.'));
await check('Lint', [...npmCommand(), 'run', 'lint']);
const compile = (project: string) => tool('typescript/bin/tsc', '-p', project, '--noEmit');
await check('Types of the package', compile('tsconfig.json'));
await check('Types of the tests', compile('test/tsconfig.json'));
const built = await check('Build', [...npmCommand(), 'run', 'build']);
let tarball: string | undefined;
if (built) {
	tarball = await pack(join(folder, 'packed')).catch((error: Error) => {
		console.error(error.message);
		return undefined;
	});
	count('Pack', tarball !== undefined);
} else {
	count('Pack', false, 'there is no build');
}

const realN8n = 'test/n8n/';
await jest('Tests without the real n8n', ['--testPathIgnorePatterns', '/node_modules/', realN8n]);
if (!values.fast) {
	if (tarball) {
		const env = { EYECLOUDPRO_TARBALL: tarball };
		await jest('Tests in the real n8n', ['--runInBand', realN8n], env);
	} else {
		count('Tests in the real n8n', false, 'there is no packed package');
	}
}

const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
console.log(`\n${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed === 0 ? 0 : 1;
