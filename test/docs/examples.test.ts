// What README.md and docs/ show is tried: each block of parameters runs in n8n-core against the simulator,
// and what the document says comes out does come out. A block is fenced as `json items` (what comes in),
// `json parameters`, or `json output`; the three stand in this order, the first and the last as needed.
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IDataObject } from 'n8n-workflow';

import { resources } from '../../nodes/EyeCloudPro/catalogue';
import { account } from '../../nodes/EyeCloudPro/catalogue/account';
import { operationsOf } from '../../nodes/EyeCloudPro/operations';
import { Poller } from '../harness/pollNode.ts';

const root = join(__dirname, '../..');
const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`)]
	.filter((file) => file.endsWith('.md'))
	.sort();

interface Example {
	title: string;
	parameters: IDataObject;
	items?: IDataObject[];
	output?: IDataObject[];
}

function examplesIn(document: string): Example[] {
	const text = readFileSync(join(root, document), 'utf8');
	const examples: Example[] = [];
	let items: IDataObject[] | undefined;
	for (const { 1: kind, 2: json, index } of text.matchAll(/^```json *(\w*)\n(.*?)^```/gms)) {
		const line = text.slice(0, index).split('\n').length;
		const value = JSON.parse(json) as IDataObject & IDataObject[];
		if (kind === 'items') items = value;
		else if (kind === 'parameters') {
			const what = `${String(value.resource)}, ${String(value.operation ?? value.event)}`;
			examples.push({ title: `${document}:${line} ${what}`, parameters: value, items });
			items = undefined;
		} else if (kind === 'output') examples[examples.length - 1].output = value;
		else throw new Error(`${document}:${line}: nobody knows what to do with ${kind}`);
	}
	return examples;
}

const examples = documents.flatMap(examplesIn);
const practice = simulatedPractice({ patients: 1_000 });

test('there are examples of all operations and of both events', () => {
	const shown = new Set(examples.map(({ parameters: { operation, event } }) => operation ?? event));
	const offered = [...resources, account].flatMap(operationsOf).map(({ value }) => value);
	expect([...shown].sort()).toEqual([...new Set([...offered, 'created', 'changed'])].sort());
});

test.each(examples)('$title', async ({ parameters, items, output }) => {
	const { operation, event } = parameters;
	const records =
		event === undefined
			? await runAction(String(operation), parameters, items)
			: await runTrigger(String(event), parameters);
	expect(records.length).toBeGreaterThan(0);
	if (output) expect(records).toMatchObject(output);
});

async function runAction(operation: string, parameters: IDataObject, items?: IDataObject[]) {
	const { resource, ...others } = parameters;
	const result = await practice.run(String(resource), operation, others, { items });
	expect(result.error).toBeUndefined();
	return result.records;
}

/** After the first poll a record is added, or a price is changed to 99. */
async function runTrigger(event: string, parameters: IDataObject) {
	const { simulator, credential } = practice;
	const poller = new Poller({ credential, parameters });
	expect((await poller.poll()).error).toBeUndefined();
	const watched = resources.find(({ value }) => value === parameters.resource);
	const path = `/${watched?.path.join('/')}`;
	if (event === 'created') await simulator.addRecord(2, path);
	else await simulator.changeRecord(2, path, 105, { price: 99 });
	const { records, error } = await poller.poll();
	expect(error).toBeUndefined();
	return records;
}
