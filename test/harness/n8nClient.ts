// Speaks to a running n8n as its editor does: over /rest, with a session cookie. Made by start.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readExecution, type Execution, type StoredExecution } from './n8nExecution.ts';
import type { Workflow } from './workflow.ts';

/** What the editor shows after Save or Retry in a credential. */
export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

export interface SavedCredential {
	id: string;
	name: string;
	type: string;
}

/** A question that the editor asks while a user fills in the node. */
export interface ParameterQuestion {
	/** With its package: `n8n-nodes-eyecloudpro.eyeCloudPro`. */
	nodeType: string;
	typeVersion?: number;
	/** The parameter's path, such as `parameters.recordId`. */
	path: string;
	methodName: string;
	currentNodeParameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	/** What the user typed into the search of a resource locator. */
	filter?: string;
	paginationToken?: string;
}

interface PublicationStatus {
	status: string;
	triggers: Array<{ errorMessage?: string | null }>;
}

/** An execution as n8n's list of executions has it. */
export interface ListedExecution {
	id: string;
	status: string;
	/** When a worker took it up. */
	startedAt: string | null;
	stoppedAt: string | null;
	retryOf?: string | null;
}

/** A refusal by n8n itself: `status` is HTTP's, the message is n8n's. */
export class N8nRefusal extends Error {
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.name = 'N8nRefusal';
		this.status = status;
	}
}

const pollIntervalMs = 50;

export class N8nClient {
	readonly url: string;
	/** Where it is installed. */
	readonly n8nFolder: string;
	private cookie = '';

	/** `n8nFolder`: where n8n is installed. */
	constructor(url: string, n8nFolder: string) {
		this.url = url;
		this.n8nFolder = n8nFolder;
	}

