// A list of the API that changes while it is read, on the fake clock, behind the node's own client.
// Used by the tests of Return All.
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { Client } from '../../nodes/EyeCloudPro/api/client';
import type { RequestContext } from '../../nodes/EyeCloudPro/api/transport';
import { FakeClock } from './fakeClock.ts';

export class LivingList {
	readonly clock = new FakeClock(1_000_000);

	records: IDataObject[];

	/** The page of each request, in the order in which the API got them. */
	readonly pages: number[] = [];

	readonly lines: string[] = [];

	/** Called as each request comes in, before it is answered. */
	beforeAnswer: () => void = () => {};

	/** Until the answer arrives, in milliseconds. */
	latencyMs: () => number = () => 100;

	/** So many requests are answered 500 from now on. */
	failures = 0;

	/** The request that comes in is answered 500. */
	failing = false;

	private lastId: number;

	constructor(count: number) {
		this.records = Array.from({ length: count }, (_, index) => ({ patient_id: index * 10 + 10 }));
		this.lastId = count * 10;
	}

	client(requestsPerMinute = 1_000_000): Client {
		const context: RequestContext = {
			helpers: {
				httpRequestWithAuthentication: async (_type, options) => await this.answer(options),
			},
			getCredentials: async () => ({}) as never,
			logger: { debug: (line) => this.lines.push(line) },
		};
		const settings = {
			apiBaseUrl: 'https://api.example.com',
			// Of its own for each list, so that no two share a rate limit.
			oauthClientId: `list ${Math.random()}`,
			practiceId: '2',
			requestsPerMinute,
			rateLimitWindowMs: 60_000,
			timeoutMs: 60_000,
		};
		return new Client(context, settings, undefined, this.clock);
	}

	append(): void {
		this.lastId += 10;
		this.records.push({ patient_id: this.lastId });
	}

	insert(position: number): void {
		const next = Number(this.records[position]?.patient_id ?? this.lastId + 10);
		const previous = Number(this.records[position - 1]?.patient_id ?? 0);
		this.records.splice(position, 0, { patient_id: (previous + next) / 2 });
	}

	delete(position: number): void {
		this.records.splice(position, 1);
	}

	edit(position: number): void {
		const record = this.records[position];
		this.records[position] = { ...record, version: Number(record.version ?? 0) + 1 };
	}

	private async answer({ qs }: IHttpRequestOptions): Promise<unknown> {
		if (this.failures-- > 0) return { statusCode: 500, headers: {}, body: {} };
		const { page, page_size: size } = { page: 1, page_size: 250, ...qs } as {
			page: number;
			page_size: number;
		};
		this.pages.push(page);
		this.beforeAnswer();
		if (this.failing) {
			this.failing = false;
			return { statusCode: 500, headers: {}, body: {} };
		}
		const data = this.records.slice((page - 1) * size, page * size);
		const body = { data, pagination: { total_count: this.records.length } };
		await this.clock.sleep(this.latencyMs());
		return { statusCode: 200, headers: {}, body };
	}
}
