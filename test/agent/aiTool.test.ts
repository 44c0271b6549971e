// The packed node as a tool: for MCP clients, and for n8n's AI Agent with a scripted model. Run by
// `npm run test:agent`.
import { agentCases } from './agent.cases.ts';
import { startAgentRig } from './agentRig.ts';
import { sharedRig } from '../harness/realN8n.ts';
import { mcpCases } from './mcp.cases.ts';
import { secretCases } from './secret.cases.ts';

const rig = sharedRig(startAgentRig);

describe('an MCP client', () => mcpCases(rig));
// Each as n8n 2.41.1 runs it: the last of the first ones, those that hand on no error, and the newest two.
describe.each([1.7, 1.9, 2.2, 2.3, 3, 3.1])('AI Agent %s', (version) => agentCases(rig, version));
// Last: it looks at all that the others left behind.
describe('secrets', () => secretCases(rig));
