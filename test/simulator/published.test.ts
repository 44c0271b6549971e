// What the API's documentation says, and prints letter for letter: if one of these fails, the simulator is no
// EyeCloud Pro. What else it does shows in all other tests.
import { startSimulator, type OAuthClient, type Simulator } from './start.ts';

/** The documented shape of a refusal, as it is written. */
function refusal(statusCode: number, message: string): string {
	return JSON.stringify({ status: 'ERROR', message, error: { statusCode, isOperational: true } });
}

const severalErrors = String.raw`"email" must be a valid email,"phone" with value "XXX" fails to match the required pattern: /^\d{10}$/,dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss,"page" must be greater than or equal to 1,"page_size" must be less than or equal to 250,"sort" with value "invalid_sort_field" fails to match the required pattern: /^(-?(patient_id|name_first|name_last|email|dob|create_date)(,-?(patient_id|name_first|name_last|email|dob|create_date))*$)/`;

const practiceNotAnInteger =
	'The client_id must be provided as an integer in the URL path. Example: /v2/123/resource/... instead of /v2/resource?client_id=123';

const scopesOfTheExample = [
	...['create:patients', 'read:stores', 'read:orders', 'create:orders', 'read:employees'],
	...['read:pricebooks:lenses', 'read:pricebooks:frames', 'create:pricebooks:frames'],
	...['read:pricebooks:contactlenses', 'read:appointments', 'read:pricebooks:proffees'],
	...['read:pricebooks:merchandise', 'read:pricebooks:addons', 'read:pricebooks:misc'],
	...['read:invoices', 'read:pricebooks:tierprices', 'read:configurations:pricetiers'],
	...['create:configurations:pricetiers', 'update:configurations:pricetiers'],
	...['update:pricebooks:frames', 'delete:configurations:pricetiers'],
];

let simulator: Simulator;
let token: string;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 20 });
	token = await tokenFor(simulator.clients.practice);
});

afterAll(() => simulator.stop());

async function tokenFor({ clientId, clientSecret }: OAuthClient): Promise<string> {
	const { authUrl, audience } = simulator;
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
}

async function read(path: string, as = token) {
	const headers = { Authorization: `Bearer ${as}` };
	const answer = await fetch(`${simulator.apiUrl}/v2${path}`, { headers });
	const text = await answer.text();
	return { status: answer.status, text, body: JSON.parse(text) as Body };
}

test.each<[string, number, string, string]>([
	[
		'several validation errors',
		400,
		'/2/patients?email=gordon@eyecloudpro&phone=XXX&dob=2000-JAN-01&page=0&page_size=500&sort=invalid_sort_field',
		severalErrors,
	],
	['one', 400, '/2/patients?email=nobody', '"email" must be a valid email'],
	['no client_id', 400, '/patients?client_id=123', practiceNotAnInteger],
	['no integer', 400, '/abc/patients', practiceNotAnInteger],
	['a fraction', 400, '/1.5/patients/1', practiceNotAnInteger],
	[
		'a foreign practice',
		403,
		'/1234567890/patients',
		'You are not authorized to access client_id 1234567890',
	],
	[
		'a small page',
		400,
		'/2/patients?page_size=4',
		'"page_size" must be greater than or equal to 5',
	],
	['an unknown filter', 400, '/2/patients?surname=Smith', '"surname" is not allowed'],
])('%s: %i, letter for letter', async (_, status, path, message) => {
	expect(await read(path)).toMatchObject({ status, text: refusal(status, message) });
});

test('a missing scope', async () => {
	const client = await simulator.createClient({ scopes: scopesOfTheExample });
	const { status, text } = await read('/2/patients', await tokenFor(client));
	const missing = {
		message: "Insufficient permissions. The scope 'read:patients' is required for this operation.",
		required_scope: 'read:patients',
		available_scopes: scopesOfTheExample,
	};
	expect([status, text]).toEqual([403, JSON.stringify(missing)]);
});

test('the practice that only the other client may read', async () => {
	const path = `/${simulator.otherPracticeId}/patients`;
	expect((await read(path)).status).toBe(403);
	const { status, body } = await read(path, await tokenFor(simulator.clients.group));
	expect([status, body.pagination.total_count]).toEqual([200, 40]);
});

test('pages: ten records unless asked otherwise, and the counts', async () => {
	const { body } = await read('/2/patients');
	expect(body.data).toHaveLength(10);
	expect(body.pagination).toEqual({ page: 1, page_size: 10, total_pages: 2, total_count: 20 });
	const pages = ['1', '2'].map(async (page) => (await read(`/2/stores?page=${page}`)).body);
	expect((await Promise.all(pages)).map(({ data }) => data.length)).toEqual([3, 0]);
});

test('100 requests a minute for each module and each OAuth client, and the documented shape beyond', async () => {
	const own = await tokenFor(await simulator.createClient());
	for (let count = 0; count < 100; count++) {
		const path = count % 2 ? '/2/pricebooks/lenses' : '/2/pricebooks/frames';
		expect((await read(path, own)).status).toBe(200);
	}
	expect(await read('/2/pricebooks/misc', own)).toMatchObject({
		status: 429,
		text: refusal(429, 'Too many requests, please try again later.'),
	});
	expect((await read('/2/patients', own)).status).toBe(200);
	expect((await read('/2/pricebooks/misc')).status).toBe(200);
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
