// docs/architecture.md is as the house is: its arrows are those between the rooms of nodes/EyeCloudPro, no more and no
// less, and the files that it names are there.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const rooms = ['api', 'catalogue', 'editor', 'operations', 'parameters', 'trigger'];

/** `from to`, by what the files of a room import. */
function importsBetweenRooms(): string[] {
	const arrows = rooms.flatMap((room) => {
		const folder = join(root, 'nodes/EyeCloudPro', room);
		const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
		const imports = sources.join('\n').matchAll(/from '\.\.\/(\w+)/g);
		return Array.from(imports, ({ 1: other }) => `${room} ${other}`);
	});
	return rooms.flatMap((room) =>
		rooms.map((other) => `${room} ${other}`).filter((arrow) => arrows.includes(arrow)),
	);
}

/** The same from Mermaid's `a & b --> c & d`. */
function drawnArrows(): string[] {
	const drawing = /```mermaid\n(.*?)```/s.exec(page)?.[1] ?? '';
	const lines = Array.from(drawing.matchAll(/^ *([\w &]+) --> ([\w &]+)$/gm));
	const arrows = lines.flatMap(([, from, to]) =>
		from.split(' & ').flatMap((one) => to.split(' & ').map((other) => `${one} ${other}`)),
	);
	return arrows.filter((arrow) => arrow.split(' ').every((room) => rooms.includes(room)));
}

test('the drawing shows who imports whom', () => {
	expect(drawnArrows().sort()).toEqual(importsBetweenRooms().sort());
});

test('the files and folders that it names are there', () => {
	const own = readdirSync(root).filter(
		(name) => !['.git', '.cache', 'node_modules'].includes(name),
	);
	const files = own.flatMap((name) => {
		const path = join(root, name);
		const inside = statSync(path).isDirectory() ? readdirSync(path, { recursive: true }) : [];
		return [`/${name}`, ...inside.map((file) => `/${join(name, String(file))}`)];
	});
	const named = Array.from(page.matchAll(/`(?:…\/)?([\w./-]+(?:\.(?:m?[tj]s|svg)|\/))`/g));
	expect(named.length).toBeGreaterThan(60);
	const missing = named
		.map(([, name]) => name.replace(/\/$/, ''))
		.filter((name) => !files.some((file) => file.endsWith(`/${name}`)));
	expect(missing).toEqual([]);
});
