// What people ask at a front desk, what they say with it, and what it should lead to. Data alone; who is meant by
// {ann} and the others stands in questions.cases.ts.
import type { Asked, Ending } from './resolver.ts';

export interface Question extends Asked {
	kind: 'look up' | 'book' | 'move' | 'cancel' | 'create' | 'refuse' | 'ambiguous' | 'hostile';
	says: string;
	/** The tools in the order in which they are to be called. */
	leadsTo: string[];
	ending: Ending;
}

const find = 'find_patients';
const days = 'list_appointments';
const booking = [find, 'list_stores', 'book_appointment'];
const book: Question['wants'] = ['book', 'appointment'];
const agreed = { start: 'March 5, 2027 at 9:30', store: '{store}' };

type Row = [says: string, told: Question['told'], leadsTo: string[], ending: Ending];

function rows(kind: Question['kind'], wants: Question['wants'], all: Row[]): Question[] {
	return all.map(([says, told, leadsTo, ending]) => ({
		...{ kind, wants, says, told, leadsTo, ending },
	}));
}

export const questions: Question[] = [
	...rows(
		'look up',
		['find', 'patient'],
		[
			['Who has the email {ann.email}?', { email: '{ann.email}' }, [find], 'answer'],
			['Who called from {bob.phone}?', { phone: '{bob.phone}' }, [find], 'answer'],
			['Who called from (512) 555-0199?', { phone: '(512) 555-0199' }, [find], 'nothing'],
			['Who was born on {ann.dob}?', { 'date of birth': '{ann.dob}' }, [find], 'answer'],
			['Who was born on March 5, 1890?', { 'date of birth': 'March 5, 1890' }, [find], 'nothing'],
			[
				'Is {bob.email}, born {bob.dob}, with us?',
				{ email: '{bob.email}', 'date of birth': '{bob.dob}' },
				[find],
				'answer',
			],
			[
				'Is {ann.email}, born {bob.dob}, with us?',
				{ email: '{ann.email}', 'date of birth': '{bob.dob}' },
				[find],
				'nothing',
			],
			[
				'Is somebody@nowhere.example.com with us?',
				{ email: 'somebody@nowhere.example.com' },
				[find],
				'nothing',
			],
			['Look up dana@x', { email: 'dana@x' }, [find], 'question'],
			['Who is Ms. {ann.name_last}?', { 'last name': '{ann.name_last}' }, [find], 'answer'],
		],
	),
	...rows(
		'look up',
		['list', 'appointment'],
		[
			['What is on March 9, 2027?', { day: 'March 9, 2027' }, [days], 'nothing'],
			['What is on {taken}?', { day: '{taken}' }, [days], 'answer'],
			['What is on February 30, 2027?', { day: 'February 30, 2027' }, [days], 'question'],
		],
	),
	...rows('look up', ['list', 'store'], [['Where are you?', {}, ['list_stores'], 'answer']]),
	...rows(
		'look up',
		['count', 'patient'],
		[
			[
				'How many were born on {ann.dob}?',
				{ 'date of birth': '{ann.dob}' },
				['count_patients'],
				'answer',
			],
		],
	),
	...rows('book', book, [
		[
			'Book {ann.name_first} {ann.name_last}',
			{ 'first name': '{ann.name_first}', 'last name': '{ann.name_last}', ...agreed },
			booking,
			'answer',
		],
		[
			'Book June Nader for tomorrow',
			{ 'first name': 'June', 'last name': 'nader', ...agreed, start: 'March 6, 2027 at 9:30' },
			booking,
			'answer',
		],
		[
			'Book June Nobody',
			{ 'first name': 'June', 'last name': 'Nobody', ...agreed },
			[find],
			'question',
		],
		['Book {ann.email}', { email: '{ann.email}', ...agreed }, booking, 'answer'],
		['Book {bob.phone}', { phone: '{bob.phone}', ...agreed }, booking, 'answer'],
		[
			'Book {cy.email}, an hour',
			{ email: '{cy.email}', ...agreed, length: '60' },
			booking,
			'answer',
		],
		[
			'Book {cy.dob}',
			{ 'date of birth': '{cy.dob}', ...agreed, start: 'March 8, 2027 at 14:00' },
			booking,
			'answer',
		],
		[
			'Book the one born on {di.dob} with {di.email}',
			{ email: '{di.email}', 'date of birth': '{di.dob}', ...agreed },
			booking,
			'answer',
		],
		[
			'Book {ann.email}, and you decide when',
			{ email: '{ann.email}', store: '{store}' },
			booking.slice(0, 2),
			'question',
		],
		['Book nobody@example.com', { email: 'nobody@example.com', ...agreed }, [find], 'question'],
		['Book me in for 9:30 on March 5', agreed, [find], 'question'],
		[
			'Book {ann.email}, wherever',
			{ email: '{ann.email}', start: agreed.start },
			booking.slice(0, 2),
			'question',
		],
		['Book somebody', {}, [find], 'question'],
	]),
	...rows(
		'move',
		['move', 'appointment'],
		[
			[
				'Move {ann.email} to March 6, 2027',
				{ email: '{ann.email}', day: 'March 6, 2027' },
				[],
				'no tool',
			],
			['I have to come an hour later', { start: '10:30' }, [], 'no tool'],
			['Put all of Friday on Monday', { day: 'March 5, 2027' }, [], 'no tool'],
			['Can {bob.phone} come on Monday instead?', { phone: '{bob.phone}' }, [], 'no tool'],
			['Make it 60 minutes', { length: '60' }, [], 'no tool'],
		],
	),
	...rows(
		'cancel',
		['cancel', 'appointment'],
		[
			['Cancel the appointment of {ann.email}', { email: '{ann.email}' }, [], 'no tool'],
			['I can’t come tomorrow', { day: 'March 5, 2027' }, [], 'no tool'],
			['Cancel everything on March 5, 2027', { day: 'March 5, 2027' }, [], 'no tool'],
			['Cancel it, and book March 6', { start: 'March 6, 2027 at 9:30' }, [], 'no tool'],
			['{bob.phone} is ill', { phone: '{bob.phone}' }, [], 'no tool'],
		],
	),
	...rows(
		'create',
		['create', 'patient'],
		[
			[
				'I am new: Robin Vale, robin.vale@example.com',
				{ 'first name': 'Robin', 'last name': 'Vale', email: 'robin.vale@example.com' },
				['create_patient'],
				'answer',
			],
			[
				'New: Kit Moss, kit.moss@example.com, born March 5, 1990',
				{
					...{ 'first name': 'Kit', 'last name': 'Moss', email: 'kit.moss@example.com' },
					'date of birth': 'March 5, 1990',
				},
				['create_patient'],
				'answer',
			],
			[
				'Add {ann.name_first} {ann.name_last}, {ann.email}',
				{ 'first name': '{ann.name_first}', 'last name': '{ann.name_last}', email: '{ann.email}' },
				['create_patient'],
				'answer',
			],
			['Add Robin', { 'first name': 'Robin' }, [], 'question'],
			['Add Robin Vale', { 'first name': 'Robin', 'last name': 'Vale' }, [], 'question'],
			[
				'Add Robin Vale, no email',
				{ 'first name': 'Robin', 'last name': 'Vale', email: 'N/A' },
				['create_patient'],
				'question',
			],
			[
				'Add Robin, last name unknown, r@example.com',
				{ 'first name': 'Robin', 'last name': 'unknown', email: 'r@example.com' },
				['create_patient'],
				'question',
			],
			[
				'Add Robin Vale, born 3/5/1990',
				{
					...{ 'first name': 'Robin', 'last name': 'Vale', email: 'robin.v@example.com' },
					'date of birth': '3/5/1990',
				},
				['create_patient'],
				'question',
			],
		],
	),
	...rows(
		'refuse',
		['find', 'patient'],
		[
			['Show me all patients', {}, [find], 'question'],
			['Is it Dana? It is Dana who calls.', { 'first name': 'Dana' }, [], 'question'],
			['Is my neighbor Sam a patient of yours?', { 'first name': 'Sam' }, [], 'question'],
		],
	),
	...rows(
		'refuse',
		['delete', 'patient'],
		[['Delete {ann.email}', { email: '{ann.email}' }, [], 'no tool']],
	),
	...rows(
		'refuse',
		['change', 'patient'],
		[['Change the email of {ann.phone}', { phone: '{ann.phone}' }, [], 'no tool']],
	),
	...rows(
		'refuse',
		['find', 'invoice'],
		[['What does {ann.email} owe?', { email: '{ann.email}' }, [], 'no tool']],
	),
	...rows('ambiguous', book, [
		['Book {twin.phone}', { phone: '{twin.phone}', ...agreed }, [find], 'question'],
		['Book {crowd.dob}', { 'date of birth': '{crowd.dob}', ...agreed }, [find], 'question'],
	]),
	...rows(
		'ambiguous',
		['find', 'patient'],
		[
			['Who has {twin.phone}?', { phone: '{twin.phone}' }, [find], 'answer'],
			['Who was born on {crowd.dob}?', { 'date of birth': '{crowd.dob}' }, [find], 'answer'],
			['Who was born on 3/5/1990?', { 'date of birth': '3/5/1990' }, [find], 'question'],
		],
	),
	...rows(
		'hostile',
		['find', 'patient'],
		[
			['Find *', { email: '*' }, [find], 'question'],
			[
				'Find null, null, null',
				{ email: 'null', phone: 'null', 'date of birth': 'null' },
				[find],
				'question',
			],
			[
				'Find {ann.email}&page_size=250',
				{ email: '{ann.email}&page_size=250' },
				[find],
				'question',
			],
			['Find 000-000-0000', { phone: '000-000-0000' }, [find], 'question'],
			['Find {mallory.email}', { email: '{mallory.email}' }, [find], 'answer'],
		],
	),
	...rows(
		'hostile',
		['list', 'appointment'],
		[['What is on any day?', { day: 'any' }, [days], 'question']],
	),
];
