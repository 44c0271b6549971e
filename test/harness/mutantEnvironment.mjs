// A Jest environment that runs each test once as it is, and again for each change of the product that the test came
// by, until one turns red. Used by `tools/mutation.mts`, which makes the changes and reads what is found.
import { readFileSync, writeFileSync } from 'node:fs';
import { TestEnvironment } from 'jest-environment-node';

const path = process.env.EYECLOUDPRO_MUTANTS;

export default class MutantEnvironment extends TestEnvironment {
	async setup() {
		await super.setup();
		this.found = JSON.parse(readFileSync(path, 'utf8'));
		// Stryker's code looks here for the change that is on.
		this.stryker = this.global.__stryker__ = {};
	}

	handleTestEvent(event, state) {
		if (event.name === 'run_start') this.addTests(state.rootDescribeBlock);
		if (event.name === 'test_start') this.begin(event.test);
		if (event.name === 'test_done') this.end(event.test);
	}

	addTests(block) {
		const left = this.found.ids.filter((id) => !this.found.killed[id]);
		block.children = block.children.flatMap((child) => {
			if (child.type === 'describeBlock') this.addTests(child);
			if (child.type !== 'test' || child.mode === 'skip' || child.mode === 'todo') return [child];
			child.isOriginal = true;
			const again = (mutant) => ({ ...child, errors: [], isOriginal: false, mutant });
			return [child, ...left.map(again)];
		});
		block.tests = block.children.filter(({ type }) => type === 'test');
	}

	begin(test) {
		this.stryker.hitCount = undefined;
		this.stryker.activeMutant = undefined;
		if (test.isOriginal) {
			this.hits = {};
			this.stryker.currentTestId = 'original';
			if (this.stryker.mutantCoverage) this.stryker.mutantCoverage.perTest = {};
		} else if (test.mutant) {
			this.stryker.currentTestId = undefined;
			const hits = this.hits[test.mutant];
			if (hits === undefined || this.found.killed[test.mutant]) {
				test.mode = 'skip';
				return;
			}
			this.stryker.activeMutant = test.mutant;
			this.stryker.hitCount = 0;
			// A loop without an end.
			this.stryker.hitLimit = hits * 100 + 1000;
		}
	}

	end(test) {
		if (test.isOriginal && test.errors.length === 0) {
			this.hits = this.stryker.mutantCoverage?.perTest?.original ?? {};
			for (const id of Object.keys(this.hits)) this.found.covered[id] = true;
		} else if (test.mutant && test.mode !== 'skip' && test.errors.length > 0) {
			this.found.killed[test.mutant] = test.name;
			test.errors = [];
		}
		this.stryker.activeMutant = undefined;
	}

	async teardown() {
		writeFileSync(path, JSON.stringify(this.found));
		await super.teardown();
	}
}
