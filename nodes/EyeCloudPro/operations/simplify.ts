// Simplify: the parameter, and what it makes of a record. Used by the operations that read.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { isObject } from '../api/errors';
import type { Resource } from '../resources/resource';
import type { OperationRun } from './operation';

/** n8n's UX guidelines: at most ten fields. */
const MOST_FIELDS = 10;

export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

/** The records as they are, or simplified if the user asked for that. */
export function forOutput(records: IDataObject[], run: OperationRun): IDataObject[] {
	const isSimplified = run.functions.getNodeParameter('simplify', run.itemIndex, false);
	return isSimplified ? records.map((record) => simplify(record, run.resource)) : records;
}

/**
 * At most ten fields: the catalogue's first, then the record's other plain ones in the API's order,
 * then those of nested objects, as `address_city`. Lists are left out.
 */
export function simplify(record: IDataObject, resource: Resource): IDataObject {
	const simplified: IDataObject = {};
	const add = (name: string, value: unknown) => {
		if (Object.keys(simplified).length >= MOST_FIELDS || Object.hasOwn(simplified, name)) return;
		simplified[name] = value as IDataObject[string];
	};
	for (const name of resource.simplifiedFields) {
		if (Object.hasOwn(record, name) && isPlain(record[name])) add(name, record[name]);
	}
	for (const [name, value] of Object.entries(record)) {
		if (isPlain(value)) add(name, value);
	}
	for (const [name, value] of Object.entries(record)) {
		if (!isObject(value)) continue;
		for (const [inner, innerValue] of Object.entries(value)) {
			if (isPlain(innerValue)) add(`${name}_${inner}`, innerValue);
		}
	}
	return simplified;
}

function isPlain(value: unknown): boolean {
	return typeof value !== 'object' || value === null;
}
