// Whatever the API, or something that took its place, answers: the node ends, after a bounded number of requests, with
// records or a sentence; a POST goes out once; the token goes nowhere else; nothing that all code shares changes.
import { fakeClock } from '../harness/fastTime.ts';

import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import type { NodeResult } from '../harness/runNode.ts';
import { byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';
import { StoredCredential } from '../harness/storedCredential.ts';
import type { OAuthClient } from '../simulator/start.ts';
import { property, watchedConnections } from './held.ts';
import { hostileApi, json, pageOf, type AnswerRequest } from './hostileApi.ts';
import { NO_SENTENCE } from './sentence.ts';
import { nastyTexts } from './values.ts';

const columns = mapped({ name_last: 'Writes' });
const operations: Record<string, IDataObject> = {
	getAll: { returnAll: true, simplify: false },
	get: { recordId: byId(1), simplify: true },
	count: {},
	create: { columns },
	createMany: { columns },
	findOrCreate: { columns, matchOn: ['name_last'] },
};

const practice = simulatedPractice({ patients: 5 });
const connections = watchedConnections();
const api = hostileApi();
let client: OAuthClient;
let credential: StoredCredential;

/** A limit that was learned is kept for the client that learned it. */
async function useNewClient() {
	client = await practice.simulator.createClient();
	credential = StoredCredential.for(practice.simulator, client);
	api.use(credential);
}
beforeEach(useNewClient);

interface Allowed {
	timeout?: number;
	/** More than any try of one operation needs: 6 tries a request, 6 rounds a list. */
	mostRequests?: number;
	/** More than one where the API refuses to do anything: with 401, and with 429. */
	mostPosts?: number;
}

/** Runs one operation against the API as it answers now, and holds all of the properties. */
async function attempt(
	operation: string,
	{ timeout, mostRequests = 150, mostPosts = 1 }: Allowed = {},
) {
	fakeClock.reset();
	connections.begin();
	const parameters = { ...operations[operation], options: timeout ? { timeout } : {} };
	const result = await practice.run('patient', operation, parameters, { credential });
	const secrets = [String(client.clientSecret), ...api.tokens];
	connections.expectHeld(result, [api.address(), practice.simulator.authUrl], secrets);
	expect(api.received.length).toBeLessThanOrEqual(mostRequests);
	const isKnown = (line: string) => /^\w+ \/v2\/2\/patients(\/1)?(\?|$)/.test(line);
	expect(api.received.filter((line) => !isKnown(line))).toEqual([]);
	const posts = api.received.filter((line) => line.startsWith('POST'));
	expect(posts.length).toBeLessThanOrEqual(mostPosts);
	return result;
}

async function attemptEach(how: AnswerRequest, allowed?: Allowed, names = Object.keys(operations)) {
	const results: Record<string, NodeResult> = {};
	for (const operation of names) {
		api.answer(how);
		results[operation] = await attempt(operation, allowed);
	}
	return results;
}

const patients = (from: number, number = 250) =>
	Array.from({ length: number }, (_, index) => ({ patient_id: from + index, name_last: 'X' }));

const wrong = fc.oneof(
	fc.constantFrom(null, true, 0, -1, 1.5, 1e300, '', '48', 'x', [], {}, [null], [[]], [1], ['a']),
	fc.constantFrom({ toString: 1 }, [{ patient_id: { toString: 1 } }], [{ patient_id: [] }], [{}]),
	fc.jsonValue({ maxDepth: 2 }),
);

test.each(Object.keys(operations))('wrong types in a success: %s', async (operation) => {
	const pagination = fc.record({ total_count: fc.oneof(wrong, fc.nat(6)), page: wrong });
	const record = fc.record({ patient_id: wrong, name_last: wrong });
	// Fewer than any page has room for, or there would be another one.
	const bodies = fc.oneof(
		wrong,
		fc.record({ data: wrong, pagination: fc.oneof(wrong, pagination) }),
		fc.record({ data: fc.array(fc.oneof(wrong, record), { maxLength: 4 }), pagination }),
	);
	await property(60, bodies, async (body) => {
		api.answer((_, response) => json(response, body));
		await attempt(operation);
	});
});

test('wrong types in a refusal', async () => {
	const said = fc.constantFrom(
		...nastyTexts,
		'"sort" with value "x" fails to match',
		'"[9].x" must',
	);
	const detail = fc.oneof(wrong, said, fc.record({ message: fc.oneof(said, wrong), index: wrong }));
	const refusal = fc
		.record({
			message: fc.oneof(wrong, said),
			details: fc.oneof(wrong, fc.array(detail)),
			required_scope: fc.oneof(wrong, said, fc.constant('read:patients')),
			available_scopes: fc.oneof(wrong, fc.array(fc.oneof(said, wrong))),
		})
		// The API's own words are handed on, and these could not be told from the node's.
		.filter((body) => !NO_SENTENCE.test(JSON.stringify(body)));
	const status = fc.constantFrom(400, 401, 403, 404, 409, 418, 422, 500, 503, 299, 304, 599, 999);
	const operation = fc.constantFrom(...Object.keys(operations));
	await property(250, fc.tuple(refusal, status, operation), async ([body, code, chosen]) => {
		api.answer((_, response) => json(response, body, code));
		await attempt(chosen, { mostPosts: code === 401 ? 2 : 1 });
	});
});

test.each<[string, number, number | undefined, mostRequests: number]>([
	['a count that grows with each answer', 250, undefined, 500],
	['a count that nothing comes up to', 0, Number.MAX_SAFE_INTEGER, 200],
])('lists without an end: %s', async (_, perPage, count, mostRequests) => {
	const how: AnswerRequest = ({ query, nth }, response) => {
		const page = Number(query.get('page'));
		const records = page === 1 || perPage > 0 ? patients(page * 250) : [];
		json(response, pageOf(records, count ?? 500 + nth * 2_500, page));
	};
	const results = await attemptEach(how, { mostRequests }, ['getAll', 'findOrCreate']);
	for (const { error } of Object.values(results)) expect(error?.message).toMatch(/list/);
});

test.each([200, 429, 503])('headers about the rate limit, with a %i', async (status) => {
	const huge = '9'.repeat(400);
	const texts = [
		...['0', '-1', '1e9', 'x', '', huge, 'NaN', '0.5', 'Infinity', '1, 2', 'Mon'],
		...['Fri, 31 Dec 9999 23:59:59 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', '"x";q=0;w=0'],
		...[`limit=${huge}, remaining=0, reset=${huge}`, '"a";r=0;t=99999999999'],
	];
	const names = ['Retry-After', 'Date', 'RateLimit', 'RateLimit-Policy'];
	for (const name of ['Limit', 'Remaining', 'Reset']) {
		names.push(`RateLimit-${name}`, `X-RateLimit-${name}`);
	}
	const headers = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...texts), {
		minKeys: 1,
	});
	await property(status === 429 ? 10 : 40, headers, async (odd) => {
		await useNewClient();
		const startMs = fakeClock.now();
		const body = status === 200 ? pageOf(patients(0, 5), 5) : {};
		const how: AnswerRequest = (_, response) => {
			for (const [name, text] of Object.entries(odd)) response.setHeader(name, text);
			json(response, body, status);
		};
		await attemptEach(how, { mostPosts: status === 429 ? 30 : 1 }, ['count', 'create']);
		// A server that asks for years is not waited for.
		expect(fakeClock.now() - startMs).toBeLessThan(4 * 3_600_000);
	});
});

