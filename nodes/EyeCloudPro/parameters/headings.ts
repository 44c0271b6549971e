// Which field a column of a person's table means: 'First Name', 'DOB', 'E-mail', 'Cell Phone'. Where it may mean two, it
// is refused by name, never guessed; where it means none, it is left out, and told. Used by columns.ts.
import type { FieldType, ResourceMapperField } from 'n8n-workflow';

import { discoverFields, type DiscoveredType } from '../api/discovery';
import type { Client } from '../api/client';
import { ApiError, type ApiErrorKind } from '../api/errors';
import { isMetadata, shownField } from '../catalogue/fieldNames';
import type { Resource } from '../catalogue/resource';
import type { OperationRun } from './run';

export interface KnownField
	extends Pick<ResourceMapperField, 'id' | 'displayName' | 'type' | 'options'> {
	/** Whether the records have times of day in it; undefined where only the label can tell. */
	hasTimes?: boolean;
}

export interface Headings {
	/** What is known of the fields: those of the form, or those that a few records have. */
	schema: KnownField[];
	/** By the heading: the name of its field. A heading that means none is not in it. */
	names: Map<string, string>;
	/** By the heading: the fields that it may mean, where there are several. */
	rivals: Map<string, string[]>;
}

/**
 * @param given the fields of the form, which are those of the API's records; without them, a few records are looked at
 * @throws ApiError where those can't be read for now, so that it is not known what the headings mean
 * @param kept fields that EyeCloud Pro sets itself and the operation needs nevertheless, such as the ID to match on
 */
export async function headingsFor(
	{ client, resource }: OperationRun,
	headings: string[],
	given: KnownField[],
	kept: ReadonlySet<string>,
): Promise<Headings> {
	const isLeftOut = (heading: string) => !kept.has(heading) && isSetElsewhere(heading, resource);
	// What is documented has a type. Of all else, a few records tell the type, and what a heading means.
	const others = headings.filter(
		(heading) =>
			!isLeftOut(heading) && exactly(resource, candidates(resource, []), heading).length === 0,
	);
	const isLooked = given.length === 0 && others.length > 0;
	const found = isLooked ? await discovered(client, resource) : given;
	const isByName = others.every(
		(heading) =>
			isNameOfField(heading) &&
			fieldsMeant(resource, found, heading).every(({ id }) => id === heading),
	);
	// A number may mean a code that is stored as a text, such as 7.50, and is matched as a number.
	const isCode = ({ type }: KnownField) => isLooked && isByName && type === 'string';
	const schema = found.map((field) => (isCode(field) ? { ...field, type: undefined } : field));
	const names = new Map<string, string>();
	const rivals = new Map<string, string[]>();
	for (const heading of headings) {
		if (isLeftOut(heading)) continue;
		const fields = fieldsMeant(resource, schema, heading);
		const shown = fields.map(({ id }) => shownField(id, resource));
		if (fields.length > 1) rivals.set(heading, shown);
		else if (fields.length === 1 || isNameOfField(heading)) {
			names.set(heading, fields[0]?.id ?? heading);
		}
	}
	return { schema, names, rivals };
}

export const FIELD_TYPES: Record<DiscoveredType, FieldType> = {
	text: 'string',
	number: 'number',
	boolean: 'boolean',
	date: 'dateTime',
	dateTime: 'dateTime',
	object: 'object',
	array: 'array',
};

/** A field with times of day says in the form on whose clock they are: n8n keeps no more of it than its label and type. */
export function labelOfTime(label: string, timeZone: string): string {
	return `${label}, ${timeZone}`;
}

export function isOfTimes({ type, displayName, hasTimes }: KnownField): boolean {
	return type === 'dateTime' && (hasTimes ?? /, [\w+-]+(\/[\w+-]+)*$/.test(displayName));
}

const CAN_NOT_BE_READ = new Set<ApiErrorKind>(['notAllowed', 'notFound', 'noSuchPath']);

async function discovered(client: Client, { path }: Resource): Promise<KnownField[]> {
	const fields = await discoverFields(client, path).catch((thrown: unknown) => {
		if (!(thrown instanceof ApiError)) throw thrown;
		// Whoever may only create has what is documented.
		if (CAN_NOT_BE_READ.has(thrown.kind)) return [];
		throw new ApiError(
			'unreachable',
			`It could not be found out which fields the columns mean: ${thrown.message}`,
			{
				statusCode: thrown.statusCode,
				description:
					'A few records tell the names of the fields, and reading them did not work. Nothing was sent for this item. Run it again, or map each column.',
			},
		);
	});
	return fields.map(({ name, type }) => ({
		...{ id: name, displayName: name, type: type && FIELD_TYPES[type] },
		hasTimes: type === 'dateTime',
	}));
}

/** What EyeCloud Pro sets itself: the id, and when and by whom a record was made or changed. */
export function isReadOnly(name: string, resource: Resource): boolean {
	return resource.idFields.includes(name) || isMetadata(name);
}

/** The same in any spelling, and the number of the row, which n8n's node for Google Sheets adds. */
function isSetElsewhere(heading: string, resource: Resource): boolean {
	const name = heading
		.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, '_')
		.replace(/^_|_$/g, '');
	return name === 'row_number' || isReadOnly(name, resource);
}

