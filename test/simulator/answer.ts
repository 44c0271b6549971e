// How an answer leaves the API, or doesn't: which faults hit a request, and what they do. Rules come from control; used
// by api.ts for every response that it gives.
import type { Request, Response } from 'express';
import type { AccessTokens } from './access.ts';
import type { Books } from './books.ts';
import type { Fault, FaultRule, ReceivedRequest, ResolvedOptions } from './contract.ts';
import { errorBody, tooManyRequests } from './errors.ts';
import type { Practices } from './practices.ts';
import type { RateLimits } from './rateLimits.ts';
import type { Answer } from './shapes.ts';

const page = '<!DOCTYPE html><title>Sorry</title>';

interface AnswerParts {
	books: Books;
	practices: Practices;
	tokens: AccessTokens;
	limits: () => RateLimits;
	options: ResolvedOptions;
}

/** What travels with a request through the API. */
export interface Journey {
	request: Request;
	response: Response;
	entry: ReceivedRequest;
	faults: DueFault[];
}

export class Answering {
	private readonly hanging = new Set<Journey>();

	private readonly parts: AnswerParts;

	constructor(parts: AnswerParts) {
		this.parts = parts;
	}

	/** Applies what is due before the work; true when the request is thereby dealt with. */
	dealtWithBefore(journey: Journey): boolean {
		const fault = this.changeWorld(journey, 'before');
		if (fault) this.spoil(journey, fault);
		return fault !== undefined;
	}

	/** Sends the answer, unless a fault that is due after the work makes something else of it. */
	send(journey: Journey, answer: Answer): void {
		const fault = this.changeWorld(journey, 'after');
		if (fault) this.spoil(journey, fault, answer);
		else this.write(journey, answer);
	}

	/** Lets go of the requests that were never to be answered. */
	release(): void {
		for (const { request } of this.hanging) request.socket.destroy();
		this.hanging.clear();
	}

	/** Faults that change data or tokens happen at once; the first of the others is returned. */
	private changeWorld({ entry, faults }: Journey, when: 'before' | 'after'): Fault | undefined {
		const { practices, tokens } = this.parts;
		const of = (path: string) => practices.collection(Number(entry.practiceId), path);
		let remaining: Fault | undefined;
		for (const { fault } of faults.filter((due) => due.when === when)) {
			if (fault.kind === 'expireTokens') tokens.expireAll();
			else if (fault.kind === 'addRecord') of(fault.path)?.insert(fault.record);
			else if (fault.kind === 'deleteRecord') {
				const collection = of(fault.path);
				collection?.delete(fault.id ?? collection.idAt(fault.position ?? 0));
			} else remaining ??= fault;
		}
		return remaining;
	}

	private spoil(journey: Journey, fault: Fault, answer?: Answer): void {
		const { books } = this.parts;
		const { request } = journey;
		switch (fault.kind) {
			case 'reset':
				books.finish(journey.entry, 'reset');
				request.socket.resetAndDestroy();
				return;
			case 'hang':
				books.settle(journey.entry, 'hang');
				this.hanging.add(journey);
				return;
			case 'truncate':
				return this.truncate(journey, answer ?? { status: 200, body: {} });
			case 'html':
				return this.write(journey, { status: fault.status ?? 200, body: page });
			case 'redirect':
				return this.write(journey, {
					status: fault.status ?? 302,
					headers: { Location: fault.location },
				});
			case 'status':
				return this.writeStatus(journey, fault);
		}
	}

	private writeStatus(journey: Journey, fault: Extract<Fault, { kind: 'status' }>): void {
		const { status, headers, body = errorBody(status, `Simulated fault ${status}`) } = fault;
		if (status !== 429 || headers) {
			this.write(journey, { status, headers, body });
			return;
		}
		const refusal = tooManyRequests(this.parts.options.dialect);
		const write = () => this.write(journey, fault.body === undefined ? refusal : { status, body });
		const { request, response } = journey;
		void this.parts.limits().refusing(write)(request, response, () => undefined);
	}

	/** Headers as for the whole body, half of the body, and then the connection ends. */
	private truncate(journey: Journey, answer: Answer): void {
		const body = Buffer.from(JSON.stringify(answer.body ?? {}));
		const { response } = journey;
		this.parts.books.finish(journey.entry, 'truncated');
		response.status(answer.status).set(answer.headers ?? {});
		response.set({ 'Content-Type': 'application/json', 'Content-Length': String(body.length) });
		response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
	}

	private write(journey: Journey, answer: Answer): void {
		const { response } = journey;
		// The books are right before the client has its answer, so that a test needn't wait.
		this.parts.books.finish(journey.entry, answer.status);
		response.status(answer.status).set(answer.headers ?? {});
		if (answer.body === undefined) response.end();
		else if (typeof answer.body === 'string') response.type('html').send(answer.body);
		else response.type('json').send(JSON.stringify(answer.body));
	}
}

interface Rule extends FaultRule {
	path: RegExp;
	/** How many matching requests there have been since the rule was added. */
	seen: number;
}

export interface DueFault {
	fault: Fault;
	when: 'before' | 'after';
}

export class Faults {
	private rules: Rule[] = [];

	/** Throws a SyntaxError when a path is no regular expression. */
	add(rules: FaultRule[]): void {
		for (const rule of rules) {
			this.rules.push({ ...rule, path: new RegExp(rule.match?.path ?? ''), seen: 0 });
		}
	}

	clear(): void {
		this.rules = [];
	}

	/** Counts the request for every rule that it matches, and answers the faults that are due. */
	due({ method: sent, path, query, body }: ReceivedRequest): DueFault[] {
		const text = JSON.stringify([path, query, body]);
		const due: DueFault[] = [];
		for (const rule of this.rules) {
			const { method, page, holds = '', nth = 1, times = 1 } = rule.match ?? {};
			if (method !== undefined && method.toUpperCase() !== sent) continue;
			if (page !== undefined && page !== Number(query.page ?? 1)) continue;
			if (!rule.path.test(path) || !text.includes(holds)) continue;
			rule.seen += 1;
			if (rule.seen < nth || rule.seen >= nth + times) continue;
			// There is no body to cut before the work is done.
			const when = rule.fault.kind === 'truncate' ? 'after' : (rule.when ?? 'before');
			due.push({ fault: rule.fault, when });
		}
		return due;
	}
}
