// Speaks to a running n8n as its editor does: over /rest, with a session cookie. Made by startN8n.ts. What it waits
// for it waits for without an end: a busy machine is no reason to fail, and Jest tells what hangs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'flatted';
import type { INodeCredentialTestResult, IRunExecutionData, ITaskData } from 'n8n-workflow';
import type { Workflow } from './workflow.ts';

/** One output item, as the editor shows it. */
export interface OutputItem {
	json: Record<string, unknown>;
	/** Which input item it came from. */
	pairedItem?: { item: number; input?: number } | number | Array<{ item: number }>;
	error?: ShownError;
}

/** `message` in bold, `description` below. */
export interface ShownError {
	message: string;
	description?: string | null;
	context?: Record<string, unknown>;
}

/** One run of one node. */
export type NodeRun = ReturnType<typeof readRun>;

export type Execution = ReturnType<typeof readExecution>;

/** An execution as `GET /rest/executions/ID` answers it: `data` is text in flatted's format. */
type StoredExecution = ListedExecution & { data: string };

export interface SavedCredential {
	id: string;
	name: string;
	type: string;
}

/** An execution as n8n's list of executions has it. */
interface ListedExecution {
	id: string;
	status: string;
	/** When a worker took it up. */
	startedAt: string | null;
	stoppedAt: string | null;
	retryOf?: string | null;
}

/** Looks again and again until there is something. */
export async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
	for (;;) {
		const found = await look();
		if (found !== undefined && found !== false) return found;
		await wait(50);
	}
}

export class N8nClient {
	readonly url: string;
	private readonly n8nFolder: string;
	private cookie = '';

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
		if (!response.ok) throw new Error(/"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text);
		// Pages, such as the one that a sign-in comes back to, are no JSON.
		if (!response.headers.get('content-type')?.includes('json')) return text as T;
		const answer = JSON.parse(text) as { data?: T };
		return path.startsWith('/rest/') ? (answer.data as T) : (answer as T);
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
		const credential = { name, type, data };
		const { id } = await this.request<{ id: string }>('POST', '/rest/credentials', credential);
		return { id, name, type };
	}

	/** Saves one and tests it, as the editor does: n8n can't test an OAuth2 credential that has no id yet. */
	async testCredential(data: Record<string, unknown>): Promise<INodeCredentialTestResult> {
		const { id } = await this.createCredential('To be tested', data);
		const credentials = await this.request('GET', `/rest/credentials/${id}?includeData=true`);
		return await this.request('POST', '/rest/credentials/test', { credentials });
	}

	async createWorkflow(workflow: Workflow): Promise<string> {
		// n8n 1.x does not store a workflow that does not say whether it is active.
		const stored = { active: false, ...workflow };
		return (await this.request<{ id: string }>('POST', '/rest/workflows', stored)).id;
	}

	/**
	 * Publishes a saved workflow; returns when its triggers listen, and polling ones have polled once.
	 * Throws an Error with n8n's reason where it can't be done.
	 */
	async activateWorkflow(workflowId: string): Promise<void> {
		const path = `/rest/workflows/${workflowId}`;
		const { versionId } = await this.request<{ versionId: string }>('GET', path);
		await this.request('POST', `${path}/activate`, { versionId });
		await this.untilStatus(workflowId, 'published');
	}

	/** Returns when its triggers listen no more. */
	async deactivateWorkflow(workflowId: string): Promise<void> {
		await this.request('POST', `/rest/workflows/${workflowId}/deactivate`, {});
		await this.untilStatus(workflowId, 'not_published');
	}

	private async untilStatus(workflowId: string, wanted: string): Promise<void> {
		const path = `/rest/workflows/${workflowId}/publication-status`;
		await until(async () => {
			const { status, triggers } = await this.request<{
				status: string;
				triggers: Array<{ errorMessage?: string | null }>;
			}>('GET', path);
			if (status !== 'failed' && status !== 'partial') return status === wanted;
			throw new Error(triggers.map(({ errorMessage }) => errorMessage ?? '').join(' '));
		});
	}

	/** Starts a workflow as Execute Workflow does, and returns the execution's id at once. */
	async startWorkflow(workflowId: string, triggerName: string): Promise<string> {
		const path = `/rest/workflows/${workflowId}`;
		// n8n 1.x runs the workflow that it is given, later ones run the one that they have stored.
		const isOld = this.version.startsWith('1.');
		const { executionId } = await this.request<{ executionId: string }>('POST', `${path}/run`, {
			...(isOld && { workflowData: await this.request('GET', path) }),
			triggerToStartFrom: { name: triggerName },
		});
		return executionId;
	}

	/** The last hundred executions, of one workflow or of all, the newest first; without their data. */
	async executions(workflowId?: string): Promise<ListedExecution[]> {
		const filter = workflowId === undefined ? '' : `&filter=${JSON.stringify({ workflowId })}`;
		const path = `/rest/executions?limit=100${encodeURI(filter)}`;
		return (await this.request<{ results: ListedExecution[] }>('GET', path)).results;
	}

	get version(): string {
		const file = join(this.n8nFolder, 'node_modules', 'n8n', 'package.json');
		return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
	}

	async executionEnded(executionId: string): Promise<Execution> {
		return await until(async () => {
			const stored = await this.request<StoredExecution>('GET', `/rest/executions/${executionId}`);
			// n8n 1.x stores the end of an execution a moment before its data.
			return stored.stoppedAt !== null && stored.data !== '[]' && readExecution(stored);
		});
	}

	/** The last execution of an active workflow that has had so many before, once it is over. */
	async nextExecution(workflowId: string, before = 0): Promise<Execution> {
		const { id } = await until(async () => {
			const executions = await this.executions(workflowId);
			return executions.length > before && executions[0];
		});
		return await this.executionEnded(id);
	}

	/** Runs a saved workflow by id, or saves one and runs it; returns when the execution is over. */
	async runWorkflow(workflow: Workflow | string, triggerName: string): Promise<Execution> {
		const id = typeof workflow === 'string' ? workflow : await this.createWorkflow(workflow);
		return await this.executionEnded(await this.startWorkflow(id, triggerName));
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

	/** The descriptions of all node types that the editor gets; names are with their package. */
	async nodeTypes(): Promise<Array<Record<string, unknown> & { name: string }>> {
		return await this.request('GET', '/types/nodes.json');
	}
}

/** Reads what n8n stored about one execution into the shape in which tests ask about it. */
export function readExecution({
	id,
	status,
	data: raw,
}: Pick<StoredExecution, 'id' | 'status' | 'data'>) {
	const { resultData } = parse(raw) as Partial<IRunExecutionData>;
	const runs = Object.entries(resultData?.runData ?? {});
	/** By node name, in order; a node that never ran is missing. */
	const nodes: Record<string, NodeRun[]> = Object.fromEntries(
		runs.map(([name, stored]) => [name, stored.map(readRun)]),
	);
	return { id, status, nodes, error: resultData?.error as ShownError | undefined, raw };
}

function readRun({ data = {}, executionStatus: status, error }: ITaskData) {
	// A node that is used as a tool has its items under ai_tool instead of main.
	const all = (Object.values(data)[0] ?? []).map((items) => items ?? []);
	const outputs = all as OutputItem[][];
	return { status, items: outputs[0] ?? [], outputs, error: error as ShownError | undefined };
}
