// A resource's name inside a sentence. Used by whatever speaks of records to a user.

/** `Price Tiers` inside a sentence: `price tiers`. */
export function inSentence(displayName: string): string {
	return displayName.toLowerCase();
}

/** `Order` inside a sentence: `an order`. */
export function oneInSentence(displayName: string): string {
	const name = inSentence(displayName);
	return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
