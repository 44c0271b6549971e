// Renews what the README takes from the catalogue. Called as `npm run docs`; a test compares the two.
import { spawnSync } from 'node:child_process';

const jest = ['node_modules/jest/bin/jest.js', 'test/unit/readme'];
const { status } = spawnSync(process.execPath, jest, {
	stdio: 'inherit',
	env: { ...process.env, UPDATE_DOCS: '1' },
});
process.exitCode = status ?? 1;
