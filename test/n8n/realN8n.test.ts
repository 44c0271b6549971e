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
import { sharedRig, startRig } from '../harness/realN8n.ts';
import { tokensCases } from './tokens.cases.ts';
import { triggerCases } from './trigger.cases.ts';

const rig = sharedRig(startRig);

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
