// How the API speaks where its document is silent: what servers of the same make really answer, one
// switch for each point. The first value of each is what the simulator speaks unless told otherwise.
// Read by main.ts, options.ts and by tests that run in every dialect; spoken by the files named below.

/** Of each switch its values. `json500` is {"code":500,"message":"Internal Server Error"}. */
export const switches = {
	// errors.ts: what is answered instead of a result. `html401` comes with WWW-Authenticate.
	expiredToken: ['json401', 'html401', 'json400', 'json403', 'json500'],
	// As JSON with the headers that the rate limit is set to, or as a text with X-RateLimit-* and the rest of the
	// window, or the whole of it, in Retry-After.
	tooManyRequests: ['json', 'text', 'textWholeWindow'],
	// `Cannot find GET /…`, the same as a page, or {"code":404,"message":"Not found"}.
	missingPath: ['json', 'html', 'notFound'],
	// With a message that names the id, or the same as above.
	missingRecord: ['message', 'notFound'],
	// What refuses every request before the API sees it.
	inFront: ['nothing', 'html403', 'html503'],
	// Over 100 kB.
	tooLargeBody: ['accepted', 'html413', 'json400', 'json500'],
	// Refusals have status 200, and {"status":"ERROR"} in the body; tokens' and the server's own have not.
	errorWithStatus200: ['no', 'yes'],

	// shapes.ts: how results are wrapped. {"data":[…]}, {"data":{"patients":[…]}} or {"patients":[…]}.
	list: ['data', 'named', 'namedOnly'],
	// As a text it is a bigint of PostgreSQL.
	totalCount: ['number', 'text'],
	// {"data":{…}}, {…}, {"data":[{…}]}, {"data":{"patient":{…}}} or {"status":"OK","message":"…","patient":{…}}.
	oneRecord: ['data', 'bare', 'list', 'named', 'statusNamed'],
	// The same, its id alone, its path in Location, nothing with 201, or nothing with 204.
	created: [
		...(['data', 'bare', 'list', 'named', 'statusNamed'] as const),
		...(['id', 'location', 'empty', 'noContent'] as const),
	],
	bulkCreated: ['data', 'bare', 'named', 'ids', 'count', 'empty'],

	// work.ts and validation.ts: what is taken, and how the rest is refused.
	updateMethod: ['PATCH', 'PUT', 'POST'],
	// A list, {"patients":[…]}, {"records":[…]}, or a list for a single record too.
	bulkBody: ['list', 'named', 'records', 'listOnly'],
	// What is named: `[1].name_last`, `body[1].name_last`, `name_last`, what was met first alone, or nothing.
	bulkRefused: ['index', 'body', 'key', 'first', 'alternatives'],
	// Ignored, everybody comes back.
	unknownParameter: ['refused', 'ignored'],
	unknownField: ['refused', 'dropped'],

	// wording.ts: how records read. Integers, integers beyond 2³¹, GUIDs in no order, or texts such as p1001.
	ids: ['integer', 'large', 'guid', 'text'],
	// The same with appointment_id and price_tier_id, or `id` everywhere.
	idName: ['own', 'long', 'id'],
	// What the field is called that the filter `phone` looks at.
	phoneField: ['phone', 'phone_mobile'],
	// Of create_date: UTC or America/Chicago, with Z or -05:00 or without, and to what it is told.
	timeZone: ['utc', 'local'],
	timeOffset: ['none', 'given'],
	timePrecision: ['second', 'millisecond', 'day'],
} as const satisfies Record<string, readonly string[]>;

type Switches = typeof switches;
type SwitchName = keyof Switches;

/** What one resource has otherwise than the simulator's own, by its usual path. */
interface ResourceDialect {
	/** Where it is instead, such as `/crm/people`. */
	path?: string;
	idName?: string;
	/** The fields that lists can be sorted by, under the names that records have them. */
	sortable?: string[];
}

export type Dialect = { [Name in SwitchName]: Switches[Name][number] } & {
	/** Reads come from a replica that learns of new records so many milliseconds late. */
	replicaLagMs: number;
	resources: Record<string, ResourceDialect>;
};

export const usualDialect = Object.freeze({
	...Object.fromEntries(Object.entries(switches).map(([name, [usual]]) => [name, usual])),
	replicaLagMs: 0,
	resources: {},
}) as Dialect;

/** `ids=guid,created=empty`, or JSON of the same. What it names is checked with the other options. */
export function parseDialect(text: string): Partial<Dialect> {
	if (text.trim().startsWith('{')) return JSON.parse(text) as Partial<Dialect>;
	return Object.fromEntries(text.split(',').map((pair) => pair.trim().split('=')));
}
