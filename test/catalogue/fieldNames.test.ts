// The API's names as people read them, and the order in which the editor lists them.
import { other } from '../../nodes/EyeCloudPro/catalogue/other';
import { resources } from '../../nodes/EyeCloudPro/catalogue';
import {
	byUsefulness,
	referenceIn,
	shownField,
} from '../../nodes/EyeCloudPro/catalogue/fieldNames';

const named = (value: string) => resources.find((each) => each.value === value) ?? other;

test.each([
	['patient', 'name_pref', 'Preferred Name'],
	['patient', 'dob', 'Date of Birth'],
	['employee', 'dob', 'Date of Birth'],
	['patient', 'phone_mobile', 'Mobile Phone'],
	['patient', 'home_addr_1', 'Home Address 1'],
	['patient', 'preferredStoreId', 'Preferred Store ID'],
	['appointment', 'appt_id', 'Appointment ID'],
	['tierPrice', 'tierprice_id', 'Tier Price ID'],
	['other', 'recall_id', 'Recall ID'],
	['frame', 'address.city', 'Address City'],
	['frame', 'constructor', 'Constructor'],
])('of %s: %s is %s', (resource, name, shown) => {
	expect(shownField(name, named(resource))).toBe(`${shown} (${name})`);
});

test.each(['Größe', '__', 'NaN', ';x=1'])('%s is shown as it is', (name) => {
	expect(shownField(name, named('frame'))).toBe(name);
});

test('names, contact and dates come before other records, the rest and IDs', () => {
	const mixed = ['create_date', 'appt_id', 'insurance_id', 'notes', 'store_id', 'start_date'];
	const names = [...mixed, 'phone', 'status', 'name_last'];
	expect(byUsefulness(names, named('appointment'))).toEqual([
		...['name_last', 'phone', 'start_date', 'store_id', 'notes', 'status'],
		...['insurance_id', 'appt_id', 'create_date'],
	]);
});

test.each([
	['patient_id', 'patient'],
	['preferred_store_id', 'store'],
	['id', undefined],
	['impatient_id', undefined],
])('%s is of: %s', (name, resource) => {
	expect(referenceIn(name)?.value).toBe(resource);
});
