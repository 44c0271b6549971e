// Jest's projects. `npm run test:fast` runs the first; `npm test` also the package and the real n8n; `npm run
// test:all` all of them.

/** Each takes more than two seconds; together they take four minutes. */
const slow = [
	'api/{answers,completeList,expiredToken,failures,returnAll,sharedLimit,sortedSearch,waiting}',
	'dialects/*',
	'editor/*',
	'hostile/*',
	'model/*',
	'operations/{agentsHands,checkApi,everyOperation,getAccess,matching,reading,severalAtOnce}',
	'parameters/{emptied,headings,lookUp,output,writtenDates}',
	'trigger/*',
].map((file) => `**/test/${file}.test.ts`);

const withPackage = ['package', 'n8n', 'browser', 'queue', 'agent', 'versions'];

const project = (displayName, testMatch, more) => ({
	displayName,
	testMatch,
	testEnvironment: 'node',
	transform: {
		'\\.m?ts$': [
			'@swc/jest',
			{
				jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
				module: { type: 'commonjs' },
			},
		],
	},
	roots: ['<rootDir>/nodes', '<rootDir>/credentials', '<rootDir>/test'],
	...more,
});

const inFolder = (folder) => [`**/test/${folder}/**/*.test.ts`];

export default {
	projects: [
		project('fast', [
			...inFolder('*'),
			...slow.map((file) => `!${file}`),
			...withPackage.map((folder) => `!**/test/${folder}/**`),
		]),
		project('slow', slow),
		project('probe', ['**/tools/probe.ts'], { roots: ['<rootDir>/tools'] }),
		...withPackage.map((folder) =>
			project(folder === 'n8n' ? 'real' : folder, inFolder(folder), {
				globalSetup: '<rootDir>/test/harness/packedPackage.ts',
			}),
		),
	],
	reporters: ['default', '<rootDir>/test/harness/lastLine.mjs'],
	watchman: false,
	// A busy machine is no reason to fail: what hangs is told all the same, only later.
	testTimeout: 300_000,
	// Most tests wait for the simulator or for n8n, so one worker less than there are cores idles.
	maxWorkers: '100%',
};
