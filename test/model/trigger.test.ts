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
const worlds = Number(EYECLOUDPRO_WORLDS ?? (EYECLOUDPRO_WORLD ? 1 : 1_500));

test(`${worlds} worlds`, async () => {
	const faults: string[] = [];
	for (let seed = first; seed < first + worlds; seed++) faults.push(...(await live(seed)));
	expect(faults.slice(0, 12).join('\n')).toBe('');
}, 600_000);
