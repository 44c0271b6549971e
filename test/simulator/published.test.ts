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

async function read(path: string, as = token) {
	const headers = { Authorization: `Bearer ${as}` };
	const answer = await fetch(`${simulator.apiUrl}/v2${path}`, { headers });
	return { status: answer.status, text: await answer.text() };
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
	const scopes = ['create:patients', 'read:pricebooks:lenses'];
	const client = await simulator.createClient({ scopes });
	const { status, text } = await read('/2/patients', await tokenFor(client));
	const missing = {
		message: "Insufficient permissions. The scope 'read:patients' is required for this operation.",
		required_scope: 'read:patients',
		available_scopes: scopes,
	};
	expect([status, text]).toEqual([403, JSON.stringify(missing)]);
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
