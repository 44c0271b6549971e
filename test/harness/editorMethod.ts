// Asks what the editor asks while a user fills in the node, by the real n8n-core: a method of the node
// in n8n's own context for it. Called by the tests of what the editor shows.
import { LoadOptionsContext } from 'n8n-core';
import type {
	INodeListSearchResult,
	INodeParameters,
	INodePropertyOptions,
	IWorkflowExecuteAdditionalData,
	ResourceMapperFields,
} from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { storedNode, storedWorkflow } from './n8nServer.ts';
import type { StoredCredential } from './storedCredential.ts';

/** The form as it is filled in: resource, operation, and what else the method looks at. */
export type Form = INodeParameters;

const nodeType = new EyeCloudPro();
const { listSearch, loadOptions, resourceMapping } = nodeType.methods;

export class Editor {
	constructor(
		private readonly credential: StoredCredential,
		private readonly type = 'eyeCloudPro',
	) {}

	async columns(form: Form): Promise<ResourceMapperFields> {
		return await resourceMapping.getColumns.call(this.contextFor(form, 'columns'));
	}

	async sortFields(form: Form): Promise<INodePropertyOptions[]> {
		return await loadOptions.getSortFields.call(this.contextFor(form, 'sort.by[0].field'));
	}

	async fieldNames(form: Form): Promise<INodePropertyOptions[]> {
		return await loadOptions.getFieldNames.call(this.contextFor(form, 'matchOn'));
	}

	async filterNames(form: Form): Promise<INodePropertyOptions[]> {
		const context = this.contextFor(form, 'filters.custom.parameter[0].name');
		return await loadOptions.getFilterNames.call(context);
	}

	async outputFields(form: Form): Promise<INodePropertyOptions[]> {
		return await loadOptions.getOutputFields.call(this.contextFor(form, 'fields'));
	}

	async search(form: Form, text?: string, token?: string): Promise<INodeListSearchResult> {
		return await listSearch.searchRecords.call(this.contextFor(form, 'recordId'), text, token);
	}

	async searchPaths(form: Form, text?: string): Promise<INodeListSearchResult> {
		return await listSearch.searchPaths.call(this.contextFor(form, 'path'), text);
	}

	private contextFor(form: Form, path: string): LoadOptionsContext {
		const { credential, type } = this;
		const node = storedNode('EyeCloud Pro', type, { credential, parameters: form });
		const additionalData = {
			credentialsHelper: credential.helper,
			currentNodeParameters: form,
		} as unknown as IWorkflowExecuteAdditionalData;
		const workflow = storedWorkflow(() => nodeType, [node]);
		return new LoadOptionsContext(workflow, node, additionalData, `parameters.${path}`);
	}
}
