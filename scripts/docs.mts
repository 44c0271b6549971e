// Renews what documents take from the source: the table of resources in docs/operations.md, and the picture of
// requests in flight in docs/architecture.md. Called as `npm run docs`; tests compare them.
import { spawnSync } from 'node:child_process';

const tests = ['test/catalogue/resourceTable', 'test/api/inFlightLimit'];
const jest = ['node_modules/jest/bin/jest.js', ...tests];
const { status } = spawnSync(process.execPath, jest, {
	stdio: 'inherit',
	env: { ...process.env, UPDATE_DOCS: '1' },
});
process.exitCode = status ?? 1;
