// Bodies that are no JSON, too deep, too large, or never end, and those that repeat the token: the node
// ends with records or a sentence, in bounded time and memory.
import { hostileAnswers } from './hostileAnswers.ts';

import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

import { json, pageOf } from './hostileApi.ts';

const hostile = hostileAnswers();
const { attempt, attemptEach } = hostile;

describe('bodies', () => {
	const types = ['application/json', 'text/html', 'x'.repeat(5_000)];
	const bodies: Record<string, string | Buffer> = {
		'invalid UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
		'a byte order mark': '\ufeff{"data":[]}',
		'half of JSON': '{"data":[{"patient_id":1',
		'a web page': '<!DOCTYPE html><title>Sign in</title>',
		nothing: '',
		'a number': '1e999',
		'100,000 levels of lists': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
		'100,000 levels of objects': `{"data":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
		'a record of 100,000 levels': `{"data":[{"patient_id":1,"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}],"pagination":{"total_count":1}}`,
		'100,000 fields': `{${Array.from({ length: 100_000 }, (_, i) => `"f${i}":${i}`).join()}}`,
		'a message that takes long to read': JSON.stringify({
			message: ' with value "'.repeat(80_000),
			details: Array.from({ length: 5_000 }, () => ' with value "'.repeat(20)),
		}),
	};

	test.each(Object.keys(bodies))('%s', async (name) => {
		for (const status of [200, 400]) {
			for (const type of bodies[name].length < 100 ? types : types.slice(0, 1)) {
				await attemptEach((_, response) => {
					response.writeHead(status, { 'Content-Type': type }).end(bodies[name]);
				});
			}
		}
	});

	test('that repeat the token', async () => {
		for (const status of [200, 400, 403, 409, 500]) {
			await attemptEach(({ headers: { authorization = '' } }, response) => {
				const token = authorization.replace('Bearer ', '');
				const text = `No ${authorization} here, ${token}, nor "${token}"`;
				const body = { message: text, required_scope: token, available_scopes: [token] };
				json(response, { ...body, details: [text, { message: text }], error: text }, status);
			});
		}
	});

	const large = 64 * 2 ** 20;

	test.each(['plain', 'compressed'])('of 64 MB, %s', async (form) => {
		const record = { patient_id: 1, name_last: 'x'.repeat(1_000) };
		const records = Array.from({ length: large / 1_040 }, () => record);
		const text = Buffer.from(JSON.stringify(pageOf(records, records.length)));
		const body = form === 'plain' ? text : gzipSync(text);
		const encoding: Record<string, string> = form === 'plain' ? {} : { 'Content-Encoding': 'gzip' };
		for (const operation of ['getAll', 'get', 'create']) {
			hostile.api.answer((_, response) => {
				const type = { 'Content-Type': 'application/json', 'Content-Length': body.length };
				response.writeHead(200, { ...type, ...encoding }).end(body);
			});
			const before = process.memoryUsage().rss;
			await attempt(operation, { mostRequests: 15 });
			const grownMb = Math.round((process.memoryUsage().rss - before) / 2 ** 20);
			console.log(
				`64 MB ${form}, ${operation}: ${body.length} bytes sent, ${grownMb} MB more memory`,
			);
			expect(grownMb).toBeLessThan(1_000);
		}
	});

	test('that come in drips', async () => {
		const drip = (response: ServerResponse) => {
			response.writeHead(200, { 'Content-Type': 'application/json' });
			const timer = setInterval(() => response.write(' '), 20);
			response.on('close', () => clearInterval(timer));
		};
		for (const operation of ['count', 'create']) {
			hostile.api.answer((_, response) => drip(response));
			const { error } = await attempt(operation, {
				parameters: { options: { timeout: 60 } },
			});
			expect(`${error?.message} ${error?.description}`).toMatch(/did not answer/);
		}
	});
});
