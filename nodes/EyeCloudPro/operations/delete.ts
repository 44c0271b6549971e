// Delete: one record, for good.
import { asId, isNothingDone, recordIn } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { ApiError } from '../api/errors';
import { type ItemOperation, idProperty } from './operation';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { recordIdField, recordIdOf } from '../parameters/recordId';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';
import { forgetCreated } from './createdByTools';
import { runExclusive, sameRecord } from './oneRecord';
import { doneTo, nothingDone } from './writeResult';

export const deleteRecord: ItemOperation = {
	value: 'delete',
	displayName: 'Delete',
	verb: 'delete',
	isOverlapping: true,
	action: (resource) => `Delete ${inSentence(resource.displayName)}`,
	description: (resource) => `Delete one ${inSentence(resource.displayName)} permanently`,
	outputSchema: (resource) => ({ deleted: { type: 'boolean' }, ...idProperty(resource) }),
	fields: (resource) => [recordIdField(resource), optionsField([dryRunOption])],
	async execute(run) {
		const { client, resource } = run;
		const id = recordIdOf(run);
		const request: ApiRequest = { method: 'DELETE', segments: [...resource.path, id] };
		if (isDryRun(run)) return [describeRequest(run, request)];
		return await runExclusive(run, request.segments, async () => {
			const deleted = client.request(request).then(({ body }) => {
				if (isNothingDone(body)) throw nothingDone('deleted');
				const record = recordIn(body);
				if (record) sameRecord(run, record, id);
			});
			await deleted.catch((thrown: unknown) => {
				// An earlier try has deleted it.
				const isGone = thrown instanceof ApiError && thrown.kind === 'notFound';
				if (!isGone || !run.unknownBefore) throw thrown;
			});
			forgetCreated(run, id);
			return [await doneTo(run, 'deleted', asId(id))];
		});
	},
};
