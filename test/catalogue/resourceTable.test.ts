// The table of resources in docs/operations.md is made from the catalogue. `npm run docs` renews it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { operationsOf, unpublishedVerbs } from '../../nodes/EyeCloudPro/operations';
import { resources } from '../../nodes/EyeCloudPro/catalogue';
import type { Resource } from '../../nodes/EyeCloudPro/catalogue/resource';

const tablePath = join(__dirname, '../../docs/operations.md');
const begin = /<!-- resources:begin[^>]*-->\n<!-- prettier-ignore-start -->\n/;
const end = '<!-- prettier-ignore-end -->\n<!-- resources:end -->';

const mark = (evidence: string) => (evidence === 'inferred' ? ' _(i)_' : '');

function row(resource: Resource): string {
	const operations = operationsOf(resource).map(
		({ displayName, verb }) => displayName + mark(resource.scopes[verb]?.evidence ?? ''),
	);
	const scopes = Object.values(resource.scopes).map(
		({ name, evidence }) => `\`${name}\`${mark(evidence)}`,
	);
	const path = `\`/${resource.path.join('/')}\`${mark(resource.pathEvidence)}`;
	const cells = [operations.join(', '), unpublishedVerbs(resource).join(', ') || '–'];
	return `| ${[resource.displayName, ...cells, path, scopes.join(', ')].join(' | ')} |`;
}

test('the table of resources is the catalogue', () => {
	const table = [
		'| resource | operations | no way to | path | scopes |',
		'| --- | --- | --- | --- | --- |',
		...resources.map(row),
	].join('\n');
	const readme = readFileSync(tablePath, 'utf8');
	const start = begin.exec(readme);
	expect(start).not.toBeNull();
	const from = (start?.index ?? 0) + (start?.[0].length ?? 0);
	const to = readme.indexOf(end);
	if (process.env.UPDATE_DOCS) {
		writeFileSync(tablePath, `${readme.slice(0, from)}\n${table}\n\n${readme.slice(to)}`);
		return;
	}
	expect(readme.slice(from, to).trim()).toBe(table);
});