	/** Any endpoint of the editor, `path` from `/rest/…` or `/types/…` on; returns `data` of the answer. */
	async request<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(this.url + path, {
			method,
			headers: {
				cookie: this.cookie,
				// An n8n that was busy for five seconds ends the connections that look idle to it.
				connection: 'close',
				...(body !== undefined && { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
		if (cookies.length > 0) this.cookie = cookies.join('; ');
		const text = await response.text();
		if (!response.ok) throw new N8nRefusal(response.status, refusalMessage(text));
		const answer = JSON.parse(text) as { data?: T };
		return path.startsWith('/rest/') ? (answer.data as T) : (answer as T);
	}

	/** Opens a page as the signed-in browser would; returns its HTML. */
	async visit(path: string): Promise<string> {
		const response = await fetch(this.url + path, { headers: { cookie: this.cookie } });
		if (!response.ok) throw new N8nRefusal(response.status, await response.text());
		return await response.text();
	}

	/** Makes the owner of a new n8n, and signs in. */
	async createOwner(email: string, password: string): Promise<void> {
		const owner = { email, password, firstName: 'Demo', lastName: 'Owner' };
		await this.request('POST', '/rest/owner/setup', owner);
	}

	async signIn(email: string, password: string): Promise<void> {
		await this.request('POST', '/rest/login', { emailOrLdapLoginId: email, password });
	}

	async createCredential(
		name: string,
		data: Record<string, unknown>,
		type = 'eyeCloudProOAuth2Api',
	): Promise<SavedCredential> {
		const { id } = await this.request<{ id: string }>('POST', '/rest/credentials', {
			name,
			type,
			data,
		});
		return { id, name, type };
	}

	/** Replaces all fields. n8n forgets the stored token with it. */
	async updateCredential(
		credential: SavedCredential,
		data: Record<string, unknown>,
	): Promise<void> {
		await this.request('PATCH', `/rest/credentials/${credential.id}`, { ...credential, data });
	}

	/**
	 * Tests a saved credential, or saves one and tests it, as the editor does: n8n 2.41.1 can't test an
	 * OAuth2 credential that has no id yet.
	 */
	async testCredential(
		credential: SavedCredential | Record<string, unknown>,
	): Promise<CredentialTestResult> {
		const saved = isSaved(credential)
			? credential
			: await this.createCredential('To be tested', credential);
		const path = `/rest/credentials/${saved.id}?includeData=true`;
		const credentials = await this.request('GET', path);
		return await this.request('POST', '/rest/credentials/test', { credentials });
	}

	/** Returns the new workflow's id. */
	async createWorkflow(workflow: Workflow): Promise<string> {
		// n8n 1.x does not store a workflow that does not say whether it is active.
		const stored = { active: false, ...workflow };
		return (await this.request<{ id: string }>('POST', '/rest/workflows', stored)).id;
	}

	/**
	 * Publishes a saved workflow; returns when its triggers listen, and polling ones have polled once.
	 * Throws an Error with n8n's reason where it can't be done.
	 */
	async activateWorkflow(workflowId: string, timeoutMs = 60_000): Promise<void> {
		const path = `/rest/workflows/${workflowId}`;
		const { versionId } = await this.request<{ versionId: string }>('GET', path);
		await this.request('POST', `${path}/activate`, { versionId });
		const deadline = Date.now() + timeoutMs;
		let reason = 'it took too long';
		while (Date.now() < deadline) {
			const { status, triggers } = await this.request<PublicationStatus>(
				'GET',
				`${path}/publication-status`,
			);
			if (status === 'published') return;
			if (status === 'failed' || status === 'partial') {
				reason = triggers.map(({ errorMessage }) => errorMessage ?? '').join(' ');
				break;
			}
			await wait(pollIntervalMs);
		}
		throw new Error(`n8n did not publish workflow ${workflowId}: ${reason}`);
	}

	async deactivateWorkflow(workflowId: string): Promise<void> {
		await this.request('POST', `/rest/workflows/${workflowId}/deactivate`, {});
	}

	/** Starts a workflow as Execute Workflow does, and returns the execution's id at once. */
	async startWorkflow(workflowId: string, triggerName: string): Promise<string> {
		const { executionId } = await this.request<{ executionId: string }>(
			'POST',
			`/rest/workflows/${workflowId}/run`,
			{ ...(await this.workflowData(workflowId)), triggerToStartFrom: { name: triggerName } },
		);
		return executionId;
	}

	/** The last hundred executions, of one workflow or of all, the newest first; without their data. */
	async executions(workflowId?: string): Promise<ListedExecution[]> {
		const filter = workflowId === undefined ? '' : `&filter=${JSON.stringify({ workflowId })}`;
		const path = `/rest/executions?limit=100${encodeURI(filter)}`;
		return (await this.request<{ results: ListedExecution[] }>('GET', path)).results;
	}

	/** n8n 1.x runs the workflow that it is given, later ones run the one that they have stored. */
	private async workflowData(workflowId: string): Promise<{ workflowData?: unknown }> {
		if (!this.version.startsWith('1.')) return {};
		return { workflowData: await this.request('GET', `/rest/workflows/${workflowId}`) };
	}

	/** n8n's own version, such as `2.41.1`. */
	get version(): string {
		const file = join(this.n8nFolder, 'node_modules', 'n8n', 'package.json');
		return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
	}

	/** Waits for the end of an execution. Throws an Error when it takes longer. */
	async executionEnded(executionId: string, timeoutMs = 120_000): Promise<Execution> {
		const deadline = Date.now() + timeoutMs;
		while (Date.now() < deadline) {
			const stored = await this.request<StoredExecution>('GET', `/rest/executions/${executionId}`);
			// n8n 1.x stores the end of an execution a moment before its data.
			const isWhole = stored.stoppedAt !== null && stored.data !== '[]';
			if (isWhole) return readExecution(stored, this.n8nFolder);
			await wait(pollIntervalMs);
		}
		throw new Error(`Execution ${executionId} was not over after ${timeoutMs / 1_000} seconds.`);
	}

	/** Runs a saved workflow by id, or saves one and runs it; returns when the execution is over. */
	async runWorkflow(
		workflow: Workflow | string,
		triggerName: string,
		timeoutMs?: number,
	): Promise<Execution> {
		const id = typeof workflow === 'string' ? workflow : await this.createWorkflow(workflow);
		return await this.executionEnded(await this.startWorkflow(id, triggerName), timeoutMs);
	}

	/**
	 * Presses Retry of an execution that failed, and returns when the new one is over.
	 *
	 * @param loadWorkflow with the workflow as it is saved now; otherwise as it was
	 */
	async retryExecution(executionId: string, loadWorkflow: boolean): Promise<Execution> {
		const path = `/rest/executions/${executionId}/retry`;
		const { id } = await this.request<{ id: string }>('POST', path, { loadWorkflow });
		return await this.executionEnded(id);
	}

	/** Asks n8n to stop a running execution, as the editor's stop button does. */
	async stopExecution(executionId: string): Promise<void> {
		await this.request('POST', `/rest/executions/${executionId}/stop`);
	}

	/** The descriptions of all node types that the editor gets; names are with their package. */
	async nodeTypes(): Promise<
		Array<Record<string, unknown> & { name: string; version: number | number[] }>
	> {
		return await this.request('GET', '/types/nodes.json');
	}

	async credentialTypes(): Promise<Array<Record<string, unknown> & { name: string }>> {
		return await this.request('GET', '/types/credentials.json');
	}

	async loadOptions(question: ParameterQuestion): Promise<Array<{ name: string; value: unknown }>> {
		return await this.ask('options', question);
	}

	async searchList(question: ParameterQuestion): Promise<{
		results: Array<{ name: string; value: unknown; url?: string }>;
		paginationToken?: string;
	}> {
		return await this.ask('resource-locator-results', question);
	}

	async mappingFields(question: ParameterQuestion): Promise<{
		fields: Array<Record<string, unknown> & { id: string }>;
		emptyFieldsNotice?: string;
	}> {
		return await this.ask('resource-mapper-fields', question);
	}

	private async ask<T>(endpoint: string, question: ParameterQuestion): Promise<T> {
		const { nodeType, typeVersion = 1, ...rest } = question;
		const nodeTypeAndVersion = { name: nodeType, version: typeVersion };
		const body = { ...rest, nodeTypeAndVersion };
		return await this.request('POST', `/rest/dynamic-node-parameters/${endpoint}`, body);
	}
}

function isSaved(
	credential: SavedCredential | Record<string, unknown>,
): credential is SavedCredential {
	return 'id' in credential && 'type' in credential;
}

function refusalMessage(text: string): string {
	try {
		return (JSON.parse(text) as { message?: string }).message ?? text;
	} catch {
		return text;
	}
}
