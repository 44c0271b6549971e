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
	testEnvironment: 'node',
	watchman: false,
	// A busy machine is no reason to fail: what hangs is told all the same, only later.
	testTimeout: 60_000,
	// Most tests wait for the simulator or for n8n, so one worker less than there are cores idles.
	maxWorkers: '100%',
};
