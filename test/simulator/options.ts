// The simulator's options: their defaults, and the rules that flags and control's values must keep.
import Joi from 'joi';
import { rateLimitHeaderStyles, type ResolvedOptions, type SimulatorOptions } from './contract.ts';
import { switchNames, usualDialect, valuesOf } from './dialect.ts';

/** Not the API's address, so that a client which takes one for the other is found out. */
export const audience = 'https://api.eyecloudpro.example';

export const count = Joi.number().integer().min(0);
export const positive = Joi.number().integer().min(1);
export const path = Joi.string().pattern(/^\//);
export const status = Joi.number().integer().min(200).max(599);
const headers = Joi.string().valid(...rateLimitHeaderStyles);

const changeable = {
	latencyMs: count,
	tokenLifetimeSeconds: positive,
	rateLimit: Joi.object({ requestsPerMinute: positive, windowMs: positive, headers }),
	dialect: Joi.object({
		...Object.fromEntries(switchNames.map((name) => [name, Joi.string().valid(...valuesOf(name))])),
		replicaLagMs: count,
		resources: Joi.object().pattern(
			path,
			Joi.object({
				path: Joi.string().pattern(/^(\/[^/]+)+$/),
				idName: Joi.string().pattern(/^\w+$/),
				sortable: Joi.array().items(Joi.string().pattern(/^\w+$/)).min(1),
			}),
		),
	}),
};

export const changesSchema = Joi.object({
	...changeable,
	grantedScopes: Joi.object().pattern(Joi.string(), Joi.array().items(Joi.string())),
});

const optionsSchema = Joi.object({
	...changeable,
	port: Joi.number().integer().min(0).max(65_533),
	seed: Joi.number().integer(),
	patients: Joi.number().integer().min(1).max(1_000_000),
	size: Joi.number().positive().max(1_000),
});

/** What the kinds of faults may say besides. */
const kinds: Record<string, Record<string, Joi.Schema>> = {
	status: {
		status: status.required(),
		headers: Joi.object().pattern(Joi.string(), Joi.string()),
		body: Joi.any(),
	},
	...{ reset: {}, hang: {}, truncate: {}, expireTokens: {}, html: { status } },
	addRecord: { path: path.required(), record: Joi.object() },
	deleteRecord: { path: path.required(), id: positive, position: count },
	redirect: { location: Joi.string().required(), status },
};

export const faultRuleSchema = Joi.object({
	match: Joi.object({
		method: Joi.string().uppercase(),
		path: Joi.string().custom((value: string) => (new RegExp(value), value)),
		page: positive,
		holds: Joi.string(),
		nth: positive,
		times: positive,
	}),
	when: Joi.string().valid('before', 'after'),
	fault: Joi.alternatives()
		.conditional('.kind', {
			switch: Object.entries(kinds).map(([kind, rest]) => ({
				is: kind,
				then: Joi.object({ kind: Joi.string(), ...rest }),
			})),
			otherwise: Joi.object({ kind: Joi.valid(...Object.keys(kinds)).required() }).unknown(),
		})
		.required(),
});

/** All options with defaults for those that aren't given. Throws Joi's error for a wrong one. */
export function resolveOptions(given: SimulatorOptions): ResolvedOptions {
	const options = Joi.attempt(given, optionsSchema, { abortEarly: false }) as SimulatorOptions;
	return {
		...{ port: 0, seed: 2, patients: 1_000, size: 1, latencyMs: 0, tokenLifetimeSeconds: 3_600 },
		...options,
		rateLimit: { requestsPerMinute: 100, windowMs: 60_000, headers: 'none', ...options.rateLimit },
		dialect: { ...usualDialect, ...options.dialect },
	};
}
