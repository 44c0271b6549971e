// What the editor gets to know of the nodes. What is in the tarball is for test/package. Called by
// realN8n.test.ts.
import { NodeHelpers, type IDataObject, type INodeTypeDescription } from 'n8n-workflow';
import { EyeCloudProOAuth2Api } from '../../credentials/EyeCloudProOAuth2Api.credentials';
import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { EyeCloudProTrigger } from '../../nodes/EyeCloudPro/EyeCloudProTrigger.node';
import { nodeType, triggerType } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

/** n8n makes addresses of the icons, and names of packages and nodes; functions don't go by JSON. */
function declared({ icon: _icon, name: _name, ...rest }: INodeTypeDescription): IDataObject {
	return JSON.parse(JSON.stringify(rest)) as IDataObject;
}

const withoutCustomCall = (text: string) =>
	text.replaceAll(',{"name":"Custom API Call","value":"__CUSTOM_API_CALL__"}', '');

export function packageCases(rig: () => Rig): void {
	const typeNamed = async (name: string) => {
		const types = (await rig().n8n.nodeTypes()) as unknown as INodeTypeDescription[];
		return types.find((type) => type.name === name)!;
	};

	it.each([
		[nodeType, new EyeCloudPro()],
		[triggerType, new EyeCloudProTrigger()],
	])('%s is served as it is declared: n8n drops nothing of it', async (name, { description }) => {
		const text = withoutCustomCall(JSON.stringify(await typeNamed(name)));
		const type = JSON.parse(text) as INodeTypeDescription;
		const properties = type.properties.filter(({ name: added }) => added !== 'pollTimes');
		expect({ ...type, properties }).toMatchObject(declared(description));
		// By what people call it, it is found.
		expect(type.codex).toMatchObject({
			categories: ['Data & Storage', 'Miscellaneous'],
			alias: expect.arrayContaining(['optometry', 'glasses', 'patient', 'appointment']),
		});
	});

	it('serves the credential as it is declared', async () => {
		const { name, properties, documentationUrl } = new EyeCloudProOAuth2Api();
		const type = (
			await rig().n8n.request<Array<IDataObject>>('GET', '/types/credentials.json')
		).find((each) => each.name === name);
		expect(type?.documentationUrl).toBe(documentationUrl);
		expect(type?.properties).toEqual(JSON.parse(JSON.stringify(properties)));
	});

	it.each([
		[`${nodeType}Tool`, ['ai_tool'], ['output', 'fields']],
		[nodeType, ['main'], ['simplify']],
	])('%s: how much comes out is asked as it is for', async (name, outputs, expected) => {
		const type = await typeNamed(name);
		expect(type.outputs).toEqual(outputs);
		const form = { resource: 'patient', operation: 'getAll', output: 'selected' };
		const shown = type.properties.filter(
			(property) =>
				['output', 'simplify', 'fields'].includes(property.name) &&
				NodeHelpers.displayParameter(form, property, { typeVersion: 1 }, type),
		);
		expect(shown.map((property) => property.name)).toEqual(expected);
	});
}
