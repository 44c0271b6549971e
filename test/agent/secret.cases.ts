// Looks for secrets, tokens and patients where they must not be: in what MCP clients and the model
// were given, and in what n8n logged and stored, during all cases before. Called by aiTool.test.ts.
import type { AgentRig } from './agentRig.ts';

const accessToken = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

export function secretCases(rig: () => AgentRig): void {
	it("are nowhere, nor are patients in n8n's log", async () => {
		const { n8n, simulator, secrets, seen } = rig();
		const { byClients, byModel } = seen;
		const stored = await seen.stored();
		for (const texts of [byClients, byModel, stored]) expect(texts.length).toBeGreaterThan(5);
		const text = [...byClients, ...byModel, ...stored, n8n.log].join('\n');
		expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
		expect(accessToken.exec(text)?.[0]).toBeUndefined();
		expect(n8n.log).toMatch(/read 1 pages of \/patients/);
		const patients = await simulator.records(2, '/patients');
		expect(patients.filter(({ email }) => n8n.log.includes(String(email)))).toEqual([]);
	});
}
