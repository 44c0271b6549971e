// What Check API found, in plain words: an item for each resource, the report to paste into an issue, and the
// JSON to paste into the credential. Called by Check API.
import type { IDataObject } from 'n8n-workflow';

import type { Difference, Differences } from '../catalogue/differences';
import { inSentence } from '../catalogue/names';
import type { Resource } from '../catalogue/resource';
import { scopeNames, type UnknownPath } from '../catalogue/scopes';
import type { SchemaProperties } from './operation';
import type { Facts } from './resourceCheck';

/** A resource as the node knows it now, and what was found out. */
export interface Checked {
	resource: Resource;
	facts?: Facts;
	/** Why there are no facts, as a sentence. */
	unchecked?: string;
}

const PASTE = "Paste api_differences of the first item into 'API Differences' of the credential.";

const pathText = (path: readonly string[]) => `/${path.join('/')}`;

/** The columns of n8n's table. It shows empty cells in red, so those that may be empty come last. */
const COLUMNS = {
	resource: '',
	as_expected: null as boolean | null,
	to_do: 'Nothing.',
	differs: 'Nothing.',
	path: '',
	requests: 0,
	api_differences: '',
	report: '',
};

/** For the editor, before it was run. */
export const reportColumns: SchemaProperties = {
	...Object.fromEntries(Object.keys(COLUMNS).map((name) => [name, { type: 'string' }])),
	as_expected: { type: 'boolean' },
	requests: { type: 'number' },
};

const nothingOr = (sentences: ReadonlyArray<string | false | undefined>, nothing = 'Nothing.') =>
	Array.from(new Set(sentences)).filter(Boolean).join(' ') || nothing;

/** One item of the output, short enough for a row of n8n's table; nobody's data is in it. */
export function itemOf({ resource, facts, unchecked }: Checked): IDataObject {
	const found = facts ? findingsOf(resource, facts) : [];
	const isOtherwise = found.length > 0;
	const differs = nothingOr(found.map(({ differs: sentence }) => sentence));
	return {
		...COLUMNS,
		resource: resource.displayName,
		as_expected: facts ? !isOtherwise : null,
		to_do: nothingOr(
			found.map(({ toDo }) => toDo),
			isOtherwise ? 'Nothing. The node copes with it.' : undefined,
		),
		differs: unchecked === undefined ? differs : `Not checked. ${unchecked}`,
		path: pathText(facts?.path ?? resource.path),
		requests: facts?.requests ?? 0,
	};
}

/** What all of them come to, and what there is to paste. */
export function summaryOf(
	all: readonly Checked[],
	differences: Differences | undefined,
	unknown: readonly UnknownPath[],
): IDataObject {
	const items = all.map(itemOf);
	const count = (isAsExpected: boolean | null) =>
		items.filter(({ as_expected }) => as_expected === isAsExpected).length;
	const [different, unchecked] = [count(false), count(null)];
	const isMore = unknown.length > 0;
	return {
		...COLUMNS,
		resource: 'All',
		as_expected: unchecked === items.length ? null : different === 0,
		to_do: nothingOr([
			differences && "Paste api_differences into 'API Differences' of the credential.",
			isMore && "Use the resource 'Other' for what the scopes speak of.",
		]),
		// In one line: n8n's table writes line breaks as signs.
		api_differences: differences ? JSON.stringify(differences) : '',
		differs: nothingOr([
			different > 0 && `${different} of ${items.length} resources differ.`,
			unchecked > 0 && `${unchecked} could not be checked.`,
			isMore && `The scopes speak of more: ${pathsText(unknown)}.`,
		]),
		requests: all.reduce((sum, { facts }) => sum + (facts?.requests ?? 0), 0),
	};
}

const pathsText = (unknown: readonly UnknownPath[]) =>
	unknown.map(({ path, verbs }) => `${path} (${verbs.join(', ')})`).join('; ');

interface Finding {
	/** What is otherwise than documented or inferred. */
	differs: string;
	/** What to do where the node can't help itself. */
	toDo?: string;
}

