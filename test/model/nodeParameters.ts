// A case's parameters as n8n saves them, and the items that come in. Expressions tell the items apart by
// their place, so that an item holds its fields and nothing else. Called by play.ts.
import type { IDataObject, INode } from 'n8n-workflow';

import { automatic, byId, mapped } from '../harness/simulatedPractice.ts';
import {
	facts,
	finds,
	isNothing,
	type Nothing,
	type SettingsCase,
	type Work,
} from './settingsCase.ts';

/** JavaScript for the places that have a value of their own. */
type Places = Array<[Work, string]>;

const nothings: Record<Nothing, string> = {
	undefined: '$json.of_no_item',
	null: 'null',
	blank: '""',
};

const throwing = '$("Nowhere").first().json.of_no_item';

/** An expression of `usual`, and of something else in the places that have it. */
function expression(usual: string, places: Places): string {
	const parts = places.map(
		([{ run, item }, value]) => `$runIndex === ${run} && $itemIndex === ${item} ? ${value} : `,
	);
	return `={{ ${parts.join('')}${usual} }}`;
}

export function inputItems(settings: SettingsCase, works: Work[]): IDataObject[][] {
	const { automatic: isAutomatic, resource } = settings;
	return settings.runs.map((_, run) =>
		works
			.filter((work) => work.run === run)
			.map((work) => {
				const fields = { ...work.fields } as IDataObject;
				const { wrong, refused } = facts[resource];
				const { fails } = work.of;
				if (fails === 'value') fields[wrong.field] = wrong.value as string;
				if (fails === 'refused') fields[refused.field] = refused.value as string;
				if (isAutomatic && isNothing(fails)) fields[columnThatFails(settings)] = emptied[fails];
				return fields;
			}),
	);
}

const emptied = { undefined: undefined, null: null, blank: '' } as const;

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
		parameters.recordId = byId(recordIdOf(works));
	}
	if (!['get', 'getAll', 'count', 'delete'].includes(operation)) {
		parameters.columns = columnsOf(settings, works);
	}
	if (finds(operation)) parameters.matchOn = matchOn;
	return parameters as INode['parameters'];
}

function optionsOf(settings: SettingsCase, works: Work[]): IDataObject {
	const { batchSize, practice, practiceIn, dryRun, automatic: isAutomatic } = settings;
	const options: IDataObject = {};
	if (batchSize !== undefined) options.batchSize = batchSize;
	const places = practicePlaces(settings, works);
	// With Map Automatically there is no column whose expression could throw.
	const thrown = works.filter(({ of }) => isAutomatic && of.fails === 'throws');
	if (practiceIn !== 'credential' && (places.length > 0 || thrown.length > 0)) {
		const all = [...thrown.map((work): Places[number] => [work, throwing]), ...places];
		options.practiceId = expression(String(practice ?? 2), all);
	} else if (thrown.length > 0) {
		options.timeout = expression(
			'30000',
			thrown.map((work): Places[number] => [work, throwing]),
		);
	}
	if (practiceIn !== 'credential' && !options.practiceId && practice) {
		options.practiceId = String(practice);
	}
	const shown = works.filter(({ of }) => of.dryRun !== undefined);
	if (shown.length > 0) {
		const value = ({ of }: Work) =>
			isNothing(of.dryRun) ? nothings[of.dryRun] : String(of.dryRun);
		options.dryRun = expression(
			String(dryRun === true),
			shown.map((work): Places[number] => [work, value(work)]),
		);
	} else if (dryRun) {
		options.dryRun = true;
	}
	if (works.some(({ of }) => of.fault?.how === 'silent')) options.timeout = 400;
	return options;
}

function practicePlaces({ practice: usual }: SettingsCase, works: Work[]): Places {
	return works
		.filter(({ of }) => of.practice !== undefined && of.practice !== (usual ?? 2))
		.map((work): Places[number] => {
			const { practice } = work.of;
			return [work, isNothing(practice) ? nothings[practice] : String(practice)];
		});
}

/** The Practice Client ID of the credential. */
export function credentialPractice(settings: SettingsCase, works: Work[]): string {
	if (settings.practiceIn !== 'credential') return '2';
	const places = practicePlaces(settings, works);
	const usual = String(settings.practice ?? 2);
	return places.length > 0 ? expression(usual, places) : usual;
}

function recordIdOf(works: Work[]): string {
	const places = works.map((work): Places[number] => {
		const { fails } = work.of;
		if (isNothing(fails)) return [work, nothings[fails]];
		if (fails === 'throws') return [work, throwing];
		return [work, fails === 'value' ? '"../stores"' : String(work.recordId)];
	});
	return expression('0', places);
}

function filtersOf({ resource }: SettingsCase, works: Work[]): IDataObject {
	const { filter } = facts[resource];
	const places = works.map((work): Places[number] => {
		const { fails } = work.of;
		if (isNothing(fails)) return [work, nothings[fails]];
		if (fails === 'throws') return [work, throwing];
		if (fails === 'refused') return [work, JSON.stringify('zoe@@example.com'.repeat(12))];
		return [work, JSON.stringify(fails === 'value' ? 'Quill nobody' : work.filter)];
	});
	const value = expression('"nobody@example.com"', places);
	if (resource === 'patient') return { [filter]: value };
	return { custom: { parameter: [{ name: filter, value }] } };
}

function columnsOf(settings: SettingsCase, works: Work[]): IDataObject {
	const { automatic: isAutomatic, resource, varies, operation } = settings;
	if (isAutomatic) return automatic;
	const { markerField, types } = facts[resource];
	const names = new Set(works.flatMap(({ fields }) => Object.keys(fields)));
	const { refused } = facts[resource];
	if (works.some(({ of }) => of.fails === 'refused')) names.add(refused.field);
	const value: IDataObject = {};
	for (const name of names) value[name] = expression(`$json.${name}`, []);
	if (varies) value[markerField] = `={{ $json.${markerField} + ' ' + Math.random() }}`;
	const named = operation === 'update' ? 'brand' : columnThatFails(settings);
	const column = names.has(named) ? named : markerField;
	const places = works.flatMap((work): Places => {
		const { fails } = work.of;
		// In an update these two are about the id.
		if (operation === 'update') return [];
		if (isNothing(fails)) return [[work, nothings[fails]]];
		return fails === 'throws' ? [[work, throwing]] : [];
	});
	if (places.length > 0) {
		const usual = String(value[column]).slice('={{ '.length, -' }}'.length);
		value[column] = expression(usual, places);
	}
	return mapped(value, types);
}
