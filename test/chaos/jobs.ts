// All jobs of a chaos run, and how often each comes. Read by chaos.ts.
import type { MakeJob } from './job.ts';
import { count, getFiltered, getLimit, returnAll, stores } from './readingJobs.ts';
import { tiers } from './tierJobs.ts';
import { create, createGoingOn, createMany, createWithRetry, findOrCreate } from './writingJobs.ts';

/** By what they are called in the report. */
export const jobs = {
	'Return All': returnAll,
	'Get Many with a limit': getLimit,
	'Get Many with a filter': getFiltered,
	Count: count,
	Create: create,
	'Create, Retry On Fail': createWithRetry,
	'Create, Continue On Fail': createGoingOn,
	'Create Many': createMany,
	'Find or Create': findOrCreate,
	'Price tiers': tiers,
	Stores: stores,
} satisfies Record<string, MakeJob>;

export type JobName = keyof typeof jobs;

export const weights: Record<JobName, number> = {
	'Return All': 3,
	'Get Many with a limit': 2,
	'Get Many with a filter': 1,
	Count: 1,
	Create: 2,
	'Create, Retry On Fail': 3,
	'Create, Continue On Fail': 3,
	'Create Many': 3,
	'Find or Create': 3,
	'Price tiers': 2,
	Stores: 1,
};
