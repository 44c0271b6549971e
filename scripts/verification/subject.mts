// What a verification looks at: the sources, and the package that came out of them. Made by verify.mts,
// read by every check of this folder.
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, relative, sep } from 'node:path';
import type { ICredentialType, INodeTypeDescription } from 'n8n-workflow';

export interface Manifest {
	name: string;
	version: string;
	description?: string;
	license?: string;
	keywords?: string[];
	files?: string[];
	peerDependencies?: Record<string, string>;
	n8n?: { strict?: boolean; nodes?: string[]; credentials?: string[] };
	[field: string]: unknown;
}

export interface Subject {
	/** The folder of the sources: package.json, nodes/ and credentials/. */
	source: string;
	/** The folder of the unpacked tarball. */
	folder: string;
	/** The tarball's package.json. */
	manifest: Manifest;
	/** Every file of the tarball, e.g. `dist/nodes/EyeCloudPro/EyeCloudPro.node.js`. */
	files: string[];
}

/** One requirement, and what is found against it. */
export interface Check {
	/** For `--only`. */
	name: string;
	requirement: string;
	/** Sentences on what is wrong; none where the requirement is met. */
	findings(subject: Subject): Promise<string[]> | string[];
}

export async function subjectOf(source: string, folder: string): Promise<Subject> {
	const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
	return { source, folder, manifest, files: await filesIn(folder) };
}

/** Every file below the folder, by its path in it, with slashes, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => entry.isFile())
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
		.sort();
}

/** The nodes that package.json names. Throws what loading one throws. */
export function nodesOf(subject: Subject): Array<{ file: string; node: INodeTypeDescription }> {
	const loaded = (subject.manifest.n8n?.nodes ?? []).map((file) => ({
		file,
		node: load<{ description: INodeTypeDescription }>(subject, file, '.node.js').description,
	}));
	return loaded;
}

/** The credentials that package.json names. Throws what loading one throws. */
export function credentialsOf(
	subject: Subject,
): Array<{ file: string; credential: ICredentialType }> {
	return (subject.manifest.n8n?.credentials ?? []).map((file) => ({
		file,
		credential: load<ICredentialType>(subject, file, '.credentials.js'),
	}));
}

/** As n8n does: an instance of the class that is called like the file. */
function load<T>({ folder }: Subject, file: string, ending: string): T {
	const exports = createRequire(join(folder, 'package.json'))(join(folder, file)) as Record<
		string,
		new () => T
	>;
	const name = basename(file, ending);
	const type = exports[name];
	if (!type) throw new Error(`${file} exports no class ${name}`);
	return new type();
}
