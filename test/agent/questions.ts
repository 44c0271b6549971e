// What people ask at a front desk, as what they say, and what it should lead to. Data alone; who is meant by {ann} and
// the others stands in questions.cases.ts.
import type { Asked, Ending, Fact } from './resolver.ts';

export interface Question extends Asked {
	kind: 'look up' | 'book' | 'move' | 'cancel' | 'create' | 'refuse' | 'ambiguous' | 'hostile';
	/** The tools in the order in which they are to be called. */
	leadsTo: string[];
	ending: Ending;
}

type Row = [told: Question['told'], leadsTo: string[], ending: Ending];

function rows(kind: Question['kind'], wants: Question['wants'], all: Row[]): Question[] {
	return all.map(([told, leadsTo, ending]) => ({ kind, wants, told, leadsTo, ending }));
}

const [find, create, days] = [['find_patients'], ['create_patient'], ['list_appointments']];
const looked = [...find, 'list_stores'];
const booked = [...looked, 'book_appointment'];
const agreed = { start: 'March 5, 2027 at 9:30', store: '{store}' };

const email = (value: string) => ({ email: value });
const phone = (value: string) => ({ phone: value });
const born = (value: string): Question['told'] => ({ 'date of birth': value });
const called = (first: string, last: string): Question['told'] => ({
	...{ 'first name': first, 'last name': last },
});
/** Whatever is told of who is to come, and when and where. */
const visit = (told: Question['told'], more: Partial<Record<Fact, string>> = {}) => ({
	...{ ...told, ...agreed, ...more },
});

export const questions: Question[] = [
	...rows(
		'look up',
		['find', 'patient'],
		[
			[email('{ann.email}'), find, 'answer'],
			[phone('{bob.phone}'), find, 'answer'],
			[phone('(512) 555-0199'), find, 'nothing'],
			[born('{ann.dob}'), find, 'answer'],
			[born('March 5, 1890'), find, 'nothing'],
			[{ ...email('{bob.email}'), ...born('{bob.dob}') }, find, 'answer'],
			[{ ...email('{ann.email}'), ...born('{bob.dob}') }, find, 'nothing'],
			[email('somebody@nowhere.example.com'), find, 'nothing'],
			[email('dana@x'), find, 'question'],
			[{ 'last name': '{ann.name_last}' }, find, 'answer'],
		],
	),
	...rows(
		'look up',
		['list', 'appointment'],
		[
			[{ day: 'March 9, 2027' }, days, 'nothing'],
			[{ day: '{taken}' }, days, 'answer'],
			[{ day: 'February 30, 2027' }, days, 'question'],
		],
	),
	...rows('look up', ['list', 'store'], [[{}, ['list_stores'], 'answer']]),
	...rows('look up', ['count', 'patient'], [[born('{ann.dob}'), ['count_patients'], 'answer']]),
	...rows(
		'book',
		['book', 'appointment'],
		[
			[visit(called('{ann.name_first}', '{ann.name_last}')), booked, 'answer'],
			[visit(called('June', 'nader'), { start: 'March 6, 2027 at 9:30' }), booked, 'answer'],
			[visit(called('June', 'Nobody')), find, 'question'],
			[visit(email('{ann.email}')), booked, 'answer'],
			[visit(phone('{bob.phone}')), booked, 'answer'],
			[visit(email('{cy.email}'), { length: '60' }), booked, 'answer'],
			[visit(born('{cy.dob}'), { start: 'March 8, 2027 at 14:00' }), booked, 'answer'],
			[visit({ ...email('{di.email}'), ...born('{di.dob}') }), booked, 'answer'],
			[visit(email('nobody@example.com')), find, 'question'],
			[visit({}), find, 'question'],
			[{}, find, 'question'],
			[{ ...email('{ann.email}'), store: '{store}' }, looked, 'question'],
			[{ ...email('{ann.email}'), start: agreed.start }, looked, 'question'],
		],
	),
	...rows(
		'move',
		['move', 'appointment'],
		[
			[{ ...email('{ann.email}'), day: 'March 6, 2027' }, [], 'no tool'],
			[{ start: '10:30' }, [], 'no tool'],
		],
	),
	...rows(
		'cancel',
		['cancel', 'appointment'],
		[
			[email('{ann.email}'), [], 'no tool'],
			[{ day: 'March 5, 2027' }, [], 'no tool'],
		],
	),
	...rows(
		'create',
		['create', 'patient'],
		[
			[{ ...called('Robin', 'Vale'), ...email('robin.vale@example.com') }, create, 'answer'],
			[
				{ ...called('Kit', 'Moss'), ...email('kit.moss@example.com'), ...born('March 5, 1990') },
				...([create, 'answer'] as const),
			],
			[
				{ ...called('{ann.name_first}', '{ann.name_last}'), ...email('{ann.email}') },
				create,
				'answer',
			],
			[{ 'first name': 'Robin' }, [], 'question'],
			[called('Robin', 'Vale'), [], 'question'],
			[{ ...called('Robin', 'Vale'), ...email('N/A') }, create, 'question'],
			[{ ...called('Robin', 'unknown'), ...email('r@example.com') }, create, 'question'],
			[
				{ ...called('Robin', 'Vale'), ...email('robin.v@example.com'), ...born('3/5/1990') },
				...([create, 'question'] as const),
			],
		],
	),
	...rows(
		'refuse',
		['find', 'patient'],
		[
			[{}, find, 'question'],
			[{ 'first name': 'Sam' }, [], 'question'],
		],
	),
	...rows('refuse', ['delete', 'patient'], [[email('{ann.email}'), [], 'no tool']]),
	...rows('refuse', ['change', 'patient'], [[phone('{ann.phone}'), [], 'no tool']]),
	...rows('refuse', ['find', 'invoice'], [[email('{ann.email}'), [], 'no tool']]),
	...rows(
		'ambiguous',
		['book', 'appointment'],
		[
			[visit(phone('{twin.phone}')), find, 'question'],
			[visit(born('{crowd.dob}')), find, 'question'],
		],
	),
	...rows(
		'ambiguous',
		['find', 'patient'],
		[
			[phone('{twin.phone}'), find, 'answer'],
			[born('{crowd.dob}'), find, 'answer'],
			[born('3/5/1990'), find, 'question'],
		],
	),
	...rows(
		'hostile',
		['find', 'patient'],
		[
			[email('*'), find, 'question'],
			[{ ...email('null'), ...phone('null'), ...born('null') }, find, 'question'],
			[email('{ann.email}&page_size=250'), find, 'question'],
			[phone('000-000-0000'), find, 'question'],
			[email('{mallory.email}'), find, 'answer'],
		],
	),
	...rows('hostile', ['list', 'appointment'], [[{ day: 'any' }, days, 'question']]),
];
