// The API's names as people read them, and the order in which the editor lists them.
import { other } from '../../nodes/EyeCloudPro/catalogue/other';
import { resources } from '../../nodes/EyeCloudPro/catalogue';
import { byUsefulness, shownField } from '../../nodes/EyeCloudPro/catalogue/fieldNames';
import { referenceIn } from '../../nodes/EyeCloudPro/catalogue/references';
import type { Resource } from '../../nodes/EyeCloudPro/catalogue/resource';

function named(value: string): Resource {
	const resource = [...resources, other].find((each) => each.value === value);
	if (!resource) throw new Error(`There is no ${value}.`);
	return resource;
}

test.each([
	['patient', 'name_pref', 'Preferred Name (name_pref)'],
	['patient', 'name_first', 'First Name (name_first)'],
	['patient', 'dob', 'Date of Birth (dob)'],
	['employee', 'name_middle', 'Middle Name (name_middle)'],
	['employee', 'dob', 'Date of Birth (dob)'],
	['patient', 'phone_mobile', 'Mobile Phone (phone_mobile)'],
	['patient', 'phone_ext', 'Phone Extension (phone_ext)'],
	['patient', 'home_addr_1', 'Home Address 1 (home_addr_1)'],
	['patient', 'homeAddr1', 'Home Addr1 (homeAddr1)'],
	['patient', 'preferredStoreId', 'Preferred Store ID (preferredStoreId)'],
	['patient', 'preferred_store_id', 'Preferred Store ID (preferred_store_id)'],
	['patient', 'create_date', 'Create Date (create_date)'],
	['appointment', 'appt_id', 'Appointment ID (appt_id)'],
	['appointment', 'patient_id', 'Patient ID (patient_id)'],
	['tierPrice', 'tierprice_id', 'Tier Price ID (tierprice_id)'],
	['other', 'recall_id', 'Recall ID (recall_id)'],
	['frame', 'sku', 'SKU (sku)'],
	['frame', 'Größe', 'Größe'],
	['frame', 'address.city', 'Address City (address.city)'],
	['frame', '__', '__'],
	['frame', 'constructor', 'Constructor (constructor)'],
	['frame', 'NaN', 'NaN'],
	['frame', ';x=1', ';x=1'],
])('of %s: %s', (resource, name, shown) => {
	expect(shownField(name, named(resource))).toBe(shown);
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
	['employee_id', 'employee'],
	['appt_id', 'appointment'],
	['id', undefined],
	['impatient_id', undefined],
	['insurance_id', undefined],
])('%s is of: %s', (name, resource) => {
	expect(referenceIn(name)?.value).toBe(resource);
});
