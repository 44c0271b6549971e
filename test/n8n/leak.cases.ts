// Looks for secrets, tokens and patients where they must not be: in what n8n logged (at its most
// talkative) and stored during all cases before. Called by realN8n.test.ts, last.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '../simulator/start.ts';
import { readExecution, type Execution } from '../harness/startN8n.ts';
import type { Rig } from '../harness/realN8n.ts';

const accessToken = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

/** What was typed in the cases before, and was refused or created. */
const typed = ['gordon@eyecloudpro', 'dana.writes@example.com', '2000-jan-51'];

/** What tells who a patient is, in one word each. */
async function patientValues(simulator: Simulator): Promise<Set<string>> {
	const patients = await simulator.records(simulator.practiceId, '/patients');
	const values = patients.flatMap(({ email, phone }) => [String(email), String(phone)]);
	return new Set(values.map((value) => value.toLowerCase()));
}

/** Whatever stands between spaces, quotes and brackets, without the marks at its ends. */
function wordsIn(text: string): string[] {
	const words = text.toLowerCase().split(/[\s"'`()[\]{}<>,;=&?|\\]+/);
	return words.map((word) => word.replace(/^[.:]+|[.:]+$/g, ''));
}

/** All that an execution keeps of what went wrong in it, written out: errors, and items that failed. */
function errorsIn({ nodes, error }: Execution): string {
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
	const secrets = () => {
		const { practice, reader } = rig().simulator.clients;
		return [practice.clientSecret, reader.clientSecret].map(String);
	};

	it('are not in the executions', () => {
		const { stored } = rig();
		expect(stored.length).toBeGreaterThan(20);
		const text = stored.join('\n');
		expect(secrets().filter((secret) => text.includes(secret))).toEqual([]);
		expect(accessToken.exec(text)?.[0]).toBeUndefined();
	});

	it("are not in n8n's log, nor are patients", async () => {
		const { n8n, simulator } = rig();
		expect(n8n.log).toMatch(/Workflow execution (started|finished)/i);
		expect(secrets().filter((secret) => n8n.log.includes(secret))).toEqual([]);
		expect(accessToken.exec(n8n.log)?.[0]).toBeUndefined();
		// At debug level n8n prints the parameters of a node that failed, with what the author typed in.
		const values = await patientValues(simulator);
		expect(values.size).toBeGreaterThan(1_000);
		expect(wordsIn(n8n.log).filter((word) => values.has(word))).toEqual([]);
	});

	it('are not in the errors of the executions, nor are patients', async () => {
		const { simulator, stored } = rig();
		const executions = stored.map((data) => readExecution({ id: '', status: '', data }));
		const failed = executions.map(errorsIn).filter((text) => text.includes('"message"'));
		expect(failed.length).toBeGreaterThan(10);
		const text = failed.join('\n');
		const values = new Set([...typed, ...(await patientValues(simulator))]);
		expect(wordsIn(text).filter((word) => values.has(word))).toEqual([]);
		expect(secrets().filter((secret) => text.includes(secret))).toEqual([]);
		expect(accessToken.exec(text)?.[0]).toBeUndefined();
	});

	it("are not in n8n's database in the clear", () => {
		const { n8n } = rig();
		const database = join(n8n.folder, '.n8n', 'database.sqlite');
		// n8n 1.x keeps no separate journal.
		const text = [database, `${database}-wal`]
			.filter((file) => existsSync(file))
			.map((file) => readFileSync(file, { encoding: 'latin1' }))
			.join('\n');
		expect(text).toContain('eyeCloudProOAuth2Api');
		expect(secrets().filter((secret) => text.includes(secret))).toEqual([]);
		expect(accessToken.exec(text)?.[0]).toBeUndefined();
	});
}
