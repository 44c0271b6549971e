// `npm run mutation -- [--sample 60] [--seed 1] [room…]`: breaks the product by chance, one small change at a time,
// and says which of them no test of the room notices. Stryker's instrumenter makes the changes; the room's Jest files run
// each test again for each change that it comes by (`test/harness/mutantEnvironment.mjs`), which takes minutes where a
// run of all tests for each change would take days.
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createInstrumenter, type Instrumenter } from '@stryker-mutator/instrumenter';
import { createInjector } from 'typed-inject';
import { Random } from '../test/harness/random.ts';

/** Beside `test/<room>/`, what shows that a room does what it should. */
const alsoTested: Record<string, string[]> = {
	api: ['hostile'],
	operations: ['hostile', 'model/(?!trigger)'],
	parameters: ['operations/(badInput|reading)', 'hostile'],
	trigger: ['model/trigger'],
};

interface Mutant {
	id: string;
	place: string;
	mutator: string;
	original: string;
	replacement: string;
}

/** What `mutantEnvironment.mjs` writes. */
interface Found {
	killed: Record<string, unknown>;
	covered: Record<string, unknown>;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const copy = fs.mkdtempSync(join(tmpdir(), 'eyecloudpro-mutation-'));

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { sample: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});
const rooms = positionals.length > 0 ? positionals : Object.keys(alsoTested);

const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
for (const file of files) {
	fs.mkdirSync(dirname(join(copy, file)), { recursive: true });
	if (fs.existsSync(join(root, file))) fs.cpSync(join(root, file), join(copy, file));
}
fs.symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');

const log = { debug() {}, info() {}, warn() {}, isDebugEnabled: () => false };
const instrumenter: Instrumenter = createInjector()
	.provideValue('logger', log as never)
	.provideValue('getLogger', (() => log) as never)
	.injectFunction(createInstrumenter as never);

for (const room of rooms) {
	const sample = await instrument(room);
	const found = runTests(room, sample);
	const survivors = sample.filter(({ id }) => !found.killed[id]);
	for (const { id, place, mutator, original, replacement } of survivors) {
		const reached = found.covered[id] ? '' : ', not reached';
		console.log(`${place} ${mutator}${reached}\n  - ${original}\n  + ${replacement}`);
	}
	const killed = sample.length - survivors.length;
	const reached = sample.filter(({ id }) => found.covered[id]).length;
	const percent = Math.round((100 * killed) / reached);
	console.log(
		`${room}: ${killed} of ${reached} noticed that a test reaches (${percent} %), of ${sample.length}`,
	);
}
fs.rmSync(copy, { recursive: true, force: true });

/** Puts all changes that can be made into the room's files, each to be switched on by its ID; returns some of them. */
async function instrument(room: string): Promise<Mutant[]> {
	const inRoom = files.filter(
		(file) => file.startsWith(`nodes/EyeCloudPro/${room}/`) && file.endsWith('.ts'),
	);
	const inputs = inRoom.map((name) => {
		return { name, mutate: true, content: fs.readFileSync(join(root, name), 'utf8') };
	});
	const options = { ignorers: [], excludedMutations: [], plugins: null };
	const { files: instrumented, mutants } = await instrumenter.instrument(inputs, options as never);
	for (const { name, content } of instrumented) fs.writeFileSync(join(copy, name), content);
	const random = new Random(Number(values.seed), room);
	// Few tests compare texts word by word, and that on purpose.
	const counted = mutants.filter(({ mutatorName }) => mutatorName !== 'StringLiteral');
	const ranked = counted.map((mutant) => ({ mutant, rank: random.next() }));
	ranked.sort((left, right) => left.rank - right.rank);
	return ranked.slice(0, Number(values.sample)).map(({ mutant }) => {
		const { id, fileName, location, mutatorName: mutator, replacement } = mutant;
		const lines = fs.readFileSync(join(root, fileName), 'utf8').split('\n');
		const original = lines.slice(location.start.line, location.end.line + 1).join(' ');
		const place = `${fileName}:${location.start.line + 1}`;
		return { id, place, mutator, original: short(original), replacement: short(replacement) };
	});
}

function runTests(room: string, sample: Mutant[]): Found {
	const state = join(copy, `${room}.json`);
	const ids = sample.map(({ id }) => id);
	fs.writeFileSync(state, JSON.stringify({ ids, killed: {}, covered: {} }));
	const environment = join(copy, 'test/harness/mutantEnvironment.mjs');
	const flags = ['--maxWorkers=1', '--silent', '--reporters=default', '--testTimeout=20000'];
	const folders = [`${room}/`, ...(alsoTested[room] ?? [])].map((path) => `test/${path}`);
	const projects = ['--selectProjects', 'fast', 'slow', '--testEnvironment', environment];
	const jest = join(root, 'node_modules/jest/bin/jest.js');
	const env = { ...process.env, EYECLOUDPRO_MUTANTS: state };
	const options = { cwd: copy, stdio: 'inherit', env } as const;
	spawnSync(process.execPath, [jest, ...projects, ...flags, ...folders], options);
	return JSON.parse(fs.readFileSync(state, 'utf8'));
}

function short(code: string): string {
	return code.replace(/\s+/g, ' ').trim().slice(0, 120);
}
