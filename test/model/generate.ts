// Cases by chance: each kind of setting and of trouble about as often as it helps to find something.
// Called by the tests in this folder; the same seed gives the same cases.
import { Random } from '../harness/random.ts';
import {
	finds,
	sendsBatches,
	type CaseItem,
	type ItemFault,
	type Nothing,
	type Operation,
	type ResourceName,
	type SettingsCase,
} from './settingsCase.ts';

const resources: Record<Operation, Partial<Record<ResourceName, number>>> = {
	get: { patient: 3, frame: 1 },
	getAll: { patient: 3, frame: 1 },
	count: { patient: 3, frame: 1 },
	create: { patient: 5, priceTier: 2, frame: 1 },
	createMany: { patient: 5, priceTier: 2, frame: 1 },
	findOrCreate: { patient: 6, frame: 1 },
	upsert: { frame: 1 },
	update: { frame: 2, priceTier: 3 },
	delete: { priceTier: 1 },
};

const creating: Operation[] = ['create', 'createMany', 'findOrCreate', 'upsert'];

const crashes = ['withoutProgress', 'withProgress', 'recovered', 'recoveredWithProgress'] as const;

/** How often each operation comes. */
export type Weights = Partial<Record<Operation, number>>;

export function generated(random: Random, weights: Weights): SettingsCase {
	const operation = random.weighted(weights as Record<Operation, number>);
	const resource = random.weighted(resources[operation] as Record<ResourceName, number>);
	const isCreating = creating.includes(operation);
	const isWriting = isCreating || operation === 'update' || operation === 'delete';
	const settings: SettingsCase = { operation, resource, runs: [] };

	const onError = random.weighted({ stop: 4, continueRegularOutput: 4, continueErrorOutput: 2 });
	if (onError !== 'stop') settings.onError = onError;
	if (random.chance(0.5)) settings.tries = random.whole(2, 5);
	if (random.chance(0.15)) settings.byHand = true;
	if ((isCreating || operation === 'update') && random.chance(0.3)) settings.automatic = true;
	if (isWriting && operation !== 'delete' && !settings.automatic && random.chance(0.3)) {
		settings.varies = true;
	}
	if (sendsBatches(operation) && random.chance(0.6)) settings.batchSize = random.whole(1, 4);
	if (finds(operation)) settings.matchOn = matchOn(random, resource);
	if (isCreating && random.chance(0.12)) settings.atOnce = random.whole(2, 3);
	if (isCreating && random.chance(0.05)) settings.nodes = 2;

	const practice = random.weighted({ usual: 6, option: 1, mixed: 2, nothing: 1, refused: 0.5 });
	if (practice === 'option') settings.practice = 123;
	if (practice !== 'usual' && random.chance(0.3)) settings.practiceIn = 'credential';
	if (isWriting && random.chance(0.08)) settings.dryRun = true;
	const someDryRun = isWriting && random.chance(0.08);

	const runs = random.weighted({ one: 8, two: 1.5, three: 0.5 });
	const most = operation === 'delete' || operation === 'update' ? 4 : 12;
	const trouble = random.weighted({ none: 1, one: 5, some: 3, many: 1 });
	for (let run = 0; run < { one: 1, two: 2, three: 3 }[runs]; run++) {
		const count = random.chance(0.7) ? random.whole(1, 3) : random.whole(1, most);
		const items = Array.from({ length: count }, (): CaseItem => ({}));
		const chosen = random.whole(0, count - 1);
		for (const [index, item] of items.entries()) {
			const isTroubled = {
				none: false,
				one: index === chosen && run === 0,
				some: random.chance(0.3),
				many: random.chance(0.7),
			}[trouble];
			if (isTroubled) addTrouble(random, item, settings);
			if (practice === 'mixed' && random.chance(0.5)) item.practice = 123;
			if (practice === 'nothing' && (index === chosen || random.chance(0.3))) {
				item.practice = nothing(random);
			}
			if (practice === 'refused' && index === chosen) item.practice = 999;
			if (someDryRun && random.chance(0.5)) {
				item.dryRun = random.chance(0.15) ? nothing(random) : random.chance(0.8);
			}
			if (finds(operation) && random.chance(0.4)) {
				const isThere =
					random.chance(0.4) && ['email', 'phone', 'sku'].includes(settings.matchOn?.[0] ?? '');
				item.who = isThere ? -random.whole(1, 3) : random.whole(1, 3);
			}
		}
		settings.runs.push(items);
	}
	// One token expires, once.
	const expired = settings.runs.flat().filter(({ fault }) => fault?.how === 'expired');
	for (const { fault } of expired.slice(1)) if (fault) fault.how = 'limited';
	addRetries(random, settings, isWriting);
	return settings;
}

function addRetries(random: Random, settings: SettingsCase, isWriting: boolean): void {
	const isKilled = isWriting && random.chance(0.06);
	if (isKilled) {
		settings.killed = random.of(crashes);
		// What a person starts is not stored before it ends.
		delete settings.byHand;
		// Where it ends in the first of two, the second has not run: that is the case of one.
		if (settings.nodes) settings.killedInSecond = true;
	} else if (settings.onError || !random.chance(0.6)) return;
	else if (random.chance(0.05)) settings.failsBefore = true;
	settings.retries = Array.from({ length: random.whole(1, 2) }, () => ({
		...(random.chance(0.5) ? { restarted: true as const } : {}),
		...(random.chance(0.3) ? { loadWorkflow: true as const } : {}),
	}));
}

function matchOn(random: Random, resource: ResourceName): SettingsCase['matchOn'] {
	if (resource === 'frame') return ['sku'];
	const one = [['email'], ['email'], ['phone'], ['name_last']] as const;
	return [...random.of([...one, ['email', 'name_last'], ['dob', 'name_last']] as const)];
}

function nothing(random: Random): Nothing {
	return random.of(['undefined', 'null', 'blank'] as const);
}

function addTrouble(random: Random, item: CaseItem, { operation }: SettingsCase): void {
	const isReading = ['get', 'getAll', 'count'].includes(operation);
	const kind = random.weighted({ throws: 1, nothing: 1.5, value: 1, refused: 1, fault: 6 });
	if (kind === 'nothing') item.fails = nothing(random);
	else if (kind !== 'fault') item.fails = kind;
	if (kind !== 'fault') return;
	const how: ItemFault['how'] = random.weighted({
		...{ refused: 3, limited: 1, expired: 0.7 },
		...{ reset: 3, '500': 1, truncated: 1, page: 0.7 },
	});
	const fault: ItemFault = (item.fault = { how });
	const isUnknown = ['reset', '500', 'page'].includes(how);
	if (isUnknown && !isReading && random.chance(0.5)) fault.after = true;
	if (how === 'limited') fault.times = random.whole(1, 2);
	else if (how !== 'expired' && random.chance(0.4)) fault.times = random.of([2, 3, 99]);
	if (finds(operation) && random.chance(0.2)) fault.inSearch = true;
}