function findingsOf(resource: Resource, facts: Facts): Finding[] {
	const { refusal, wrapping, idField, idKind, sortable } = facts;
	const list = `The list of ${inSentence(resource.displayNamePlural)}`;
	if (refusal) return [refusalFinding(resource, list, refusal)];
	const [path, expectedPath] = [facts.path, resource.path].map(pathText);
	const differs = `${list} is at ${path}, not at ${expectedPath}.`;
	const moved = path === expectedPath ? [] : [{ differs, toDo: PASTE }];
	if (!wrapping) {
		const toDo = `${PASTE} Then check once more.`;
		return [...moved, { differs: 'Not all could be found out in three requests.', toDo }];
	}
	const place = wrapping.join('.');
	const isKnownId = idField !== undefined && resource.idFields.includes(idField);
	// A name that the ID does not have can't be sorted by, of course.
	const unsortable = resource.sortableFields.filter(
		(name) =>
			sortable?.includes(name) === false &&
			!(idField !== undefined && resource.idFields.includes(name)),
	);
	const findings: Array<[isSo: boolean, differs: string, toDo?: string]> = [
		[place === '', 'The list comes by itself.'],
		[place !== '' && place !== 'data', `Records come in '${place}'.`],
		[facts.totalCount === 'text', 'total_count is a text.'],
		[
			facts.totalCount === 'missing',
			'There is no total_count.',
			'Tell EyeCloud Pro support. Until then no list of 250 records or more can be read as a whole.',
		],
		[
			idField !== undefined && idField !== resource.idFields[0],
			`The ID is called '${idField}'.`,
			isKnownId ? undefined : PASTE,
		],
		[
			idField === undefined && Object.keys(facts.fields).length > 0,
			'No field could be told to be the ID.',
			"If you know which it is, write it into 'API Differences' as 'idField'.",
		],
		[idKind !== undefined && idKind !== 'integer', `IDs are of the kind ${idKind}.`],
		[sortable === undefined, 'It does not say what the list can be sorted by.'],
		[unsortable.length > 0, `The list can't be sorted by ${unsortable.join(', ')}.`],
		[
			facts.sortsById === false,
			"The list can't be sorted by its ID.",
			"'Return All' takes its proof from the IDs and the count alone: read long lists when little is changed.",
		],
		[
			facts.sortsByDate === false,
			"The list can't be sorted by a date of creation.",
			'The trigger remembers IDs instead, of at most 100,000 records: narrow longer lists down with its Filters.',
		],
		[
			facts.unknownFilter === 'ignored',
			'A filter that it does not know is ignored: everybody comes back.',
			"Check the names under 'Other Parameters' with Count before you rely on them.",
		],
	];
	const told = findings.filter(([isSo]) => isSo);
	return [...moved, ...told.map(([, sentence, toDo]) => ({ differs: sentence, toDo }))];
}

function refusalFinding(
	resource: Resource,
	list: string,
	{ kind, statusCode }: NonNullable<Facts['refusal']>,
): Finding {
	const path = pathText(resource.path);
	const own = `{ "${resource.value}": { "path": "${path}" } }`;
	const findings: Record<typeof kind, Finding> = {
		missing: {
			differs: `There is nothing at ${path}.`,
			toDo: `Ask EyeCloud Pro support where ${inSentence(resource.displayNamePlural)} are, and write the path into 'API Differences', like ${own}.`,
		},
		scope: {
			differs: 'The credential lacks the scope for it.',
			toDo: `Ask EyeCloud Pro support to grant your OAuth client '${scopeNames(resource, 'read')[0]}'.`,
		},
		unreadable: {
			differs: `${list} came in a form that the node can't read (HTTP ${statusCode}).`,
			toDo: 'Put the report into an issue of this node.',
		},
		refused: {
			differs: `${list} was refused (HTTP ${statusCode}).`,
			toDo: "Check the 'Practice Client ID', and ask EyeCloud Pro support if it stays so.",
		},
	};
	return findings[kind];
}

/** What to paste into the credential: what stood there, and what was found. */
export function differencesFound(all: readonly Checked[], current: Differences): Differences {
	const found: Record<string, Difference> = { ...current };
	for (const { resource, facts } of all) {
		if (!facts || facts.refusal) continue;
		const path = pathText(facts.path);
		const { idField } = facts;
		const difference = {
			...(path !== pathText(resource.path) && { path }),
			...(idField && !resource.idFields.includes(idField) && { idField }),
		};
		if (Object.keys(difference).length > 0) {
			found[resource.value] = { ...found[resource.value], ...difference };
		}
	}
	return found;
}

/** To paste into an issue: names and kinds, no value of a record, no address and no practice. */
export function reportItem(
	all: readonly Checked[],
	found: { api_differences: Differences; unknown_paths: readonly UnknownPath[] },
	isAsExpected: unknown,
): IDataObject {
	const resources = all.map(({ resource, facts, unchecked }) => {
		return { resource: resource.displayName, ...facts, unchecked };
	});
	const json = JSON.stringify({ resources, ...found }, null, 1);
	const toDo = "Put the report into an issue of this node. There is nobody's data in it.";
	return {
		...{ ...COLUMNS, resource: 'Report' },
		...(isAsExpected !== true && { to_do: toDo }),
		report: `## Check API\n\n\`\`\`json\n${json}\n\`\`\``,
	};
}
