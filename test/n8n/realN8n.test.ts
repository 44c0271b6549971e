// The packed package in a real n8n, driven as its editor drives it. Run by `npm test`.
import { authorizationCases, grantsCases } from './authorization.cases.ts';
import { badInputCases } from './badInput.cases.ts';
import { catalogueCases } from './catalogue.cases.ts';
import { credentialCases } from './credential.cases.ts';
import { exampleCases } from './examples.cases.ts';
import { httpRequestCases, otherHostsCases } from './httpRequest.cases.ts';
import { leakCases } from './leak.cases.ts';
import { packageCases } from './package.cases.ts';
import { retryButtonCases } from './retryButton.cases.ts';
import { startRig, type Rig } from '../harness/realN8n.ts';
import { tokensCases } from './tokens.cases.ts';
import { triggerCases } from './trigger.cases.ts';

jest.setTimeout(600_000);

let started: Rig | undefined;

function rig(): Rig {
	if (!started) throw new Error('n8n or the simulator did not start.');
	return started;
}

beforeAll(async () => {
	started = await startRig();
});

afterAll(async () => {
	await started?.stop();
});

beforeEach(async () => {
	await rig().simulator.reset({ data: true, options: true });
});

describe('the package', () => packageCases(rig));
describe('the credential test', () => credentialCases(rig));
describe('signing in', () => authorizationCases(rig));
describe('both grants over time', () => grantsCases(rig));
describe('HTTP Request', () => httpRequestCases(rig));
describe('HTTP Request elsewhere', () => otherHostsCases(rig));
describe('tokens', () => tokensCases(rig));
describe('never twice', () => retryButtonCases(rig));
describe('the catalogue', () => catalogueCases(rig));
describe('bad input', () => badInputCases(rig));
describe('the trigger', () => triggerCases(rig));
describe('examples', () => exampleCases(rig));
// Last: it looks at all that the others left behind.
describe('secrets', () => leakCases(rig));
