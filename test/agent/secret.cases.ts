// Looks for secrets, tokens and patients where they must not be: in what MCP clients and the model
// were given, and in what n8n logged and stored, during all cases before. Called by aiTool.test.ts.
import type { AgentRig } from './agentRig.ts';

const accessToken = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

export function secretCases(rig: () => AgentRig): void {
	const expectNoSecrets = (texts: string[]) => {
		const text = texts.join('\n');
		expect(rig().secrets.filter((secret) => text.includes(secret))).toEqual([]);
		expect(accessToken.exec(text)?.[0]).toBeUndefined();
	};

	it('are in nothing that an MCP client was given', () => {
		const { byClients } = rig().seen;
		expect(byClients.length).toBeGreaterThan(20);
		expectNoSecrets(byClients);
	});

	it('are in nothing that the model was given, but its own key in the header', () => {
		const { byModel } = rig().seen;
		expect(byModel.length).toBeGreaterThan(20);
		expectNoSecrets(byModel);
		expect(rig().model.received.at(-1)?.authorization).toBe(`Bearer ${rig().secrets[2]}`);
	});

	it('are in no stored execution', async () => {
		const stored = await rig().seen.stored();
		expect(stored.length).toBeGreaterThan(20);
		expect(stored.join('\n')).toContain('find_patients');
		expectNoSecrets(stored);
	});

	it("are not in n8n's log, nor are patients", async () => {
		const { n8n, simulator } = rig();
		expect(n8n.log).toMatch(/read 1 pages of \/patients/);
		expectNoSecrets([n8n.log]);
		const patients = await simulator.records(2, '/patients');
		expect(patients.filter(({ email }) => n8n.log.includes(String(email)))).toEqual([]);
	});
}
