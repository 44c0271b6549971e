// All that needs the editor: one n8n, one simulator and one Chromium for every case of this folder.
import { agentCases } from './agent.cases.ts';
import { beforeRunningCases } from './beforeRunning.cases.ts';
import { checkApiCases } from './checkApi.cases.ts';
import { credentialCases } from './credential.cases.ts';
import { Editor } from './editor.ts';
import { exampleCases } from './examples.cases.ts';
import { findingCases } from './finding.cases.ts';
import { formCases } from './form.cases.ts';
import { sharedRig } from '../harness/realN8n.ts';
import { readingCases } from './reading.cases.ts';
import { signingInCases } from './signingIn.cases.ts';
import { tableCases } from './tables.cases.ts';

// The editor is n8n's, and draws when it has time to: what does not fail a second time is not ours.
jest.retryTimes(1, { logErrorsBeforeRetry: true });

const editor = sharedRig(async () => {
	const started = await Editor.start();
	await started.begin();
	await started.signIn();
	await started.end();
	return started;
});

describe('finding the node', () => findingCases(editor));
describe('the credential', () => credentialCases(editor));
describe('checking the API', () => checkApiCases(editor));
describe('signing in', () => signingInCases(editor));
describe('reading', () => readingCases(editor));
describe('before running', () => beforeRunningCases(editor));
describe('forms', () => formCases(editor));
describe('tables', () => tableCases(editor));
describe('the examples', () => exampleCases(editor));
describe('an agent', () => agentCases(editor));
