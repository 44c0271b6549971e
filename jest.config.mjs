// Jest's settings for `npm test` and `npm run test:fast`; both come through scripts/test.mts.
export default {
	roots: ['<rootDir>/nodes', '<rootDir>/credentials', '<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	transform: {
		'\\.m?ts$': [
			'@swc/jest',
			{
				jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
				module: { type: 'commonjs' },
			},
		],
	},
	// The node, n8n-core and the test must see one and the same n8n-workflow, or `instanceof` lies.
	moduleNameMapper: {
		'^n8n-core$': '<rootDir>/.cache/n8n/node_modules/n8n-core',
		'^n8n-workflow$': '<rootDir>/.cache/n8n/node_modules/n8n-workflow',
		'^(luxon|zod)$': '<rootDir>/.cache/n8n/node_modules/$1',
	},
	testEnvironment: 'node',
	watchman: false,
	// A busy machine is no reason to fail: what hangs is told all the same, only later.
	testTimeout: 60_000,
	// Most tests wait for the simulator or for n8n, so one worker less than there are cores idles.
	maxWorkers: '100%',
};
