// Looks for secrets, tokens and patients where they must not be: in what n8n logged (at its most
// talkative) and stored during all cases before. Called by realN8n.test.ts, last.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readExecution } from '../harness/startN8n.ts';
import type { Rig } from '../harness/realN8n.ts';

const accessToken = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

/** Whatever stands between spaces, quotes and brackets, without the marks at its ends. */
function wordsIn(text: string): string[] {
	const words = text.toLowerCase().split(/[\s"'`()[\]{}<>,;=&?|\\]+/);
	return words.map((word) => word.replace(/^[.:]+|[.:]+$/g, ''));
}

/** All that an execution keeps of what went wrong in it, written out: errors, and items that failed. */
function errorsIn(data: string): string {
	const { nodes, error } = readExecution({ id: '', status: '', data });
	const runs = Object.values(nodes).flat();
	const failedItems = runs.flatMap(({ outputs }) =>
		outputs.flat().filter(({ json, error: itemError }) => itemError ?? json.error),
	);
	// The node in an error is the workflow's own, with whatever its author typed into it.
	return JSON.stringify(
		[error, runs.map((run) => run.error), failedItems],
		(key, value: unknown) => (key === 'node' ? undefined : value),
	);
}

export function leakCases(rig: () => Rig): void {
	const expectNoSecrets = (text: string) => {
		const { practice, reader } = rig().simulator.clients;
		const secrets = [practice.clientSecret, reader.clientSecret].map(String);
		expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
		expect(accessToken.exec(text)?.[0]).toBeUndefined();
	};
	const expectNoPatients = async (text: string, ...typed: string[]) => {
		const { simulator } = rig();
		const patients = await simulator.records(simulator.practiceId, '/patients');
		const values = patients.flatMap(({ email, phone }) => [String(email), String(phone)]);
		const known = new Set([...typed, ...values].map((value) => value.toLowerCase()));
		expect(wordsIn(text).filter((word) => known.has(word))).toEqual([]);
	};

	it('are not in the executions, nor are patients in their errors', async () => {
		const { stored } = rig();
		expectNoSecrets(stored.join('\n'));
		const failed = stored.map(errorsIn).filter((text) => text.includes('"message"'));
		expect(failed.length).toBeGreaterThan(5);
		expectNoSecrets(failed.join('\n'));
		await expectNoPatients(failed.join('\n'), 'gordon@eyecloudpro', '2000-jan-51');
	});

	it("are not in n8n's log, nor are patients", async () => {
		const { log } = rig().n8n;
		expect(log).toMatch(/Workflow execution (started|finished)/i);
		expectNoSecrets(log);
		// At debug level n8n prints the parameters of a node that failed, with what the author typed in.
		await expectNoPatients(log);
	});

	it("are not in n8n's database in the clear", () => {
		const database = join(rig().n8n.folder, '.n8n', 'database.sqlite');
		// n8n 1.x keeps no separate journal.
		const files = [database, `${database}-wal`].filter((file) => existsSync(file));
		const text = files.map((file) => readFileSync(file, 'latin1')).join('\n');
		expect(text).toContain('eyeCloudProOAuth2Api');
		expectNoSecrets(text);
	});
}
