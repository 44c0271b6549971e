// The auth server in trouble, at the first token and at a later one: a sentence about it, nothing of its
// answer, and nothing that EyeCloud Pro never worked on is called in doubt.
import { mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();

/** What no answer should hold, and what a user must not see of one. */
const secretive = 'eyJhbGciOiJub25lIn0.c2VjcmV0.c2VjcmV0';
const page = `<!DOCTYPE html><title>${secretive}</title>`;
const oauth = (error: string) => ({ error, error_description: secretive });

const noToken = 'The auth server gave no access token';
const refused = 'The auth server refused this credential';

const create = () =>
	practice.run('patient', 'create', {
		columns: mapped({ name_first: 'Ann', name_last: 'Example' }),
	});

test.each<[string, number, unknown, string, RegExp]>([
	['500', 500, oauth('server_error'), noToken, /\(HTTP 500\).*tried 6 times/],
	['503 and a page', 503, page, noToken, /\(HTTP 503\).*tried 6 times/],
	['a page', 200, page, noToken, /HTTP 200 and nothing that can be read.*Auth Server URL/],
	['429', 429, oauth('too_many_requests'), noToken, /\(too_many_requests\).*tried 6 times/],
	['an unknown error', 400, { error: secretive }, refused, /in the credential\. If/],
	['an unknown client', 401, oauth('invalid_client'), refused, /\(invalid_client\)/],
])('%s, for the first token and a later one', async (_, status, body, message, description) => {
	for (const which of ['first', 'later']) {
		if (which === 'later') {
			await practice.simulator.reset({ options: true });
			await practice.run('patient', 'count');
			await practice.simulator.expireTokens();
		}
		await practice.simulator.addTokenFault({ status, body, times: 100 });
		const { error, inspected } = await create();
		expect([which, error?.message]).toEqual([which, message]);
		expect(error?.description).toMatch(description);
		expect(inspected()).not.toContain(secretive);
		expect(await practice.simulator.records(2, '/patients')).toHaveLength(60);
	}
});

test('an answer without a token, the first time', async () => {
	await practice.simulator.addTokenFault({ status: 200, body: { hint: secretive } });
	const { error, inspected } = await create();
	expect(error?.message).toBe('The credential is not connected yet');
	expect(error?.description).toMatch(/check the 'Auth Server URL': its answer held no token/);
	expect(inspected()).not.toContain(secretive);
});
