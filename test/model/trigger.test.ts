// Thousands of lives of a trigger, each in a world of its own: nothing missed, nothing twice, nothing without a reason.
// `EYECLOUDPRO_WORLDS=5000` plays more of them, `EYECLOUDPRO_WORLD=17` one, with both that many from there on.
import { live, type Life } from './triggerLife.ts';

jest.mock('../../nodes/EyeCloudPro/api/page', () => ({
	...jest.requireActual<object>('../../nodes/EyeCloudPro/api/page'),
	// Small pages make of small lists long ones.
	LARGEST_PAGE: 20,
}));

const { EYECLOUDPRO_WORLDS, EYECLOUDPRO_WORLD } = process.env;
const first = Number(EYECLOUDPRO_WORLD ?? 1);
const worlds = Number(EYECLOUDPRO_WORLDS ?? (EYECLOUDPRO_WORLD ? 1 : 2_000));

/** Found something once, that the first ones did not. */
const foundOnce = EYECLOUDPRO_WORLD ? [] : [3_474];

test(`${worlds} worlds`, async () => {
	const lives: Life[] = [];
	const faults: string[] = [];
	for (const seed of [...Array.from({ length: worlds }, (_, more) => first + more), ...foundOnce]) {
		const life = await live(seed);
		lives.push(life);
		if (life.faults.length > 0) faults.push(`${life.title}\n  ${life.faults.join('\n  ')}`);
	}
	const sum = (of: (life: Life) => number) => lives.reduce((all, life) => all + of(life), 0);
	const requests = sum((life) => life.requests);
	const minimum = sum((life) => life.minimum);
	console.log(
		`${worlds} worlds: ${sum((life) => life.polls)} polls, ${sum((life) => life.delivered)} handed on, ${requests} requests, ` +
			`${(requests / minimum).toFixed(2)} times as many as it takes at least; ${faults.length} worlds with faults`,
	);
	expect(faults.slice(0, 12).join('\n')).toBe('');
}, 600_000);
