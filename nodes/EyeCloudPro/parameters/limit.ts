// Return All and Limit, how many of a list a model gets, and what it is told of the others. Used by operations that
// read a list.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { inSentence } from '../catalogue/names';
import type { Resource } from '../catalogue/resource';
import { filtersForModel } from './filters';
import { lookUpForModel } from './lookUp';
import { forOutput } from './output';
import { parameterOf, type ParameterValue } from './parameterValue';
import type { OperationRun } from './run';

export const limitFields: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		displayOptions: { show: { returnAll: [false] } },
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
	},
];

const USUAL_LIMIT = 50;

/** More is for the author to allow: by a limit of their own, or 'Return All'. */
const MOST_FOR_MODEL = USUAL_LIMIT;

/** More than fit into an answer to a model, so that nothing is read which it would not get to see. */
const MOST_FOR_TOOL = 2_500;

/**
 * Undefined for all records.
 *
 * @throws NodeOperationError for what an expression may give and the fields would not take
 */
export function limitOf({ functions, itemIndex }: OperationRun): number | undefined {
	const isTool = isAiTool(functions.getNode());
	const all = parameterOf(functions, 'returnAll', itemIndex);
	const most = isTool ? MOST_FOR_TOOL : undefined;
	if (all.boolean('Return All', false)) {
		return isTool && isOfModel(all) ? MOST_FOR_MODEL : most;
	}
	const given = parameterOf(functions, 'limit', itemIndex);
	const advice = given.isForModel
		? `Give one up to ${MOST_FOR_MODEL}.`
		: "Switch on 'Return All' to get every record.";
	const limit = given.wholeNumber('Limit', 1, advice) ?? USUAL_LIMIT;
	return Math.min(limit, (isTool && isOfModel(given) ? MOST_FOR_MODEL : most) ?? limit);
}

/**
 * The input of a tool is what the model gave it, and expressions have many ways to read that: whatever reads data at
 * all counts as the model's choice.
 */
function isOfModel({ isExpression, written }: ParameterValue): boolean {
	return isExpression && String(written).includes('$');
}

/** How a model gets at the records that are not shown. */
function adviceOf(run: OperationRun, limit: number | undefined): string {
	const isLess = limit !== undefined && limit < MOST_FOR_MODEL;
	const isMoreAllowed = isLess && parameterOf(run.functions, 'limit', run.itemIndex).isForModel;
	const labels = [...lookUpForModel(run), ...filtersForModel(run)].join(', ');
	const more = isMoreAllowed ? ` Up to ${MOST_FOR_MODEL} can be asked for.` : '';
	return labels
		? `Narrow it down by: ${labels}.${more}`
		: `Say so where the right one may not be among them.${more}`;
}

/** n8n gives an agent an empty text where nothing comes out, which a model can't tell from a failure. */
function nothingFound(resource: Resource): IDataObject {
	const records = inSentence(resource.displayNamePlural);
	return {
		found: 0,
		message: `No ${records} were found. If there were filters, check their values, or use fewer.`,
	};
}

/**
 * The records as they come out; a model is told of those that it does not see.
 *
 * @param total how many there are, where that is known
 * @param limit as `limitOf` gave it
 */
export function limitedOutput(
	run: OperationRun,
	records: IDataObject[],
	{ total, limit }: { total?: number; limit?: number },
): IDataObject[] {
	if (isAiTool(run.functions.getNode())) {
		if (records.length === 0) return [nothingFound(run.resource)];
		Object.assign(run.toolNotes, { total, advice: adviceOf(run, limit) });
	}
	return forOutput(records, run);
}
