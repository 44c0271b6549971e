// What a user may get to see, whatever was put in or answered: records, or a sentence. Called by held.ts.
import type { NodeResult } from '../harness/runNode.ts';

/** What only a programmer would write, or JavaScript would say. */
export const NO_SENTENCE =
	/undefined|\[object |\bNaN\b|Cannot (read|convert|destructure|set|assign)|is not (a function|iterable|defined|a constructor|valid JSON)|(Type|Range|Syntax|URI|Reference)Error|URI malformed|Maximum call stack|Invalid (array|string|time)|heap|does not know|\bat .+:\d+:\d+|node_modules|JSON at position/;

/** What n8n's UX guidelines ask to avoid. */
const AVOIDED = /\b(errors?|problems?|failures?|mistakes?)\b/i;

/** Names are quoted as they were given, and what the API itself said is handed on in its words. */
const NOT_OWN = /"[^"]*"|'\S*'|It said: (?!undefined|\[object ).*?\.( |$)/gs;

/** Access tokens are JWTs in the simulator and in production. */
const TOKEN = /eyJ[\w-]{8,}\.|Bearer/;

/** A text for people ends somewhere. */
const LONGEST = 20_000;

/** What is wrong with a result as a user sees it; empty where nothing is. */
export function complaintsAbout(
	{ error, items, inspected }: NodeResult,
	secrets: string[],
): string[] {
	const texts = [error?.message, error?.description];
	for (const { json } of items) {
		// What Continue On Fail hands on.
		if (Object.hasOwn(json, 'error')) texts.push(json.error as string, json.message as string);
	}
	const complaints: string[] = [];
	for (const text of texts.filter((given) => given !== undefined && given !== null)) {
		const own = String(text).replace(NOT_OWN, '');
		const [found] = NO_SENTENCE.exec(own) ?? AVOIDED.exec(own) ?? [];
		if (typeof text !== 'string') complaints.push(`no text: ${typeof text}`);
		if (found) complaints.push(`"${found}" in: ${String(text).slice(0, 200)}`);
		if (String(text).length > LONGEST) complaints.push(`${String(text).length} characters long`);
	}
	if (error && !/^['"\p{Lu}\d]/u.test(error.message)) {
		complaints.push(`begins like no sentence: ${error.message.slice(0, 80)}`);
	}
	const all = error ? inspected() : '';
	if (TOKEN.test(all) || secrets.some((secret) => all.includes(secret)))
		complaints.push('a secret');
	return complaints;
}
