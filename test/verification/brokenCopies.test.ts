// Each check of `npm run verify` says no to a copy that is broken in its point. Run by `npm test` after
// the package is packed; by itself it packs what `npm run build` made.
import { execFileSync, spawnSync } from 'node:child_process';
import {
	appendFileSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const node = 'dist/nodes/EyeCloudPro/EyeCloudPro.node';
const credential = 'dist/credentials/EyeCloudProOAuth2Api.credentials.js';
const sources = ['credentials', 'nodes', 'eslint.config.mjs', 'package.json', 'package-lock.json'];

let scratch: string;
/** The folder that a test breaks: the unpacked package below `package`, the sources below `source`. */
let copy: string;

beforeAll(() => {
	// Below the project, so that the copies find its node_modules.
	const cache = join(root, '.cache', 'verify');
	mkdirSync(cache, { recursive: true });
	scratch = mkdtempSync(join(cache, 'broken-'));
	const good = join(scratch, 'good');
	mkdirSync(join(good, 'source'), { recursive: true });
	execFileSync('tar', ['-xzf', process.env.EYECLOUDPRO_TARBALL ?? packed(), '-C', good]);
	for (const name of sources) {
		cpSync(join(root, name), join(good, 'source', name), { recursive: true });
	}
});

beforeEach(() => {
	copy = join(scratch, 'copy');
	rmSync(copy, { recursive: true, force: true });
	cpSync(join(scratch, 'good'), copy, { recursive: true });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function packed(): string {
	execFileSync('npm', ['pack', '--pack-destination', scratch], { cwd: root, stdio: 'pipe' });
	const { name, version } = manifestIn(root);
	return join(scratch, `${name}-${version}.tgz`);
}

function verify(check: string) {
	return verifyWith('--only', check, '--source', join(copy, 'source'));
}

function verifyWith(...switches: string[]) {
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[join(root, 'scripts', 'verify.mts'), '--package', join(copy, 'package'), ...switches],
		// Jest's NODE_ENV, test, makes n8n's lint take every file for a node.
		{ encoding: 'utf8', cwd: root, env: { ...process.env, NODE_ENV: undefined } },
	);
	return { status, output: `${stdout}${stderr}` };
}

function manifestIn(folder: string) {
	return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
}

const manifest = (changes: object) => () => {
	const folder = join(copy, 'package');
	const text = JSON.stringify({ ...manifestIn(folder), ...changes });
	writeFileSync(join(folder, 'package.json'), text);
};

const replace = (file: string, from: string | RegExp, to: string) => () => {
	const path = join(copy, file);
	const text = readFileSync(path, 'utf8');
	const changed = text.replace(from, to);
	if (changed === text) throw new Error(`${file} does not hold ${from}`);
	writeFileSync(path, changed);
};

const append = (file: string, text: string) => () => {
	if (!existsSync(join(copy, file))) throw new Error(`There is no ${file}`);
	appendFileSync(join(copy, file), text);
};

const add =
	(file: string, text = '') =>
	() =>
		writeFileSync(join(copy, file), text);
const remove = (file: string) => () => rmSync(join(copy, file));

const source = 'source/nodes/EyeCloudPro/EyeCloudPro.node.ts';
const strict = { n8nNodesApiVersion: 1, strict: false };

const broken: Array<[check: string, how: string, breakIt: () => void, says: string | RegExp]> = [
	['lint', 'a forbidden global', append(source, '\nsetTimeout(() => {}, 1);\n'), /setTimeout/],
	['strict', 'a rule off', append('source/eslint.config.mjs', '// off'), "is not n8n's own"],
	['strict', 'not strict', manifest({ n8n: strict }), 'does not ask for strict'],
	['silenced', 'no reason', append(source, '// eslint-disable-next-line no-x\n'), 'no reason'],
	[
		'scan-source',
		'a lint comment, which the scan does not heed',
		append(source, '\n// eslint-disable-next-line -- because of this\nprocess.exit();\n'),
		/process/,
	],
	['scan-package', 'the environment', append(`package/${node}.js`, 'process.env.A;'), /process/],
	['contents', 'a source', add('package/dist/index.ts'), 'too much: dist/index.ts'],
	['contents', 'a map', add(`package/${node}.js.map`), 'too much'],
	['contents', 'a missing file', remove(`package/${node}.json`), 'missing: dist/nodes'],
	[
		'contents',
		'a missing output',
		remove('package/dist/nodes/EyeCloudPro/__schema__/v1.0.0/frame/get.json'),
		'missing: dist/nodes',
	],
	['size', 'half a megabyte', add('package/README.md', ' '.repeat(500_000)), 'it is'],
	['dependencies', 'one', manifest({ dependencies: { axios: '1' } }), 'has dependencies'],
	['dependencies', 'a peer', manifest({ peerDependencies: { axios: '1' } }), 'peers: axios'],
	['dependencies', 'a module', append(`package/${node}.js`, "require('fs');"), 'asks for fs'],
	['dependencies', 'a file', append(`package/${node}.js`, "require('./no');"), 'is not in the'],
	['license', 'another one', manifest({ license: 'ISC' }), 'says ISC'],
	['license', 'another text', add('package/LICENSE.md', 'All rights reserved'), 'LICENSE.md'],
	['keywords', 'the wrong ones', manifest({ keywords: ['n8n'] }), 'n8n-community-node-package'],
	['keywords', 'no description', manifest({ description: 'A node' }), 'says nothing'],
	['loading', 'no node', manifest({ n8n: {} }), 'names no node'],
	['loading', 'a missing file', remove(`package/${credential}`), 'Cannot find module'],
	[
		'loading',
		'an unknown credential',
		replace(`package/${node}.js`, "name: 'eyeCloudProOAuth2Api'", "name: 'otherApi'"),
		'wants the credential otherApi',
	],
	['loading', 'a node not named', add('package/dist/nodes/Other.node.js'), 'does not name'],
	['codex', 'none', remove(`package/${node}.json`), 'is missing'],
	['codex', 'a category', replace(`package/${node}.json`, 'Data & Storage', 'Eyes'), 'Eyes'],
	['codex', 'an alias', replace(`package/${node}.json`, 'optometry', 'x'), 'optometry'],
	[
		'codex',
		'no resources',
		replace(`package/${node}.json`, '"resources"', '"links"'),
		'no resources',
	],
	['codex', 'a name', replace(`package/${node}.json`, '.eyeCloudPro', '.other'), '.other'],
	['icons', 'none', remove('package/dist/nodes/EyeCloudPro/eyecloudpro.svg'), 'is not there'],
	[
		'icons',
		'not square',
		replace('package/dist/nodes/EyeCloudPro/eyecloudpro.svg', '0 0 60 60', '0 0 60 40'),
		'60 by 40',
	],
	[
		'icons',
		'the same twice',
		replace(`package/${node}.js`, 'eyecloudpro.dark.svg', 'eyecloudpro.svg'),
		'one for dark',
	],
	['credential', 'a secret', replace(`package/${credential}`, 'password: true', ''), 'Secret'],
	['credential', 'no OAuth', replace(`package/${credential}`, "['oAuth2Api']", '[]'), 'OAuth2'],
	[
		'credential',
		'no test',
		replace(`package/${credential}`, /\btest = \{/, 'untested = {'),
		'test',
	],
	['english', 'another language', append('package/README.md', 'Grüße'), 'the letter ü'],
	['english', 'a label', replace(`package/${credential}`, 'Audience', 'Aud\u00edence'), 'í'],
	['hosts', 'a registry', append('package/README.md', ['registry', 'x', 'org'].join('.')), 'holds'],
	['hosts', 'the lock file', append('source/package-lock.json', '10.0.0.1'), '10.0.0.1'],
];

test.each(broken)(
	'%s: %s',
	(check, _, breakIt, says) => {
		breakIt();
		const { status, output } = verify(check);
		expect(output).toMatch(says);
		expect([status, output.trim().split('\n').at(-1)]).toEqual([1, '0 passed, 1 failed']);
	},
	60_000,
);

test('every check is broken by one of these, and passes an unbroken copy', () => {
	const { status, output } = verifyWith();
	const names = Array.from(output.matchAll(/^(?:passed|FAILED) +([\w-]+) /gm), ([, name]) => name);
	expect(output).toMatch(/\n\d+ passed, 0 failed\n$/);
	expect(status).toBe(0);
	expect(new Set(names)).toEqual(new Set(broken.map(([check]) => check)));
}, 60_000);
