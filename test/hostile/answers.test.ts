// Whatever the API, or something that took its place, answers: the node ends, after a bounded number of
// requests, with records or a sentence; the token goes nowhere else; nothing that all code shares changes.
import { hostileAnswers, operations } from './hostileAnswers.ts';

import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { fakeClock } from '../harness/fastTime.ts';
import { json, pageOf, type AnswerRequest } from './hostileApi.ts';
import { NO_SENTENCE } from './sentence.ts';
import { tries } from './tried.ts';
import { nastyTexts } from './values.ts';

const hostile = hostileAnswers();
const { attempt, attemptEach } = hostile;

function patients(from: number, number = 250): IDataObject[] {
	return Array.from({ length: number }, (_, index) => ({
		patient_id: from + index,
		name_last: 'X',
	}));
}

describe('wrong types', () => {
	const wrong = fc.oneof(
		fc.constantFrom(null, true, 0, -1, 1.5, 1e300, '', '48', 'x', [], {}, [null], [[]], [1], ['a']),
		fc.constantFrom({ toString: 1 }, [{ patient_id: { toString: 1 } }], [{ patient_id: [] }], [{}]),
		fc.jsonValue({ maxDepth: 2 }),
	);
	const shaped = fc.oneof(
		wrong,
		fc.record({ data: wrong, pagination: wrong }),
		fc.record({ data: wrong, pagination: fc.record({ total_count: wrong, page: wrong }) }),
		fc.record({
			data: fc.array(fc.oneof(wrong, fc.record({ patient_id: wrong, name_last: wrong }))),
			pagination: fc.record({ total_count: fc.oneof(wrong, fc.nat(6), fc.constant(2 ** 52)) }),
		}),
	);

	test.each(Object.keys(operations))('%s of a success', async (operation) => {
		const each = fc.asyncProperty(shaped, async (body) => {
			hostile.api.answer((_, response) => json(response, body));
			await attempt(operation);
		});
		await fc.assert(each, tries(60));
	});

	test('of a refusal', async () => {
		const text = fc.constantFrom(
			...nastyTexts,
			'"sort" with value "x" fails to match',
			'"[9].x" must',
		);
		const detail = fc.oneof(
			wrong,
			text,
			fc.record({ message: fc.oneof(text, wrong), index: wrong }),
		);
		const refusal = fc
			.record({
				message: fc.oneof(wrong, text),
				details: fc.oneof(wrong, fc.array(detail)),
				required_scope: fc.oneof(wrong, text, fc.constant('read:patients')),
				available_scopes: fc.oneof(wrong, fc.array(fc.oneof(text, wrong))),
			})
			// The API's own words are handed on, and these could not be told from the node's.
			.filter((body) => !NO_SENTENCE.test(JSON.stringify(body)));
		const status = fc.constantFrom(400, 401, 403, 404, 409, 418, 422, 500, 503, 299, 304, 599, 999);
		const operation = fc.constantFrom(...Object.keys(operations));
		const each = fc.asyncProperty(refusal, status, operation, async (body, statusCode, chosen) => {
			hostile.api.answer((_, response) => json(response, body, statusCode));
			const mostPosts = statusCode === 401 ? 2 : 1;
			await attempt(chosen, { mostPosts });
		});
		await fc.assert(each, tries(250));
	});
});

describe('__proto__ and its like', () => {
	const polluting =
		'"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"then":{}';

	test('in records', async () => {
		const record = `{"patient_id":1,"name_last":"Writes",${polluting}}`;
		await attemptEach(({ method, url }, response) => {
			const isList = method === 'GET' && !url?.includes('/1');
			json(response, isList ? `{"data":[${record}],"pagination":{"total_count":1}}` : record);
		});
	});

	test('around records, and in refusals', async () => {
		for (const status of [200, 400, 403]) {
			const body = `{${polluting},"data":[],"pagination":{"__proto__":{"total_count":3}},"details":[{${polluting}}]}`;
			await attemptEach((_, response) => json(response, body, status));
		}
	});
});

