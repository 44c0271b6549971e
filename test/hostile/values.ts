// Values that nobody means well with, as an expression can give them. Called by the tests in this folder.
import fc from 'fast-check';

/** What leads elsewhere in an address, ends a header, or belongs to every object. */
export const nastyTexts = [
	...['..', '.', '../', '../../stores', '/', '//evil.example', '\\', '\\\\evil.example\\x'],
	...['%2e%2e', '%2e%2e%2fstores', '%2F', '%', '%00', '%zz', '1%0d%0aHost:evil.example'],
	...['https://evil.example/', 'http://127.0.0.1:1/', '@evil.example', 'user:x@evil.example'],
	...['?x=1', '1?page_size=1', '#', '1#x', '1&sort=x', ';x=1', '1;', '*', "' OR 1=1 --"],
	...['\r\nHost: evil.example', '1\r\n\r\nGET / HTTP/1.1', '\0', '\u0007\u001b[2J', '\ufeff1'],
	...['\ud800', 'a\udfff', '\u202e1001', '١٢٣', '１００１', '𝟙', 'ß', 'é'.repeat(300)],
	...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'length'],
	...['null', 'true', 'NaN', '-0', '1e400', '0x10', '1_000', '-1', ' ', '\t1001\n', ''],
	...['$1', "$&$`$'", '(a+)+$', '[', '<script>alert(1)</script>', '${7*7}', '{"$ne":1}'],
	...['x'.repeat(100_000), 'a@'.repeat(20_000)],
];

/** As JSON.parse makes them: `__proto__` is a key of their own. */
const nastyObjects = [
	...[
		'{"__proto__":{"polluted":1}}',
		'{"constructor":{"prototype":{"polluted":1}}}',
		'[[["../"]]]',
	],
	...['{"toString":1}', '{"toString":null,"valueOf":null}', '{"toISODate":1}', '{"length":-1}'],
	...['{"then":1}', '{"__rl":true,"mode":"id","value":{"__rl":true}}', '[{"toString":1}]'],
].map((text) => JSON.parse(text) as unknown);

/** Levels deep; n8n itself copies items by recursion, which ends some thousand levels further. */
function nested(levels: number): unknown {
	let value: unknown = 1;
	for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value };
	return value;
}

const some = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

const text = fc.oneof(
	some(3, fc.constantFrom(...nastyTexts)),
	some(1, fc.string({ unit: 'binary', maxLength: 60 })),
	some(1, fc.string({ maxLength: 60 })),
	some(1, fc.webUrl({ withQueryParameters: true, withFragments: true })),
);

/** Anything that an expression may give. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
	some<unknown>(5, text),
	some<unknown>(2, fc.constantFrom(...nastyObjects)),
	some<unknown>(
		2,
		fc.oneof(fc.integer(), fc.double(), fc.constantFrom(true, false, null, undefined)),
	),
	some<unknown>(1, fc.date({ noInvalidDate: false })),
	some<unknown>(1, fc.jsonValue({ maxDepth: 3 })),
	some<unknown>(1, fc.constantFrom(nested(50), nested(900))),
);

/** A name of a field or parameter. */
export const name = fc.oneof(
	some(2, fc.constantFrom('name_last', 'email', 'dob', 'phone', 'notes')),
	some(3, text),
);
