// The documents hang together: links between files lead somewhere, pictures are there, and the sentences
// that docs/troubleshooting.md explains are those of the code.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { EyeCloudProOAuth2Api } from '../../credentials/EyeCloudProOAuth2Api.credentials';
import { pageUrl } from '../../nodes/EyeCloudPro/documentation';
import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';

const root = join(__dirname, '../..');

function filesIn(folder: string, ending: string): string[] {
	return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith(ending))
		.map((file) => join(folder, file));
}

const documents = [
	...readdirSync(root).filter((file) => file.endsWith('.md')),
	...filesIn('docs', '.md'),
];

const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

/** What is written as it stands holds no links and no headings. */
const withoutCode = (text: string) => text.replace(/^```.*?^```$/gms, '');

/** The names by which GitHub makes headings known; the second one of a name gets a number. */
function anchorsIn(text: string): Set<string> {
	const anchors = new Set<string>();
	for (const { 1: heading } of withoutCode(text).matchAll(/^#{1,6} +(.+)$/gm)) {
		const name = heading
			.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, '')
			.trim()
			.replace(/\s/g, '-');
		let anchor = name;
		for (let count = 1; anchors.has(anchor); count++) anchor = `${name}-${count}`;
		anchors.add(anchor);
	}
	return anchors;
}

function targetsIn(text: string): string[] {
	const links = withoutCode(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g);
	return Array.from(links, ({ 1: markdown, 2: html }) => markdown ?? html);
}

/** Why a link leads nowhere; undefined where it leads somewhere, or out of the house. */
function deadEnd(document: string, target: string): string | undefined {
	if (/^(https|mailto):/.test(target)) return undefined;
	const [path, anchor] = target.split('#');
	const file = path === '' ? document : normalize(join(dirname(document), path));
	if (!existsSync(join(root, file))) return `${document}: ${target}: no such file`;
	if (anchor === undefined || anchorsIn(textOf(file)).has(anchor)) return undefined;
	return `${document}: ${target}: no such heading`;
}

test.each(documents)('%s: links lead somewhere', (document) => {
	const targets = targetsIn(textOf(document));
	const dead = targets.map((target) => deadEnd(document, target)).filter(Boolean);
	expect(dead).toEqual([]);
});

test('the form leads to each operation', () => {
	expect(new EyeCloudProOAuth2Api().documentationUrl).toBe(pageUrl('docs/connecting.md'));
	const { properties } = new EyeCloudPro().description;
	const operations = properties.filter(({ name }) => name === 'operation');
	for (const { options = [], description = '' } of operations) {
		for (const { name } of options) {
			const page = name === 'Check API' ? 'docs/check-api.md' : 'docs/operations.md';
			expect(description).toContain(`<a href="${pageUrl(page, name)}" target="_blank">${name}</a>`);
			expect(deadEnd('README.md', pageUrl(page, name, '..').slice(3))).toBeUndefined();
		}
	}
});

test('README leads to every document and every example', () => {
	const targets = targetsIn(textOf('README.md')).map((target) => target.split('#')[0]);
	const wanted = [...filesIn('docs', '.md'), ...filesIn('examples', '.json')];
	expect(wanted.filter((file) => !targets.includes(file))).toEqual([]);
});

const sources = [...filesIn('nodes', '.ts'), ...filesIn('credentials', '.ts')].map(textOf);
const literals = sources.flatMap((source) =>
	Array.from(
		source.matchAll(/'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`/g),
		(match) => (match[1] ?? match[2] ?? match[3]).replace(/\\(.)/g, '$1'),
	),
);

/** Whether the code has a text that reads like this, `…` and `${…}` being anything. */
function isInCode(sentence: string): boolean {
	const parts = sentence.split('…').map((part) => part.trim());
	return literals.some((literal) => {
		let from = 0;
		return parts.every((part) => {
			const at = literal.indexOf(part, from);
			from = at + part.length;
			return at !== -1;
		});
	});
}

test('the sentences of troubleshooting are those of the code', () => {
	const headings = Array.from(textOf('docs/troubleshooting.md').matchAll(/^### (.+)$/gm));
	const sentences = headings.map(([, sentence]) => sentence);
	expect(sentences.length).toBeGreaterThan(30);
	expect(sentences.filter((sentence) => !isInCode(sentence))).toEqual([]);
});
