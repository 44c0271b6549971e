// Each resource and operation with the requests that it must send: the table that the cases run through
// a real n8n. Read by catalogue.cases.ts.

export interface Writes {
	/** What the API takes as a new record. */
	record: Record<string, unknown>;
	/** A field that tells it from those that are there. */
	matchOn: string;
}

/** Of the resources that can be created. */
export const writes: Record<string, Writes> = {
	patient: {
		record: { name_first: 'Ann', name_last: 'Table', email: 'ann.table@example.com' },
		matchOn: 'email',
	},
	appointment: {
		record: { patient_id: 1001, store_id: 1, start_date: '2031-07-01T09:00:00' },
		matchOn: 'start_date',
	},
	order: {
		record: {
			...{ patient_id: 1001, store_id: 1, notes: 'By courier' },
			items: [{ item_type: 'frame', quantity: 1, unit_price: 120 }],
		},
		matchOn: 'notes',
	},
	frame: {
		record: { description: 'Half round', brand: 'Example', price: 99 },
		matchOn: 'description',
	},
	priceTier: { record: { tier_name: 'Staff' }, matchOn: 'tier_name' },
};

/**
 * By resource, the ID of a record in practice 2, and each operation with its requests: `page=1…3` is
 * three of them, `[1]` a list of one record in the body.
 */
