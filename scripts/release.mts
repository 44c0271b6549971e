// `npm run release -- patch|minor|major|x.y.z`: checks that all is committed and green, turns the changelog's
// "Unreleased" into the version, commits and tags. Works without a network; pushing is for a person.
// `--tested` leaves the tests out, for whoever has just run them.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { npmCommand } from './steps.mjs';

const { values, positionals } = parseArgs({
	options: { tested: { type: 'boolean', default: false } },
	allowPositionals: true,
});

function git(...gitArguments: string[]): string {
	return execFileSync('git', gitArguments, { encoding: 'utf8' }).trim();
}

function npm(...npmArguments: string[]): void {
	const [command, ...first] = npmCommand();
	const shell = command.endsWith('.cmd');
	const { status } = spawnSync(command, [...first, ...npmArguments], { stdio: 'inherit', shell });
	if (status !== 0) throw new Error(`npm ${npmArguments.join(' ')} did not go well.`);
}

/** Throws for what is no step, or would not lead on. */
function nextVersion(current: string, step: string): string {
	const [major, minor, patch] = current.split('.').map(Number);
	if (step === 'major') return `${major + 1}.0.0`;
	if (step === 'minor') return `${major}.${minor + 1}.0`;
	if (step === 'patch') return `${major}.${minor}.${patch + 1}`;
	if (!/^\d+\.\d+\.\d+$/.test(step)) {
		throw new Error('Usage: npm run release -- patch|minor|major|x.y.z');
	}
	const isBehind = step.localeCompare(current, 'en', { numeric: true }) < 0;
	if (isBehind) throw new Error(`${step} is older than ${current}.`);
	return step;
}

/** Throws where there is nothing to release. */
function datedChangelog(changelog: string, version: string, day: string): string {
	const unreleased = /^## Unreleased\n+(?!## )(?=\S)/m;
	if (!unreleased.test(changelog)) {
		throw new Error('CHANGELOG.md has nothing under "## Unreleased".');
	}
	return changelog.replace(unreleased, `## Unreleased\n\n## ${version}, ${day}\n\n`);
}

function release(): void {
	const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
	const version = nextVersion(manifest.version, positionals[0] ?? '');
	const tag = `v${version}`;
	if (git('status', '--porcelain') !== '')
		throw new Error('Commit or put away your changes first.');
	if (git('tag', '--list', tag) !== '') throw new Error(`${tag} is there already.`);
	const day = new Date().toISOString().slice(0, 10);
	const changelog = datedChangelog(readFileSync('CHANGELOG.md', 'utf8'), version, day);
	if (!values.tested) npm('test');
	npm('version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts');
	writeFileSync('CHANGELOG.md', changelog);
	git('add', 'package.json', 'package-lock.json', 'CHANGELOG.md');
	git('commit', '--quiet', '--message', `Version ${version}`);
	git('tag', '--annotate', tag, '--message', `Version ${version}`);
	console.log(`\n${tag} is committed and tagged here. To publish it: git push --follow-tags`);
}

try {
	release();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
