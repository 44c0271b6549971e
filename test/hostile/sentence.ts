// What a user may get to see, whatever was put in or answered: records, or a sentence. Called by the
// tests in this folder.
import type { NodeResult } from '../harness/runNode.ts';

/** What only a programmer would write, or JavaScript would say. */
export const NO_SENTENCE =
	/undefined|\[object |\bNaN\b|Cannot (read|convert|destructure|set|assign)|is not (a function|iterable|defined|a constructor|valid JSON)|(Type|Range|Syntax|URI|Reference)Error|URI malformed|Maximum call stack|Invalid (array|string|time)|heap|does not know|\bat .+:\d+:\d+|node_modules|JSON at position/;

/** What n8n's UX guidelines ask to avoid. */
const AVOIDED = /\b(errors?|problems?|failures?|mistakes?)\b/i;

/** What the API itself said is handed on in its words, whichever they are. */
const SAID = /It said: (?!undefined|\[object ).*?\.( |$)/s;

/** Access tokens are JWTs in the simulator and in production. */
const TOKEN = /eyJ[\w-]{8,}\.|Bearer/;

/** A text for people ends somewhere. */
const LONGEST = 20_000;

/** What is wrong with a result as a user sees it; empty where nothing is. */
export function complaintsAbout(
	{ error, items, inspected }: NodeResult,
	secrets: readonly string[],
): string[] {
	const complaints: string[] = [];
	const texts = [error?.message, error?.description, ...items.flatMap(errorTexts)];
	for (const text of texts) {
		if (text === undefined || text === null) continue;
		if (typeof text !== 'string') complaints.push(`no text: ${typeof text}`);
		else complaints.push(...complaintsAboutText(text));
	}
	if (error && !/^['"\p{Lu}\d]/u.test(error.message)) {
		complaints.push(`begins like no sentence: ${error.message.slice(0, 80)}`);
	}
	const all = error ? inspected() : '';
	if (TOKEN.test(all)) complaints.push('a token');
	if (secrets.some((secret) => all.includes(secret))) complaints.push('a secret');
	return complaints;
}

function complaintsAboutText(text: string): string[] {
	const complaints: string[] = [];
	// Names are quoted as they were given.
	const own = text.replace(/"[^"]*"|'\S*'/g, '').replace(SAID, '');
	for (const found of [NO_SENTENCE.exec(own), AVOIDED.exec(own)]) {
		if (found) complaints.push(`"${found[0]}" in: ${text.slice(0, 200)}`);
	}
	if (text.length > LONGEST) complaints.push(`${text.length} characters long`);
	return complaints;
}

/** What Continue On Fail hands on. */
function errorTexts({ json }: NodeResult['items'][number]): unknown[] {
	const isFailed = Object.hasOwn(json, 'error') && Object.hasOwn(json, 'message');
	return isFailed ? [json.error, json.message] : [];
}