/** As the API writes its names; sent as it is, so that it is the API that says whether there is such a field. */
function isNameOfField(heading: string): boolean {
	return /^[a-z_][a-z0-9_.]*$/.test(heading);
}

/** The field, or all that it may be. */
function fieldsMeant(resource: Resource, schema: KnownField[], heading: string): KnownField[] {
	const known = candidates(resource, schema);
	const same = exactly(resource, known, heading);
	const words = wordsOf(heading, resource);
	if (same.length > 0 || words.size === 0) return same;
	const fields = known.filter(({ id }) => !isReadOnly(id, resource));
	const whose = spelledAs(resource, fields);
	// A name like those of the API may be one of a field that is not known.
	const isOwnKind = (name: string) => isNameOfField(heading) && heading.startsWith(`${name}_`);
	const longer = whose((of) => isWithin(words, of) && isWithin(without(of, words), UNSAID));
	// Only records tell that there is no field of this very name.
	if (longer.length > 0) return isNameOfField(heading) && schema.length === 0 ? [] : longer;
	const shorter = whose(
		(of, name) =>
			!isOwnKind(name) &&
			isWithin(of, words) &&
			isWithin(without(words, of), SAID_BESIDE) &&
			Array.from(of).some((word) => REACHED_BY.has(word)),
	);
	if (shorter.length > 0) return shorter;
	if (words.size !== 1 || !words.has('name')) return [];
	const names = whose((of) => of.has('name') && (of.has('first') || of.has('last')));
	return names.length > 1 ? names : [];
}

/** The fields of the schema, and those of the catalogue. */
function candidates(resource: Resource, schema: KnownField[]): KnownField[] {
	const byName = new Map(schema.map((field) => [field.id, field]));
	for (const { name, displayName } of resource.fields) {
		byName.set(name, { ...byName.get(name), id: name, displayName });
	}
	return Array.from(byName.values());
}

/** The field of this very name, or those whose name says the same words. */
function exactly(resource: Resource, known: KnownField[], heading: string): KnownField[] {
	const own = known.find(({ id }) => id === heading);
	if (own) return [own];
	const words = wordsOf(heading, resource);
	const fields = known.filter(({ id }) => !isReadOnly(id, resource));
	return words.size === 0
		? []
		: spelledAs(resource, fields)((of) => of.size === words.size && isWithin(words, of));
}

/** Those of the fields of which one spelling's words are so. */
function spelledAs(resource: Resource, fields: KnownField[]) {
	return (isSo: (of: Set<string>, name: string) => boolean) =>
		fields.filter(({ id, displayName }) =>
			[id, displayName].some((spelling) => isSo(wordsOf(spelling, resource), id)),
		);
}

/** What a field may say and a heading need not: `home_zip`, `name_last`. */
const UNSAID = new Set(['name', 'home', 'work', 'mobile']);

/** What a heading may say and a field need not, where there is one phone number or address alone. */
const SAID_BESIDE = new Set(['mobile', 'home', 'work', 'primary', 'main', 'personal', 'contact']);
const REACHED_BY = new Set(['phone', 'email', 'address', 'city', 'state', 'zip']);

/** What people write, and what it is here; one after the other. */
const SAME: Array<[RegExp, string]> = [
	[/\b(e mail|mail)\b/g, 'email'],
	[/\bemail (address|id|addr)\b/g, 'email'],
	[/\b(d o b|dob|b day|birthday|birth ?date|date of birth|birth day|born on|born)\b/g, 'birth'],
	[/\b(zip ?code|post(al)? ?code)\b/g, 'zip'],
	[/\b(tel|telephone|ph|phone ?(number|num|no|nr)|phones)\b/g, 'phone'],
	[/\b(cell ?phone|mobile ?phone|cellular|cell|mobile)( (number|num|no|nr))?\b/g, 'mobile phone'],
	[/\b(home|work)phone\b/g, '$1 phone'],
	[/\b(f ?name|firstname|given( name)?|forename|first)\b/g, 'first name'],
	[/\b(l ?name|lastname|surname|family name|last)\b/g, 'last name'],
	[/\b(middlename|middle)\b/g, 'middle name'],
	[/\b(nick ?name|pref(erred)?)\b/g, 'preferred name'],
	[/\b(sex)\b/g, 'gender'],
	[/\b(street|addr)\b/g, 'address'],
	[/\baddress( (address|line))*( 1)?\b/g, 'address'],
];

function wordsOf(name: string, { displayName, displayNamePlural }: Resource): Set<string> {
	let text = name
		.replace(/([a-z0-9])([A-Z])/g, '$1 $2')
		.normalize('NFKD')
		.toLowerCase()
		.replace(/\p{M}+/gu, '')
		.replace(/[^\p{L}\p{N}]+/gu, ' ')
		.trim();
	for (const [written, meant] of SAME) text = text.replace(written, meant);
	const words = new Set(text.split(' ').filter((word) => word !== ''));
	const own = [displayName, displayNamePlural].map((word) => word.toLowerCase());
	const others = Array.from(words).filter((word) => !own.includes(word));
	return others.length > 0 ? new Set(others) : words;
}

function isWithin(part: Set<string>, whole: Set<string>): boolean {
	return Array.from(part).every((word) => whole.has(word));
}

function without(words: Set<string>, others: Set<string>): Set<string> {
	return new Set(Array.from(words).filter((word) => !others.has(word)));
}
