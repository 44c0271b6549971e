// What each workflow of examples/ does in a real n8n, against the simulator: what reaches the services that
// it is for, and what stands in the practice's books. The agent is for test/browser. Called by examples.cases.ts.
import { setTimeout as wait } from 'node:timers/promises';
import type { ApiRecord } from '../simulator/start.ts';
import { readExample } from './example.ts';
import { eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import { listen } from '../harness/ports.ts';
import type { Rig } from '../harness/realN8n.ts';
import { chainFrom } from '../harness/startN8n.ts';
import { ExampleRunner, itemsAt, wouldAt } from './runExample.ts';

const frames = '/pricebooks/frames';

export function exampleRuns(rig: () => Rig): void {
	let runner: ExampleRunner;
	beforeAll(async () => {
		runner = new ExampleRunner(rig(), await rig().saveCredential(rig().simulator.clients.group));
	});

	const add = async (path: string, record: ApiRecord = {}) =>
		await rig().simulator.addRecord(2, path, record);
	const runByHand = async (name: string) => await runner.runAgain(name, await runner.save(name));
	const nodeOf = (example: string, type: string) =>
		readExample(example).nodes.find((node) => node.type.endsWith(type))!;
	const namedPatients = async (last: string) => {
		const patients = await rig().simulator.records(2, '/patients');
		return patients.filter(({ name_last }) => name_last === last);
	};

	it('new-patients-to-google-sheets: a row for each new patient', async () => {
		const id = await runner.save('new-patients-to-google-sheets');
		let added: ApiRecord = {};
		const execution = await runner.polled(id, async () => {
			added = await add('/patients', { name_last: 'Sheet' });
		});
		const { patient_id, name_first, email, phone, create_date } = added;
		expect(itemsAt(execution, 'Add or Update the Row')).toMatchObject([
			{
				...{ 'Patient ID': patient_id, 'First Name': name_first, 'Last Name': 'Sheet' },
				...{ Email: email, Phone: phone, Created: create_date },
			},
		]);
	});

	it('nightly-price-book-sync: what changed, what is new and what is gone', async () => {
		const { simulator } = rig();
		const [changed, gone, touched] = await simulator.records(2, frames);
		const change = async ({ frame_id }: ApiRecord, changes: ApiRecord) =>
			await simulator.changeRecord(2, frames, Number(frame_id), changes);
		let added: ApiRecord = {};
		const workflowId = await runner.save('nightly-price-book-sync');
		const execution = await runner.polled(workflowId, async () => {
			await change(changed, { price: 77 });
			await change(touched, { cost: 1 });
			await simulator.deleteRecord(2, frames, Number(gone.frame_id));
			added = await add(frames, { description: 'Half round', price: 120 });
		});
		const address = (frame: ApiRecord) => `https://shop.example.com/api/frames/${frame.frame_id}`;
		const put = wouldAt(execution, 'Put It into the Shop');
		expect(put.map(({ url }) => url).sort()).toEqual([changed, added].map(address).sort());
		expect(put.map(({ jsonBody }) => JSON.parse(jsonBody) as unknown)).toContainEqual({
			...{ sku: changed.sku, name: changed.description, price: 77, available: changed.active },
		});
		// What is gone counts when two polls have not seen it.
		const taken = wouldAt(await runner.nextPoll(workflowId), 'Take It Off the Shop');
		expect(taken.map(({ url, method }) => [method, url])).toEqual([['DELETE', address(gone)]]);
	});

	it('vendor-frames-nightly: what is new and what differs, and which rows were refused', async () => {
		const { simulator } = rig();
		const name = 'vendor-frames-nightly';
		const [first, second] = await simulator.records(2, frames);
		const row = ({ sku, description, brand, price }: ApiRecord) =>
			[sku, description, brand, price].map((value) => `"${String(value)}"`).join();
		const vendor = await listen(
			200,
			[
				'SKU,Name,Brand,Price',
				...[row({ ...first, price: 321.5 }), row(second)],
				...['V-1,Half round,Example,99', 'V-2,,Example,12'],
			].join('\n'),
		);
		const fetching = nodeOf(name, '.httpRequest');
		const parameters = { ...fetching.parameters, url: `${vendor.address}/frames.csv` };
		const id = await runner.save(name, { nodes: [{ ...fetching, parameters }] });
		const execution = await runner.runAgain(name, id);
		const [done] = wouldAt(execution, 'Send What Was Done');
		expect(done.subject).toBe('2 frames are new or changed');
		expect(done.text.split('\n').map((line) => line.split('  ').slice(0, 2))).toEqual([
			['updated', first.sku],
			['created', 'V-1'],
		]);
		const [refused] = wouldAt(execution, 'Send What Was Refused');
		expect(refused.subject).toBe("1 rows of the vendor's list were refused");
		const now = await simulator.records(2, frames);
		expect(now[0]).toMatchObject({ sku: first.sku, price: 321.5 });
		expect(now.at(-1)).toMatchObject({ sku: 'V-1', price: 99 });
		const again = await runner.runAgain(name, id);
		vendor.close();
		expect(wouldAt(again, 'Send What Was Done')).toEqual([]);
		expect(await simulator.records(2, frames)).toEqual(now);
	});

	it('unpaid-invoices-weekly: one email with those that are overdue', async () => {
		const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
		await add('/invoices', { invoice_date: yesterday, balance: 50 });
		await add('/invoices', { invoice_date: '2020-01-31T10:00:00', balance: 1 });
		const invoices = await rig().simulator.records(2, '/invoices');
		const open = invoices.filter(
			({ balance, invoice_date }) => Number(balance) > 0 && String(invoice_date) < yesterday,
		);
		const [email, ...others] = wouldAt(await runByHand('unpaid-invoices-weekly'), 'Send the List');
		expect(others).toEqual([]);
		expect(email.subject).toBe(`${open.length} invoices are overdue`);
		const lines = email.text.split('\n').filter((line) => line.includes('patient'));
		expect(lines.map((line) => line.split('  ')[0]).sort()).toEqual(
			open.map(({ invoice_number }) => String(invoice_number)).sort(),
		);
		const total = open.reduce((sum, { balance }) => sum + Number(balance), 0);
		expect(email.text).toContain(`Together: $${total.toFixed(2)}`);
	});

	it('import-patients-from-csv: creates who is missing, once, and says what failed', async () => {
		const { n8n, simulator } = rig();
		const user = { user: 'front-desk', password: 'upload-in-a-test' };
		const basic = await n8n.createCredential('Uploads', user, 'httpBasicAuth');
		const form = nodeOf('import-patients-from-csv', '.formTrigger');
		const nodes = [{ ...form, credentials: { httpBasicAuth: basic } }];
		const id = await runner.save('import-patients-from-csv', { nodes });
		await n8n.activateWorkflow(id);
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
		await fetch(path, { method: 'POST', body, headers: { authorization } });
		const execution = await n8n.nextExecution(id);
		await n8n.deactivateWorkflow(id);
		const [created, ...others] = await namedPatients('Import');
		expect(others).toEqual([]);
		expect(created).toMatchObject({ dob: '1985-03-14', phone: '5125550142' });
		const rows = itemsAt(execution, 'Write Down the Outcome');
		const text = rows.map((row) => [row.Row, row.Outcome, row['Patient ID'], row.Reason]);
		expect(text.sort()).toEqual([
			[2, 'created', created.patient_id, ''],
			[3, 'found', known.patient_id, ''],
			[4, 'failed', '', expect.stringMatching(/'Date of Birth' is not a date/)],
			[5, 'found', created.patient_id, ''],
		]);
	});

	it('intake-form-to-patient: nobody twice, and a page that says what to do', async () => {
		const { n8n } = rig();
		const name = 'intake-form-to-patient';
		const id = await runner.save(name);
		await n8n.activateWorkflow(id);
		const { webhookId } = nodeOf(name, '.formTrigger') as unknown as { webhookId: string };
		const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101' };
		const at = async (url: URL | string, more: RequestInit = {}) =>
			await (await fetch(url, { headers, ...more })).text();
		/** What the browser shows in the end. */
		const send = async (...answers: string[]): Promise<string> => {
			const body = new FormData();
			answers.forEach((answer, index) => body.set(`field-${index}`, answer));
			const sent = await at(`${n8n.url}/form/${webhookId}`, { method: 'POST', body });
			const { formWaitingUrl } = JSON.parse(sent) as { formWaitingUrl: string };
			const status = new URL(formWaitingUrl);
			status.pathname += '/n8n-execution-status';
			while ((await at(status)) !== 'form-waiting') await wait(100);
			const page = await at(formWaitingUrl);
			// As the page does by itself, so that n8n need not wait for it.
			await at(formWaitingUrl, { method: 'POST' });
			return /Thank you|Please call us/.exec(page)?.[0] ?? page;
		};
		const nora = ['Nora', 'Intake', '1985-03-14', 'nora@example.com', '(512) 555-0142'];
		expect(await Promise.all([send(...nora), send(...nora)])).toEqual(['Thank you', 'Thank you']);
		expect(await send('NORA', ' Intake', '1985-03-14', 'n@example.com', '')).toBe('Thank you');
		expect(await send('Nils', 'Intake', '1990-01-30', '', '12')).toBe('Please call us');
		await n8n.deactivateWorkflow(id);
		const [created, ...others] = await namedPatients('Intake');
		expect(others).toEqual([]);
		expect(created).toMatchObject({ name_first: 'Nora', dob: '1985-03-14', phone: '5125550142' });
		const listed = await n8n.executions(id);
		const ended = await Promise.all(listed.map(async (each) => await n8n.executionEnded(each.id)));
		const emails = ['Tell Who It Is', 'Tell What Was Refused'].flatMap((node) =>
			ended.flatMap((each) => wouldAt(each, node)).map((each) => `${each.subject}: ${each.text}`),
		);
		const patient = `Intake form: patient ${String(created.patient_id)}`;
		expect(emails.filter((text) => text.startsWith(`${patient} is new`))).toHaveLength(1);
		const found = emails.filter((text) => text.startsWith(`${patient} was there already`));
		expect(found.filter((text) => text.includes('The email of the form differs'))).toHaveLength(1);
		expect(emails.filter((text) => /: one was not taken: .*phone/is.test(text))).toHaveLength(1);
		expect([found.length, emails.length]).toEqual([2, 4]);
		expect(emails.join()).not.toMatch(/Nora|Nils|nora@/);
	});

	it('report-over-many-practices: a row for each, with why where one refuses', async () => {
		const { simulator, saveCredential } = rig();
		const name = 'report-over-many-practices';
		const rowsBy = async (by: ExampleRunner) => {
			const execution = await by.runAgain(name, await by.save(name));
			const rows = itemsAt(execution, 'Add the Rows');
			return rows.map((row) => [row.Practice, row.Patients, row.Note]);
		};
		const count = async (practice: number) =>
			String((await simulator.records(practice, '/patients')).length);
		const mainStreet = ['Main Street', await count(2), ''];
		expect(await rowsBy(runner)).toEqual([mainStreet, ['Lakeside', await count(123), '']]);
		const one = new ExampleRunner(rig(), await saveCredential(simulator.clients.practice));
		const refused = expect.stringMatching(/does not let this credential use practice 123/);
		expect(await rowsBy(one)).toEqual([mainStreet, ['Lakeside', '', refused]]);
	});

	it('error-workflow: the sentence, and where to look', async () => {
		const { n8n, simulator, saveCredential } = rig();
		const errorWorkflow = await runner.save('error-workflow');
		await n8n.activateWorkflow(errorWorkflow);
		const reader = await saveCredential(simulator.clients.reader);
		const webhook = { type: 'n8n-nodes-base.webhook', typeVersion: 2, webhookId: 'fails' };
		const failing = chainFrom('Stores', [
			{ name: 'Call', ...webhook, parameters: { path: 'fails' } },
			eyeCloudProNode('Read the Stores', reader, { resource: 'store', operation: 'getAll' }),
		]);
		Object.assign(failing.settings, { errorWorkflow });
		const id = await n8n.createWorkflow(failing);
		await n8n.activateWorkflow(id);
		await fetch(`${n8n.url}/webhook/fails`);
		const [email] = wouldAt(await n8n.nextExecution(errorWorkflow), 'Tell Somebody');
		for (const active of [id, errorWorkflow]) await n8n.deactivateWorkflow(active);
		expect(email.subject).toBe('Failed: Stores');
		expect(email.text).toMatch(/^The credential lacks the scope 'read:stores'/);
		expect(email.text).toMatch(/Node: Read the Stores\nhttp:.*\/executions\/\d+/);
	});
}
