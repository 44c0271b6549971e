// How an answer leaves the API, or doesn't: here the faults do their work. Used by api.ts for every
// response that it gives.
import type { Request, Response } from 'express';
import type { AccessTokens } from './access.ts';
import type { Books } from './books.ts';
import type { Fault, Outcome, ReceivedRequest, ResolvedOptions } from './contract.ts';
import { errorBody, tooManyRequests } from './errors.ts';
import type { DueFault } from './faults.ts';
import type { Practices } from './practices.ts';
import type { RateLimits } from './rateLimits.ts';
import type { Answer } from './shapes.ts';

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
	private readonly parts: AnswerParts;
	private readonly hanging = new Set<Journey>();

	constructor(parts: AnswerParts) {
		this.parts = parts;
	}

	/** Applies what is due before the work; true when the request is thereby dealt with. */
	dealtWithBefore(journey: Journey): boolean {
		const answered = this.changeWorld(journey, 'before');
		if (!answered) return false;
		this.spoil(journey, answered);
		return true;
	}

	/** Sends the answer, unless a fault that is due after the work makes something else of it. */
	send(journey: Journey, answer: Answer): void {
		const fault = this.changeWorld(journey, 'after');
		if (fault) this.spoil(journey, fault, answer);
		else this.write(journey, answer);
	}

	/** Leaves the answer to Express, whose status for it is known. */
	handOver({ entry }: Journey, status: number): void {
		this.parts.books.settle(entry, status);
		this.parts.books.finish(entry);
	}

	/** Lets go of the requests that were never to be answered. */
	release(): void {
		for (const { request } of this.hanging) request.socket.destroy();
		this.hanging.clear();
	}

	/** Faults that change data or tokens happen at once; the first of the others is returned. */
	private changeWorld({ entry, faults }: Journey, when: 'before' | 'after'): Fault | undefined {
		let remaining: Fault | undefined;
		for (const { fault } of faults.filter((due) => due.when === when)) {
			if (fault.kind === 'expireTokens') this.parts.tokens.expireAll();
			else if (fault.kind === 'addRecord' || fault.kind === 'deleteRecord') {
				this.changeData(Number(entry.practiceId), fault);
			} else remaining ??= fault;
		}
		return remaining;
	}

	private changeData(
		practice: number,
		fault: Extract<Fault, { kind: 'addRecord' | 'deleteRecord' }>,
	): void {
		const collection = this.parts.practices.collection(practice, fault.path);
		if (!collection) return;
		if (fault.kind === 'addRecord') collection.insert(fault.record);
		else collection.delete(fault.id ?? collection.idAt(fault.position ?? 0));
	}

	private spoil(journey: Journey, fault: Fault, answer?: Answer): void {
		const { request } = journey;
		switch (fault.kind) {
			case 'reset':
				this.settle(journey, 'reset');
				request.socket.resetAndDestroy();
				return;
			case 'hang':
				this.parts.books.settle(journey.entry, 'hang');
				this.hanging.add(journey);
				return;
			case 'truncate':
				this.truncate(journey, answer ?? { status: 200, body: {} });
				return;
			case 'html':
				this.writeText(journey, fault.status ?? 200, '<!DOCTYPE html><title>Sorry</title>');
				return;
			case 'redirect':
				this.write(journey, {
					status: fault.status ?? 302,
					headers: { Location: fault.location },
				});
				return;
			case 'status':
				this.writeStatus(journey, fault);
				return;
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
		this.settle(journey, 'truncated');
		response.status(answer.status).set(answer.headers ?? {});
		response.set({ 'Content-Type': 'application/json', 'Content-Length': String(body.length) });
		response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
	}

	private write(journey: Journey, answer: Answer): void {
		const { response } = journey;
		this.settle(journey, answer.status);
		response.status(answer.status).set(answer.headers ?? {});
		if (answer.body === undefined) response.end();
		else if (typeof answer.body === 'string') response.type('html').send(answer.body);
		else response.type('json').send(JSON.stringify(answer.body));
	}

	private writeText(journey: Journey, status: number, text: string): void {
		this.settle(journey, status);
		journey.response.status(status).type('html').send(text);
	}

	/** The books are right before the client has its answer, so that a test needn't wait. */
	private settle({ entry }: Journey, outcome: Outcome): void {
		this.parts.books.settle(entry, outcome);
		this.parts.books.finish(entry);
	}
}
