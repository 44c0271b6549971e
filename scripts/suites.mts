// The suites that need more than n8n: what each is, and whether this machine has what it needs.
// Called by test.mts, for `npm run test:browser` and its like, and for `npm run test:all`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromiumPath } from '../test/browser/chromium.ts';

export interface Suite {
	name: string;
	title: string;
	/** A sentence on what is not there; undefined where the suite can run. */
	lacks(): string | undefined;
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

function hasRedis(): boolean {
	return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

export const suites: readonly Suite[] = [
	{
		name: 'browser',
		title: 'Tests in the editor',
		lacks: () =>
			chromiumPath() === undefined
				? 'Chromium is not installed: install it (Debian: apt-get install chromium), or name it in CHROMIUM.'
				: undefined,
	},
	{
		name: 'queue',
		title: 'Tests in queue mode',
		lacks: () =>
			hasRedis() && postgresFolder() !== undefined
				? undefined
				: 'Redis and PostgreSQL are needed: install them (Debian: apt-get install redis-server postgresql).',
	},
	{ name: 'agent', title: 'Tests as an AI tool', lacks: () => undefined },
	{ name: 'versions', title: 'Tests in the oldest n8n', lacks: () => undefined },
];
