// `npm run probe`: what Check API does, from a terminal, for the owner of a real OAuth client. Prints no token, no
// secret and no value of a record. Run by Jest, which reads the node as it is written; docs/check-api.md has its names.
import { writeSync } from 'node:fs';
import { runNode } from '../test/harness/runNode.ts';
import { StoredCredential } from '../test/harness/storedCredential.ts';

/** Fields of the credential, by their names in the environment. */
const needed = ['CLIENT_ID', 'CLIENT_SECRET', 'PRACTICE_ID'];
const elsewhere = ['API_BASE_URL', 'AUTH_SERVER_URL', 'AUDIENCE'];

const inEnvironment = (name: string) => process.env[`EYECLOUDPRO_${name}`]?.trim();

function valuesOf(names: string[]): Record<string, string> {
	const missing = names.filter((name) => !inEnvironment(name));
	if (missing.length > 0) throw new Error(`Set EYECLOUDPRO_${missing.join(', EYECLOUDPRO_')}.`);
	const field = (name: string) =>
		name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
	return Object.fromEntries(names.map((name) => [field(name), String(inEnvironment(name))]));
}

test('Check API', async () => {
	const isElsewhere = elsewhere.some(inEnvironment);
	const credential = new StoredCredential({
		...valuesOf(needed),
		...(isElsewhere && { environment: 'custom', ...valuesOf(elsewhere) }),
		apiDifferences: inEnvironment('API_DIFFERENCES') ?? '',
	});
	const parameters = { resource: 'account', operation: 'checkApi' };
	const { records, error } = await runNode({ parameters, credential });
	if (error) throw new Error(`${error.message}. ${error.description ?? ''}`);
	writeSync(1, `${String(records.at(-1)?.report)}\n`);
});
