// The way to a published version: the release script in a repository of its own, what refuses to publish
// until everything is filled in, and the workflows.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

const root = resolve(__dirname, '../..');
const page = 'https://github.com/practice-tools/n8n-nodes-eyecloudpro';
const filledIn = {
	repository: { type: 'git', url: `git+${page}.git` },
	author: { name: 'June Nader', email: 'june@practice.test' },
	bugs: { url: `${page}/issues` },
	homepage: `${page}#readme`,
};
const leadingToPages = [
	'nodes/EyeCloudPro/documentation.ts',
	'credentials/EyeCloudProOAuth2Api.credentials.ts',
];
const unreleased =
	'# Changelog\n\n## Unreleased\n\n- Something new.\n\n## 0.9.0, 2026-01-31\n\n- Older.\n';

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'eyecloudpro-release-'));
	git('init', '--quiet', '--initial-branch=main');
	write({ ...filledIn, name: 'n8n-nodes-eyecloudpro', version: '0.9.0' }, unreleased);
	for (const file of leadingToPages) {
		mkdirSync(dirname(join(folder, file)), { recursive: true });
		writeFileSync(join(folder, file), `const pages = '${page}/blob/main/docs';\n`);
	}
	writeFileSync(join(folder, 'package-lock.json'), '{ "lockfileVersion": 3, "packages": {} }\n');
	commit();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function git(...gitArguments: string[]): string {
	const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@practice.test'];
	const all = [...identity, ...gitArguments];
	return execFileSync('git', all, { cwd: folder, encoding: 'utf8' }).trim();
}

function commit(): void {
	git('add', '.');
	git('commit', '--quiet', '--message', 'A state');
}

function write(manifest: object, changelog?: string): void {
	writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, '\t')}\n`);
	if (changelog) writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
}

function read(file: string): string {
	return readFileSync(join(folder, file), 'utf8');
}

function manifest() {
	return JSON.parse(read('package.json')) as { version: string };
}

function run(script: string, switches: string[], env: Record<string, string | undefined> = {}) {
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[join(root, 'scripts', script), ...switches],
		{ cwd: folder, encoding: 'utf8', env: { ...process.env, ...identityInGit, ...env } },
	);
	return { status, output: `${stdout}${stderr}` };
}

const identityInGit = {
	GIT_AUTHOR_NAME: 'Test',
	GIT_AUTHOR_EMAIL: 'test@practice.test',
	GIT_COMMITTER_NAME: 'Test',
	GIT_COMMITTER_EMAIL: 'test@practice.test',
};

describe('npm run release', () => {
	const release = (step: string) => run('release.mts', [step, '--tested']);

	test.each([
		['patch', '0.9.1'],
		['minor', '0.10.0'],
		['major', '1.0.0'],
		['0.9.0', '0.9.0'],
		['1.2.3', '1.2.3'],
	])('%s: version %s, dated, committed and tagged', (step, version) => {
		const { status, output } = release(step);
		expect([status, output]).toEqual([0, expect.stringContaining('git push --follow-tags')]);
		expect(manifest().version).toBe(version);
		expect(JSON.parse(read('package-lock.json'))).toMatchObject({ version });
		const [top] = read('CHANGELOG.md').split('\n\n- Something new.');
		expect(top).toMatch(
			new RegExp(`^# Changelog\n\n## Unreleased\n\n## ${version}, \\d{4}-\\d\\d-\\d\\d$`),
		);
		expect(git('status', '--porcelain')).toBe('');
		expect(git('tag', '--points-at', 'HEAD')).toBe(`v${version}`);
		expect(run('publishable.mjs', []).status).toBe(0);
	});

	test.each([
		['nothing new', () => write(manifest(), '# Changelog\n\n## Unreleased\n\n## 0.9.0\n'), 'patch'],
		['no such step', () => {}, 'huge'],
		['an older version', () => {}, '0.8.9'],
	])('refuses: %s', (_, change, step) => {
		change();
		commitIfChanged();
		const before = git('rev-parse', 'HEAD');
		expect(release(step).status).toBe(1);
		expect([git('rev-parse', 'HEAD'), git('tag'), git('status', '--porcelain')]).toEqual([
			before,
			'',
			'',
		]);
	});

	test('refuses a tree that is not clean, and a version that is there', () => {
		writeFileSync(join(folder, 'new.txt'), '');
		expect(release('patch').output).toMatch(/Commit or put away/);
		rmSync(join(folder, 'new.txt'));
		git('tag', 'v0.9.1');
		expect(release('patch').output).toMatch(/v0\.9\.1 is there already/);
	});

	test('runs the tests first, and stops where they are not green', () => {
		write({ ...manifest(), scripts: { test: 'exit 1' } });
		commit();
		const { status, output } = run('release.mts', ['patch']);
		expect([status, output]).toEqual([1, expect.stringContaining('npm test did not go well')]);
		expect(git('tag')).toBe('');
	});

	function commitIfChanged(): void {
		if (git('status', '--porcelain') !== '') commit();
	}
});

