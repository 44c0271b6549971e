// PostgreSQL and Redis of their own for a test run: on loopback, on free ports, in folders that go with
// them. Called by queueMode.ts.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, startSupervised, type Supervised } from '../harness/supervised.ts';

const execute = promisify(execFile);

/** The user that PostgreSQL makes as its own; there is no password, and nobody else can connect. */
const databaseUser = 'n8n';

export interface Server extends Supervised {
	/** What n8n must be told to use it. */
	env: Record<string, string>;
}

/** The folder of PostgreSQL's programs; Debian keeps them out of the path. */
export function postgresFolder(): string | undefined {
	const debian = '/usr/lib/postgresql';
	const versions = existsSync(debian) ? readdirSync(debian) : [];
	versions.sort((a, b) => Number(b) - Number(a));
	const folders = [
		...versions.map((version) => join(debian, version, 'bin')),
		...(process.env.PATH ?? '').split(delimiter),
	];
	return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

/** PostgreSQL refuses to run as root: then it runs as a user without rights. */
async function unprivileged(folder: string): Promise<string[]> {
	if (process.getuid?.() !== 0) return [];
	await execute('chown', ['nobody', folder]);
	return ['setpriv', '--reuid=nobody', '--clear-groups', '--'];
}

export async function startPostgres(): Promise<Server> {
	const programs = postgresFolder();
	if (programs === undefined)
		throw new Error('PostgreSQL is needed (Debian: apt-get install postgresql redis-server).');
	const folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-postgres-'));
	const [port] = await freePorts(1);
	const [first, ...others] = [...(await unprivileged(folder)), join(programs, 'initdb')];
	const data = join(folder, 'data');
	const setUp = ['--pgdata', data, '--username', databaseUser, '--auth', 'trust', '--no-sync'];
	await execute(first, [...others, ...setUp, '--encoding', 'UTF8', '--locale', 'C'], {
		cwd: folder,
	});
	const settings = {
		listen_addresses: '127.0.0.1',
		port: String(port),
		// No socket, whose path would be too long in some temporary folders.
		unix_socket_directories: '',
		// Nobody needs these data after the machine has crashed.
		fsync: 'off',
	};
	const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
	const postgres = [...(await unprivileged(folder)), join(programs, 'postgres')];
	const server = startSupervised([...postgres, '-D', data, ...flags], { folderToRemove: folder });
	await server.printed('ready to accept connections');
	return Object.assign(server, {
		env: {
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(port),
			DB_POSTGRESDB_DATABASE: 'postgres',
			DB_POSTGRESDB_USER: databaseUser,
		},
	});
}

export async function startRedis(): Promise<Server> {
	const folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-redis-'));
	const [port] = await freePorts(1);
	const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''];
	const server = startSupervised(['redis-server', ...settings, '--appendonly', 'no'], {
		folderToRemove: folder,
	});
	await server.printed('Ready to accept connections');
	return Object.assign(server, {
		env: { QUEUE_BULL_REDIS_HOST: '127.0.0.1', QUEUE_BULL_REDIS_PORT: String(port) },
	});
}
