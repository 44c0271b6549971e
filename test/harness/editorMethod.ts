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

export class Editor {
	private readonly credential: StoredCredential;

	private readonly type: string;

	constructor(credential: StoredCredential, type = 'eyeCloudPro') {
		this.credential = credential;
		this.type = type;
	}

	async columns(form: Form): Promise<ResourceMapperFields> {
		const context = this.contextFor(form, 'columns');
		return await nodeType.methods.resourceMapping.getColumns.call(context);
	}

	async sortFields(form: Form): Promise<INodePropertyOptions[]> {
		const context = this.contextFor(form, 'sort.by[0].field');
		return await nodeType.methods.loadOptions.getSortFields.call(context);
	}

	async fieldNames(form: Form): Promise<INodePropertyOptions[]> {
		const context = this.contextFor(form, 'matchOn');
		return await nodeType.methods.loadOptions.getFieldNames.call(context);
	}

	async filterNames(form: Form): Promise<INodePropertyOptions[]> {
		const context = this.contextFor(form, 'filters.custom.parameter[0].name');
		return await nodeType.methods.loadOptions.getFilterNames.call(context);
	}

	async outputFields(form: Form): Promise<INodePropertyOptions[]> {
		const context = this.contextFor(form, 'fields');
		return await nodeType.methods.loadOptions.getOutputFields.call(context);
	}

	async search(form: Form, text?: string, token?: string): Promise<INodeListSearchResult> {
		const context = this.contextFor(form, 'recordId');
		return await nodeType.methods.listSearch.searchRecords.call(context, text, token);
	}

	async searchPaths(form: Form, text?: string): Promise<INodeListSearchResult> {
		const context = this.contextFor(form, 'path');
		return await nodeType.methods.listSearch.searchPaths.call(context, text);
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
