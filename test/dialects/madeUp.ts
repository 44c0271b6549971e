// An API that is otherwise in four points at once, made up by the tests alone: what a first practice may
// meet. Used by the tests here and by those of Check API.
import type { Dialect } from '../simulator/start.ts';

/** What the simulator speaks, and what nothing in the node or its catalogue knows. */
export const madeUpDialect: Partial<Dialect> = {
	ids: 'guid',
	idName: 'id',
	list: 'named',
	oneRecord: 'named',
	created: 'named',
	bulkCreated: 'named',
	expiredToken: 'json400',
	resources: { '/patients': { path: '/crm/people' } },
};

/** What has to stand in the credential's API Differences for it; that IDs are called id, the node finds out. */
export const madeUpDifferences = { patient: { path: '/crm/people' } };
