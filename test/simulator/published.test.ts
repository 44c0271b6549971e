// What the API's documentation says, and prints letter for letter: if one of these fails, the simulator is no
// EyeCloud Pro. What else it does shows in all other tests.
import { startSimulator, type OAuthClient, type Simulator } from './start.ts';

const severalErrors = String.raw`{
  "status": "ERROR",
  "message": "\"email\" must be a valid email,\"phone\" with value \"XXX\" fails to match the required pattern: /^\\d{10}$/,dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss,\"page\" must be greater than or equal to 1,\"page_size\" must be less than or equal to 250,\"sort\" with value \"invalid_sort_field\" fails to match the required pattern: /^(-?(patient_id|name_first|name_last|email|dob|create_date)(,-?(patient_id|name_first|name_last|email|dob|create_date))*$)/",
  "error": {
    "statusCode": 400,
    "isOperational": true
  }
}`;

const missingScope = String.raw`{
  "message": "Insufficient permissions. The scope 'read:patients' is required for this operation.",
  "required_scope": "read:patients",
  "available_scopes": [
    "create:patients",
    "read:stores",
    "read:orders",
    "create:orders",
    "read:employees",
    "read:pricebooks:lenses",
    "read:pricebooks:frames",
    "create:pricebooks:frames",
    "read:pricebooks:contactlenses",
    "read:appointments",
    "read:pricebooks:proffees",
    "read:pricebooks:merchandise",
    "read:pricebooks:addons",
    "read:pricebooks:misc",
    "read:invoices",
    "read:pricebooks:tierprices",
    "read:configurations:pricetiers",
    "create:configurations:pricetiers",
    "update:configurations:pricetiers",
    "update:pricebooks:frames",
    "delete:configurations:pricetiers"
  ]
}`;

const practiceNotAnInteger = String.raw`{
  "status": "ERROR",
  "message": "The client_id must be provided as an integer in the URL path. Example: /v2/123/resource/... instead of /v2/resource?client_id=123",
  "error": {
    "statusCode": 400,
    "isOperational": true
  }
}`;

const practiceNotAllowed = String.raw`{
  "status": "ERROR",
  "message": "You are not authorized to access client_id 1234567890",
  "error": {
    "statusCode": 403,
    "isOperational": true
  }
}`;

async function tokenFor(
	{ authUrl, audience }: Simulator,
	{ clientId, clientSecret }: OAuthClient,
): Promise<string> {
	const body = new URLSearchParams({
		...{ grant_type: 'client_credentials', audience },
		...{ client_id: clientId, client_secret: clientSecret ?? '' },
	});
	const answer = await fetch(`${authUrl}/oauth/token`, { method: 'POST', body });
	return ((await answer.json()) as { access_token: string }).access_token;
}

interface Body {
	message: string;
	data: Array<Record<string, unknown>>;
	pagination: Record<string, number>;
	error: { statusCode: number };
}

async function send({ apiUrl }: Simulator, path: string, { token }: { token: string }) {
	const headers = { Authorization: `Bearer ${token}` };
	const answer = await fetch(apiUrl + path, { headers });
	const text = await answer.text();
	return { status: answer.status, text, body: JSON.parse(text) as Body };
}

let simulator: Simulator;
let token: string;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 20 });
	token = await tokenFor(simulator, simulator.clients.practice);
});

afterAll(() => simulator.stop());

/** The printed JSON without its line breaks and indents, which are not the API's. */
function compact(printed: string): string {
	return JSON.stringify(JSON.parse(printed));
}

test('the example request of several validation errors', async () => {
	const { status, text } = await send(
		simulator,
		'/v2/2/patients?email=gordon@eyecloudpro&phone=XXX&dob=2000-JAN-01&page=0&page_size=500&sort=invalid_sort_field',
		{ token },
	);
	expect(text).toBe(compact(severalErrors));
	expect(status).toBe(400);
});

