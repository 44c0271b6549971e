// The simulator's options: their defaults, and the rules that flags must keep. Used by main.ts.
import Joi from 'joi';
import { rateLimitHeaderStyles, type ResolvedOptions, type SimulatorOptions } from './contract.ts';
import { switches, usualDialect } from './dialect.ts';

/** Not the API's address, so that a client which takes one for the other is found out. */
export const audience = 'https://api.eyecloudpro.example';

const count = Joi.number().integer().min(0);
const positive = Joi.number().integer().min(1);

const schema = Joi.object({
	port: count.max(65_533).default(0),
	seed: Joi.number().integer().default(2),
	patients: positive.max(1_000_000).default(1_000),
	size: Joi.number().positive().max(1_000).default(1),
	latencyMs: count.default(0),
	tokenLifetimeSeconds: positive.default(3_600),
	rateLimit: Joi.object({
		requestsPerMinute: positive.default(100),
		windowMs: positive.default(60_000),
		headers: Joi.valid(...rateLimitHeaderStyles).default('none'),
	}).default({ requestsPerMinute: 100, windowMs: 60_000, headers: 'none' }),
	dialect: Joi.object({
		...Object.fromEntries(
			Object.entries(switches).map(([name, values]) => [name, Joi.valid(...values)]),
		),
		replicaLagMs: count,
		resources: Joi.object().pattern(
			/^(\/[^/]+)+$/,
			Joi.object({
				path: Joi.string().pattern(/^(\/[^/]+)+$/),
				idName: Joi.string(),
				sortable: Joi.array().items(Joi.string()).min(1),
			}),
		),
	}),
});

/** All options with defaults for those that aren't given. Throws Joi's error for a wrong one. */
export function resolveOptions(given: SimulatorOptions): ResolvedOptions {
	const options = Joi.attempt(given, schema, { abortEarly: false }) as ResolvedOptions;
	return { ...options, dialect: { ...usualDialect, ...options.dialect } };
}
