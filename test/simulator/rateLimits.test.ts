// The rate limit: per module and OAuth client, told in each of the ways that a client may meet.
import { send, tokenFor } from './caller.ts';
import { startSimulator, type RateLimitHeaderStyle, type Simulator } from './start.ts';

let simulator: Simulator;
let token: string;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 5 });
	token = await tokenFor(simulator, simulator.clients.practice);
});

afterAll(() => simulator.stop());
afterEach(() => simulator.reset({ options: true }));

function read(path: string, as: string | undefined = token) {
	return send(simulator, `/v2/2${path}`, { token: as });
}

test('100 a minute unless told otherwise, and the documented shape beyond', async () => {
	for (let count = 0; count < 100; count += 1) expect((await read('/stores')).status).toBe(200);
	const { status, body } = await read('/stores');
	expect(status).toBe(429);
	expect(body).toEqual({
		status: 'ERROR',
		message: 'Too many requests, please try again later.',
		error: { statusCode: 429, isOperational: true },
	});
});

test('one count for each module and each OAuth client; requests without a token by address', async () => {
	await simulator.configure({ rateLimit: { requestsPerMinute: 2 } });
	const other = await tokenFor(simulator, simulator.clients.group);
	const statuses = async (paths: string[], as?: string) => {
		const answered = [];
		for (const path of paths) answered.push((await read(path, as)).status);
		return answered;
	};
	expect(await statuses(['/pricebooks/lenses', '/pricebooks/frames'])).toEqual([200, 200]);
	expect(await statuses(['/pricebooks/misc', '/patients'])).toEqual([429, 200]);
	expect(await statuses(['/pricebooks/misc'], other)).toEqual([200]);
	expect(await statuses(['/stores', '/stores', '/stores'], 'nonsense')).toEqual([401, 401, 429]);
	expect(await statuses(['/stores'])).toEqual([200]);
});

test('the window ends', async () => {
	await simulator.configure({
		rateLimit: { requestsPerMinute: 1, windowMs: 300, headers: 'retryAfter' },
	});
	expect((await read('/stores')).status).toBe(200);
	const refused = await read('/stores');
	expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
	const deadlineMs = Date.now() + 3_000;
	let status = 429;
	while (status === 429 && Date.now() < deadlineMs) status = (await read('/stores')).status;
	expect(status).toBe(200);
});

function limitHeaders(headers: Headers) {
	return Object.fromEntries(
		[...headers].filter(([name]) => name.includes('ratelimit') || name === 'retry-after'),
	);
}

const seconds = expect.stringMatching(/^(59|60)$/);
const inAMinute = expect.stringMatching(/^\d{10}$/);
const byStyle: Array<[RateLimitHeaderStyle, object, object]> = [
	['none', {}, {}],
	['retryAfter', {}, { 'retry-after': seconds }],
	[
		'xRateLimit',
		{ 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inAMinute },
		{ 'retry-after': seconds },
	],
	[
		'draft6',
		{
			'ratelimit-policy': '1;w=60',
			'ratelimit-limit': '1',
			'ratelimit-remaining': '0',
			'ratelimit-reset': seconds,
		},
		{ 'retry-after': seconds },
	],
	[
		'draft7',
		{
			'ratelimit-policy': '1;w=60',
			ratelimit: expect.stringMatching(/^limit=1, remaining=0, reset=(59|60)$/),
		},
		{ 'retry-after': seconds },
	],
	[
		'draft8',
		{
			'ratelimit-policy': expect.stringMatching(/^"1-in-1min"; q=1; w=60; pk=:.+:$/),
			ratelimit: expect.stringMatching(/^"1-in-1min"; r=0; t=(59|60)$/),
		},
		{ 'retry-after': seconds },
	],
];

test.each(byStyle)('headers of style %s', async (headers, always, onRefusal) => {
	await simulator.configure({ rateLimit: { requestsPerMinute: 1, headers } });
	const first = await read('/stores');
	expect([first.status, limitHeaders(first.headers)]).toEqual([200, always]);
	const refused = await read('/stores');
	expect(refused.status).toBe(429);
	expect(limitHeaders(refused.headers)).toEqual({ ...always, ...onRefusal });
});

test.each(byStyle)(
	'a 429 by fault speaks in style %s of one second',
	async (headers, always, more) => {
		await simulator.configure({ rateLimit: { headers } });
		await simulator.addFault({ fault: { kind: 'status', status: 429 } });
		const refused = await read('/stores');
		expect(refused.status).toBe(429);
		const told = limitHeaders(refused.headers);
		expect(Object.keys(told).sort()).toEqual(Object.keys({ ...always, ...more }).sort());
		if ('retry-after' in told) expect(told['retry-after']).toBe('1');
		expect((await read('/stores')).status).toBe(200);
	},
);
