// docs/errors.md is made from the source: every sentence that the package can show when something did not go
// as wanted. `npm run docs` renews it. Also that these sentences keep to n8n's UX guidelines.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { shownSentences, type Shown, type ShownSentences } from './shownSentences';

const path = join(__dirname, '../../docs/errors.md');

const introduction = `# What the nodes say

Every sentence that this package can show when something did not go as wanted, taken from its source
by \`npm run docs\`; a test keeps it so. What stands in braces varies. A reason in the list follows the
name of the parameter or field that it is about, as in _'Email' is not an email address_.

On the left is what happened, on the right what you can do. What EyeCloud Pro itself says about an
input is handed on in its own words, without the values.
`;

const rooms: Array<[title: string, isIn: (file: string) => boolean]> = [
	['The test of the credential', (file) => file.startsWith('credentials/')],
	['Signing in, and the API', (file) => /\/(api\/|nodeError)/.test(file)],
	['The operations', (file) => /\/operations\/|EyeCloudPro\.node/.test(file)],
	['The trigger', (file) => /\/trigger\/|Trigger\.node/.test(file)],
	['While you fill in the form', (file) => file.includes('/methods/')],
];

let sentences: ShownSentences;

beforeAll(() => {
	sentences = shownSentences();
}, 60_000);

/** A row for the wordings that share their advice; one for each where there is none. */
function rowsOf({ messages, descriptions, isReason }: Shown): string[] {
	const cell = (texts: string[]) => texts.map((text) => text.replaceAll('|', '\\|')).join('<br>');
	const shown = isReason ? messages.map((message) => `… ${message}`) : messages;
	if (descriptions.length === 0) return shown.map((message) => `| ${cell([message])} |  |`);
	return [`| ${cell(shown) || '_what happened_'} | ${cell(descriptions)} |`];
}

function section(title: string, shown: Shown[]): string {
	const files = [...new Set(shown.map(({ file }) => file))].sort();
	const tables = files.map((file) => {
		const rows = new Set(shown.filter((each) => each.file === file).flatMap(rowsOf));
		return [`### ${file}`, '', '| what happened | what to do |', '| --- | --- |', ...rows].join(
			'\n',
		);
	});
	return `## ${title}\n\n${tables.join('\n\n')}`;
}

function document(shown: Shown[]): string {
	const sections = rooms.map(([title, isIn]) =>
		section(
			title,
			shown.filter(({ file }) => isIn(file)),
		),
	);
	const ignored = ['<!-- prettier-ignore-start -->', ...sections, '<!-- prettier-ignore-end -->'];
	return `${introduction}\n${ignored.join('\n\n')}\n`;
}

test('docs/errors.md is what the source says', () => {
	const made = document(sentences.shown);
	if (process.env.UPDATE_DOCS) writeFileSync(path, made);
	expect(readFileSync(path, 'utf8')).toBe(made);
});

test('every file that shows something has a room in it', () => {
	const files = sentences.shown.map(({ file }) => file);
	expect(files.filter((file) => !rooms.some(([, isIn]) => isIn(file)))).toEqual([]);
	expect(new Set(files).size).toBeGreaterThan(20);
});

test('no text that reads like a sentence is left out', () => {
	expect(sentences.unaccounted).toEqual([]);
});

function textsOf(shown: Shown[]): string[] {
	return shown.flatMap(({ messages, descriptions }) => [...messages, ...descriptions]);
}

test("none of the words that n8n's UX guidelines ask to avoid", () => {
	const bad = /\b(errors?|problems?|failures?|failed|mistakes?|invalid|json|null|undefined)\b/i;
	expect(textsOf(sentences.shown).filter((text) => bad.test(text))).toEqual([]);
});

test('a capital first, and no shouting', () => {
	const texts = textsOf(sentences.shown.filter(({ isReason }) => !isReason));
	expect(texts.filter((text) => !/^(["'{]|[A-Z])/.test(text))).toEqual([]);
	expect(texts.filter((text) => /!|\.\./.test(text))).toEqual([]);
});

test('what happened is one phrase, what to do is whole sentences', () => {
	for (const { messages, descriptions } of sentences.shown) {
		if (descriptions.length === 0) continue;
		expect(messages.filter((text) => text.endsWith('.'))).toEqual([]);
		expect(descriptions.filter((text) => !/[.}]$/.test(text))).toEqual([]);
	}
});

/** Parameters as they are shown; n8n wants them in single quotation marks inside a sentence. */
const parameters = [
	...['API Base URL', 'Practice Client ID', 'Client Secret', 'Additional Fields', 'Match On'],
	...['Return All', 'Start From', 'Start Date', 'Maximum per Poll', 'By ID', 'Timeout'],
];

test('a parameter is named in quotation marks', () => {
	const bare = new RegExp(`(?<!')\\b(${parameters.join('|')})\\b(?!')`);
	expect(textsOf(sentences.shown).filter((text) => bare.test(text))).toEqual([]);
});
