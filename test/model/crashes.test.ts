// n8n dies, and the Retry button is pressed when it runs again: in whichever node it died, and in whichever
// way it stores what had happened.
import { crashes } from './generate.ts';
import { settingsCase, simulated } from './play.ts';
import type { SettingsCase } from './settingsCase.ts';

simulated();

const cases = crashes.flatMap((killed) =>
	[undefined, true].flatMap((killedInSecond) =>
		[1, 2].map((runs) => ({ killed, killedInSecond, runs })),
	),
);

test.each(cases)('$killed; in the second node: $killedInSecond; runs: $runs', async (one) => {
	for (const operation of ['create', 'createMany', 'delete'] as const) {
		const settings: SettingsCase = {
			operation,
			resource: 'priceTier',
			runs: Array.from({ length: one.runs }, () => [{}, {}, {}]),
			killed: one.killed,
			...(one.killedInSecond && { killedInSecond: true, nodes: 2 }),
			retries: [{ restarted: true }, {}],
		};
		await settingsCase(settings);
	}
});
