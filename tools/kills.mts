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
	const seed = Number(values.seed);
	const { added, missed, doubles } = await killPolls({ tarball, kills, hasDurableCursors, seed });
	console.log(`${name}: ${added} records added, ${missed.length} missed, ${doubles} twice`);
	isRight &&= missed.length === 0 && (!hasDurableCursors || doubles === 0);
}
process.exitCode = isRight ? 0 : 1;