export const table: Record<string, { id: number; requests: Record<string, string> }> = {
	patient: {
		id: 1001,
		requests: {
			getAll: 'GET /v2/2/patients?page=1&page_size=5&sort=patient_id',
			get: 'GET /v2/2/patients/1001',
			count: 'GET /v2/2/patients?page=1&page_size=5',
			create: 'POST /v2/2/patients',
			createMany: 'POST /v2/2/patients [1]',
			findOrCreate:
				'GET /v2/2/patients?email=ann.table@example.com&page=1&page_size=250&sort=-patient_id + POST /v2/2/patients',
		},
	},
	appointment: {
		id: 5001,
		requests: {
			getAll: 'GET /v2/2/appointments?page=1&page_size=5&sort=appt_id',
			get: 'GET /v2/2/appointments/5001',
			count: 'GET /v2/2/appointments?page=1&page_size=5',
			create: 'POST /v2/2/appointments',
			createMany: 'POST /v2/2/appointments [1]',
			findOrCreate:
				'GET /v2/2/appointments?page=1&page_size=250&sort=-appt_id + GET /v2/2/appointments?page=1…2&page_size=250&sort=appt_id + POST /v2/2/appointments',
		},
	},
	order: {
		id: 7001,
		requests: {
			getAll: 'GET /v2/2/orders?page=1&page_size=5&sort=order_id',
			get: 'GET /v2/2/orders/7001',
			count: 'GET /v2/2/orders?page=1&page_size=5',
			create: 'POST /v2/2/orders',
			createMany: 'POST /v2/2/orders [1]',
			findOrCreate:
				'GET /v2/2/orders?page=1&page_size=250&sort=-order_id + GET /v2/2/orders?page=1&page_size=250&sort=order_id + POST /v2/2/orders',
		},
	},
	invoice: {
		id: 9001,
		requests: {
			getAll: 'GET /v2/2/invoices?page=1&page_size=5&sort=invoice_id',
			get: 'GET /v2/2/invoices/9001',
			count: 'GET /v2/2/invoices?page=1&page_size=5',
		},
	},
	store: {
		id: 1,
		requests: {
			getAll: 'GET /v2/2/stores?page=1&page_size=5&sort=store_id',
			get: 'GET /v2/2/stores/1',
			count: 'GET /v2/2/stores?page=1&page_size=5',
		},
	},
	employee: {
		id: 11,
		requests: {
			getAll: 'GET /v2/2/employees?page=1&page_size=5&sort=employee_id',
			get: 'GET /v2/2/employees/11',
			count: 'GET /v2/2/employees?page=1&page_size=5',
		},
	},
	lens: {
		id: 101,
		requests: {
			getAll: 'GET /v2/2/pricebooks/lenses?page=1&page_size=5&sort=lens_id',
			get: 'GET /v2/2/pricebooks/lenses/101',
			count: 'GET /v2/2/pricebooks/lenses?page=1&page_size=5',
		},
	},
	frame: {
		id: 101,
		requests: {
			getAll: 'GET /v2/2/pricebooks/frames?page=1&page_size=5&sort=frame_id',
			get: 'GET /v2/2/pricebooks/frames/101',
			count: 'GET /v2/2/pricebooks/frames?page=1&page_size=5',
			create: 'POST /v2/2/pricebooks/frames',
			createMany: 'POST /v2/2/pricebooks/frames [1]',
			findOrCreate:
				'GET /v2/2/pricebooks/frames?page=1&page_size=250&sort=-frame_id + GET /v2/2/pricebooks/frames?page=1&page_size=250&sort=frame_id + POST /v2/2/pricebooks/frames',
			update: 'PATCH /v2/2/pricebooks/frames/101',
			upsert:
				'GET /v2/2/pricebooks/frames?page=1&page_size=250&sort=-frame_id + GET /v2/2/pricebooks/frames?page=1&page_size=250&sort=frame_id + POST /v2/2/pricebooks/frames',
		},
	},
	contactLens: {
		id: 101,
		requests: {
			getAll: 'GET /v2/2/pricebooks/contactlenses?page=1&page_size=5&sort=contactlens_id',
			get: 'GET /v2/2/pricebooks/contactlenses/101',
			count: 'GET /v2/2/pricebooks/contactlenses?page=1&page_size=5',
		},
	},
	professionalFee: {
		id: 101,
		requests: {
			getAll: 'GET /v2/2/pricebooks/proffees?page=1&page_size=5&sort=proffee_id',
			get: 'GET /v2/2/pricebooks/proffees/101',
			count: 'GET /v2/2/pricebooks/proffees?page=1&page_size=5',
		},
	},
	merchandise: {
		id: 101,
		requests: {
			getAll: 'GET /v2/2/pricebooks/merchandise?page=1&page_size=5&sort=merchandise_id',
			get: 'GET /v2/2/pricebooks/merchandise/101',
			count: 'GET /v2/2/pricebooks/merchandise?page=1&page_size=5',
		},
	},
	addOn: {
		id: 101,
		requests: {
			getAll: 'GET /v2/2/pricebooks/addons?page=1&page_size=5&sort=addon_id',
			get: 'GET /v2/2/pricebooks/addons/101',
			count: 'GET /v2/2/pricebooks/addons?page=1&page_size=5',
		},
	},
	miscItem: {
		id: 101,
		requests: {
			getAll: 'GET /v2/2/pricebooks/misc?page=1&page_size=5&sort=misc_id',
			get: 'GET /v2/2/pricebooks/misc/101',
			count: 'GET /v2/2/pricebooks/misc?page=1&page_size=5',
		},
	},
	tierPrice: {
		id: 101,
		requests: {
			getAll: 'GET /v2/2/pricebooks/tierprices?page=1&page_size=5&sort=tierprice_id',
			get: 'GET /v2/2/pricebooks/tierprices/101',
			count: 'GET /v2/2/pricebooks/tierprices?page=1&page_size=5',
		},
	},
	priceTier: {
		id: 1,
		requests: {
			getAll: 'GET /v2/2/configurations/pricetiers?page=1&page_size=5&sort=pricetier_id',
			get: 'GET /v2/2/configurations/pricetiers/1',
			count: 'GET /v2/2/configurations/pricetiers?page=1&page_size=5',
			create: 'POST /v2/2/configurations/pricetiers',
			createMany: 'POST /v2/2/configurations/pricetiers [1]',
			findOrCreate:
				'GET /v2/2/configurations/pricetiers?page=1&page_size=250&sort=-pricetier_id + POST /v2/2/configurations/pricetiers',
			update: 'PATCH /v2/2/configurations/pricetiers/1',
			upsert:
				'GET /v2/2/configurations/pricetiers?page=1&page_size=250&sort=-pricetier_id + POST /v2/2/configurations/pricetiers',
			delete:
				'GET /v2/2/configurations/pricetiers?page=1&page_size=50 + DELETE /v2/2/configurations/pricetiers/1',
		},
	},
};
