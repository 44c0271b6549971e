// The examples that write to patients, in a real n8n against the simulator: who gets an email, who is for the
// front desk to call, and that nobody gets anything twice. Called by examples.cases.ts.
import { DateTime } from 'luxon';
import type { ApiRecord } from '../simulator/start.ts';
import type { Rig } from '../harness/realN8n.ts';
import { ExampleRunner, wouldAt } from './runExample.ts';
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

	const add = async (path: string, record: ApiRecord) =>
		await rig().simulator.addRecord(2, path, record);
	const change = async (path: string, id: unknown, changes: ApiRecord) =>
		await rig().simulator.changeRecord(2, path, Number(id), changes);
	const patient = async (name: string, more: ApiRecord = {}) =>
		await add('/patients', { name_first: name, email: `${name}@example.com`, ...more });
	const book = async ({ patient_id }: ApiRecord, start_date: string, more: ApiRecord = {}) =>
		await add('/appointments', {
			...{ patient_id, start_date, status: 'completed' },
			...{ appointment_type: 'Comprehensive Exam', ...more },
		});
	/** The saved workflow, to be run as often as wanted. */
	const saved = async (name: string, settings: Record<string, string | number> = {}) => {
		const id = await runner.save(name, { workflowSettings: { timezone }, settings });
		return { id, run: async () => await runner.runAgain(name, id) };
	};
	/** Whose emails went out, of those whom the case has made. */
	const written = (execution: Execution, node: string) =>
		wouldAt(execution, node)
			.map(({ toEmail }) => toEmail)
			.filter((address) => /^[A-Z].*@example\.com$/.test(address))
			.map((address) => address.split('@')[0])
			.sort();
	/** What the front desk was told of a patient. */
	const toldOf = (execution: Execution, { patient_id }: ApiRecord) =>
		wouldAt(execution, 'Tell the Front Desk')
			.flatMap(({ text }) => text.split('\n'))
			.filter((line) => line.startsWith(`Patient ${String(patient_id)}:`));

	it('recall-after-last-exam: once, to whose last exam is a year ago, and who wants it', async () => {
		const { simulator } = rig();
		await simulator.addField({ path: '/patients', name: 'no_messages', value: false });
		const send = 'Send the Recall';
		const yearAgo = (days = 0) => now().minus({ years: 1, days });
		const due = await patient('Due');
		await book(due, at(yearAgo(3)));
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
		await book(cancelled, at(now().plus({ days: 5 })), { status: ' Cancelled' });
		await book(await patient('LongAgo'), at(yearAgo(45)));
		await book(await patient('Out', { no_messages: true }), at(yearAgo(3)));
		const silent = await patient('Silent', { email: null });
		await book(silent, at(yearAgo(3)));

		const misnamed = await saved('recall-after-last-exam', { 'Opt-Out Field': 'no_mesages' });
		const not = await misnamed.run();
		expect(written(not, send)).toEqual([]);
		expect(toldOf(not, due)[0]).toMatch(/no field 'no_mesages', so nothing was sent$/);

		const { run } = await saved('recall-after-last-exam', { 'Opt-Out Field': 'no_messages' });
		const fault = { kind: 'status', status: 403, body: { message: 'Not now.' } } as const;
		await simulator.addFault({ match: { path: `/patients/${String(due.patient_id)}$` }, fault });
		const first = await run();
		expect(written(first, send)).toEqual(['Cancelled', 'DueToday']);
		expect(toldOf(first, silent)).toEqual([expect.stringMatching(/: no email address$/)]);
		expect(toldOf(first, due)).toHaveLength(1);
		// Who could not be read is not forgotten, and nobody gets it twice.
		expect(written(await run(), send)).toEqual(['Due']);
		const third = await run();
		expect([...written(third, send), ...toldOf(third, silent)]).toEqual([]);
	});

	it('no-shows-and-cancellations: free times for the front desk, an offer to who has no new one, once', async () => {
		const send = 'Offer a New Time';
		const tell = 'Tell Which Times Are Free';
		const ahead = (days: number) => at(now().plus({ days }), '14:30:00');
		const ago = (days: number) => at(now().minus({ days }));
		await book(await patient('NoShow'), ago(1), { status: 'no_show' });
		const both = await patient('Both');
		await book(both, ago(2), { status: 'no_show' });
		const freed = await book(both, ahead(9), { status: 'cancelled' });
		const earlier = await patient('RebookedEarlier');
		await book(earlier, ahead(9), { status: 'cancelled' });
		await book(earlier, ahead(2), { status: 'scheduled' });
		const since = await patient('CameSince');
		await book(since, ago(3), { status: 'no_show' });
		await book(since, ago(1));
		await book(await patient('LongAgo'), ago(12), { status: 'no_show' });
		const phoneless = await patient('Phoneless', { email: '' });
		await book(phoneless, ahead(3), { status: 'cancelled' });

		// Patients are written to in the evening alone.
		const never = await saved('no-shows-and-cancellations', { 'Hour to Write to Patients': 24 });
		expect(written(await never.run(), send)).toEqual([]);
		const { run } = await saved('no-shows-and-cancellations', { 'Hour to Write to Patients': 0 });
		const first = await run();
		expect(written(first, send)).toEqual(['Both', 'NoShow']);
		expect(toldOf(first, phoneless)).toHaveLength(1);
		const line = `${now().plus({ days: 9 }).toFormat('cccc, LLLL d')}, 2:30 PM  appointment ${String(freed.appt_id)}  patient ${String(both.patient_id)}`;
		expect(wouldAt(first, tell)[0].text.split('\n')).toContain(line);
		const again = await run();
		expect([...written(again, send), ...wouldAt(again, tell)]).toEqual([]);
		// Moved, and cancelled again: that is another time that is free.
		await change('/appointments', freed.appt_id, { start_date: ahead(10) });
		const third = await run();
		expect([wouldAt(third, tell).length, written(third, send)]).toEqual([1, ['Both']]);
	});

	it('review-request-after-visit: once a year for each address, after a visit that took place', async () => {
		const send = 'Ask for a Review';
		const ago = (days: number, time?: string) => at(now().minus({ days }), time);
		const visitor = await patient('Visitor');
		await book(visitor, ago(1, '09:00:00'));
		await book(await patient('Sister', { email: 'visitor@EXAMPLE.com' }), ago(1));
		await book(await patient('NoShow'), ago(1), { status: 'no_show' });
		await book(await patient('Today'), ago(0));
		await book(await patient('MadeUpFor'), ago(4));
		await book(await patient('TooLate'), ago(5));
		const { run } = await saved('review-request-after-visit');
		expect(written(await run(), send)).toEqual(['MadeUpFor', 'Visitor']);
		await book(visitor, ago(1, '17:00:00'));
		expect(written(await run(), send)).toEqual([]);
	});

	it('appointment-reminders: an email for each appointment of tomorrow, once', async () => {
		const send = 'Send the Reminder';
		const ahead = (days: number, time: string) => at(now().plus({ days }), time);
		const [ann, bob] = [await patient('Ann'), await patient('Bob')];
		const silent = await patient('Silent', { email: null });
		const moved = await book(ann, ahead(1, '14:30:00'), { status: 'scheduled' });
		await book(bob, ahead(1, '11:00:00'), { status: 'cancelled' });
		await book(bob, ahead(0, '23:59:00'), { status: 'scheduled' });
		await book(bob, ahead(2, '00:00:00'), { status: 'scheduled' });
		await book(silent, ahead(1, '08:00:00'), { status: 'confirmed' });
		const { run } = await saved('appointment-reminders');
		const first = await run();
		expect(wouldAt(first, send).map(({ text }) => text)).toEqual([
			expect.stringMatching(/^Dear Ann,[^]*tomorrow at 2:30 PM\./),
		]);
		expect(toldOf(first, silent)).toHaveLength(1);
		expect(written(await run(), send)).toEqual([]);
		await change('/appointments', moved.appt_id, { start_date: ahead(1, '15:00:00') });
		expect(wouldAt(await run(), send)[0].text).toMatch(/tomorrow at 3:00 PM\./);
	});

	it('order-ready-for-pickup: an email for each order that becomes ready, once, and for no other', async () => {
		const send = 'Tell the Patient';
		const { patient_id, email } = await patient('Ordering');
		const silent = await patient('Silent', { email: null });
		const order = async (more: ApiRecord = {}) =>
			await add('/orders', { patient_id, status: 'open', ...more });
		const [ready, atLab, dated] = [await order(), await order(), await order()];
		const waiting = await order({ status: 'ready' });
		const unreachable = await order({ patient_id: silent.patient_id });
		const changed = async ({ order_id }: ApiRecord, changes: ApiRecord) =>
			await change('/orders', order_id, changes);
		const { id } = await saved('order-ready-for-pickup');
		const first = await runner.polled(id, async () => {
			await changed(ready, { status: 'ready' });
			await changed(unreachable, { status: 'ready' });
			await changed(atLab, { status: 'at_lab' });
			await changed(dated, { order_date: '2030-01-01T10:00:00' });
			await changed(waiting, { notes: 'Called.' });
		});
		const emails = wouldAt(first, send);
		expect(emails.map(({ toEmail }) => toEmail)).toEqual([email]);
		expect(emails[0].text).toContain(`your order ${String(ready.order_id)} is ready`);
		expect(toldOf(first, silent)).toHaveLength(1);
		for (const status of ['at_lab', 'ready']) {
			// What is taken back within five minutes counts as no change, so the notes change as well.
			await changed(ready, { status, notes: `Now ${status}` });
			expect(written(await runner.nextPoll(id), send)).toEqual([]);
		}
	});
}
