// One reading of the credential serves a burst of requests, and none is kept for long.
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import { SharedCredential } from '../../nodes/EyeCloudPro/api/sharedCredential';
import { FakeClock } from '../harness/fakeClock.ts';

const practice = simulatedPractice({ patients: 2_000 });

function credentialReadBy(...tokens: Array<string | Error>) {
	const clock = new FakeClock();
	const own = {
		helpers: { httpRequestWithAuthentication: async () => undefined },
		async getCredentials() {
			const token = tokens.shift() ?? 'another one';
			if (token instanceof Error) throw token;
			return { token } as never;
		},
	};
	const credential = new SharedCredential(own, clock);
	const seen = async () =>
		(await credential.context.getCredentials<{ token: string }>('eyeCloudProOAuth2Api')).token;
	return { clock, credential, seen };
}

test('a second, or until a token was renewed here; several at a time share a reading', async () => {
	const { clock, credential, seen } = credentialReadBy('first', 'second', 'third');
	expect(await Promise.all([seen(), seen()])).toEqual(['first', 'first']);
	clock.work(999);
	expect(await seen()).toBe('first');
	clock.work(1);
	expect(await seen()).toBe('second');
	credential.forget();
	expect(await seen()).toBe('third');
});

test('a reading that came to nothing is none', async () => {
	const { seen } = credentialReadBy(new Error('The database is busy'), 'first');
	await expect(seen()).rejects.toThrow('busy');
	expect(await seen()).toBe('first');
});

test('a list of many pages reads the credential once', async () => {
	const getDecrypted = jest.spyOn(practice.credential, 'getDecrypted');
	const { records } = await practice.run('patient', 'getAll', { returnAll: true });
	expect(records).toHaveLength(2_000);
	expect((await practice.received('GET')).length).toBeGreaterThanOrEqual(8);
	expect(getDecrypted.mock.calls.length).toBe(1);
});
