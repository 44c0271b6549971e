// Whether this version may be published: `npm run publishable`, publish.yml, and npm itself before it
// publishes (`prepublishOnly`, with `--publishing`). Runs on a fresh clone, before anything is installed.
import { readFileSync } from 'node:fs';

const isPublishing = process.argv.includes('--publishing');
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const changelog = readFileSync('CHANGELOG.md', 'utf8');

/** What only the owner of the accounts knows; package.json is the one place where it stands. */
function missingDetails({ repository, author, homepage, bugs }) {
	const url = typeof repository === 'string' ? repository : (repository?.url ?? '');
	const page = /^git\+(https:\/\/github\.com\/[\w.-]+\/[\w.-]+)\.git$/.exec(url)?.[1];
	const missing = [];
	if (!page) missing.push('repository.url: git+https://github.com/OWNER/NAME.git');
	if (!author?.name || / maintainers$/.test(author.name)) missing.push('author.name: yours');
	if (!/^[^@\s]+@[^@\s]+$/.test(author?.email ?? '') || /@example\./.test(author.email)) {
		missing.push('author.email: yours, the one of your npm account');
	}
	const place = page ?? 'https://github.com/OWNER/NAME';
	if (!page || bugs?.url !== `${page}/issues`) missing.push(`bugs.url: ${place}/issues`);
	if (!page || !homepage?.startsWith(page)) missing.push(`homepage: ${place}#readme`);
	return missing.map((detail) => `package.json does not say yet: ${detail}`);
}

/** Where the nodes and the credential send people for help; n8n wants the address in the code. */
const LEADING_TO_PAGES = [
	'nodes/EyeCloudPro/documentation.ts',
	'credentials/EyeCloudProOAuth2Api.credentials.ts',
];

function otherPages({ homepage = '' }) {
	const pages = `${homepage.replace(/#readme$/, '')}/blob/main`;
	return LEADING_TO_PAGES.filter((file) => !readFileSync(file, 'utf8').includes(pages)).map(
		(file) => `${file} does not lead to ${pages} yet`,
	);
}

function missingInChangelog({ version }) {
	const heading = new RegExp(`^## ${version.replaceAll('.', '\\.')}, \\d{4}-\\d{2}-\\d{2}$`, 'm');
	return heading.test(changelog)
		? []
		: [`CHANGELOG.md has no dated heading for ${version}: npm run release makes it`];
}

/** Provenance can be had in the workflow alone, and must name this repository and this version. */
function wrongPlace({ repository, version }, environment) {
	if (environment.GITHUB_ACTIONS !== 'true' || !environment.ACTIONS_ID_TOKEN_REQUEST_URL) {
		return ['publish by pushing the tag: without the workflow there is no provenance'];
	}
	const wrong = [];
	if (!repository?.url?.endsWith(`github.com/${environment.GITHUB_REPOSITORY}.git`)) {
		wrong.push(`repository.url does not name ${environment.GITHUB_REPOSITORY}`);
	}
	if (environment.GITHUB_REF_NAME !== `v${version}`) {
		wrong.push(`the tag is ${environment.GITHUB_REF_NAME}, the version ${version}`);
	}
	return wrong;
}

const findings = [
	...missingDetails(manifest),
	...otherPages(manifest),
	...missingInChangelog(manifest),
	...(isPublishing ? wrongPlace(manifest, process.env) : []),
];
for (const finding of findings) console.error(finding);
if (findings.length > 0) {
	console.error(`\n${manifest.name} can't be published yet; docs/publishing.md says how.`);
	process.exitCode = 1;
} else {
	console.log(`${manifest.name} ${manifest.version} may be published.`);
}
