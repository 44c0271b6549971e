// A case's parameters as n8n saves them, and the items that come in. Expressions tell the items apart by
// their place, so that an item holds its fields and nothing else. Called by play.ts.
import type { IDataObject, INode } from 'n8n-workflow';

import { automatic, byId, mapped } from '../harness/simulatedPractice.ts';
import { facts, finds, isNothing, type SettingsCase, type Work } from './settingsCase.ts';

const nothings = { undefined: '$json.of_no_item', null: 'null', blank: '""' };
const throwing = '$("Nowhere").first().json.of_no_item';

/** In JavaScript: what is to go wrong with it, or what it is; undefined where it is the usual. */
function spoiled({ of: { fails } }: Work, otherwise?: string): string | undefined {
	if (isNothing(fails)) return nothings[fails];
	return fails === 'throws' ? throwing : otherwise;
}

/** An expression of `usual`, and of something else in the places that have it; undefined where none has. */
function expression(
	usual: string,
	works: Work[],
	valueOf: (work: Work) => string | undefined,
): string | undefined {
	const parts = works.flatMap((work) => {
		const value = valueOf(work);
		if (value === undefined) return [];
		return `$runIndex === ${work.run} && $itemIndex === ${work.item} ? ${value} : `;
	});
	return parts.length > 0 ? `={{ ${parts.join('')}${usual} }}` : undefined;
}

export function inputItems(settings: SettingsCase, works: Work[]): IDataObject[][] {
	const { wrong, refused } = facts[settings.resource];
	const emptied = { undefined: undefined, null: null, blank: '' };
	const itemOf = ({ fields, of: { fails } }: Work) => {
		const item = { ...fields } as IDataObject;
		if (fails === 'value') item[wrong.field] = wrong.value as string;
		if (fails === 'refused') item[refused.field] = refused.value as string;
		if (settings.automatic && isNothing(fails)) item[columnThatFails(settings)] = emptied[fails];
		return item;
	};
	return settings.runs.map((_, run) => works.filter((work) => work.run === run).map(itemOf));
}

/** Where a column is what fails by giving nothing, or by throwing. */
function columnThatFails({ matchOn, resource }: SettingsCase): string {
	return matchOn?.[0] ?? Object.keys(facts[resource].types)[1];
}

export function parametersOf(settings: SettingsCase, works: Work[]): INode['parameters'] {
	const { operation, resource, matchOn } = settings;
	const parameters: IDataObject = { resource, operation, options: optionsOf(settings, works) };
	if (operation === 'get' || operation === 'getAll') parameters.simplify = false;
	if (operation === 'getAll') parameters.returnAll = true;
	if (operation === 'getAll' || operation === 'count') {
		parameters.filters = filtersOf(settings, works);
	} else if (operation === 'get' || operation === 'update' || operation === 'delete') {
		const idOf = ({ of, recordId }: Work) => (of.fails === 'value' ? '"../stores"' : `${recordId}`);
		parameters.recordId = byId(expression('0', works, (work) => spoiled(work, idOf(work))));
	}
	if (!['get', 'getAll', 'count', 'delete'].includes(operation)) {
		parameters.columns = settings.automatic ? automatic : columnsOf(settings, works);
	}
	if (finds(operation)) parameters.matchOn = matchOn;
	return parameters as INode['parameters'];
}

function optionsOf(settings: SettingsCase, works: Work[]): IDataObject {
	const { batchSize, practice, practiceIn, dryRun } = settings;
	// With Map Automatically there is no column whose expression could throw.
	const thrown = works.filter(({ of }) => settings.automatic && of.fails === 'throws');
	const timeout = expression('30000', thrown, () => throwing);
	const shown = expression(`${dryRun === true}`, works, ({ of }) =>
		isNothing(of.dryRun) ? nothings[of.dryRun] : of.dryRun?.toString(),
	);
	const ofPractice = expressedPractice(settings, works) ?? practice?.toString();
	return {
		...(batchSize !== undefined && { batchSize }),
		...(practiceIn !== 'credential' && ofPractice && { practiceId: ofPractice }),
		...((shown ?? dryRun) && { dryRun: shown ?? true }),
		...(timeout && { timeout }),
	};
}

function expressedPractice({ practice }: SettingsCase, works: Work[]): string | undefined {
	return expression(String(practice ?? 2), works, ({ of }) =>
		isNothing(of.practice) ? nothings[of.practice] : of.practice?.toString(),
	);
}

/** The Practice Client ID of the credential. */
export function credentialPractice(settings: SettingsCase, works: Work[]): string {
	if (settings.practiceIn !== 'credential') return '2';
	return expressedPractice(settings, works) ?? String(settings.practice ?? 2);
}

function filtersOf({ resource }: SettingsCase, works: Work[]): IDataObject {
	const { filter } = facts[resource];
	const texts = { value: 'Quill nobody', refused: 'zoe@@example.com'.repeat(12) };
	const value = expression('0', works, (work) => {
		const { fails } = work.of;
		const isText = fails === 'value' || fails === 'refused';
		return spoiled(work, JSON.stringify(isText ? texts[fails] : work.filter));
	});
	if (resource === 'patient') return { [filter]: value };
	return { custom: { parameter: [{ name: filter, value }] } };
}

function columnsOf(settings: SettingsCase, works: Work[]): IDataObject {
	const { resource, varies, operation } = settings;
	const { markerField, types, refused } = facts[resource];
	const names = new Set(works.flatMap(({ fields }) => Object.keys(fields)));
	if (works.some(({ of }) => of.fails === 'refused')) names.add(refused.field);
	const usual = new Map(Array.from(names, (name) => [name, `$json.${name}`]));
	if (varies) usual.set(markerField, `$json.${markerField} + ' ' + Math.random()`);
	const value: IDataObject = {};
	for (const [name, text] of usual) value[name] = `={{ ${text} }}`;
	// In an update what gives nothing, or throws, is the id.
	if (operation !== 'update') {
		const named = columnThatFails(settings);
		const column = names.has(named) ? named : markerField;
		value[column] =
			expression(usual.get(column) ?? '', works, (work) => spoiled(work)) ?? value[column];
	}
	return mapped(value, types);
}
