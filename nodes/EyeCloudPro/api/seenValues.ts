// Which values of a field may be shown to choose from: those of statuses, types and the like, which many records
// share. Never a name, a contact or a text that somebody wrote. Called by discovery.

/**
 * Names of fields with a fixed vocabulary, such as status or type. Any other may be about a person, as a source is
 * ("Mom: Ann"), or a unit (of an address).
 */
const ENUM_FIELD =
	/(^|_)(brand|category|class|color|gender|kind|language|material|method|priority|sex|shape|stage|status|type)$/;

/** More are no list to choose from. */
const MOST_VALUES = 12;
const LONGEST_VALUE = 40;

/** By so many records at least; what one person alone has tells of that person. */
const FEWEST_RECORDS = 2;

/** Undefined where the values are none to choose from. */
export function seenValues(name: string, values: readonly unknown[]): string[] | undefined {
	if (!ENUM_FIELD.test(name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase())) return undefined;
	const counts = new Map<string, number>();
	for (const value of values) {
		if (typeof value !== 'string' || value.trim() === '') continue;
		if (value.length > LONGEST_VALUE) return undefined;
		counts.set(value, (counts.get(value) ?? 0) + 1);
	}
	const shared = Array.from(counts).filter(([, count]) => count >= FEWEST_RECORDS);
	if (counts.size > MOST_VALUES || shared.length === 0) return undefined;
	return shared.map(([value]) => value).sort();
}
