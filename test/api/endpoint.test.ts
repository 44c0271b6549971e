// The URL of a request, and what must never become one.
import { buildEndpoint } from '../../nodes/EyeCloudPro/api/endpoint';

const API = 'https://api.eyecloudpro.com';

test.each([
	[API, ['patients'], `${API}/v2/2/patients`, 'patients'],
	[`${API}/`, ['patients'], `${API}/v2/2/patients`, 'patients'],
	[`${API}//`, ['stores', '7'], `${API}/v2/2/stores/7`, 'stores'],
	[`${API}/eyecloud/`, ['stores'], `${API}/eyecloud/v2/2/stores`, 'stores'],
	[API, ['pricebooks', 'frames', '9'], `${API}/v2/2/pricebooks/frames/9`, 'pricebooks'],
	[API, ['patients', 'a b?c#d%2F'], `${API}/v2/2/patients/a%20b%3Fc%23d%252F`, 'patients'],
	[API, ['patients', 'ü'], `${API}/v2/2/patients/%C3%BC`, 'patients'],
	['http://127.0.0.1:4010', ['patients'], 'http://127.0.0.1:4010/v2/2/patients', 'patients'],
	['http://localhost:4010', ['patients'], 'http://localhost:4010/v2/2/patients', 'patients'],
	['http://[::1]:4010', ['patients'], 'http://[::1]:4010/v2/2/patients', 'patients'],
])('%s %j', (base, segments, url, module) => {
	expect(buildEndpoint(base, '2', segments)).toEqual({ url, origin: new URL(base).origin, module });
});

test.each(['1', '2', '1234567890', '999999999999999999'])('practice %s', (practiceId) => {
	expect(buildEndpoint(API, practiceId, ['x']).url).toBe(`${API}/v2/${practiceId}/x`);
});

test.each([
	'',
	'0',
	'-1',
	'abc',
	'1e3',
	' 12 ',
	'12.0',
	'0x10',
	'01',
	'1/2',
	'1?x',
	'١٢',
	'1'.repeat(40),
])('practice %j is refused', (practiceId) => {
	expect(() => buildEndpoint(API, practiceId, ['x'])).toThrow(
		"The 'Practice Client ID' must be a whole number",
	);
});

test.each(['', '.', '..', 'a/b', '/', '../stores', 'a\\b'])('segment %j is refused', (segment) => {
	expect(() => buildEndpoint(API, '2', ['patients', segment])).toThrow(
		'The ID is not one that a record can have',
	);
});

test.each([
	'',
	'api.eyecloudpro.com',
	'http://api.eyecloudpro.com',
	'http://127.0.0.1.example.com',
	'http://localhost.example.com',
	'http://127.0.0.1@example.com',
	'ftp://127.0.0.1',
	'file:///etc',
	'javascript:alert(1)',
])('address %j is refused', (base) => {
	expect(() => buildEndpoint(base, '2', ['x'])).toThrow(
		"The 'API Base URL' in the credential is not an https address",
	);
});
