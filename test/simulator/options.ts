// The simulator's options: their defaults, and the rules that flags and control's bodies must keep,
// so that a misspelled switch in a test is an error and not a test of something else.
import Joi from 'joi';
import {
	rateLimitHeaderStyles,
	type FaultRule,
	type NewField,
	type NewOAuthClient,
	type NewResource,
	type RefusedSort,
	type ResetWhat,
	type ResolvedOptions,
	type SimulatorChanges,
	type SimulatorOptions,
	type TokenFault,
} from './contract.ts';
import { switchNames, usualDialect, valuesOf } from './dialect.ts';

/** Not the API's address, so that a client which takes one for the other is found out. */
export const audience = 'https://api.eyecloudpro.example';

const headers = Joi.string().valid(...rateLimitHeaderStyles);
const count = Joi.number().integer().min(0);
const positive = Joi.number().integer().min(1);

const dialect = Joi.object({
	...Object.fromEntries(switchNames.map((name) => [name, Joi.string().valid(...valuesOf(name))])),
	replicaLagMs: count,
	resources: Joi.object().pattern(
		Joi.string().pattern(/^\//),
		Joi.object({
			path: Joi.string().pattern(/^(\/[^/]+)+$/),
			idName: Joi.string().pattern(/^\w+$/),
			sortable: Joi.array().items(Joi.string().pattern(/^\w+$/)).min(1),
		}),
	),
});

const changeable = {
	latencyMs: count,
	tokenLifetimeSeconds: positive,
	rateLimit: Joi.object({ requestsPerMinute: positive, windowMs: positive, headers }),
	dialect,
};

const changesSchema = Joi.object({
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

const path = Joi.string().pattern(/^\//);
const status = Joi.number().integer().min(200).max(599);
const record = Joi.object();
const kinds = {
	status: {
		status: status.required(),
		headers: Joi.object().pattern(Joi.string(), Joi.string()),
		body: Joi.any(),
	},
	reset: {},
	hang: {},
	truncate: {},
	html: { status },
	expireTokens: {},
	addRecord: { path: path.required(), record },
	deleteRecord: { path: path.required(), id: positive, position: count },
	redirect: { location: Joi.string().required(), status },
};

const faultSchema = Joi.alternatives().conditional('.kind', {
	switch: Object.entries(kinds).map(([kind, rest]) => ({
		is: kind,
		then: Joi.object({ kind: Joi.string(), ...rest }),
	})),
	otherwise: Joi.object({
		kind: Joi.string()
			.valid(...Object.keys(kinds))
			.required(),
	}).unknown(),
});

const faultRulesSchema = Joi.array()
	.single()
	.items(
		Joi.object({
			match: Joi.object({
				method: Joi.string().uppercase(),
				path: Joi.string().custom((value: string) => (new RegExp(value), value)),
				page: positive,
				holds: Joi.string(),
				nth: positive,
				times: positive,
			}),
			when: Joi.string().valid('before', 'after'),
			fault: faultSchema.required(),
		}),
	);

const newClientSchema = Joi.object({
	clientId: Joi.string(),
	scopes: Joi.array().items(Joi.string()),
	practiceIds: Joi.array().items(Joi.number().integer()),
	grantTypes: Joi.array()
		.items(Joi.string().valid('client_credentials', 'authorization_code', 'refresh_token'))
		.min(1),
	public: Joi.boolean(),
});

const newFieldSchema = Joi.object({
	path: path.required(),
	name: Joi.string().pattern(/^\w+$/).required(),
	value: Joi.any().required(),
	sortable: Joi.boolean(),
});

const newResourceSchema = Joi.object({
	path: path.required(),
	idField: Joi.string().pattern(/^\w+$/).required(),
});

const refusedSortSchema = Joi.object({
	path: path.required(),
	field: Joi.string().required(),
});

const tokenFaultSchema = Joi.object({
	status: status.required(),
	body: Joi.any(),
	times: positive,
});

const ofClientSchema = Joi.object({ clientId: Joi.string().required() });

const resetSchema = Joi.object({ data: Joi.boolean(), options: Joi.boolean() });

/** Throws Joi's error, with a message for whoever wrote the value. */
function checked<T>(schema: Joi.Schema, value: unknown): T {
	const result = schema.required().validate(value, { abortEarly: false });
	if (result.error) throw result.error;
	return result.value as T;
}

export const checkedChanges = (value: unknown) => checked<SimulatorChanges>(changesSchema, value);
export const checkedFaultRules = (value: unknown) => checked<FaultRule[]>(faultRulesSchema, value);
export const checkedNewClient = (value: unknown) => checked<NewOAuthClient>(newClientSchema, value);
export const checkedNewField = (value: unknown) => checked<NewField>(newFieldSchema, value);
export const checkedNewResource = (value: unknown) =>
	checked<NewResource>(newResourceSchema, value);
export const checkedRefusedSort = (value: unknown) =>
	checked<RefusedSort>(refusedSortSchema, value);
export const checkedTokenFault = (value: unknown) => checked<TokenFault>(tokenFaultSchema, value);
export const checkedOfClient = (value: unknown) =>
	checked<{ clientId: string }>(ofClientSchema, value);
export const checkedReset = (value: unknown) => checked<ResetWhat>(resetSchema, value);

/** All options with defaults for those that aren't given. Throws Joi's error for a wrong one. */
export function resolveOptions(given: SimulatorOptions): ResolvedOptions {
	const options = checked<SimulatorOptions>(optionsSchema, given);
	return {
		port: options.port ?? 0,
		seed: options.seed ?? 2,
		patients: options.patients ?? 1_000,
		size: options.size ?? 1,
		latencyMs: options.latencyMs ?? 0,
		tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? 3_600,
		rateLimit: {
			requestsPerMinute: options.rateLimit?.requestsPerMinute ?? 100,
			windowMs: options.rateLimit?.windowMs ?? 60_000,
			headers: options.rateLimit?.headers ?? 'none',
		},
		dialect: { ...usualDialect, ...options.dialect },
	};
}
