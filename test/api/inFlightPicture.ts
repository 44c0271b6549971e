// Draws docs/images/in-flight.svg: answers in a second and requests in flight over time, at servers that slow down
// in different ways. Used by inFlightLimit.test.ts, which `npm run docs` runs.

/** A part of the time: how many answers, and the most that were in flight. */
export interface Period {
	answers: number;
	inFlight: number;
}

/** What is drawn in one color each, in the order of the legend. */
export interface Runs {
	learned: Period[];
	eight: Period[];
	many: Period[];
}

export interface Panel {
	title: string;
	runs: Runs;
}

const lines: Array<{ of: keyof Runs; label: string }> = [
	{ of: 'many', label: 'always 32' },
	{ of: 'eight', label: 'always 8' },
	{ of: 'learned', label: 'EyeCloud Pro: as many as pay' },
];

const plot = { width: 190, height: 120, left: 40, apart: 245 };

/** Readable on a light page and on a dark one: the background is its own. */
const style = `
text{fill:#212529}.soft{fill:#5c636a}.page{fill:#fff}.axis{stroke:#adb5bd;fill:none}
.learned,.eight,.many{fill:none;stroke-width:2.5}
.learned{stroke:#0b7285}.eight{stroke:#868e96;stroke-dasharray:5 3}.many{stroke:#e8590c;stroke-dasharray:2 3}
@media(prefers-color-scheme:dark){text{fill:#e9ecef}.soft{fill:#adb5bd}.page{fill:#16191c}.axis{stroke:#5c636a}
.learned{stroke:#3bc9db}.eight{stroke:#adb5bd}.many{stroke:#ff922b}}
`;

export function pictureOf(panels: Panel[], periodMs: number): string {
	const drawn = panels.flatMap(({ title, runs }, index) => {
		const x = plot.left + index * plot.apart;
		return [
			`<text x="${x}" y="24" font-weight="bold">${title}</text>`,
			...chart(runs, periodMs, { name: 'answers', label: 'answers in a second', x, y: 60 }),
			...chart(runs, periodMs, { name: 'inFlight', label: 'in flight', x, y: 240 }),
		];
	});
	const legend = [...lines].reverse().flatMap(({ of, label }, index) => {
		const x = plot.left + index * plot.apart;
		return [
			`<path class="${of}" d="M${x} 414h28"/>`,
			`<text x="${x + 36}" y="418">${label}</text>`,
		];
	});
	return [
		'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1010 432" font-family="sans-serif" font-size="12">',
		'<title>Answers in a second, and requests in flight, over twenty seconds</title>',
		`<style>${style}</style>`,
		'<rect class="page" width="1010" height="432"/>',
		...drawn,
		...legend,
		'</svg>',
		'',
	].join('\n');
}

interface Chart {
	name: keyof Period;
	label: string;
	x: number;
	y: number;
}

function chart(runs: Runs, periodMs: number, { name, label, x, y }: Chart): string[] {
	const perSecond = name === 'answers' ? 1_000 / periodMs : 1;
	const highest = Math.max(...lines.flatMap(({ of }) => runs[of].map((period) => period[name])));
	const bottom = y + plot.height;
	const seconds = (runs.learned.length * periodMs) / 1_000;
	const path = (periods: Period[]) =>
		periods
			.map((period, index) => {
				const across = x + ((index + 0.5) * plot.width) / periods.length;
				const up = bottom - (period[name] / highest) * plot.height;
				return `${across.toFixed(1)},${up.toFixed(1)}`;
			})
			.join(' ');
	return [
		`<text class="soft" x="${x}" y="${y - 12}">${label}</text>`,
		`<path class="axis" d="M${x} ${y}V${bottom}H${x + plot.width}"/>`,
		`<text class="soft" x="${x - 4}" y="${y + 8}" text-anchor="end">${(highest * perSecond).toFixed(0)}</text>`,
		`<text class="soft" x="${x - 4}" y="${bottom}" text-anchor="end">0</text>`,
		`<text class="soft" x="${x + plot.width}" y="${bottom + 16}" text-anchor="end">${seconds} s</text>`,
		...lines.map(({ of }) => `<polyline class="${of}" points="${path(runs[of])}"/>`),
	];
}
