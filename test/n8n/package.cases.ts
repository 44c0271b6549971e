// What the editor gets to know of the node. What is in the tarball is for test/package. Called by
// realN8n.test.ts.
import type {
	IDataObject,
	INodeProperties,
	INodePropertyOptions,
	INodeTypeDescription,
} from 'n8n-workflow';
import { EyeCloudProOAuth2Api } from '../../credentials/EyeCloudProOAuth2Api.credentials';
import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { EyeCloudProTrigger } from '../../nodes/EyeCloudPro/EyeCloudProTrigger.node';
import { nodeType, triggerType } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

/** Both nodes, as the editor gets them. */
async function served({ n8n }: Rig) {
	const names = [nodeType, triggerType];
	const types = (await n8n.nodeTypes()).filter(({ name }) => names.includes(name));
	return types.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}

/** n8n makes addresses of the icons, and names of packages and nodes. */
function withoutIcon({ icon: _icon, name: _name, ...rest }: INodeTypeDescription) {
	return rest;
}

const withoutCustomCall = (text: string) =>
	text.replaceAll(',{"name":"Custom API Call","value":"__CUSTOM_API_CALL__"}', '');

export function packageCases(rig: () => Rig): void {
	it('loads as an installed community node, and as a tool', async () => {
		const { n8n } = rig();
		const types = (await n8n.nodeTypes()).filter(({ name }) => name.startsWith(nodeType));
		expect(types.map(({ name, version, outputs }) => ({ name, version, outputs }))).toEqual([
			{ name: nodeType, version: 1, outputs: ['main'] },
			{ name: `${nodeType}Trigger`, version: 1, outputs: ['main'] },
			{ name: `${nodeType}Tool`, version: 1, outputs: ['ai_tool'] },
		]);
		expect(types[0].displayName).toBe('EyeCloud Pro');
		console.log(`n8n was ready ${n8n.startedInMs} ms after its start`);
	});

	it('is found by what people call it: n8n serves categories and aliases', async () => {
		for (const { codex } of await served(rig())) {
			expect(codex).toEqual({
				categories: ['Data & Storage', 'Miscellaneous'],
				alias: expect.arrayContaining(['optometry', 'glasses', 'patient', 'appointment']),
				resources: {},
			});
		}
	});

	it('is served as it is declared: n8n drops nothing of it', async () => {
		for (const [index, { description }] of [
			new EyeCloudPro(),
			new EyeCloudProTrigger(),
		].entries()) {
			const { builderHint, documentationUrl, properties } = description;
			// Declared at all; the rest follows.
			expect([documentationUrl, builderHint?.searchHint]).toEqual([
				expect.stringMatching(/^https:/),
				expect.any(String),
			]);
			if (index === 0) {
				expect(JSON.stringify(properties).includes('propertyHint')).toBe(true);
			}
			// What n8n adds is no loss; functions and what is undefined don't go by JSON.
			const declared = JSON.parse(JSON.stringify(withoutIcon(description))) as IDataObject;
			const [type] = (await served(rig())).slice(index);
			const whole = JSON.parse(withoutCustomCall(JSON.stringify(type))) as INodeTypeDescription;
			const own = whole.properties.filter(({ name: added }) => added !== 'pollTimes');
			expect({ ...whole, properties: own }).toMatchObject(declared);
		}
		const { name, properties, documentationUrl } = new EyeCloudProOAuth2Api();
		const credentials = await rig().n8n.credentialTypes();
		const type = credentials.find((each) => each.name === name);
		expect(type?.documentationUrl).toBe(documentationUrl);
		expect(type?.properties).toEqual(JSON.parse(JSON.stringify(properties)));
	});

	it('shows what comes out before anything ran: every file is where its editor asks', async () => {
		const { n8n } = rig();
		const [{ properties }] = (await n8n.nodeTypes()).filter(({ name }) => name === nodeType);
		const operations = (properties as INodeProperties[]).filter(({ name }) => name === 'operation');
		const told: Record<string, Record<string, string>> = {};
		for (const { displayOptions, options = [] } of operations) {
			const resource = String(displayOptions?.show?.resource?.[0]);
			for (const { value } of options as INodePropertyOptions[]) {
				// As the editor's schemaPreview store asks, whose check this is as well.
				const path = `/schemas/${nodeType}/1.0.0/${resource}/${value}.json`;
				const schema = await n8n.request<IDataObject>('GET', path).catch(() => undefined);
				if (schema?.type !== 'object') continue;
				const types = Object.entries(schema.properties as Record<string, { type: string }>);
				told[`${resource} ${value}`] = Object.fromEntries(
					types.map(([key, { type }]) => [key, type]),
				);
			}
		}
		const patient = {
			...{ name_first: 'string', name_last: 'string', email: 'string', dob: 'string' },
			...{ create_date: 'string', patient_id: 'number' },
		};
		expect(Object.keys(told)).toHaveLength(71);
		expect(told).toMatchObject({
			'patient get': patient,
			'patient getAll': patient,
			'patient createMany': patient,
			'patient findOrCreate': { ...patient, _created: 'boolean' },
			'frame upsert': { frame_id: 'number', _action: 'string' },
			'priceTier delete': { deleted: 'boolean', pricetier_id: 'number' },
			'invoice count': { count: 'number' },
			'account getAccess': { api: 'string', scopes: 'array' },
			'other delete': { deleted: 'boolean' },
		});
	});
}
