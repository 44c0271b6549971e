// The node as n8n lists it for AI agents, to run by runNode. Called by the tests in this folder.
import type { INodeType } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';

export function asTool(): INodeType {
	const node = new EyeCloudPro();
	node.description = { ...node.description, name: `${node.description.name}Tool` };
	return node;
}
