// The cells of the table that do not hold yet, by dialect: each is a defect of the node. Read by
// table.test.ts, which fails as well where one of them holds, and by pairwise.test.ts, which leaves out what
// is listed here.

const allCells = 'all';

const readsOfLists = [
	'Get Many, Return All',
	'Get Many, Limit and Sort',
	'Get Many, a filter',
	'Count',
	'Find or Create',
	'Trigger, created',
	'Trigger, changed',
	'Editor, lists',
	'Rate limit',
];
const createsAlone = ['Create', 'Find or Create', 'Create, with references'];
const createsInBulk = ['Create Many', 'Create Many, over 100 kB', 'Rate limit'];

const openCells: Partial<Record<string, string[] | typeof allCells>> = {
	'expiredToken=json400': allCells,
	'expiredToken=json403': allCells,
	'expiredToken=json500': allCells,
	'missingPath=json': allCells,
	'missingPath=html': allCells,
	'missingPath=notFound': allCells,
	'inFront=html403': allCells,
	'inFront=html503': allCells,
	'tooLargeBody=html413': ['Create Many, over 100 kB'],
	'tooLargeBody=json400': ['Create Many, over 100 kB'],
	'tooLargeBody=json500': ['Create Many, over 100 kB'],
	'errorWithStatus200=yes': [
		'Get Many, an unknown filter',
		'Get, not there',
		'Create, refused',
		'Create, an unknown field',
		'Create Many, refused',
		'Trigger, created',
		'Trigger, changed',
		'Editor, lists',
	],
	'list=named': readsOfLists,
	'list=namedOnly': readsOfLists,
	'oneRecord=named': ['Get', 'Update'],
	'oneRecord=statusNamed': ['Get', 'Update'],
	'created=named': ['Create'],
	'created=statusNamed': ['Create'],
	'created=location': createsAlone,
	'created=empty': createsAlone,
	'created=noContent': createsAlone,
	'bulkCreated=named': createsInBulk,
	'bulkCreated=ids': createsInBulk,
	'bulkCreated=count': createsInBulk,
	'bulkCreated=empty': createsInBulk,
	'bulkRefused=key': ['Create Many, refused'],
	'bulkRefused=alternatives': ['Create Many, refused'],
	'unknownParameter=ignored': ['Get Many, an unknown filter'],
	'idName=long': ['Delete'],
	'idName=id': ['Delete', 'Editor, lists'],
};

export function isOpen(variant: string, cell: string): boolean {
	const open = openCells[variant];
	return open === allCells || (open?.includes(cell) ?? false);
}

export function hasOpenCells(variant: string): boolean {
	return openCells[variant] !== undefined;
}