test('a single validation error', async () => {
	const { status, body } = await send(simulator, '/v2/2/patients?email=nobody', { token });
	expect(status).toBe(400);
	expect(body).toEqual({
		status: 'ERROR',
		message: '"email" must be a valid email',
		error: { statusCode: 400, isOperational: true },
	});
});

test('a missing scope', async () => {
	const scopes: string[] = JSON.parse(missingScope).available_scopes;
	const client = await simulator.createClient({ scopes });
	const { status, text } = await send(simulator, '/v2/2/patients', {
		token: await tokenFor(simulator, client),
	});
	expect(text).toBe(compact(missingScope));
	expect(status).toBe(403);
});

test.each([
	'/v2/patients?client_id=123',
	'/v2/abc/patients',
	'/v2/1.5/patients/1',
	'/v2/%20/stores',
])('a client_id that is no integer: %s', async (path) => {
	const { status, text } = await send(simulator, path, { token });
	expect(text).toBe(compact(practiceNotAnInteger));
	expect(status).toBe(400);
});

test('a client_id that the token may not read', async () => {
	const { status, text } = await send(simulator, '/v2/1234567890/patients', { token });
	expect(text).toBe(compact(practiceNotAllowed));
	expect(status).toBe(403);
});

test('the practice that only the other client may read', async () => {
	const path = `/v2/${simulator.otherPracticeId}/patients`;
	const own = await send(simulator, path, { token });
	expect([own.status, own.body.error.statusCode]).toEqual([403, 403]);
	const group = await tokenFor(simulator, simulator.clients.group);
	const { status, body } = await send(simulator, path, { token: group });
	expect([status, body.pagination.total_count]).toEqual([200, 40]);
});

const read = async (query: string, as = token) =>
	await send(simulator, `/v2/2${query}`, { token: as });

test('pages: ten records unless asked otherwise, from 5 to 250, and the counts', async () => {
	const { body } = await read('/patients');
	expect(body.data).toHaveLength(10);
	expect(body.pagination).toEqual({ page: 1, page_size: 10, total_pages: 2, total_count: 20 });
	const [first, second, third] = await Promise.all(
		['1', '2', '3'].map(async (page) => (await read(`/stores?page_size=5&page=${page}`)).body),
	);
	expect([first.data.length, second.data, third.data]).toEqual([3, [], []]);
	for (const [query, message] of [
		['page_size=4', '"page_size" must be greater than or equal to 5'],
		['page_size=251', '"page_size" must be less than or equal to 250'],
		['surname=Smith', '"surname" is not allowed'],
	]) {
		expect((await read(`/patients?${query}`)).body.message).toBe(message);
	}
});

test('100 requests a minute for each module and each OAuth client, and the documented shape beyond', async () => {
	const client = await simulator.createClient();
	const own = await tokenFor(simulator, client);
	for (let count = 0; count < 100; count++) {
		const path = count % 2 ? '/pricebooks/lenses' : '/pricebooks/frames';
		expect((await read(path, own)).status).toBe(200);
	}
	const { status, body } = await read('/pricebooks/misc', own);
	expect(status).toBe(429);
	expect(body).toEqual({
		status: 'ERROR',
		message: 'Too many requests, please try again later.',
		error: { statusCode: 429, isOperational: true },
	});
	expect((await read('/patients', own)).status).toBe(200);
	expect((await read('/pricebooks/misc')).status).toBe(200);
});

test('patients are nobody: reserved domains, and the telephone exchange of fiction', async () => {
	const all = await simulator.records(2, '/patients');
	const emails = all.map(({ email }) => String(email));
	expect(emails.filter((email) => !/^[a-z.]+\d+@example\.(com|org|net)$/.test(email))).toEqual([]);
	expect(new Set(emails).size).toBe(20);
	expect(all.filter(({ phone }) => !/^\d{3}555\d{4}$/.test(String(phone)))).toEqual([]);
});

test('every server is on loopback', () => {
	for (const url of [simulator.apiUrl, simulator.authUrl, simulator.controlUrl]) {
		expect(new URL(url).hostname).toBe('127.0.0.1');
	}
});
