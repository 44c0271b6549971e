// How the package shows itself in n8n: codex files, icons, credentials and language. Called by verify.mts.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Icon } from 'n8n-workflow';
import { credentialsOf, nodesOf, type Check, type Subject } from './subject.mts';

/** n8n's documentation, "Node codex files". */
const categories = new Set([
	'Analytics',
	'Communication',
	'Data & Storage',
	'Development',
	'Finance & Accounting',
	'Marketing & Content',
	'Miscellaneous',
	'Productivity',
	'Sales',
	'Utility',
]);

interface Codex {
	node?: string;
	nodeVersion?: string;
	codexVersion?: string;
	categories?: string[];
	alias?: string[];
	resources?: object;
}

function codexFindings({ folder, manifest }: Subject, file: string, nodeName: string): string[] {
	const path = file.replace(/\.js$/, '.json');
	if (!existsSync(join(folder, path))) return [`${path} is missing`];
	const codex = JSON.parse(readFileSync(join(folder, path), 'utf8')) as Codex;
	const chosen = codex.categories ?? [];
	const findings = chosen
		.filter((category) => !categories.has(category))
		.map((category) => `n8n has no category ${category}`);
	if (chosen.length === 0) findings.push('no category');
	if (codex.node !== `${manifest.name}.${nodeName}`) findings.push(`node is ${codex.node}`);
	if (codex.nodeVersion !== '1.0' || codex.codexVersion !== '1.0') findings.push('the versions');
	if (!codex.resources) findings.push('no resources, without which n8n drops the whole file');
	const words = (codex.alias ?? []).join(' ').toLowerCase();
	for (const word of ['eye', 'optometry', 'patient']) {
		if (!words.includes(word)) findings.push(`no alias with ${word}`);
	}
	return findings.map((finding) => `${path}: ${finding}`);
}

function iconFindings(
	{ folder }: Subject,
	file: string,
	icon: Icon | object | undefined,
): string[] {
	const { light, dark } = (typeof icon === 'object' ? icon : {}) as Record<string, string>;
	if (!light || !dark || light === dark) return [`${file}: no icon for light and one for dark`];
	return [light, dark].flatMap((name) => {
		const path = join(folder, dirname(file), name.replace(/^file:/, ''));
		if (!name.startsWith('file:') || !existsSync(path)) return [`${file}: ${name} is not there`];
		const text = readFileSync(path, 'utf8');
		const box = /<svg\b[^>]*\bviewBox="([-\d.]+) ([-\d.]+) ([\d.]+) ([\d.]+)"/.exec(text);
		if (!box) return [`${file}: ${name} is no SVG with a viewBox`];
		return box[3] === box[4] ? [] : [`${file}: ${name} is ${box[3]} by ${box[4]}, not square`];
	});
}

/** Every text that the editor shows, of a description. */
function* textsIn(value: unknown): Generator<string> {
	if (typeof value === 'string') yield value;
	else if (typeof value === 'object' && value !== null) {
		for (const inner of Object.values(value)) yield* textsIn(inner);
	}
}

export const appearanceChecks: Check[] = [
	{
		name: 'codex',
		requirement: "Each node has a codex file with n8n's categories and with aliases",
		findings: (subject) =>
			nodesOf(subject).flatMap(({ file, node }) => codexFindings(subject, file, node.name)),
	},
	{
		name: 'icons',
		requirement: 'Each node and credential has a square SVG for light and one for dark',
		findings: (subject) => [
			...nodesOf(subject).flatMap(({ file, node }) => iconFindings(subject, file, node.icon)),
			...credentialsOf(subject).flatMap(({ file, credential }) =>
				iconFindings(subject, file, credential.icon),
			),
		],
	},
	{
		name: 'credential',
		requirement: 'The credential is OAuth2, hides its secrets, and can be tested',
		findings: (subject) =>
			credentialsOf(subject).flatMap(({ file, credential }) => {
				const open = credential.properties.filter(
					({ name, typeOptions }) => /secret|token$|password/i.test(name) && !typeOptions?.password,
				);
				return [
					...(credential.extends?.includes('oAuth2Api') ? [] : [`${file} is not OAuth2`]),
					...(credential.test ? [] : [`${file} has no test`]),
					...open.map(({ displayName }) => `${file} shows ${displayName} as it is typed`),
				];
			}),
	},
	{
		name: 'english',
		requirement: 'README and editor are in English',
		findings(subject) {
			const shown = [
				['README.md', readFileSync(join(subject.folder, 'README.md'), 'utf8')],
				...nodesOf(subject).map(({ file, node }) => [file, [...textsIn(node)].join('\n')]),
				...credentialsOf(subject).map(({ file, credential }) => [
					file,
					[...textsIn(credential.properties)].join('\n'),
				]),
			];
			return shown.flatMap(([file, text]) => {
				const foreign = /(?![a-z])\p{L}/iu.exec(text);
				return foreign ? [`${file} holds the letter ${foreign[0]}`] : [];
			});
		},
	},
];
