// Renews what documents take from the source: the table of resources in docs/operations.md. Called as
// `npm run docs`; a test compares them.
import { spawnSync } from 'node:child_process';

const jest = ['node_modules/jest/bin/jest.js', 'test/catalogue/resourceTable'];
const { status } = spawnSync(process.execPath, jest, {
	stdio: 'inherit',
	env: { ...process.env, UPDATE_DOCS: '1' },
});
process.exitCode = status ?? 1;
