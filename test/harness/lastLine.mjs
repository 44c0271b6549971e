// The last line of a test run, `N passed, N failed`, for people and for whatever counts. A file that can't run
// counts as a test that failed. Named in jest.config.mjs.
export default class LastLine {
	onRunComplete(_, results) {
		const skipped = results.numPendingTests + results.numTodoTests;
		const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
		const more = skipped > 0 ? `, ${skipped} skipped` : '';
		const line = `\n${results.numPassedTests} passed, ${failed} failed${more}\n`;
		// After all that Jest itself says.
		process.once('exit', () => process.stdout.write(line));
	}
}
