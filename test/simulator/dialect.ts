// How the API speaks where its document is silent: what servers of the same make really answer, one
// switch for each point. The first value of each is what the simulator speaks unless told otherwise.
// Read by main.ts, options.ts and by tests that run in every dialect; spoken by the files named below.

/** `about` is a sentence's beginning; each value ends it. */
type Switch = { about: string } & Record<string, string>;

export const switches = {
	// errors.ts: what is answered instead of a result.
	expiredToken: {
		about: 'An expired, bad or missing token is answered',
		json401: '401, as JSON',
		html401: '401, as HTML, with WWW-Authenticate',
		json400: '400, as JSON',
		json403: '403, as JSON',
		json500: '500, as JSON: {"code":500,"message":"Internal Server Error"}',
	},
	tooManyRequests: {
		about: 'Too many requests are answered 429',
		json: 'as JSON, with the headers that the rate limit is set to',
		text: 'as a text, with X-RateLimit-* and the rest of the window in Retry-After',
		textWholeWindow: 'as a text, with X-RateLimit-* and the whole window in Retry-After',
	},
	missingPath: {
		about: 'A path that does not exist is answered 404',
		json: 'as JSON: Cannot find GET /…',
		html: 'as HTML: Cannot GET /…',
		notFound: 'as JSON: {"code":404,"message":"Not found"}',
	},
	missingRecord: {
		about: 'A record that does not exist is answered 404',
		message: 'with a message that names the id',
		notFound: 'as JSON: {"code":404,"message":"Not found"}',
	},
	inFront: {
		about: 'Something in front of the API',
		nothing: 'is not there',
		html403: 'refuses every request, 403 as HTML',
		html503: 'refuses every request, 503 as HTML',
	},
	tooLargeBody: {
		about: 'A body over 100 kB',
		accepted: 'is accepted',
		html413: 'is answered 413, as HTML',
		json400: 'is answered 400, as JSON',
		json500: 'is answered 500, as JSON: {"code":500,"message":"Internal Server Error"}',
	},
	errorWithStatus200: {
		about: 'What refuses values, records, scopes and practices has',
		no: 'its own status',
		yes: 'status 200, and {"status":"ERROR"} in its body',
	},

	// shapes.ts: how results are wrapped.
	list: {
		about: 'The records of a list are',
		data: 'documented: {"data":[…],"pagination":{…}}',
		named: 'named: {"data":{"patients":[…]},"pagination":{…}}',
		namedOnly: 'named, without data: {"patients":[…],"pagination":{…}}',
	},
	totalCount: {
		about: 'total_count is',
		number: 'a number',
		text: 'a text, as of a bigint from PostgreSQL',
	},
	oneRecord: {
		about: 'One record, read or changed, is',
		data: '{"data":{…}}',
		bare: 'by itself: {…}',
		list: '{"data":[{…}]}',
		named: '{"data":{"patient":{…}}}',
		statusNamed: '{"status":"OK","message":"…","patient":{…}}',
	},
	created: {
		about: 'A created record is answered 201',
		data: 'with {"data":{…}}',
		bare: 'with the record by itself: {…}',
		list: 'with {"data":[{…}]}',
		named: 'with {"data":{"patient":{…}}}',
		statusNamed: 'with {"status":"OK","message":"…","patient":{…}}',
		id: 'with its id alone: {"patient_id":…}',
		location: 'without a body, its path in Location',
		empty: 'without a body',
		noContent: 'no: it is answered 204',
	},
	bulkCreated: {
		about: 'Records created in bulk are answered 201',
		data: 'with {"data":[{…}]}',
		bare: 'with a list by itself: [{…}]',
		named: 'with {"data":{"patients":[{…}]}}',
		ids: 'with their ids alone: {"data":{"ids":[…]}}',
		count: 'with their number alone: {"count":…}',
		empty: 'without a body',
	},

	// work.ts and validation.ts: what is taken, and how the rest is refused.
	updateMethod: {
		about: 'A record is changed by',
		PATCH: 'PATCH: it is among the documented methods',
		PUT: 'PUT',
		POST: 'POST: the document speaks of "creating and updating" there',
	},
	bulkBody: {
		about: 'The body of a bulk POST is',
		list: 'a list',
		named: 'a list with the name of its resource: {"patients":[…]}',
		records: 'a list with the name records: {"records":[…]}',
		listOnly: 'a list, and so is that of a single record',
	},
	bulkRefused: {
		about: 'A refused bulk POST names',
		index: 'record and field: "[1].name_last" is required',
		body: 'body, record and field: "body[1].name_last" is required',
		key: 'fields alone, without an index: "name_last" is required',
		first: 'what it met first, and nothing after it',
		alternatives: 'nothing: "value" does not match any of the allowed types',
	},
	unknownParameter: {
		about: 'A query parameter that it does not know is',
		refused: 'refused',
		ignored: 'ignored: everybody comes back',
	},
	unknownField: {
		about: 'A field in a body that it does not know is',
		refused: 'refused',
		dropped: 'dropped without a word',
	},

	// wording.ts: how records read.
	ids: {
		about: 'Ids, and what refers to them, are',
		integer: 'integers',
		large: 'integers beyond 2³¹',
		guid: 'GUIDs, whose order is not that of creation',
		text: 'texts, such as p1001, sorted as texts',
	},
	idName: {
		about: "A record's own id is called",
		own: 'patient_id, appt_id, and so on',
		long: 'the same, but appointment_id and price_tier_id',
		id: 'id',
	},
	phoneField: {
		about: 'The field that the filter phone looks at is called',
		phone: 'phone',
		phone_mobile: 'phone_mobile: a filter need not be a field',
	},
	timeZone: {
		about: 'create_date is',
		utc: 'in UTC',
		local: "in the practice's own time, America/Chicago",
	},
	timeOffset: {
		about: 'create_date comes',
		none: 'without an offset',
		given: 'with its offset: Z or -05:00',
	},
	timePrecision: {
		about: 'create_date is told to the',
		second: 'second',
		millisecond: 'millisecond',
		day: 'day',
	},
} as const satisfies Record<string, Switch>;