describe('publishing is refused', () => {
	const dated = '# Changelog\n\n## Unreleased\n\n## 0.9.0, 2026-01-31\n\n- Older.\n';
	const workflow = {
		GITHUB_ACTIONS: 'true',
		ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.test',
		GITHUB_REPOSITORY: 'practice-tools/n8n-nodes-eyecloudpro',
		GITHUB_REF_NAME: 'v0.9.0',
	};
	const publish = (env: Record<string, string | undefined> = {}) =>
		run('publishable.mjs', ['--publishing'], { ...workflow, ...env });

	beforeEach(() => write(manifest(), dated));

	test('never, where all is filled in', () => {
		const { status, output } = publish();
		expect([status, output]).toEqual([0, 'n8n-nodes-eyecloudpro 0.9.0 may be published.\n']);
	});

	test.each([
		['repository.url', { repository: undefined }],
		['repository.url', { repository: { url: 'https://gitlab.test/a/b' } }],
		['author.name', { author: { ...filledIn.author, name: 'n8n-nodes-eyecloudpro maintainers' } }],
		['author.email', { author: { ...filledIn.author, email: 'maintainers@example.com' } }],
		['bugs.url', { bugs: undefined }],
		['homepage', { homepage: 'https://api-docs.eyecloudpro.com' }],
	])('without %s', (field, changes) => {
		write({ ...manifest(), ...changes });
		const { status, output } = publish();
		expect([status, output]).toEqual([1, expect.stringContaining(`say yet: ${field}`)]);
	});

	test.each(leadingToPages)('while %s leads elsewhere', (file) => {
		writeFileSync(join(folder, file), readFileSync(join(root, file), 'utf8'));
		const { status, output } = publish();
		expect([status, output]).toEqual([1, expect.stringContaining(`${file} does not lead to`)]);
	});

	test.each([
		[
			'no date in the changelog',
			() => write(manifest(), unreleased.replace(', 2026-01-31', '')),
			{},
		],
		['a machine', () => {}, { GITHUB_ACTIONS: undefined }],
		['no identity', () => {}, { ACTIONS_ID_TOKEN_REQUEST_URL: undefined }],
		['a fork', () => {}, { GITHUB_REPOSITORY: 'somebody/n8n-nodes-eyecloudpro' }],
		['another tag', () => {}, { GITHUB_REF_NAME: 'v0.9.1' }],
	])('for %s', (_, change, env) => {
		change();
		expect(publish(env).status).toBe(1);
	});

	test('as this repository is, what is missing is what docs/publishing.md names', () => {
		const { status, stderr } = spawnSync(process.execPath, ['scripts/publishable.mjs'], {
			cwd: root,
			encoding: 'utf8',
		});
		const documented = readFileSync(join(root, 'docs/publishing.md'), 'utf8');
		const fields = Array.from(stderr.matchAll(/say yet: ([\w.]+)/g), ([, field]) => field);
		expect(status).toBe(fields.length > 0 || /dated heading/.test(stderr) ? 1 : 0);
		for (const field of fields) expect(documented).toContain(`\`${field}\``);
	});
});

describe('workflows', () => {
	interface Job {
		permissions?: Record<string, string>;
		steps: Array<{ uses?: string; run?: string }>;
	}
	interface Workflow {
		permissions?: Record<string, string>;
		jobs: Record<string, Job>;
	}
	const files = join(root, '.github', 'workflows');
	const all = readdirSync(files).map((file) => {
		const text = readFileSync(join(files, file), 'utf8');
		return { file, text, workflow: parse(text) as Workflow };
	});
	const steps = all.flatMap(({ workflow }) =>
		Object.values(workflow.jobs).flatMap((job) => job.steps),
	);

	test('every action is pinned by its commit, with the version beside it', () => {
		for (const { text } of all) {
			const uses = Array.from(text.matchAll(/uses: (.*)/g), ([, action]) => action);
			expect(uses.length).toBeGreaterThan(0);
			for (const action of uses) expect(action).toMatch(/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
		}
	});

	test('nothing may be written; the job that publishes alone may ask for an identity', () => {
		for (const { file, workflow } of all) {
			expect(workflow.permissions).toEqual({ contents: 'read' });
			for (const [name, { permissions }] of Object.entries(workflow.jobs)) {
				const isPublishing = file === 'publish.yml' && name === 'publish';
				const identity = isPublishing ? { contents: 'read', 'id-token': 'write' } : undefined;
				expect(permissions).toEqual(identity);
			}
		}
	});

	test('what they run is there', () => {
		const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
			scripts: Record<string, string>;
		};
		const commands = steps.map(({ run: command }) => command ?? '').join('\n');
		const names = Array.from(
			commands.matchAll(/npm (?:run )?(test|run \w+|build)\b/g),
			([, n]) => n,
		);
		expect(names.sort()).toEqual(['build', 'test', 'test']);
		for (const name of names) expect(Object.keys(scripts)).toContain(name);
		const [, script] = /node (scripts\/\S+)/.exec(commands) ?? [];
		expect(readFileSync(join(root, script), 'utf8')).toContain('publishable');
	});

	test('dependabot looks after the packages and the actions', () => {
		const { updates } = parse(readFileSync(join(root, '.github/dependabot.yml'), 'utf8')) as {
			updates: Array<{ 'package-ecosystem': string }>;
		};
		const ecosystems = updates.map((update) => update['package-ecosystem']);
		expect(ecosystems).toEqual(['npm', 'github-actions']);
	});
});
