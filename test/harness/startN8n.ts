// Starts a real n8n on loopback with the packed package in it, and workers of one in queue mode; hands out a client
// to drive it. Called by all suites that need one, and by tools/.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { N8nClient } from './n8nClient.ts';
import { packageName } from './eyeCloudPro.ts';
import { freePorts, startSupervised, type Supervised } from './supervised.ts';

export * from './n8nClient.ts';
export * from './workflow.ts';

export interface N8nOptions {
	/** Where n8n is installed, `.cache/n8n` if left out; another folder holds another version. */
	installedIn?: string;
	/** What `npm pack` made; without it, n8n has its own nodes only. */
	tarball?: string;
	/** More environment variables for n8n, or others. */
	env?: Record<string, string>;
	/** n8n's user folder, kept afterwards; without it, a new one that `stop` removes. */
	folder?: string;
	/** Who owns the n8n in `folder` already; without it, an owner is made. */
	owner?: { email: string; password: string };
	/** Gives up a start that is under way. */
	signal?: AbortSignal;
}

export interface N8n extends N8nClient {
	owner: { email: string; password: string };
	folder: string;
	readonly log: string;
	stop(): Promise<void>;
	/** Ends it as a power cut does. */
	kill(): Promise<void>;
}

const readyIntervalMs = 100;

export const n8nFolder = fileURLToPath(new URL('../../.cache/n8n', import.meta.url));

/** Throws an Error with the end of n8n's own output when it doesn't become ready. */
export async function startN8n(options: N8nOptions = {}): Promise<N8n> {
	const { installedIn = n8nFolder, env, signal } = options;
	const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'eyecloudpro-n8n-')));
	const folderToRemove = options.folder ? '' : folder;
	const { port, n8n } = await started(['start'], { ...options, folder, folderToRemove, env });
	const client = new N8nClient(`http://127.0.0.1:${port}`, installedIn);
	// n8n wants a capital letter and a digit, and 8 to 64 characters.
	const password = `N8n-${randomBytes(9).toString('base64url')}`;
	const owner = options.owner ?? { email: 'owner@example.com', password };
	try {
		await untilReady(`${client.url}/healthz/readiness`, n8n, signal);
		// n8n 1.x says that it is ready as soon as its database is, before it has anything to answer with.
		await untilReady(`${client.url}/rest/settings`, n8n, signal);
		if (options.owner) await client.signIn(owner.email, owner.password);
		else await client.createOwner(owner.email, owner.password);
	} catch (error) {
		await n8n.stop();
		throw error;
	}
	const more = { owner, folder, stop: n8n.stop, kill: n8n.kill };
	const log: PropertyDescriptor = { get: () => n8n.output };
	return Object.defineProperty(Object.assign(client, more), 'log', log) as N8n;
}

/** Throws an Error with the end of its own output when it doesn't become ready. */
export async function startWorker(
	tarball: string,
	env: Record<string, string>,
	concurrency: number,
): Promise<Supervised> {
	const folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-worker-'));
	const { port, n8n } = await started(['worker', `--concurrency=${concurrency}`], {
		...{ tarball, folder, folderToRemove: folder },
		env: {
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
			...env,
		},
	});
	await untilReady(`http://127.0.0.1:${port}/healthz/readiness`, n8n).catch(async (error) => {
		await n8n.stop();
		throw error;
	});
	return n8n;
}

/** A process of n8n that is on its way up. */
async function started(
	words: string[],
	options: N8nOptions & { folder: string; folderToRemove: string },
): Promise<{ port: number; n8n: Supervised }> {
	const { folder, folderToRemove, tarball, env, installedIn = n8nFolder } = options;
	const command = join(installedIn, 'node_modules', 'n8n', 'bin', 'n8n');
	if (!existsSync(command)) throw new Error(`n8n is not in ${installedIn}: run it by npm test.`);
	if (tarball) {
		// n8n loads what is there as an installed community node; its own way to install one asks a registry.
		const unpacked = join(folder, '.n8n', 'nodes', 'node_modules', packageName);
		await mkdir(unpacked, { recursive: true });
		const switches = ['-xzf', tarball, '-C', unpacked, '--strip-components=1'];
		await promisify(execFile)('tar', switches);
	}
	const [port, brokerPort] = await freePorts(2);
	const n8n = startSupervised([process.execPath, command, ...words], {
		env: { ...environment(folder, port, brokerPort, installedIn), ...env },
		folderToRemove,
	});
	return { port, n8n };
}

/** What n8n would fetch from its makers, or tell them, and what it would show of it. */
const asksItsMakers = [
	...['DIAGNOSTICS', 'VERSION_NOTIFICATIONS', 'VERSION_NOTIFICATIONS_WHATS_NEW', 'DYNAMIC_BANNERS'],
	...['TEMPLATES', 'PERSONALIZATION', 'HIRING_BANNER', 'LICENSE_AUTO_RENEW', 'VERIFIED_PACKAGES'],
];

/** n8n's environment: nothing of the user's own n8n or proxies, loopback only, no calls to n8n's makers. */
function environment(
	folder: string,
	port: number,
	brokerPort: number,
	installedIn: string,
): Record<string, string> {
	const names = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG', 'TZ'];
	const kept = names.map((name) => [name, process.env[name]]).filter(([, value]) => value);
	return {
		...(Object.fromEntries(kept) as Record<string, string>),
		...withoutMakersList(installedIn),
		HOME: folder,
		USERPROFILE: folder,
		N8N_USER_FOLDER: folder,
		N8N_PORT: String(port),
		QUEUE_HEALTH_CHECK_PORT: String(port),
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_EDITOR_BASE_URL: `http://127.0.0.1:${port}`,
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		N8N_RUNNERS_BROKER_LISTEN_ADDRESS: '127.0.0.1',
		N8N_SECURE_COOKIE: 'false',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '5',
		...Object.fromEntries(asksItsMakers.map((name) => [`N8N_${name}_ENABLED`, 'false'])),
		N8N_LOG_LEVEL: 'info',
		NO_COLOR: '1',
	};
}

/** It fetches a list of servers from n8n's makers when it starts; an n8n that has no such module won't start. */
function withoutMakersList(installedIn: string): Record<string, string> {
	const module = join(installedIn, 'node_modules', 'n8n', 'dist', 'modules', 'mcp-registry');
	return existsSync(module) ? { N8N_DISABLED_MODULES: 'mcp-registry' } : {};
}

/** Throws an Error with the end of what it printed when it ends. */
async function untilReady(url: string, n8n: Supervised, signal?: AbortSignal): Promise<void> {
	while (!n8n.hasEnded) {
		signal?.throwIfAborted();
		// Refused connections are what a starting n8n answers with.
		const ready = await fetch(url).catch(() => undefined);
		if (ready?.ok) return;
		await wait(readyIntervalMs);
	}
	throw new Error(`n8n did not become ready. It printed:\n${n8n.output.slice(-4_000)}`);
}
