// No address of a package registry or of a machine of ours in what is published. Called by verify.mts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check, Subject } from './subject.mts';

/** Written so that it does not find itself. */
const registry = /\b(registry\.[a-z0-9-]+\.[a-z]{2,}|npm\.pkg\.[a-z]|[a-z0-9-]+\.jfrog\.)/i;
const privateAddress = /\b(10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|\.(?:internal|corp|lan)\b)/i;

function findings({ folder, files, source }: Subject): string[] {
	const texts = [
		...files.map((file) => ({ file, path: join(folder, file) })),
		{ file: 'package-lock.json', path: join(source, 'package-lock.json') },
	];
	return texts.flatMap(({ file, path }) => {
		const text = readFileSync(path, 'utf8');
		const host = registry.exec(text) ?? privateAddress.exec(text);
		return host ? [`${file} holds ${host[0]}`] : [];
	});
}

export const hostChecks: Check[] = [
	{
		name: 'hosts',
		requirement:
			'No address of a registry or of a private network, in the tarball or the lock file',
		findings,
	},
];
