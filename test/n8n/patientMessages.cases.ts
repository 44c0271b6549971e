// The examples that write to patients, in a real n8n against the simulator: who gets an email, who is for the
// front desk to call, and that nobody gets anything twice. Called by examples.cases.ts.
import { DateTime } from 'luxon';
import type { ApiRecord } from '../simulator/start.ts';
import { closedAddress } from '../harness/ports.ts';
import type { Rig } from '../harness/realN8n.ts';
import { readExample } from './example.ts';
import { ExampleRunner, itemsAt, wouldAt, type FilledIn } from './runExample.ts';
import type { Execution } from '../harness/startN8n.ts';

/** Far from UTC, so that a day of another zone shows. */
const timezone = 'Pacific/Auckland';
const now = () => DateTime.now().setZone(timezone);
/** As the API writes the clock of the practice. */
const at = (day: DateTime, time = '10:00:00') => `${day.toISODate()}T${time}`;

export function patientMessageCases(rig: () => Rig): void {
	let runner: ExampleRunner;
	beforeAll(async () => {
		runner = new ExampleRunner(rig(), await rig().saveCredential(rig().simulator.clients.group));
	});

	const { add, change, patient, book } = {
		add: async (path: string, record: ApiRecord) =>
			await rig().simulator.addRecord(2, path, record),
		change: async (path: string, id: unknown, changes: ApiRecord) =>
			await rig().simulator.changeRecord(2, path, Number(id), changes),
		patient: async (name: string, more: ApiRecord = {}) =>
			await add('/patients', { name_first: name, email: `${name}@example.com`, ...more }),
		book: async ({ patient_id }: ApiRecord, start_date: string, more: ApiRecord = {}) =>
			await add('/appointments', {
				...{ patient_id, start_date, status: 'completed' },
				...{ appointment_type: 'Comprehensive Exam', ...more },
			}),
	};

	const save = async (name: string, filledIn: FilledIn = {}) =>
		await runner.save(name, { workflowSettings: { timezone }, ...filledIn });
	/** Whose emails went out, of those whom the case has made. */
	const written = (execution: Execution, node: string) =>
		wouldAt(execution, node)
			.map(({ toEmail }) => toEmail)
			.filter((address) => address.endsWith('@example.com') && /^[A-Z]/.test(address))
			.map((address) => address.split('@')[0])
			.sort();
	/** What the front desk was told of a patient. */
	const toldOf = (execution: Execution, { patient_id }: ApiRecord) =>
		wouldAt(execution, 'Tell the Front Desk')
			.flatMap(({ text }) => text.split('\n'))
			.filter((line) => line.startsWith(`Patient ${String(patient_id)}:`));

	describe('recall-after-last-exam', () => {
		const name = 'recall-after-last-exam';
		const send = 'Send the Recall';
		const yearAgo = (days = 0) => now().minus({ years: 1, days });

		it('writes once to each patient whose last exam is a year ago and who has none booked', async () => {
			await book(await patient('Due'), at(yearAgo(3)));
			await book(await patient('DueToday'), at(yearAgo(), '23:30:00'));
			await book(await patient('DueTomorrow'), at(yearAgo(-1), '00:15:00'));
			const two = await patient('TwoExams');
			await book(two, at(yearAgo(3)));
			await book(two, at(now().minus({ months: 3 })));
			const booked = await patient('Booked');
			await book(booked, at(yearAgo(3)));
			await book(booked, at(now().plus({ months: 2 })), { status: 'scheduled' });
			const cancelled = await patient('Cancelled');
			await book(cancelled, at(yearAgo(3)));
			const next = await book(cancelled, at(now().plus({ days: 5 })), { status: ' Cancelled' });
			const another = await patient('OtherKind');
			await book(another, at(yearAgo(3)));
			await book(another, at(now().minus({ days: 9 })), { appointment_type: 'Pick-up' });
			await book(await patient('LongAgo'), at(yearAgo(45)));
			await patient('NoExam');
			const silent = await patient('Silent', { email: null });
			await book(silent, at(yearAgo(3)));
			await book(await patient('Blank', { email: ' ' }), at(yearAgo(3)));
			await book({ patient_id: 999_999 }, at(yearAgo(3)));

			const id = await save(name);
			const first = await runner.runAgain(name, id);
			expect(written(first, send)).toEqual(['Cancelled', 'Due', 'DueToday', 'OtherKind']);
			expect(toldOf(first, silent)).toEqual([expect.stringMatching(/: no email address$/)]);
			expect(toldOf(first, { patient_id: 999_999 })).toEqual([
				expect.stringMatching(/no such record/),
			]);
			for (const { subject, text } of wouldAt(first, send)) {
				expect(subject).toBe('A note from Example Eye Care');
				expect(text).not.toMatch(/undefined|null|Exam\b|\[/);
			}

			const again = await runner.runAgain(name, id);
			expect(written(again, send)).toEqual([]);
			expect(toldOf(again, silent)).toEqual([]);
			// Booked again and moved: there is nothing to recall, and the next exam starts another year.
			await change('/appointments', next.appt_id, {
				...{ status: 'scheduled', start_date: at(now().plus({ days: 40 })) },
			});
			expect(written(await runner.runAgain(name, id), send)).toEqual([]);
		});

		it('writes to nobody who opted out, and to nobody where the field is not there', async () => {
			const { simulator } = rig();
			await simulator.addField({ path: '/patients', name: 'no_messages', value: false });
			const [willing, out] = [await patient('Willing'), await patient('Out')];
			for (const each of [willing, out]) await book(each, at(yearAgo(3)));
			await change('/patients', out.patient_id, { no_messages: true });
			const settings = { 'Opt-Out Field': 'no_messages' };
			const asked = await runner.runByHand(name, { settings, workflowSettings: { timezone } });
			expect(written(asked, send)).toEqual(['Willing']);
			expect(toldOf(asked, out)).toEqual([]);
			const misnamed = { 'Opt-Out Field': 'no_mesages' };
			const not = await runner.runByHand(name, {
				...{ settings: misnamed, workflowSettings: { timezone } },
			});
			expect(written(not, send)).toEqual([]);
			expect(toldOf(not, willing)).toEqual([
				expect.stringMatching(/no field 'no_mesages', so nothing was sent$/),
			]);
		});

		it('stops with a sentence where a field has another name, and goes on where nothing is found', async () => {
			await book(await patient('Due'), at(yearAgo(3)));
			const run = async (settings: Record<string, string | number>) =>
				await rig().n8n.runWorkflow(await save(name, { settings }), 'Every Day at 9 AM');
			const wrong = await run({ 'Status Field': 'state' });
			expect(wrong.error?.message).toMatch(
				/No appointment has a field 'state'. Correct 'Status Field' in Settings/,
			);
			expect((await run({ 'Start Field': 'begin' })).error?.message).toMatch(/can't be sorted by/);
			const empty = await run({ 'Types of Exams': 'Nothing of This Kind' });
			expect(empty.error).toBeUndefined();
			expect(itemsAt(empty, send)).toEqual([]);
		});

		it('goes on after an outage: nobody is left out, and nobody gets it twice', async () => {
			const { simulator } = rig();
			const [one, other] = [await patient('One'), await patient('Other')];
			for (const each of [one, other]) await book(each, at(yearAgo(3)));
			const id = await save(name);
			const refused = { kind: 'status', status: 403, body: { message: 'Not now.' } } as const;
			await simulator.addFault({ match: { path: '/appointments', times: 99 }, fault: refused });
			const down = await rig().n8n.runWorkflow(id, 'Every Day at 9 AM');
			expect(down.error?.message).toBeDefined();
			await simulator.clearFaults();
			await simulator.addFault(
				{ match: { path: `/patients/${String(one.patient_id)}$` }, fault: refused },
				{
					match: { path: `/patients/${String(other.patient_id)}$` },
					fault: { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
				},
			);
			const half = await runner.runAgain(name, id);
			expect(written(half, send)).toEqual(['Other']);
			expect(toldOf(half, one)).toHaveLength(1);
			expect(written(await runner.runAgain(name, id), send)).toEqual(['One']);
			expect(written(await runner.runAgain(name, id), send)).toEqual([]);
		});

		it('tells the front desk who was not reached where the mail account refuses, and does not try again', async () => {
			const [one, other] = [await patient('One'), await patient('Other')];
			for (const each of [one, other]) await book(each, at(yearAgo(3)));
			const port = Number(new URL(await closedAddress()).port);
			const account = { host: '127.0.0.1', port, secure: false, user: '', password: '' };
			const { id: mailId, name: mail } = await rig().n8n.createCredential(
				...(['Nobody There', account, 'smtp'] as const),
			);
			const nodes = readExample(name)
				.nodes.filter((node) => node.name === send)
				.map((node) => ({ ...node, credentials: { smtp: { id: mailId, name: mail } } }));
			const id = await save(name, { nodes });
			const first = await runner.runAgain(name, id);
			for (const each of [one, other]) {
				expect(toldOf(first, each)).toEqual([expect.stringMatching(/ECONNREFUSED/)]);
			}
			expect(toldOf(await runner.runAgain(name, id), one)).toEqual([]);
		});
	});

	describe('no-shows-and-cancellations', () => {
		const name = 'no-shows-and-cancellations';
		const send = 'Offer a New Time';
		const always = { 'Hour to Write to Patients': 0 };
		const ahead = (days: number) => at(now().plus({ days }), '14:30:00');

		it('tells the front desk of free times, and writes to who has no new one, once', async () => {
			const noShow = await patient('NoShow');
			await book(noShow, at(now().minus({ days: 1 })), { status: 'no_show' });
			const both = await patient('Both');
			await book(both, at(now().minus({ days: 2 })), { status: 'no_show' });
			const freed = await book(both, ahead(9), { status: 'cancelled' });
			const earlier = await patient('RebookedEarlier');
			await book(earlier, ahead(9), { status: 'cancelled' });
			await book(earlier, ahead(2), { status: 'scheduled' });
			const since = await patient('CameSince');
			await book(since, at(now().minus({ days: 3 })), { status: 'no_show' });
			await book(since, at(now().minus({ days: 1 })), { status: 'completed' });
			const moved = await patient('Moved');
			await book(moved, ahead(4), { status: 'confirmed' });
			const phoneless = await patient('Phoneless', { email: '' });
			await book(phoneless, ahead(3), { status: 'cancelled' });
			await book(await patient('LongAgo'), at(now().minus({ days: 12 })), { status: 'no_show' });

			const id = await save(name, { settings: always });
			const first = await runner.runAgain(name, id);
			expect(written(first, send)).toEqual(['Both', 'NoShow']);
			expect(toldOf(first, phoneless)).toHaveLength(1);
			const [free, ...others] = wouldAt(first, 'Tell Which Times Are Free');
			expect(others).toEqual([]);
			const line = `${now().plus({ days: 9 }).toFormat('cccc, LLLL d')}, 2:30 PM  appointment ${String(freed.appt_id)}  patient ${String(both.patient_id)}`;
			expect(free.text.split('\n')).toContain(line);
			expect(free.subject).toMatch(/^\d+ appointments were cancelled$/);

			const again = await runner.runAgain(name, id);
			expect(written(again, send)).toEqual([]);
			expect(wouldAt(again, 'Tell Which Times Are Free')).toEqual([]);
			// Taken back, moved, and cancelled again: that is another time that is free.
			await change('/appointments', freed.appt_id, {
				...{ status: 'cancelled', start_date: ahead(10) },
			});
			const third = await runner.runAgain(name, id);
			expect(wouldAt(third, 'Tell Which Times Are Free')).toHaveLength(1);
			expect(written(third, send)).toEqual(['Both']);
		});

		it('writes to patients in the evening alone, and then of the whole day', async () => {
			const cancelled = await patient('Cancelled');
			const { appt_id } = await book(cancelled, ahead(6), { status: 'cancelled' });
			const never = await save(name, { settings: { 'Hour to Write to Patients': 24 } });
			const before = await runner.runAgain(name, never);
			expect(written(before, send)).toEqual([]);
			expect(wouldAt(before, 'Tell Which Times Are Free')[0].text).toContain(
				`appointment ${String(appt_id)} `,
			);
		});
	});

	it('review-request-after-visit: once a year for each address, after a visit that took place', async () => {
		const name = 'review-request-after-visit';
		const send = 'Ask for a Review';
		const yesterday = (time?: string) => at(now().minus({ days: 1 }), time);
		const visitor = await patient('Visitor');
		await book(visitor, yesterday('09:00:00'));
		await book(visitor, yesterday('16:00:00'));
		await book(await patient('Sister', { email: 'visitor@EXAMPLE.com' }), yesterday());
		await book(await patient('NoShow'), yesterday(), { status: 'no_show' });
		await book(await patient('Today'), at(now()));
		await book(await patient('MadeUpFor'), at(now().minus({ days: 4 })));
		await book(await patient('TooLate'), at(now().minus({ days: 5 })));
		const silent = await patient('Silent', { email: null });
		await book(silent, yesterday());
		const id = await save(name);
		const first = await runner.runAgain(name, id);
		expect(written(first, send)).toEqual(['MadeUpFor', 'Visitor']);
		expect(toldOf(first, silent)).toEqual([]);
		expect(wouldAt(first, send)[0].text).toContain('https://example.com/review');
		await book(visitor, yesterday('17:00:00'));
		expect(written(await runner.runAgain(name, id), send)).toEqual([]);
	});

	it('appointment-reminders: an email for each appointment of tomorrow, once', async () => {
		const name = 'appointment-reminders';
		const send = 'Send the Reminder';
		const tomorrow = (time: string) => at(now().plus({ days: 1 }), time);
		const [ann, bob] = [await patient('Ann'), await patient('Bob')];
		const silent = await patient('Silent', { email: null });
		const moved = await book(ann, tomorrow('14:30:00'), { status: 'scheduled' });
		await book(bob, tomorrow('09:15:00'), { status: 'confirmed' });
		await book(bob, tomorrow('11:00:00'), { status: 'cancelled' });
		await book(bob, at(now(), '23:59:00'), { status: 'scheduled' });
		await book(bob, at(now().plus({ days: 2 }), '00:00:00'), { status: 'scheduled' });
		await book(silent, tomorrow('08:00:00'), { status: 'scheduled' });
		const id = await save(name);
		const first = await runner.runAgain(name, id);
		expect(written(first, send)).toEqual(['Ann', 'Bob']);
		const texts = wouldAt(first, send).map(({ text }) => text);
		expect(texts.find((text) => text.startsWith('Dear Ann,'))).toMatch(/tomorrow at 2:30 PM\./);
		expect(texts.find((text) => text.startsWith('Dear Bob,'))).toMatch(/tomorrow at 9:15 AM\./);
		expect(toldOf(first, silent)).toHaveLength(1);
		expect(written(await runner.runAgain(name, id), send)).toEqual([]);
		await change('/appointments', moved.appt_id, { start_date: tomorrow('15:00:00') });
		const third = await runner.runAgain(name, id);
		expect(wouldAt(third, send).map(({ text }) => text)).toEqual([
			expect.stringMatching(/tomorrow at 3:00 PM\./),
		]);
	});

	it('order-ready-for-pickup: an email for each order that becomes ready, once, and for no other', async () => {
		const name = 'order-ready-for-pickup';
		const { patient_id, email } = await patient('Ordering');
		const silent = await patient('Silent', { email: null });
		const order = async (more: ApiRecord = {}) =>
			await add('/orders', { patient_id, status: 'open', ...more });
		const [ready, atLab, dated, waiting] = [
			...[await order(), await order(), await order()],
			await order({ status: 'ready' }),
		];
		const unreachable = await order({ patient_id: silent.patient_id });
		const id = await save(name);
		const first = await runner.polledAgain(id, async () => {
			await change('/orders', ready.order_id, { status: 'ready' });
			await change('/orders', unreachable.order_id, { status: 'ready' });
			await change('/orders', atLab.order_id, { status: 'at_lab' });
			await change('/orders', dated.order_id, { order_date: '2030-01-01T10:00:00' });
			await change('/orders', waiting.order_id, { notes: 'Called.' });
		});
		const emails = wouldAt(first, 'Tell the Patient');
		expect(emails.map(({ toEmail }) => toEmail)).toEqual([email]);
		expect(emails[0].text).toContain(`your order ${String(ready.order_id)} is ready`);
		expect(toldOf(first, silent)).toHaveLength(1);
		await change('/orders', ready.order_id, { status: 'at_lab' });
		expect(written(await runner.nextPoll(id), 'Tell the Patient')).toEqual([]);
		await change('/orders', ready.order_id, { status: 'ready', notes: 'New lenses.' });
		const again = await runner.nextPoll(id);
		expect(itemsAt(again, 'Keep What Is Ready')).toHaveLength(1);
		expect(written(again, 'Tell the Patient')).toEqual([]);
	});
}