describe('lists without an end', () => {
	const many = { getAll: {}, findOrCreate: {} };

	async function readEach(how: AnswerRequest, mostRequests: number) {
		for (const operation of Object.keys(many)) {
			hostile.api.answer(how);
			const { error } = await attempt(operation, { mostRequests });
			expect(error?.message).toMatch(/list/);
		}
	}

	test('a count that grows with each answer', async () => {
		await readEach(({ query, nth }, response) => {
			const page = Number(query.get('page'));
			json(response, pageOf(patients(page * 250), 500 + nth * 2_500, page));
		}, 500);
	});

	test('a count that nothing comes up to', async () => {
		for (const total of [10_000_000, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
			await readEach(({ query }, response) => {
				const page = Number(query.get('page'));
				json(response, pageOf(page === 1 ? patients(0) : [], total, page));
			}, 200);
		}
	});

	test('the same page, over and over', async () => {
		await readEach((_, response) => json(response, pageOf(patients(0), 9_000_000)), 100);
	});

	test('more records than the page has room for', async () => {
		await readEach((_, response) => json(response, pageOf(patients(0, 600), 900)), 100);
	});
});

describe('redirects', () => {
	test.each([301, 302, 303, 307, 308])('%i', async (status) => {
		const targets = [
			`${hostile.elsewhere.address}/v2/2/patients`,
			'/v2/2/stores',
			'//127.0.0.1:1/',
			'x:y',
			'',
		];
		for (const location of targets) {
			const results = await attemptEach((_, response) => {
				response.writeHead(status, { Location: location }).end();
			});
			for (const [operation, { error }] of Object.entries(results)) {
				// A server that has created a record may answer with where it is.
				const mayBeDone = status < 304 && operation.startsWith('create');
				expect([operation, error?.message]).toEqual([
					operation,
					mayBeDone
						? expect.stringMatching(/^It is unknown whether EyeCloud Pro created/)
						: 'The API address answered with a redirect to another one',
				]);
			}
		}
		// Not one redirect was followed on the API's own host either.
		expect(hostile.api.received).toHaveLength(1);
	});
});

describe('headers', () => {
	const huge = '9'.repeat(400);
	const values = ['0', '-1', '1e9', 'x', '', huge, '99999999999', 'NaN', '0.5', 'Infinity', '1, 2'];
	const dates = ['Fri, 31 Dec 9999 23:59:59 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Mon'];
	const names = [
		...['Retry-After', 'RateLimit', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
		...[
			'X-RateLimit-Limit',
			'X-RateLimit-Remaining',
			'X-RateLimit-Reset',
			'Date',
			'RateLimit-Policy',
		],
	];
	const value = fc.oneof(
		fc.constantFrom(...values, ...dates, `limit=${huge}, remaining=0, reset=${huge}`),
		fc.constantFrom('"a";r=0;t=99999999999', 'limit=0.5, remaining=-1, reset=x', '"x";q=0;w=0'),
	);
	const headers = fc.dictionary(fc.constantFrom(...names), value, { minKeys: 1 });

	test.each([200, 429, 503])('about the rate limit, with a %i', async (status) => {
		const each = fc.asyncProperty(headers, async (odd) => {
			await hostile.useNewClient();
			const startMs = fakeClock.now();
			hostile.api.answer(({ query }, response) => {
				const body = status === 200 ? pageOf(patients(0, 5), 10, Number(query.get('page')), 5) : {};
				for (const [header, text] of Object.entries(odd)) response.setHeader(header, text);
				json(response, body, status);
			});
			for (const operation of ['count', 'count', 'create']) {
				const mostPosts = status === 429 ? 30 : 1;
				await attempt(operation, { mostPosts });
			}
			// A server that asks for years is not waited for.
			expect(fakeClock.now() - startMs).toBeLessThan(4 * 3_600_000);
		});
		await fc.assert(each, tries(status === 429 ? 10 : 40));
	});

	test('that belong to no answer', async () => {
		const raw = [
			'HTTP/1.1 200 OK\r\nX: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
			'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}',
			'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n{}',
			`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100_000)}\r\n\r\n{}`,
			'HTTP/1.1 200 \u001b[31mred\r\n\r\n{}',
			'HTTP/9.9 200 OK\r\n\r\n{}',
			'220 mail.example ESMTP\r\n',
			'\0\0\0\0',
			'HTTP/1.1 200 OK\r\nSet-Cookie: __proto__=1\r\n__proto__: 1\r\nconstructor: 2\r\n\r\n{}',
			'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
			'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope',
			'HTTP/1.1 200 OK\r\nContent-Encoding: x, y, z\r\nContent-Length: 2\r\n\r\n{}',
		];
		for (const text of raw) {
			await attemptEach(
				(_, response) => {
					response.socket?.end(text);
				},
				{ parameters: { options: { timeout: 60 } } },
			);
		}
	});
});
