// What people read for the names that the API gives its fields, and which come first where they are listed. Used
// wherever the editor shows fields: columns, filters, Sort, Look Up, Match On, Selected Fields, fields to watch.
import { resources } from './index';
import { other } from './other';
import type { Resource } from './resource';

/** `Preferred Name (name_pref)`. */
export function shownField(name: string, resource: Resource): string {
	const known = [...resource.fields, ...resource.filters].find((field) => field.name === name);
	if (!known && !isPlainName(name)) return name;
	const readable = known?.displayName ?? readableName(name, resource);
	return readable === name ? name : `${readable} (${name})`;
}

/** As an API names its fields; what an expression gives instead, such as NaN, is shown as it is. */
function isPlainName(name: string): boolean {
	return /^[a-z_][\w.]*$/i.test(name) && name !== 'NaN';
}

/** The most useful first: names, contact, dates, other records; at the end IDs, and what the API itself sets. */
export function byUsefulness(names: readonly string[], resource: Resource): string[] {
	const ranked = names.map((name) => ({ name, rank: rankOf(name, resource) }));
	return ranked.sort((a, b) => a.rank - b.rank).map(({ name }) => name);
}

/** When and by whom a record was made or changed, which EyeCloud Pro sets itself. */
export function isMetadata(name: string): boolean {
	return /^(create|created|update|updated|modify|modified|last_update|last_updated)(_(date|at|by|on|time))?$/.test(
		name,
	);
}

/** What is not written out in names. */
const WORDS: Readonly<Record<string, string>> = {
	...{ addr: 'Address', amt: 'Amount', appt: 'Appointment', desc: 'Description' },
	...{ dob: 'Date of Birth', emp: 'Employee', ext: 'Extension', ins: 'Insurance' },
	...{ num: 'Number', pref: 'Preferred', qty: 'Quantity', rx: 'Rx', tel: 'Phone' },
	...{ id: 'ID', ids: 'IDs', npi: 'NPI', od: 'OD', os: 'OS', ou: 'OU', pd: 'PD', sku: 'SKU' },
	...{ sms: 'SMS', ssn: 'SSN', upc: 'UPC', uri: 'URI', url: 'URL', uuid: 'UUID', zip: 'ZIP' },
};

/** Of which kind a name, a phone or an address is: people say it first. */
const KIND_LAST =
	/^(name|phone|email|address|addr) (first|last|middle|pref|preferred|nick|legal|maiden|full|mobile|cell|home|work|office|other|primary|secondary|billing|mailing|shipping)$/;

function readableName(name: string, { value, idFields, displayName }: Resource): string {
	// `appt_id` and `tierprice_id` are not what the resource is called here.
	const isOwnId = idFields.includes(name) && name !== 'id' && value !== other.value;
	if (isOwnId) return `${displayName} ID`;
	const words = wordsOf(name).join(' ').replace(KIND_LAST, '$2 $1').split(' ');
	const readable = words.map(
		(word) => (Object.hasOwn(WORDS, word) && WORDS[word]) || capitalized(word),
	);
	return readable.join(' ').trim() || name;
}

function wordsOf(name: string): string[] {
	return name
		.replace(/(?<=[a-z\d])(?=[A-Z])/g, ' ')
		.split(/[^\p{L}\p{N}]+/u)
		.filter(Boolean)
		.map((word) => word.toLowerCase());
}

function capitalized(word: string): string {
	return word.charAt(0).toUpperCase() + word.slice(1);
}

function rankOf(name: string, { idFields }: Resource): number {
	const words = new Set(wordsOf(name));
	const has = (...some: string[]) => some.some((word) => words.has(word));
	if (isMetadata(name)) return 7;
	if (idFields.includes(name)) return 6;
	if (has('id', 'ids', 'uuid', 'guid')) return referenceIn(name) ? 3 : 5;
	if (has('name')) return 0;
	if (has('email', 'phone', 'mobile', 'tel', 'address', 'addr', 'city', 'state', 'zip')) return 1;
	if (has('dob', 'date', 'time', 'day', 'birthday')) return 2;
	return 4;
}

/** The resource whose record's ID stands in a field of this name; undefined where it is of none. */
export function referenceIn(name: string): Resource | undefined {
	return resources.find(({ idFields }) =>
		idFields.some(
			(idField) => idField !== 'id' && (name === idField || name.endsWith(`_${idField}`)),
		),
	);
}
