// What each workflow of examples/ does in a real n8n, against the simulator: what reaches the services that
// it is for, and what stands in the practice's books. Called by examples.cases.ts.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { answerIn } from '../harness/asTool.ts';
import { startScriptedModel } from '../agent/scriptedModel.ts';
import type { ApiRecord } from '../simulator/start.ts';
import { readExample, readyToRun } from './example.ts';
import { eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';
import { chainFrom, type Execution } from '../harness/startN8n.ts';
import { ExampleRunner, flat, itemsAt, wouldAt } from './runExample.ts';

export function exampleRuns(rig: () => Rig): void {
	let runner: ExampleRunner;
	beforeAll(async () => {
		runner = new ExampleRunner(rig(), await rig().saveCredential(rig().simulator.clients.group));
	});

	const add = async (path: string, record: ApiRecord = {}) =>
		await rig().simulator.addRecord(2, path, record);

	it('new-patients-to-google-sheets: a row for each new patient', async () => {
		let added: ApiRecord = {};
		const execution = await runner.polled('new-patients-to-google-sheets', async () => {
			added = await add('/patients', { name_last: 'Sheet' });
		});
		const { patient_id, name_first, email, phone, create_date } = added;
		const [row, ...others] = itemsAt(execution, 'Add or Update the Row');
		expect(others).toEqual([]);
		expect(row).toMatchObject({
			...{ 'Patient ID': patient_id, 'First Name': name_first, 'Last Name': 'Sheet' },
			...{ Email: email, Phone: phone, Created: create_date },
		});
		expect(flat(row.would)).toMatchObject({ 'columns.matchingColumns.0': 'Patient ID' });
	});

	it('nightly-price-book-sync: what changed, what is new and what is gone', async () => {
		const { simulator } = rig();
		const [changed, gone, touched] = await simulator.records(2, '/pricebooks/frames');
		let added: ApiRecord = {};
		const workflowId = await runner.save('nightly-price-book-sync');
		const execution = await runner.polledAgain(workflowId, async () => {
			const id = Number(changed.frame_id);
			await simulator.changeRecord(2, '/pricebooks/frames', id, { price: 77 });
			await simulator.changeRecord(2, '/pricebooks/frames', Number(touched.frame_id), { cost: 1 });
			await simulator.deleteRecord(2, '/pricebooks/frames', { id: Number(gone.frame_id) });
			added = await add('/pricebooks/frames', { description: 'Half round', price: 120 });
		});
		const address = (frame: ApiRecord) => `https://shop.example.com/api/frames/${frame.frame_id}`;
		const put = wouldAt(execution, 'Put It into the Shop');
		expect(put.map(({ url }) => url).sort()).toEqual([changed, added].map(address).sort());
		const bodies = put.map(({ jsonBody }) => JSON.parse(jsonBody) as unknown);
		expect(bodies).toContainEqual({
			...{ sku: changed.sku, name: changed.description, price: 77, available: changed.active },
		});
		expect(wouldAt(execution, 'Take It Off the Shop')).toEqual([]);
		// What is gone counts when two polls have not seen it.
		const taken = wouldAt(await runner.nextPoll(workflowId), 'Take It Off the Shop');
		expect(taken.map(({ url, method }) => [method, url])).toEqual([['DELETE', address(gone)]]);
	});

	it('vendor-frames-nightly: what is new and what differs, and which rows were refused', async () => {
		const { simulator } = rig();
		const path = '/pricebooks/frames';
		const [first, second] = await simulator.records(2, path);
		const row = ({ sku, description, brand, price }: ApiRecord) =>
			[sku, description, brand, price].map((value) => `"${String(value)}"`).join();
		const csv = [
			'SKU,Name,Brand,Price',
			row({ ...first, price: 321.5 }),
			row(second),
			'V-1,Half round,Example,99',
			'V-2,Rimless,Example,149.00',
			'V-3,,Example,12',
		].join('\n');
		const vendor = createServer((_request, response) => {
			response.setHeader('Content-Type', 'text/csv').end(csv);
		}).listen(0, '127.0.0.1');
		try {
			await once(vendor, 'listening');
			const { port } = vendor.address() as AddressInfo;
			const name = 'vendor-frames-nightly';
			const workflow = readyToRun(readExample(name), runner.credential);
			const fetching = readExample(name).nodes.find(({ type }) => type.endsWith('.httpRequest'));
			const url = `http://127.0.0.1:${port}/frames.csv`;
			const nodes = workflow.nodes.map((node) =>
				node.name === fetching?.name
					? { ...fetching, parameters: { ...fetching.parameters, url } }
					: node,
			);
			const id = await rig().n8n.createWorkflow({ ...workflow, nodes });
			const run = async () => {
				const execution = await rig().n8n.runWorkflow(id, 'Every Night at 3');
				expect(execution.error?.message).toBeUndefined();
				return execution;
			};
			const execution = await run();
			const [done] = wouldAt(execution, 'Send What Was Done');
			expect(done.subject).toBe('3 frames are new or changed');
			expect(done.text.split('\n').map((line) => line.split('  ').slice(0, 2))).toEqual([
				['updated', first.sku],
				['created', 'V-1'],
				['created', 'V-2'],
			]);
			const [refused] = wouldAt(execution, 'Send What Was Refused');
			expect(refused.subject).toBe("1 rows of the vendor's list were refused");
			const now = await simulator.records(2, path);
			expect(now[0]).toMatchObject({ sku: first.sku, price: 321.5 });
			expect(now.slice(-2)).toMatchObject([{ sku: 'V-1' }, { sku: 'V-2', price: 149 }]);

			await simulator.reset();
			const again = await run();
			expect(wouldAt(again, 'Send What Was Done')).toEqual([]);
			const written = (await simulator.received()).filter(({ method }) => method !== 'GET');
			// The row that is refused each night.
			expect(written.map(({ method, outcome }) => [method, outcome])).toEqual([['POST', 400]]);
		} finally {
			vendor.close();
		}
	});

	it('unpaid-invoices-weekly: one email with those that are overdue', async () => {
		const { simulator } = rig();
		const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
		await add('/invoices', { invoice_date: yesterday, balance: 50 });
		await add('/invoices', { invoice_date: '2020-01-31T10:00:00', balance: 1 });
		const invoices = (await simulator.records(2, '/invoices')) as Array<Record<string, number>>;
		const open = invoices.filter(
			({ balance, invoice_date }) => balance > 0 && String(invoice_date) < yesterday,
		);
		expect(open.length).toBeGreaterThan(50);
		const execution = await runner.runByHand('unpaid-invoices-weekly');
		const [email, ...others] = wouldAt(execution, 'Send the List');
		expect(others).toEqual([]);
		expect(email.subject).toBe(`${open.length} invoices are overdue`);
		const lines = email.text.split('\n').filter((line) => line.includes('patient'));
		expect(lines.map((line) => line.split('  ')[0]).sort()).toEqual(
			open.map(({ invoice_number }) => String(invoice_number)).sort(),
		);
		const dates = lines.map((line) => line.split('  ')[1]);
		expect(dates).toEqual(dates.toSorted());
		const total = open.reduce((sum, { balance }) => sum + balance, 0);
		expect(email.text).toContain(`Together: $${total.toFixed(2)}`);

		const settings = { 'Balance Field': 'amount_due' };
		const id = await runner.save('unpaid-invoices-weekly', { settings });
		const wrong = await rig().n8n.runWorkflow(id, 'Every Monday at 8 AM');
		expect(wrong.error?.message).toMatch(/No invoice has a field 'amount_due'/);
	});

	it('import-patients-from-csv: creates who is missing, once, and says what failed', async () => {
		const { n8n, simulator } = rig();
		const user = { user: 'front-desk', password: 'upload-in-a-test' };
		const basic = await n8n.createCredential('Uploads', user, 'httpBasicAuth');
		const workflow = readyToRun(readExample('import-patients-from-csv'), runner.credential);
		const form = workflow.nodes.find(({ type }) => type.endsWith('.formTrigger'));
		if (!form) throw new Error('There is no form.');
		form.credentials = { httpBasicAuth: basic };
		const id = await n8n.createWorkflow(workflow);
		await rig().n8n.activateWorkflow(id);
		const [known] = await simulator.records(2, '/patients');
		const { name_first, name_last, dob } = known;
		const csv = [
			'First Name,Last Name,Date of Birth,Email,Phone',
			'Nora,Import,"March 14, 1985",nora.import@example.com,(512) 555-0142',
			`${name_first},${String(name_last).toUpperCase()},${dob},,`,
			'Nils,Import,1990-02-30,nils.import@example.com,',
			'Nora,Import,3/14/1985,nora@example.org,512-555-0143',
		].join('\n');
		const body = new FormData();
		body.set('field-0', new Blob([csv], { type: 'text/csv' }), 'patients.csv');
		const { webhookId } = form as unknown as { webhookId: string };
		const authorization = `Basic ${btoa(`${user.user}:${user.password}`)}`;
		const path = `${n8n.url}/form/${webhookId}`;
		expect((await fetch(path, { method: 'POST', body })).status).toBe(401);
		const answer = await fetch(path, { method: 'POST', body, headers: { authorization } });
		expect(answer.status).toBe(200);
		const execution = await rig().n8n.nextExecution(id);
		await rig().n8n.deactivateWorkflow(id);
		expect(execution.error?.message).toBeUndefined();
		const rows = itemsAt(execution, 'Write Down the Outcome');
		const patients = await simulator.records(2, '/patients');
		const [created, ...others] = patients.filter((patient) => patient.name_last === 'Import');
		expect(others).toEqual([]);
		expect(created).toMatchObject({ dob: '1985-03-14', phone: '5125550142' });
		const text = rows.map((row) => [row.Row, row.Outcome, row['Patient ID'], row.Reason]);
		expect(text.sort()).toEqual([
			[2, 'created', created.patient_id, ''],
			[3, 'found', known.patient_id, ''],
			[4, 'failed', '', expect.stringMatching(/'Date of Birth' is not a date/)],
			[5, 'found', created.patient_id, ''],
		]);
	});

	it('intake-form-to-patient: nobody twice, and a page that says what to do', async () => {
		const { n8n, simulator } = rig();
		const name = 'intake-form-to-patient';
		const id = await runner.save(name);
		await rig().n8n.activateWorkflow(id);
		const form = readExample(name).nodes.find(({ type }) => type.endsWith('.formTrigger'));
		const { webhookId } = form as unknown as { webhookId: string };
		const address = `${n8n.url}/form/${webhookId}`;
		const asBrowser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101' };
		/** What the browser shows in the end. */
		const send = async (...answers: string[]): Promise<string> => {
			const body = new FormData();
			answers.forEach((answer, index) => body.set(`field-${index}`, answer));
			const sent = await fetch(address, { method: 'POST', body, headers: asBrowser });
			const { formWaitingUrl } = (await sent.json()) as { formWaitingUrl: string };
			const at = async (url: URL | string, method = 'GET') =>
				await (await fetch(url, { method, headers: asBrowser })).text();
			const status = new URL(formWaitingUrl);
			status.pathname += '/n8n-execution-status';
			const deadline = Date.now() + 60_000;
			while ((await at(status)) !== 'form-waiting' && Date.now() < deadline) await wait(50);
			const page = await at(formWaitingUrl);
			// As the page does by itself, so that n8n need not wait for it.
			await at(formWaitingUrl, 'POST');
			return /Thank you|Please call us/.exec(page)?.[0] ?? page;
		};
		const [known] = await simulator.records(2, '/patients');
		const { name_first, name_last, dob, patient_id } = known;
		try {
			const asBot = { 'user-agent': 'Googlebot/2.1' };
			const bot = { method: 'POST', body: new FormData(), headers: asBot };
			expect((await fetch(address, bot)).status).toBe(401);
			const nora = ['Nora', 'Intake', '1985-03-14', 'nora@example.com', '(512) 555-0142'];
			expect(await Promise.all([send(...nora), send(...nora)])).toEqual(['Thank you', 'Thank you']);
			expect(await send('NORA', ' Intake', '1985-03-14', '', '')).toBe('Thank you');
			const found = [String(name_first), String(name_last), String(dob)];
			expect(await send(...found, 'other@example.com', '')).toBe('Thank you');
			expect(await send('Nils', 'Intake', '1990-01-30', '', '12')).toBe('Please call us');
			await simulator.addFault({
				match: { path: '/patients', times: 99 },
				fault: { kind: 'status', status: 403, body: { message: 'Not now.' } },
			});
			expect(await send('Nina', 'Intake', '1991-01-30', '', '')).toBe('Please call us');
		} finally {
			await rig().n8n.deactivateWorkflow(id);
		}
		const patients = await simulator.records(2, '/patients');
		const [created, ...others] = patients.filter((patient) => patient.name_last === 'Intake');
		expect(others).toEqual([]);
		expect(created).toMatchObject({ name_first: 'Nora', dob: '1985-03-14', phone: '5125550142' });
		const emails: string[] = [];
		for (const listed of (await n8n.executions(id)).reverse()) {
			const execution = await n8n.executionEnded(listed.id);
			expect(execution.error?.message).toBeUndefined();
			const told = ['Tell Who It Is', 'Tell What Was Refused'].flatMap((node) =>
				wouldAt(execution, node),
			);
			emails.push(...told.map(({ subject, text }) => `${subject}: ${text}`));
		}
		const intake = `Intake form: patient ${String(created.patient_id)}`;
		expect(emails.filter((text) => text.startsWith(`${intake} is new`))).toHaveLength(1);
		expect(emails.filter((text) => text.startsWith(`${intake} was there already`))).toHaveLength(2);
		expect(emails).toContain(
			`Intake form: patient ${String(patient_id)} was there already: The email of the form differs from what is in EyeCloud Pro. Please ask.`,
		);
		const refused = emails.filter((text) => text.startsWith('Intake form: one was not taken'));
		expect(refused).toHaveLength(2);
		expect(refused[0]).toMatch(/phone/i);
		expect(emails.join()).not.toMatch(/Nora|Nils|nora@/);
	});

	it('report-over-many-practices: a row for each, with why where one refuses', async () => {
		const { simulator, saveCredential } = rig();
		const count = async (practice: number) =>
			(await simulator.records(practice, '/patients')).length;
		const rowsOf = (execution: Execution) =>
			itemsAt(execution, 'Add the Rows').map((row) => [row.Practice, row.Patients, row.Note]);
		const both = await runner.runByHand('report-over-many-practices');
		const mainStreet = ['Main Street', String(await count(2)), ''];
		expect(rowsOf(both)).toEqual([mainStreet, ['Lakeside', String(await count(123)), '']]);
		const group = runner.credential;
		runner.credential = await saveCredential(simulator.clients.practice);
		const one = await runner.runByHand('report-over-many-practices');
		runner.credential = group;
		const refused = expect.stringMatching(/does not let this credential use practice 123/);
		expect(rowsOf(one)).toEqual([mainStreet, ['Lakeside', '', refused]]);
	});

	it.each([
		['approved', 'books', true],
		['disapproved', 'books nothing', false],
	])('front-desk-ai-agent: %s by a person, it %s', async (_answer, _does, isApproved) => {
		const { n8n, simulator } = rig();
		const [ann] = await simulator.records(2, '/patients');
		const day = '2031-07-01';
		await add('/appointments', { start_date: `${day}T09:00:00`, patient_id: ann.patient_id });
		const model = await startScriptedModel();
		try {
			const key = { apiKey: 'of-the-scripted-model', url: model.baseUrl };
			const modelCredential = await n8n.createCredential('Model', key, 'openAiApi');
			const workflow = readyToRun(readExample('front-desk-ai-agent'), runner.credential);
			const chatModel = workflow.nodes.find(({ type }) => type.endsWith('.lmChatOpenAi'));
			Object.assign(chatModel ?? {}, { credentials: { openAiApi: modelCredential } });
			// The step that asks wants a chat above it, so it starts as it does with a person.
			const started = workflow.nodes.findIndex(({ name }) => name === 'Front Desk Chat');
			workflow.nodes[started] = readExample('front-desk-ai-agent').nodes.find(
				({ name }) => name === 'Front Desk Chat',
			)!;
			const chat = { chatInput: 'Book Ann for July 1st, please.', sessionId: 'test' };
			workflow.pinData = { 'Front Desk Chat': [{ json: chat }] };
			const booking = { patient_id: ann.patient_id, store_id: 2, duration_minutes: 30 };
			model.follow([
				{
					tool: 'Find_Patients',
					arguments: { last_name: '', email: ann.email, phone: '', dob: '' },
				},
				{ tool: 'List_Stores', arguments: {} },
				{ tool: 'List_Appointments_of_a_Day', arguments: { day } },
				{
					tool: 'Book_an_Appointment',
					// The human review step has the model fill in what it shows and what the tool gets.
					arguments: {
						toolParameters: { ...booking, start_date: `${day}T09:30:00` },
						hitlParameters: {},
					},
				},
			]);
			const before = await simulator.records(2, '/appointments');
			const id = await n8n.startWorkflow(await n8n.createWorkflow(workflow), 'Front Desk Chat');
			const question = await askedInChat(rig(), id);
			expect(question.text).toContain(`- Start: ${day}T09:30:00`);
			expect(await simulator.records(2, '/appointments')).toEqual(before);
			// n8n takes an answer from a browser alone, as programs follow links in messages too.
			const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
			await fetch(question.links[isApproved ? 'approve' : 'disapprove'], { headers });
			// The execution itself goes on to wait for a chat to take the agent's answer, and there is none here.
			while (model.toolResults().length < 4) await wait(200);
			await n8n.stopExecution(id);
			const appointments = await simulator.records(2, '/appointments');
			if (!isApproved) {
				expect(appointments).toEqual(before);
				expect(model.received.at(-1)?.raw).toMatch(/rejected|declined|denied|not approved/i);
				return;
			}
			const { patient_id, name_first, name_last, dob } = ann;
			const [found, stores, taken, booked] = model
				.toolResults()
				.map((result) => answerIn(result).records);
			expect(found).toEqual([{ patient_id, name_first, name_last, dob }]);
			expect(stores.map((store) => Object.keys(store))).toContainEqual(['store_id', 'store_name']);
			expect(taken).toMatchObject([{ start_date: `${day}T09:00:00` }]);
			expect(taken[0]).not.toHaveProperty('patient_id');
			expect(Object.keys(booked[0])).toEqual(['appt_id', 'start_date', 'status']);
			expect(appointments.at(-1)).toMatchObject({ ...booking, start_date: `${day}T09:30:00` });
		} finally {
			await model.stop();
		}
	});

	it.each([
		['', 'all', 1],
		[', also where n8n does not save failures', 'none', 0],
	])('error-workflow: the sentence, and where to look%s', async (_, saved, executions) => {
		const { n8n, simulator, saveCredential } = rig();
		const errorWorkflow = await runner.save('error-workflow');
		await rig().n8n.activateWorkflow(errorWorkflow);
		const reader = await saveCredential(simulator.clients.reader);
		const failing = chainFrom('Stores', [
			{
				...{ name: 'Call', type: 'n8n-nodes-base.webhook', typeVersion: 2 },
				parameters: { path: `fails-${saved}` },
			},
			eyeCloudProNode('Read the Stores', reader, { resource: 'store', operation: 'getAll' }),
		]);
		// n8n registers the addresses of a trigger under an id of its own.
		Object.assign(failing.nodes[0], { webhookId: `fails-${saved}` });
		Object.assign(failing.settings, { errorWorkflow, saveDataErrorExecution: saved });
		const id = await n8n.createWorkflow(failing);
		await rig().n8n.activateWorkflow(id);
		await fetch(`${n8n.url}/webhook/fails-${saved}`);
		const [email] = wouldAt(await rig().n8n.nextExecution(errorWorkflow), 'Tell Somebody');
		await rig().n8n.deactivateWorkflow(id);
		await rig().n8n.deactivateWorkflow(errorWorkflow);
		expect(email.subject).toBe('Failed: Stores');
		expect(email.text).toMatch(/^The credential lacks the scope 'read:stores'/);
		expect(email.text).toMatch(/Granted now: read:patients/);
		expect(email.text).toMatch(/Node: Read the Stores\nhttp:.*\/executions\/\d+/);
		expect(await n8n.executions(id)).toHaveLength(executions);
	});
}

interface Question {
	text: string;
	links: { approve: string; disapprove: string };
}

/** What a human review step shows in the chat, as n8n stores it while it waits. */
async function askedInChat({ n8n }: Rig, executionId: string): Promise<Question> {
	for (;;) {
		const path = `/rest/executions/${executionId}`;
		const { status, data } = await n8n.request<{ status: string; data: string }>('GET', path);
		if (!['new', 'running', 'waiting'].includes(status))
			throw new Error('It ended without asking.');
		// n8n stores a list in which each text stands once.
		const texts = status === 'waiting' ? (JSON.parse(data) as unknown[]).map(String) : [];
		const [text] = texts.filter((each) => each.startsWith('To be booked'));
		const link = (answer: string) => texts.find((each) => each.includes(`approved=${answer}`));
		const [approve, disapprove] = [link('true'), link('false')];
		if (text && approve && disapprove) return { text, links: { approve, disapprove } };
		await wait(200);
	}
}
