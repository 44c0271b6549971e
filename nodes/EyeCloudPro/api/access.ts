// What this credential may do, asked in a way that reads no record. Called by Get Access and the list of paths for Other.
import type { Client } from './client';
import { ApiError } from './errors';
import { readPage, SMALLEST_PAGE } from './page';

/** Nobody was born on that day, so the request reads no patient. */
const NOBODY = { dob: '1800-01-01' };

/**
 * Why the practice, or the list of its patients, may not be read; undefined where it may. One request that
 * every token may send: the API says a missing scope in another way than a practice, as it documents.
 */
export async function practiceRefusal(
	client: Client,
	patients: readonly string[],
): Promise<ApiError | undefined> {
	const page = { page: 1, pageSize: SMALLEST_PAGE };
	return await readPage(client, { segments: patients, query: NOBODY }, page).then(
		() => undefined,
		(thrown: unknown) => {
			if (thrown instanceof ApiError && thrown.kind === 'notAllowed') return thrown;
			throw thrown;
		},
	);
}

/** The scopes that the token holds, as it says itself or as the API says; undefined where neither does. */
export async function grantedScopes(
	client: Client,
	patients: readonly string[],
): Promise<string[] | undefined> {
	const { scopes } = await client.token.claims();
	if (scopes) return scopes;
	const refusal = await practiceRefusal(client, patients);
	return refusal?.grantedScopes ?? (await client.token.claims()).scopes;
}