const polluting =
	'"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1';
const deep = '['.repeat(100_000) + ']'.repeat(100_000);
const bodies: Record<string, string> = {
	'levels of lists': deep,
	'levels of objects': `{"data":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
	'levels in a record': `{"data":[{"patient_id":1,"deep":${deep}}],"pagination":{"total_count":1}}`,
	'prototypes in a record': `{"patient_id":1,"name_last":"Writes",${polluting},"then":{}}`,
	'prototypes around it': `{${polluting},"data":[],"pagination":{"__proto__":{"total_count":3}},"details":[{${polluting}}]}`,
	'a message that takes long to read': JSON.stringify({
		message: ' with value "'.repeat(80_000),
		details: Array<string>(5_000).fill(' with value "'.repeat(20)),
	}),
};

test.each(Object.keys(bodies))('a body of %s', async (name) => {
	for (const status of [200, 400]) {
		await attemptEach((_, response) => json(response, bodies[name], status));
	}
});

test.each([200, 400, 403, 409])('a body that repeats the token, with a %i', async (status) => {
	await attemptEach(({ headers: { authorization = '' } }, response) => {
		const token = authorization.replace('Bearer ', '');
		const message = `No ${authorization} here, ${token}, nor "${token}"`;
		const scopes = { required_scope: token, available_scopes: [token] };
		json(response, { message, ...scopes, details: [message, { message }], error: message }, status);
	});
});

test.each(['count', 'create'])('%s: a body that comes in drips', async (operation) => {
	api.answer((_, response) => {
		response.writeHead(200, { 'Content-Type': 'application/json' });
		const timer = setInterval(() => response.write(' '), 20);
		response.on('close', () => clearInterval(timer));
	});
	const { error } = await attempt(operation, { timeout: 60 });
	expect(`${error?.message} ${error?.description}`).toMatch(/did not answer/);
});
