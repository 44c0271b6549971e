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

	sortFields = this.options('getSortFields', 'sort.by[0].field');
	fieldNames = this.options('getFieldNames', 'matchOn');
	filterNames = this.options('getFilterNames', 'filters.custom.parameter[0].name');
	outputFields = this.options('getOutputFields', 'fields');

	async search(form: Form, text?: string, token?: string): Promise<INodeListSearchResult> {
		return await listSearch.searchRecords.call(this.contextFor(form, 'recordId'), text, token);
	}

	async searchPaths(form: Form, text?: string): Promise<INodeListSearchResult> {
		return await listSearch.searchPaths.call(this.contextFor(form, 'path'), text);
	}

	private options(method: keyof typeof loadOptions, path: string) {
		return async (form: Form): Promise<INodePropertyOptions[]> =>
			await loadOptions[method].call(this.contextFor(form, path));
	}

	private contextFor(form: Form, path: string): LoadOptionsContext {
		const { credential } = this;
		const node = storedNode('EyeCloud Pro', this.type, { credential, parameters: form });
		const additionalData = {
			credentialsHelper: credential.helper,
			currentNodeParameters: form,
		} as unknown as IWorkflowExecuteAdditionalData;
		const workflow = storedWorkflow(() => nodeType, [node]);
		return new LoadOptionsContext(workflow, node, additionalData, `parameters.${path}`);
	}
}
