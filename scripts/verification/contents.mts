// What is in the tarball, and what it needs to run. Called by verify.mts.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { credentialsOf, filesIn, nodesOf, type Check, type Subject } from './subject.mts';

/** Twice what it is; more would be something that does not belong in it. */
const largestBytes = 500_000;

const alwaysPacked = ['LICENSE.md', 'README.md', 'package.json'];

/** By the compiled operations. */
function outputsIn(node: string): Array<{ resource: string; operation: string }> {
	const { outputSchemas } = createRequire(import.meta.url)(join(node, 'operations')) as {
		outputSchemas: () => Array<{ resource: string; operation: string }>;
	};
	return outputSchemas();
}

/** A compiled file for each source, the icons and codex files as they are, and what is known of each output. */
async function expectedFiles({ source, folder }: Subject): Promise<string[]> {
	const expected = [...alwaysPacked];
	const node = 'dist/nodes/EyeCloudPro';
	for (const { resource, operation } of outputsIn(join(folder, node))) {
		expected.push(`${node}/__schema__/v1.0.0/${resource}/${operation}.json`);
	}
	for (const room of ['credentials', 'nodes']) {
		for (const file of await filesIn(join(source, room))) {
			if (/\.(svg|node\.json)$/.test(file)) expected.push(`dist/${room}/${file}`);
			else if (file.endsWith('.ts')) expected.push(`dist/${room}/${file.slice(0, -3)}.js`);
		}
	}
	return expected;
}

/** The modules that a compiled file asks for. */
function modulesIn(text: string): string[] {
	const calls = text.matchAll(/\b(?:require|import)\s*\(\s*(['"`])([^'"`]*)\1/g);
	return Array.from(calls, ([, , name]) => name);
}

/** Of those that n8n's lint allows, what every supported n8n has at a node's place. */
const providedByN8n = ['n8n-workflow', 'luxon', 'zod', 'lodash', 'crypto'];

function wrongModules({ folder, files }: Subject): string[] {
	const wrong: string[] = [];
	for (const file of files.filter((name) => name.endsWith('.js'))) {
		for (const name of modulesIn(readFileSync(join(folder, file), 'utf8'))) {
			if (providedByN8n.includes(name)) continue;
			const path = join(folder, dirname(file), name);
			const isThere = [`${path}.js`, `${path}/index.js`, path].some(
				(candidate) => existsSync(candidate) && statSync(candidate).isFile(),
			);
			if (!name.startsWith('.')) wrong.push(`${file} asks for ${name}`);
			else if (!isThere) wrong.push(`${file} asks for ${name}, which is not in the package`);
		}
	}
	return wrong;
}

const dependencyFields = [
	'dependencies',
	'optionalDependencies',
	'bundledDependencies',
	'bundleDependencies',
	'overrides',
];

export const contentChecks: Check[] = [
	{
		name: 'contents',
		requirement: 'The tarball holds what the sources make, and nothing else',
		async findings(subject) {
			const expected = new Set(await expectedFiles(subject));
			const found = new Set(subject.files);
			return [
				...subject.files.filter((file) => !expected.has(file)).map((file) => `too much: ${file}`),
				...[...expected].filter((file) => !found.has(file)).map((file) => `missing: ${file}`),
			];
		},
	},
	{
		name: 'size',
		requirement: `Unpacked, it is no larger than ${largestBytes / 1_000} kB`,
		findings({ folder, files }) {
			const sizes = files.map((file) => statSync(join(folder, file)).size);
			const bytes = sizes.reduce((sum, size) => sum + size, 0);
			return bytes > largestBytes ? [`it is ${Math.round(bytes / 1_000)} kB`] : [];
		},
	},
	{
		name: 'dependencies',
		requirement: 'No runtime dependency; n8n-workflow alone as a peer',
		findings(subject) {
			const { manifest } = subject;
			const peers = Object.keys(manifest.peerDependencies ?? {});
			return [
				...dependencyFields
					.filter((field) => manifest[field] !== undefined)
					.map((field) => `package.json has ${field}`),
				...(peers.join() === 'n8n-workflow' ? [] : [`peers: ${peers.join(', ') || 'none'}`]),
				...wrongModules(subject),
			];
		},
	},
	{
		name: 'license',
		requirement: 'The license is MIT',
		findings({ folder, manifest }) {
			const file = join(folder, 'LICENSE.md');
			const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
			return [
				...(manifest.license === 'MIT' ? [] : [`package.json says ${manifest.license}`]),
				...(/\bMIT License\b/i.test(text) ? [] : ['LICENSE.md does not hold the MIT license']),
			];
		},
	},
	{
		name: 'keywords',
		requirement: 'Name, description and keywords by which n8n finds a community node',
		findings({ manifest }) {
			const { name, description = '', keywords = [] } = manifest;
			return [
				...(/^n8n-nodes-[a-z0-9-]+$/.test(name) ? [] : [`the name is ${name}`]),
				...(description.length > 20 ? [] : ['the description says nothing']),
				...['n8n-community-node-package', 'eyecloudpro']
					.filter((keyword) => !keywords.includes(keyword))
					.map((keyword) => `the keyword ${keyword} is missing`),
			];
		},
	},
	{
		name: 'loading',
		requirement:
			'Every node and credential that package.json names loads, and they know each other',
		findings(subject) {
			const credentials = credentialsOf(subject).map(({ credential }) => credential.name);
			const nodes = nodesOf(subject);
			if (nodes.length === 0) return ['package.json names no node'];
			const findings: string[] = [];
			for (const { file, node } of nodes) {
				for (const { name } of node.credentials ?? []) {
					if (!credentials.includes(name)) findings.push(`${file} wants the credential ${name}`);
				}
			}
			const named = new Set([
				...(subject.manifest.n8n?.nodes ?? []),
				...(subject.manifest.n8n?.credentials ?? []),
			]);
			for (const file of subject.files) {
				const isType = /\.(node|credentials)\.js$/.test(file);
				if (isType && !named.has(file)) findings.push(`package.json does not name ${file}`);
			}
			return findings;
		},
	},
];
