// Thousands of lives of a trigger, each in a world of its own: nothing missed, nothing twice, nothing without a reason.
// `EYECLOUDPRO_WORLDS=5000` plays more of them, `EYECLOUDPRO_WORLD=17` one, with both that many from there on.
import { live } from './triggerLife.ts';

jest.mock('../../nodes/EyeCloudPro/api/page', () => ({
	...jest.requireActual<object>('../../nodes/EyeCloudPro/api/page'),
	// Small pages make of small lists long ones.
	LARGEST_PAGE: 20,
}));

const { EYECLOUDPRO_WORLDS, EYECLOUDPRO_WORLD } = process.env;
const first = Number(EYECLOUDPRO_WORLD ?? 1);
const worlds = Number(EYECLOUDPRO_WORLDS ?? (EYECLOUDPRO_WORLD ? 1 : 2_000));

/** Found something once, that the first ones did not. */
const foundOnce = EYECLOUDPRO_WORLD ? [] : [3_032, 3_474, 4_286];

test(`${worlds} worlds`, async () => {
	const sum = { polls: 0, delivered: 0, requests: 0 };
	const faults: string[] = [];
	for (const seed of [...Array.from({ length: worlds }, (_, more) => first + more), ...foundOnce]) {
		const life = await live(seed);
		for (const name of ['polls', 'delivered', 'requests'] as const) sum[name] += life[name];
		if (life.faults.length > 0) faults.push(`${life.title}\n  ${life.faults.join('\n  ')}`);
	}
	console.log(`${worlds} worlds: ${JSON.stringify(sum)}`);
	expect(faults.slice(0, 12).join('\n')).toBe('');
}, 600_000);
