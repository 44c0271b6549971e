// With On Error → Continue each failed input item gives one error item, paired with it, whatever failed
// in it. n8n hands the input items on as results where a node throws, so it never may.
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice({ patients: 5 });

/** Good for every item but the second. */
const good = (value: string) => `={{ $json.place === 2 ? $('Nobody').item.json.x : ${value} }}`;
const items = [1, 2, 3].map((place) => ({ place, practice: place === 2 ? 'abc' : '2' }));
const person = { name_first: 'New', name_last: '={{ "P" + $json.place }}' };

const failingIn = {
	'an expression in a column': { columns: mapped({ ...person, email: good('"a@example.com"') }) },
	'the expression of Dry Run': { columns: mapped(person), options: { dryRun: good('false') } },
	'the expression of a practice': { columns: mapped(person), options: { practiceId: good('2') } },
	'a practice that is none': {
		columns: mapped(person),
		options: { practiceId: '={{ $json.practice }}' },
	},
	'the expression of an ID': { columns: mapped(person), recordId: byId(good('1001')) },
	'the expression of a filter': { filters: { email: good('"a@example.com"') } },
	'the expression of Match On': { columns: mapped(person), matchOn: good('"name_last"') },
	'what is sent': { columns: mapped({ ...person, dob: good('"1990-01-02"') }) },
};
const cases: Array<[string, string, keyof typeof failingIn]> = [
	['patient', 'create', 'an expression in a column'],
	['patient', 'create', 'the expression of Dry Run'],
	['patient', 'create', 'the expression of a practice'],
	['patient', 'create', 'a practice that is none'],
	['patient', 'findOrCreate', 'the expression of Match On'],
	['patient', 'get', 'the expression of an ID'],
	['patient', 'count', 'the expression of a filter'],
	['patient', 'getAll', 'the expression of a filter'],
	['frame', 'update', 'the expression of an ID'],
	['priceTier', 'delete', 'the expression of an ID'],
	['patient', 'createMany', 'an expression in a column'],
	['patient', 'createMany', 'the expression of Dry Run'],
	['patient', 'createMany', 'the expression of a practice'],
	['patient', 'createMany', 'a practice that is none'],
	['patient', 'createMany', 'what is sent'],
	['priceTier', 'upsert', 'an expression in a column'],
	['priceTier', 'upsert', 'the expression of Dry Run'],
	['priceTier', 'upsert', 'the expression of a practice'],
	['priceTier', 'upsert', 'the expression of Match On'],
];

test.each(cases)('%s: %s, where %s fails', async (resource, operation, failing) => {
	const parameters = {
		...{ simplify: false, options: {}, matchOn: ['name_last'] },
		...failingIn[failing],
	};
	const batches = operation === 'createMany' ? { batchSize: 1 } : {};
	const { error, items: output } = await practice.run(
		resource,
		operation,
		{ ...parameters, options: { ...parameters.options, ...batches } },
		{ items, continueOnFail: true },
	);
	expect(error).toBeUndefined();
	const ofSecond = output.filter(({ pairedItem }) =>
		JSON.stringify(pairedItem).includes('"item":1'),
	);
	expect(ofSecond).toHaveLength(1);
	expect(Object.keys(ofSecond[0].json)).toEqual(['error', 'message']);
	expect(ofSecond[0].json.error).not.toBe('');
	expect(output.filter(({ json }) => 'place' in json)).toEqual([]);
});

test.each([1, 0])(
	'Create Many in batches of %s: a bad expression in one item',
	async (batchSize) => {
		const { records } = await practice.run(
			'patient',
			'createMany',
			{ ...failingIn['an expression in a column'], options: { batchSize } },
			{ items, continueOnFail: true },
		);
		const isError = records.map((record) => 'error' in record);
		expect(isError).toEqual(batchSize === 1 ? [false, true, false] : [true, true, true]);
		expect(await practice.received('POST')).toHaveLength(batchSize === 1 ? 2 : 0);
	},
);

test.each(['create', 'createMany', 'findOrCreate'])(
	'%s, On Error → Stop: the text names the item, and says what was created before',
	async (operation) => {
		const parameters = { columns: automatic, matchOn: ['name_last'], options: { batchSize: 1 } };
		const people = ['Ada', 'Bea', 'Cid'].map((name) => ({ name_first: name, name_last: name }));
		await practice.simulator.addFault({
			match: { method: 'POST', nth: 3 },
			fault: { kind: 'status', status: 403 },
		});
		const { error } = await practice.run('patient', operation, parameters, { items: people });
		expect(error?.itemIndex ?? error?.message).toBe(2);
		expect(error?.description).toMatch(/\b2\b/);
	},
);

test('Practice Client ID of the credential by expression: each item goes to its own', async () => {
	const practiceId = '={{ [2, 123, 2][$itemIndex] }}';
	for (const operation of ['create', 'createMany']) {
		const credential = await practice.credentialFor({ practiceIds: [2, 123] });
		credential.change({ practiceId });
		const { error, records } = await practice.run(
			'patient',
			operation,
			{ columns: mapped(person) },
			{ items, credential },
		);
		expect(error).toBeUndefined();
		expect(records.map(({ name_last }) => name_last)).toEqual(['P1', 'P2', 'P3']);
	}
	const sentTo = (await practice.received('POST')).map(({ practiceId }) => practiceId);
	expect(sentTo).toEqual(['2', '123', '2', '2', '123']);
});
