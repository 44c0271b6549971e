// Looks for secrets, tokens and patients where they must not be: in what n8n logged (at its most
// talkative) and stored during all cases before. Called by realN8n.test.ts, last.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rig } from './rig.ts';

const accessToken = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

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
		const patients = await simulator.records(simulator.practiceId, '/patients');
		expect(patients.filter(({ email }) => n8n.log.includes(String(email)))).toEqual([]);
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
