// The rules that all of the repository keeps to: n8n's lint on what ships and TypeScript's on the rest, formats,
// and types.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

function run(file: string, ...switches: string[]) {
	const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, file), ...switches], {
		cwd: root,
		encoding: 'utf8',
		// Jest's NODE_ENV, test, makes n8n's lint take every file for a node.
		env: { ...process.env, NODE_ENV: undefined, ESLINT_FLAGS: 'unstable_config_lookup_from_file' },
	});
	return { status, output: `${stdout}${stderr}` };
}

test("n8n's lint has nothing to say, not even a warning", () => {
	const { status, output } = run('node_modules/@n8n/node-cli/bin/n8n-node.mjs', 'lint');
	expect(output).not.toMatch(/warning|Strict mode violation/);
	expect([status, output]).toEqual([0, expect.anything()]);
});

test.each(['tsconfig.json', 'test/tsconfig.json'])('types: %s', (project) => {
	const compiler = 'node_modules/typescript/bin/tsc';
	expect(run(compiler, '--noEmit', '-p', project)).toEqual({ status: 0, output: '' });
});

test('formats', () => {
	const { status, output } = run('node_modules/prettier/bin/prettier.cjs', '--check', '.');
	expect([status, output]).toEqual([0, expect.anything()]);
});

test.each(['.', 'test/n8n', 'test/versions'])(
	'%s: the lock file is whole, and names no host',
	(folder) => {
		const file = join(root, folder, 'package-lock.json');
		const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
			packages: Record<string, { resolved?: string; optionalDependencies?: object }>;
		};
		const names = Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ''));
		const optional = Object.values(packages).map((each) => each.optionalDependencies ?? {});
		expect(names).toEqual(expect.arrayContaining(optional.flatMap(Object.keys)));
		expect(Object.values(packages).filter(({ resolved }) => resolved)).toEqual([]);
	},
);
