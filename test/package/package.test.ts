// What n8n asks of a verified package beyond its lint, on the packed tarball.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { outputSchemas } from '../../nodes/EyeCloudPro/operations';
import { packedPackage } from '../harness/packedPackage.ts';

const root = join(__dirname, '../..');
/** Below this project's folder, so that the scan's tools are found from there. */
let folder: string;

beforeAll(async () => {
	folder = mkdtempSync(join(root, '.cache', 'unpacked-'));
	execFileSync('tar', ['-xzf', await packedPackage(), '-C', folder, '--strip-components=1']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function filesIn(parent: string): string[] {
	return readdirSync(parent, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(parent.length + 1))
		.sort();
}

/** What n8n's scan says; it runs apart, since with Jest's NODE_ENV its rules take every file for a node. */
function scan(parent: string, patterns: string): unknown {
	const scanner = join(root, 'node_modules/@n8n/scan-community-package/scanner/scanner.mjs');
	const code = `
		const { analyzePackage, SOURCE_FILE_PATTERNS } = await import(process.argv[1]);
		const result = await analyzePackage(process.argv[2], ${patterns});
		console.log(JSON.stringify(result));`;
	const node = ['--input-type=module', '-e', code, scanner, parent];
	const env = { ...process.env, NODE_ENV: undefined };
	return JSON.parse(execFileSync(process.execPath, node, { env, encoding: 'utf8' }));
}

test("n8n's scan of community packages passes the sources and the package", () => {
	// It reads an empty list of files as passed.
	expect(filesIn(join(folder, 'dist')).length).toBeGreaterThan(50);
	expect(scan(root, 'SOURCE_FILE_PATTERNS')).toEqual({ passed: true });
	expect(scan(folder, "['**/*.js', 'package.json']")).toEqual({ passed: true });
});

test('the tarball holds what the sources make, and nothing else', () => {
	const made = ['credentials', 'nodes'].flatMap((room) =>
		filesIn(join(root, room)).map((file) => `dist/${room}/${file.replace(/\.ts$/, '.js')}`),
	);
	const schemas = outputSchemas().map(
		({ resource, operation }) =>
			`dist/nodes/EyeCloudPro/__schema__/v1.0.0/${resource}/${operation}.json`,
	);
	const others = ['LICENSE.md', 'README.md', 'package.json'];
	expect(filesIn(folder)).toEqual([...made, ...schemas, ...others].sort());
});
