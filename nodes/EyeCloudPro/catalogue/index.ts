// The catalogue: every resource that the node offers, in the order in which the editor lists them. A new
// one is a row. Read by the operations, the trigger and the editor's methods.
import { patient } from './patient';
import { unpublished, type Resource } from './resource';

/** A documented scope for each verb: `create:orders`, `read:orders`. */
function scopes(rest: string, ...verbs: Array<keyof Resource['scopes']>): Resource['scopes'] {
	return Object.fromEntries(
		verbs.map((verb) => [verb, { name: `${verb}:${rest}`, evidence: 'documented' }]),
	);
}

/** The price books share one rate limit, which is documented: the first segment of their path. */
const priceBook = (name: string) => ['pricebooks', name];

/** One that can be read alone. */
function readOnlyPriceBook(
	[value, displayName, displayNamePlural]: [string, string, string],
	name: string,
	...idFields: string[]
): Resource {
	return {
		...{ ...unpublished, value, displayName, displayNamePlural, path: priceBook(name) },
		scopes: scopes(`pricebooks:${name}`, 'read'),
		idFields: [idFields[0], ...idFields.slice(1), 'id'],
	};
}

export const resources: readonly Resource[] = [
	patient,
	{
		...unpublished,
		value: 'appointment',
		displayName: 'Appointment',
		displayNamePlural: 'Appointments',
		path: ['appointments'],
		scopes: {
			// The published environment holds a `created_appt_id`; no scope for it is published.
			create: { name: 'create:appointments', evidence: 'inferred' },
			...scopes('appointments', 'read'),
		},
		idFields: ['appt_id', 'appointment_id', 'id'],
		isForPatient: true,
	},
	{
		...unpublished,
		value: 'order',
		displayName: 'Order',
		displayNamePlural: 'Orders',
		path: ['orders'],
		scopes: scopes('orders', 'create', 'read'),
		idFields: ['order_id', 'id'],
		isForPatient: true,
	},
	{
		...unpublished,
		value: 'invoice',
		displayName: 'Invoice',
		displayNamePlural: 'Invoices',
		path: ['invoices'],
		pathEvidence: 'documented',
		scopes: scopes('invoices', 'read'),
		idFields: ['invoice_id', 'id'],
	},
	{
		...unpublished,
		value: 'store',
		displayName: 'Store',
		displayNamePlural: 'Stores',
		path: ['stores'],
		scopes: scopes('stores', 'read'),
		idFields: ['store_id', 'id'],
		isShortList: true,
	},
	{
		...unpublished,
		value: 'employee',
		displayName: 'Employee',
		displayNamePlural: 'Employees',
		path: ['employees'],
		scopes: scopes('employees', 'read'),
		idFields: ['employee_id', 'id'],
		isShortList: true,
	},
	readOnlyPriceBook(['lens', 'Lens', 'Lenses'], 'lenses', 'lens_id'),
	{
		...unpublished,
		value: 'frame',
		displayName: 'Frame',
		displayNamePlural: 'Frames',
		path: priceBook('frames'),
		scopes: scopes('pricebooks:frames', 'create', 'read', 'update'),
		idFields: ['frame_id', 'id'],
	},
	readOnlyPriceBook(
		['contactLens', 'Contact Lens', 'Contact Lenses'],
		'contactlenses',
		'contactlens_id',
		'contact_lens_id',
	),
	readOnlyPriceBook(
		['professionalFee', 'Professional Fee', 'Professional Fees'],
		'proffees',
		'proffee_id',
		'professional_fee_id',
	),
	readOnlyPriceBook(
		['merchandise', 'Merchandise Item', 'Merchandise Items'],
		'merchandise',
		'merchandise_id',
	),
	readOnlyPriceBook(['addOn', 'Add-On', 'Add-Ons'], 'addons', 'addon_id', 'add_on_id'),
	readOnlyPriceBook(
		['miscItem', 'Miscellaneous Item', 'Miscellaneous Items'],
		'misc',
		'misc_id',
		'misc_item_id',
	),
	readOnlyPriceBook(
		['tierPrice', 'Tier Price', 'Tier Prices'],
		'tierprices',
		'tierprice_id',
		'tier_price_id',
	),
	{
		...unpublished,
		value: 'priceTier',
		displayName: 'Price Tier',
		displayNamePlural: 'Price Tiers',
		path: ['configurations', 'pricetiers'],
		scopes: scopes('configurations:pricetiers', 'create', 'read', 'update', 'delete'),
		idFields: ['pricetier_id', 'price_tier_id', 'id'],
		isShortList: true,
	},
];
