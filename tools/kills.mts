// `npm run kills -- [--kills N] [--seed N]`: an activated trigger in a real n8n that is killed in the middle
// of polls, with n8n's durable cursors and without; what was missed and what came twice.
import { parseArgs } from 'node:util';
import { killPolls } from '../test/n8n/killedPolls.ts';
import { packPackage } from '../test/harness/packedPackage.ts';

const { values } = parseArgs({
	options: { kills: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
});
const kills = Number(values.kills);

const tarball = await packPackage();
let isRight = true;
for (const hasDurableCursors of [true, false]) {
	const name = hasDurableCursors ? 'With durable cursors' : 'Without durable cursors';
	const onKill = (kill: number) => console.log(`${name}: killed ${kill} of ${kills} times`);
	const outcome = await killPolls({
		...{ tarball, kills, hasDurableCursors, onKill },
		seed: Number(values.seed),
	});
	console.log(
		`${name}: ${outcome.kills} kills, ${outcome.killedWhileAsking} of them during a request; ` +
			`${outcome.added} records added, ${outcome.executions} executions, ${outcome.requests} requests; ` +
			`${outcome.missed.length} missed, ${outcome.doubles} twice`,
	);
	isRight &&= outcome.missed.length === 0 && (!hasDurableCursors || outcome.doubles === 0);
}
process.exitCode = isRight ? 0 : 1;
