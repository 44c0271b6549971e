// The rules of n8n's own tools: its strict lint on the sources, and its scan of community packages on
// the sources and on the tarball. Called by verify.mts.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../packing.mts';
import { filesIn, type Check, type Subject } from './subject.mts';

interface Scanner {
	SOURCE_FILE_PATTERNS: string[];
	analyzePackage(
		folder: string,
		patterns: string[],
	): Promise<{ passed: boolean; message?: string; details?: string }>;
}

/** Without a literal, since the scanner publishes no types. */
const scannerModule = '@n8n/scan-community-package/scanner/scanner.mjs';

/** The scan reads an empty file list as passed, so `mustHave` says what has to be in the folder. */
async function scan(
	folder: string,
	patterns: (scanner: Scanner) => string[],
	mustHave: string,
): Promise<string[]> {
	if (!existsSync(join(folder, mustHave))) return [`${mustHave} is missing`];
	const scanner = (await import(scannerModule)) as Scanner;
	const { passed, message, details } = await scanner.analyzePackage(folder, patterns(scanner));
	return passed ? [] : [`${message}${details ? `\n${details}` : ''}`];
}

async function lint({ source }: Subject): Promise<string[]> {
	const { ESLint } = await import('eslint');
	// Only the rooms that ship: tests and tools have rules of their own.
	const eslint = new ESLint({ cwd: source });
	const results = await eslint.lintFiles(['nodes', 'credentials', 'package.json']);
	return results.flatMap(({ filePath, messages }) =>
		messages.map(({ line, message, ruleId }) => `${filePath}:${line} ${message} (${ruleId})`),
	);
}

/** What `n8n-node lint` compares the configuration with where `n8n.strict` is set. */
const defaultConfig = join(
	root,
	'node_modules/@n8n/node-cli/dist/template/templates/shared/default/eslint.config.mjs',
);

/** `n8n.strict` means that n8n's own configuration stands there untouched (`n8n-node lint`). */
function strictnessFindings({ source, manifest }: Subject): string[] {
	const [own, expected] = [join(source, 'eslint.config.mjs'), defaultConfig].map((file) =>
		readFileSync(file, 'utf8').replace(/\s+/g, ' ').trim(),
	);
	return [
		...(manifest.n8n?.strict === true ? [] : ['package.json does not ask for strict']),
		...(own === expected ? [] : ["eslint.config.mjs is not n8n's own"]),
	];
}

async function silencedRules({ source }: Subject): Promise<string[]> {
	const findings: string[] = [];
	for (const room of ['credentials', 'nodes']) {
		for (const file of await filesIn(join(source, room))) {
			const lines = readFileSync(join(source, room, file), 'utf8').split('\n');
			for (const [index, line] of lines.entries()) {
				const isSilenced = /eslint-disable|@ts-(ignore|expect-error|nocheck)/.test(line);
				const hasReason = / -- \S+ \S+/.test(line);
				if (isSilenced && !hasReason) findings.push(`${room}/${file}:${index + 1} gives no reason`);
			}
		}
	}
	return findings;
}

export const ruleChecks: Check[] = [
	{
		name: 'lint',
		requirement: "n8n's strict lint has nothing to say, not even a warning",
		findings: lint,
	},
	{
		name: 'strict',
		requirement: 'Strict mode is on, and no rule is off in the configuration',
		findings: strictnessFindings,
	},
	{
		name: 'silenced',
		requirement: 'No rule is silenced in the code without its reason',
		findings: silencedRules,
	},
	{
		name: 'scan-source',
		requirement: "n8n's scan of community packages: the sources",
		findings: ({ source }) => scan(source, (scanner) => scanner.SOURCE_FILE_PATTERNS, 'nodes'),
	},
	{
		name: 'scan-package',
		requirement: "n8n's scan of community packages: the tarball",
		findings: ({ folder }) => scan(folder, () => ['**/*.js', 'package.json'], 'dist/nodes'),
	},
];
