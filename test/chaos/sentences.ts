// The sentences that a user of the node may read when something failed in a chaos run, and what each says
// about a creation. Asked by the jobs' judges.

const unknownOutcome = [
	/^It is unknown whether EyeCloud Pro created the (record|\d+ records? of this batch)$/,
	/^EyeCloud Pro answered without the records?$/,
];

/** Of all that the node can say, what the fault plan can bring about. */
const sentences = [
	...unknownOutcome,
	/^It is unknown whether EyeCloud Pro made the change$/,
	/^EyeCloud Pro could not process the request \(HTTP 50[023]\)$/,
	/^EyeCloud Pro did not answer$/,
	/^EyeCloud Pro gave an answer that can't be read$/,
	/^EyeCloud Pro keeps refusing requests because of its rate limit$/,
	/^EyeCloud Pro could not be reached$/,
	/^EyeCloud Pro does not accept the access token of this credential$/,
	/^The auth server gave no access token$/,
	/^The API address answered with a redirect to another one$/,
	/^The list kept changing while it was read$/,
	/^'Email' is not an email address/,
];

export function isOfTheNode(message: string): boolean {
	return sentences.some((sentence) => sentence.test(message));
}

/** What a failed creation says of itself. */
export function told(message: string): 'unknown' | 'notCreated' {
	return unknownOutcome.some((sentence) => sentence.test(message)) ? 'unknown' : 'notCreated';
}
