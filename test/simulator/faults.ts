// Which faults hit which request. Rules come from control; api.ts asks for each request; what a
// fault then does is in answer.ts.
import type { Fault, FaultRule } from './contract.ts';

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
	due(request: { method: string; path: string; page: number; text: string }): DueFault[] {
		const due: DueFault[] = [];
		for (const rule of this.rules) {
			const { method, page, holds = '', nth = 1, times = 1 } = rule.match ?? {};
			if (method !== undefined && method.toUpperCase() !== request.method) continue;
			if (page !== undefined && page !== request.page) continue;
			if (!rule.path.test(request.path) || !request.text.includes(holds)) continue;
			rule.seen += 1;
			if (rule.seen < nth || rule.seen >= nth + times) continue;
			// There is no body to cut before the work is done.
			const when = rule.fault.kind === 'truncate' ? 'after' : (rule.when ?? 'before');
			due.push({ fault: rule.fault, when });
		}
		return due;
	}
}
