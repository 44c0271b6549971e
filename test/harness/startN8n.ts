// Starts a real n8n on loopback, with the packed package in it, and hands out a client to drive it.
// Called by the tests in this folder and by the demo.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { N8nClient } from './n8nClient.ts';
import { installPackage } from './installPackage.ts';
import { freePorts, startOnLeash, type Leashed } from './supervised.ts';

export * from './n8nClient.ts';
export * from './n8nExecution.ts';
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
	ownerEmail: string;
	ownerPassword: string;
	/** n8n's user folder. */
	folder: string;
	/** All that n8n printed until now. */
	readonly log: string;
	/** From the start of the process until n8n said that it is ready. */
	startedInMs: number;
	/** Ends n8n and everything that it started. */
	stop(): Promise<void>;
	/** Ends it as a power cut does. */
	kill(): Promise<void>;
}

const startTimeoutMs = 120_000;
const readyIntervalMs = 100;

export const n8nFolder = fileURLToPath(new URL('../../.cache/n8n', import.meta.url));

/** Throws an Error with the end of n8n's own output when it doesn't become ready. */
export async function startN8n(options: N8nOptions = {}): Promise<N8n> {
	const { installedIn = n8nFolder } = options;
	const command = n8nCommand(['start'], installedIn);
	const startedAtMs = Date.now();
	const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'eyecloudpro-n8n-')));
	const folderToRemove = options.folder ? '' : folder;
	if (options.tarball) await installPackage(options.tarball, folder);
	const [port, brokerPort] = await freePorts(2);
	const n8n = startOnLeash(command, {
		env: { ...environment(folder, port, brokerPort, installedIn), ...options.env },
		folderToRemove,
	});
	const client = new N8nClient(`http://127.0.0.1:${port}`, installedIn);
	const owner = options.owner ?? { email: 'owner@example.com', password: newPassword() };
	try {
		await untilReady(`${client.url}/healthz/readiness`, n8n, options.signal);
		// n8n 1.x says that it is ready as soon as its database is, before it has anything to answer with.
		await untilReady(`${client.url}/rest/settings`, n8n, options.signal);
		if (options.owner) await client.signIn(owner.email, owner.password);
		else await client.createOwner(owner.email, owner.password);
	} catch (error) {
		await n8n.stop();
		throw error;
	}
	const startedInMs = Date.now() - startedAtMs;
	const more = {
		ownerEmail: owner.email,
		ownerPassword: owner.password,
		folder,
		startedInMs,
		stop: () => n8n.stop(),
		kill: () => n8n.kill(),
	};
	const log: PropertyDescriptor = { get: () => n8n.output };
	return Object.defineProperty(Object.assign(client, more), 'log', log) as N8n;
}

/** Throws an Error where n8n is not installed. */
export function n8nCommand(words: string[], installedIn = n8nFolder): string[] {
	const command = join(installedIn, 'node_modules', 'n8n', 'bin', 'n8n');
	if (!existsSync(command)) {
		throw new Error(
			`n8n is not installed in ${installedIn}. The commands of package.json that need it install it.`,
		);
	}
	return [process.execPath, command, ...words];
}

/** n8n's environment: nothing of the user's own n8n or proxies, loopback only, no calls to n8n's makers. */
export function environment(
	folder: string,
	port: number,
	brokerPort: number,
	installedIn = n8nFolder,
): Record<string, string> {
	const kept: Record<string, string> = {};
	for (const name of ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG', 'TZ']) {
		const value = process.env[name];
		if (value !== undefined) kept[name] = value;
	}
	return {
		...kept,
		...withoutMakersList(installedIn),
		HOME: folder,
		USERPROFILE: folder,
		N8N_USER_FOLDER: folder,
		N8N_PORT: String(port),
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_EDITOR_BASE_URL: `http://127.0.0.1:${port}`,
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		N8N_RUNNERS_BROKER_LISTEN_ADDRESS: '127.0.0.1',
		N8N_SECURE_COOKIE: 'false',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '5',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		// The list of verified community nodes comes from n8n's makers.
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		N8N_LOG_LEVEL: 'info',
		NO_COLOR: '1',
	};
}

/** It fetches a list of servers from n8n's makers when it starts; an n8n that has no such module won't start. */
function withoutMakersList(installedIn: string): Record<string, string> {
	const module = join(installedIn, 'node_modules', 'n8n', 'dist', 'modules', 'mcp-registry');
	return existsSync(module) ? { N8N_DISABLED_MODULES: 'mcp-registry' } : {};
}

/** n8n wants a capital letter and a digit, and 8 to 64 characters. */
function newPassword(): string {
	return `N8n-${randomBytes(9).toString('base64url')}`;
}

/** Throws an Error with the end of what it printed when it ends, or takes too long. */
export async function untilReady(url: string, n8n: Leashed, signal?: AbortSignal): Promise<void> {
	const deadline = Date.now() + startTimeoutMs;
	while (Date.now() < deadline && !n8n.hasEnded) {
		signal?.throwIfAborted();
		// Refused connections are what a starting n8n answers with.
		const ready = await fetch(url).catch(() => undefined);
		if (ready?.ok) return;
		await wait(readyIntervalMs);
	}
	throw new Error(`n8n did not become ready. It printed:\n${n8n.output.slice(-4_000)}`);
}
