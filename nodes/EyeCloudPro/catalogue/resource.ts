// The shape of a catalogue entry. Data only; operations, methods and docs follow from it.

/**
 * Where a fact comes from: it stands in the published text, or it follows from a documented scope,
 * method or example by REST convention.
 */
export type Evidence = 'documented' | 'inferred';

/** What a scope allows; `access` is what every token may do. */
export type Verb = 'create' | 'read' | 'update' | 'delete' | 'access';

export interface Scope {
	/** Documented as `verb:path`, e.g. `read:pricebooks:lenses`. */
	name: string;
	evidence: Evidence;
}

/** How people write a value, and how the API wants it. */
export type ValueKind = 'text' | 'email' | 'phone' | 'date' | 'dateTime';

export interface Field {
	/** The API's name. */
	name: string;
	displayName: string;
	kind: ValueKind;
	evidence: Evidence;
	placeholder?: string;
}

export const UPDATE_METHODS = ['PATCH', 'PUT', 'POST'] as const;

export interface Resource {
	/** The value of the `resource` parameter; saved workflows depend on it. */
	value: string;
	/** What the Resource list calls it, where that is not the name of one record. */
	choiceName?: string;
	/** Title Case, singular and plural, e.g. `Price Tier`, `Price Tiers`. */
	displayName: string;
	displayNamePlural: string;
	/** Path after the practice. Its first segment is the rate limit module, as documented; nothing else can be. */
	path: readonly string[];
	pathEvidence: Evidence;
	/** An operation is offered exactly where there is a scope for its verb. */
	scopes: Readonly<Partial<Record<Verb, Scope>>>;
	/**
	 * What the record's own id may be called, the likeliest first; the first one that a record has, or
	 * that the API sorts by, is it. Only `patient_id` is documented.
	 */
	idFields: readonly [string, ...string[]];
	/** The name that Create Many gives the list of records in its body; without one, the list is the body. */
	bodyKey?: string;
	/** How one record is changed; PATCH is documented as a method, and usual. */
	updateMethod?: (typeof UPDATE_METHODS)[number];
	/**
	 * Path and ID where they are not the catalogue's: the trigger keeps its state apart by it, so that it begins anew
	 * where they change.
	 */
	stateKey?: string;
	/** Fields that a record can be created with, as far as they are published; the rest is discovered. */
	fields: readonly Field[];
	/** Query parameters that narrow a list. */
	filters: readonly Field[];
	/** Fields that a list can be sorted by, where they are documented; otherwise discovered. */
	sortableFields: readonly string[];
	/** The fields that Simplify keeps, the most useful first; it fills up to ten with others. */
	simplifiedFields: readonly string[];
	/** The fields that tell people two records apart, where they are known. */
	labelFields: readonly string[];
	/** A practice has few of these records: in a form, a column with the ID of one offers them all by name. */
	isShortList?: true;
	/** Made for a patient, at a day or a time: its forms show a notice where the patient's ID comes from and how times are meant. */
	isForPatient?: true;
}

/** Of most resources, names and scopes alone are published; their fields are discovered at run time. */
export const unpublished = {
	pathEvidence: 'inferred',
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
} as const;
