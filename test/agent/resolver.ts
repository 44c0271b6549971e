// A model without any cleverness: it knows what a person has said and what tools, schemas and answers tell, by
// their words alone. What it gets right, any model can; what it gets wrong, a word is missing for. Called by
// questions.cases.ts.
import type { ListedTool, McpConnection } from './agentRig.ts';
import { answerIn, type ToolAnswer } from '../harness/asTool.ts';

/** What a person may have said, under the words by which it is known. */
export type Fact =
	| 'email'
	| 'phone'
	| 'date of birth'
	| 'first name'
	| 'last name'
	| 'day'
	| 'start'
	| 'store'
	| 'length';

export interface Asked {
	/** The words that a tool for it is described by: one for what it does, one for with what. */
	wants: [string, string];
	told: Partial<Record<Fact, string>>;
}

/** How it ends: with an answer, without anything found, with a question to the person, or with no tool for it. */
export type Ending = 'answer' | 'nothing' | 'question' | 'no tool';

export interface Resolved {
	calls: Array<{ tool: string; arguments: Record<string, unknown> }>;
	ending: Ending;
	/** What the last tool answered. */
	answer?: ToolAnswer;
}

/** What tools do, in the words of people. */
const synonyms: Record<string, string[]> = {
	find: ['finds', 'get'],
	list: ['lists', 'get'],
	count: ['counts', 'count'],
	create: ['creates', 'create'],
	book: ['books', 'create'],
	move: ['moves', 'update'],
	cancel: ['cancels', 'delete'],
	delete: ['deletes', 'delete'],
	change: ['changes', 'update'],
};

interface Property {
	type?: string;
	description?: string;
}

export class Resolver {
	private readonly calls: Resolved['calls'] = [];

	private answer?: ToolAnswer;

	constructor(
		private readonly tools: ListedTool[],
		private readonly connection: McpConnection,
	) {}

	async resolve({ wants: [doing, what], told }: Asked): Promise<Resolved> {
		const tool = this.tools.find(({ description = '' }) => {
			// What a tool is for stands in its first sentence.
			const [purpose] = description.toLowerCase().split('.');
			const words = purpose.match(/[\w-]+/g) ?? [];
			return (
				synonyms[doing].some((word) => words[0] === word) &&
				words.some((word) => word === what || word === `${what}s`)
			);
		});
		const ending = tool ? await this.use(tool, told) : 'no tool';
		return { calls: this.calls, ending, answer: this.answer };
	}

	private async use(tool: ListedTool, told: Asked['told']): Promise<Ending> {
		const known = Object.keys(told) as Fact[];
		const refused = /(?:^|\. )([\w ]+)s can't be searched/
			.exec(tool.description ?? '')?.[1]
			.toLowerCase();
		if (refused && known.length > 0 && known.every((fact) => fact === refused)) return 'question';
		const { properties = {} } = tool.inputSchema as { properties?: Record<string, Property> };
		const given: Record<string, unknown> = {};
		for (const [name, property] of Object.entries(properties)) {
			const value = await this.valueOf(name, property, told);
			if (value === undefined) return 'question';
			given[name] = value;
		}
		return await this.call(tool.name, given);
	}

	/** Undefined where it has to be asked for. */
	private async valueOf(name: string, property: Property, told: Asked['told']): Promise<unknown> {
		const { description = '', type } = property;
		const words = (description || name.replace(/_/g, ' ')).toLowerCase().replace(/^the /, '');
		const source = /from (\w+)/.exec(description)?.[1];
		if (source) return await this.idFrom(source, name, told);
		const fact = (Object.keys(told) as Fact[]).find((each) => words.startsWith(each));
		if (fact) return formatted(told[fact] ?? '', description, type);
		const usual = /(\d+) unless told/.exec(description)?.[1];
		if (usual) return Number(usual);
		// Without a word on it, a model leaves empty what it was not told.
		return description === '' || description.includes('empty')
			? type === 'number'
				? 0
				: ''
			: undefined;
	}

	/** Of the one record that the tool finds; which of several is for the person to say. */
	private async idFrom(source: string, name: string, told: Asked['told']): Promise<unknown> {
		const tool = this.tools.find((each) => each.name === source);
		if (!tool || (await this.use(tool, told)) !== 'answer') return undefined;
		const records = this.answer?.records ?? [];
		const meant = told.store
			? records.filter((record) => Object.values(record).includes(told.store))
			: [];
		const [record, ...others] = meant.length > 0 ? meant : records;
		const total = Number(this.answer?.head?.total ?? records.length);
		const isCut = total > records.length;
		return others.length > 0 || isCut ? undefined : record?.[name];
	}

	private async call(tool: string, given: Record<string, unknown>): Promise<Ending> {
		this.calls.push({ tool, arguments: given });
		const { text, isError } = await this.connection.call(tool, given);
		if (isError || text === '') return 'question';
		this.answer = answerIn(text);
		if (this.answer.failure !== undefined) return 'question';
		return this.answer.records[0]?.found === 0 ? 'nothing' : 'answer';
	}
}

const months =
	'January February March April May June July August September October November December';

/** As the description asks for it, where it does; a model can write a day in another way. */
function formatted(value: string, description: string, type?: string): unknown {
	if (type === 'number') return Number(value);
	const [, month, day, year] = /^(\w+) (\d+)(?:st|nd|rd|th)?, (\d{4})/.exec(value) ?? [];
	const index = months.split(' ').indexOf(month);
	if (index === -1 || !description.includes('YYYY-MM-DD')) return value;
	const written = `${year}-${String(index + 1).padStart(2, '0')}-${day.padStart(2, '0')}`;
	const clock = /\d+:\d+/.exec(value)?.[0];
	return description.includes('HH:mm')
		? `${written}T${clock?.padStart(5, '0') ?? '??:??'}:00`
		: written;
}