type Switches = typeof switches;
export type SwitchName = keyof Switches;

/** What one resource has otherwise than the simulator's own, by its usual path. */
export interface ResourceDialect {
	/** Where it is instead, such as `/crm/people`. */
	path?: string;
	idName?: string;
	/** The fields that lists can be sorted by, under the names that records have them. */
	sortable?: string[];
}

export type Dialect = { [Name in SwitchName]: Exclude<keyof Switches[Name], 'about'> } & {
	/** Reads come from a replica that learns of new records so many milliseconds late. */
	replicaLagMs: number;
	resources: Record<string, ResourceDialect>;
};

export function valuesOf(name: SwitchName): string[] {
	return Object.keys(switches[name]).slice(1);
}

export const switchNames = Object.keys(switches) as SwitchName[];

export const usualDialect = Object.freeze({
	...Object.fromEntries(switchNames.map((name) => [name, valuesOf(name)[0]])),
	replicaLagMs: 0,
	resources: {},
}) as Dialect;

/** Every name with its values, one line each, for `--dialect list`. */
export function dialectList(): string {
	const lines = switchNames.map((name) => {
		const { about, ...values }: Switch = switches[name];
		const each = Object.entries(values).map(([value, end]) => `  ${value.padEnd(18)}${end}`);
		return [`${name}: ${about}`, ...each].join('\n');
	});
	const resources = `resources: What single resources have otherwise, by their usual path, such as
  {"resources":{"/patients":{"path":"/crm/people","idName":"person_id","sortable":["person_id"]}}}`;
	const lag = 'replicaLagMs: New records appear in reads so many milliseconds late (0)';
	return [...lines, lag, resources].join('\n');
}

/** `ids=guid,created=empty`, or JSON of the same. What it names is checked with the other options. */
export function parseDialect(text: string): Partial<Dialect> {
	if (text.trim().startsWith('{')) return JSON.parse(text) as Partial<Dialect>;
	return Object.fromEntries(text.split(',').map((pair) => pair.trim().split('=')));
}
