// Each operation in each way that the API may answer: any two values of any two switches, and any value with any
// operation, at least once. `EYECLOUDPRO_SEED=13` puts them together otherwise.
import { byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import { FakeClock } from '../harness/fakeClock.ts';
import { useClock } from '../harness/fastTime.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';
import { switches, usualDialect, type Dialect } from '../simulator/dialect.ts';
import { allPairs, type Factors } from './allPairs.ts';
import { cells, Scene, textOf } from './cells.ts';
import { madeUpDialect, madeUpDifferences } from './madeUp.ts';

const SEED = Number(process.env.EYECLOUDPRO_SEED ?? 12);

/** With these, nothing but a sentence comes out. */
const leavesNothing = ['inFront', 'missingPath'];

const factors: Factors = {
	operation: Object.keys(cells),
	replicaLagMs: ['0', '200'],
	...Object.fromEntries(
		Object.entries(switches)
			.filter(([name]) => !leavesNothing.includes(name))
			.map(([name, values]) => [name, [...values]]),
	),
};
const combinations = allPairs(factors, SEED);
// A whole page and a bit.
const practice = simulatedPractice({ patients: 260, size: 0.05, dialect: {} });
const credentials = new Map<number, StoredCredential>();

/** Those that begin with a token which is over. */
beforeAll(async () => {
	const { simulator } = practice;
	await simulator.configure({ tokenLifetimeSeconds: 1 });
	const begin = async ({ expiredToken }: Record<string, string>, index: number) => {
		if (expiredToken === 'json401') return;
		const credential = await practice.credentialFor({ practiceIds: [2] });
		await practice.run('store', 'count', {}, { credential });
		credentials.set(index, credential);
	};
	await Promise.all(combinations.map(begin));
	await simulator.configure({ tokenLifetimeSeconds: 3_600 });
	await new Promise((resolve) => setTimeout(resolve, 1_100));
});

// Time stands still but for waits, from the real time on, or no token would ever be over.
beforeEach(() => useClock(new FakeClock(Date.now())));

async function sceneIn(dialect: Partial<Dialect>, credential = practice.credential) {
	await practice.simulator.configure({ dialect });
	return new Scene(practice, { ...usualDialect, ...dialect }, credential);
}

function unusual(dialect: Record<string, string>): string {
	const usual = usualDialect as Record<string, unknown>;
	const other = Object.entries(dialect).filter(([name, value]) => value !== usual[name]);
	return other.map(([name, value]) => `${name}=${value}`).join();
}

const together = combinations.map(({ operation, replicaLagMs, ...dialect }, index) => {
	return { operation, lagMs: Number(replicaLagMs), dialect, index, title: unusual(dialect) };
});

test.each(together)('$operation: $title', async ({ operation, lagMs, dialect, index }) => {
	const differences = { priceTier: { updateMethod: dialect.updateMethod } };
	const credential = credentials.get(index) ?? practice.credential;
	credential.change({ apiDifferences: JSON.stringify(differences) });
	const spoken = { ...dialect, replicaLagMs: lagMs } as Partial<Dialect>;
	await cells[operation](await sceneIn(spoken, credential));
});

test.each(Object.keys(cells))('%s: an API that is otherwise in many points', async (operation) => {
	practice.credential.change({ apiDifferences: JSON.stringify(madeUpDifferences) });
	await cells[operation](await sceneIn(madeUpDialect));
});

const elsewhere = {
	'/patients': { path: '/crm/people' },
	'/configurations/pricetiers': { path: '/setup/tiers' },
};

/** Something else than the API answers, or the path is not there, which is named and not an ID alone. */
const refusals = [
	...['html403', 'html503'].map((inFront) => ({
		...{ title: `inFront=${inFront}`, dialect: { inFront } },
		says: /in front|firewall|proxy|on the way|between/i,
	})),
	...switches.missingPath.map((missingPath) => ({
		...{ title: `missingPath=${missingPath}`, dialect: { missingPath, resources: elsewhere } },
		says: /\/(patients|configurations\/pricetiers)\b/,
	})),
];

const person = { name_first: 'Ann', name_last: 'Lee', email: 'ann.lee@example.com' };

test.each(refusals)('$title: a sentence, and nothing is done', async ({ dialect, says }) => {
	const scene = await sceneIn(dialect as Partial<Dialect>);
	const paths = Object.keys(elsewhere);
	const stored = async () => await Promise.all(paths.map(async (path) => await scene.stored(path)));
	const before = await stored();
	const columns = mapped({ ...person, tier_name: 'Staff' });
	const recordId = byId('1');
	const runs = [
		...['getAll', 'count', 'get', 'create', 'findOrCreate'].map((name) => ['patient', name]),
		...['update', 'delete', 'upsert', 'createMany'].map((name) => ['priceTier', name]),
	];
	for (const [resource, operation] of runs) {
		const matchOn = [resource === 'patient' ? 'email' : 'tier_name'];
		const result = await scene.run(resource, operation, { columns, recordId, matchOn });
		expect([operation, textOf(result)]).toEqual([operation, expect.stringMatching(says)]);
	}
	expect(await stored()).toEqual(before);
});
