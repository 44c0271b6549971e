// The packed package in the oldest n8n that it supports: the same cases as in the newest. Run by
// `npm run test:versions`, which installs that n8n by this folder's lock file.
import { fileURLToPath } from 'node:url';
import { authorizationCases } from '../n8n/authorization.cases.ts';
import { badInputCases } from '../n8n/badInput.cases.ts';
import { catalogueCases } from '../n8n/catalogue.cases.ts';
import { credentialCases } from '../n8n/credential.cases.ts';
import { exampleNodeCases } from '../n8n/examples.cases.ts';
import { httpRequestCases } from '../n8n/httpRequest.cases.ts';
import { leakCases } from '../n8n/leak.cases.ts';
import { packageCases } from '../n8n/package.cases.ts';
import { retryButtonCases } from '../n8n/retryButton.cases.ts';
import { sharedRig, startRig } from '../harness/realN8n.ts';
import { tokensCases } from '../n8n/tokens.cases.ts';

const installedIn = fileURLToPath(new URL('../../.cache/n8n-oldest', import.meta.url));
const rig = sharedRig(async () => await startRig({ installedIn }));

describe('the package', () => packageCases(rig));
describe('the credential test', () => credentialCases(rig));
describe('signing in', () => authorizationCases(rig));
describe('HTTP Request', () => httpRequestCases(rig));
describe('tokens', () => tokensCases(rig));
describe('never twice', () => retryButtonCases(rig));
describe('the catalogue', () => catalogueCases(rig));
describe('bad input', () => badInputCases(rig));
describe('examples', () => exampleNodeCases(rig));
// Last: it looks at all that the others left behind.
describe('secrets', () => leakCases(rig));
