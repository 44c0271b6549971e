// Orders, which are created through the API, and invoices, which are only read.
import Joi from 'joi';
import type { Pick } from '../pick.ts';
import type { Resource } from './resource.ts';
import { dateField, equals, id, money, name, onDay, sized } from './fields.ts';
import { somePatientId } from './patients.ts';

function lineItems(pick: Pick) {
	return Array.from({ length: pick.whole(1, 4) }, (_, position) => {
		const quantity = pick.whole(1, 2);
		const unitPrice = pick.price(10, 400);
		return {
			line: position + 1,
			item_type: pick.of(['frame', 'lens', 'contactlens', 'proffee', 'merchandise']),
			description: pick.words(),
			quantity,
			unit_price: unitPrice,
			amount: Math.round(quantity * unitPrice * 100) / 100,
		};
	});
}

function totalOf(items: Array<{ amount: number }>): number {
	return Math.round(items.reduce((sum, { amount }) => sum + amount, 0) * 100) / 100;
}

export const orders: Resource = {
	path: '/orders',
	idField: 'order_id',
	actions: ['create', 'read'],
	sortable: ['order_id', 'patient_id', 'order_date', 'status', 'create_date'],
	filters: {
		store_id: equals('store_id', id),
		patient_id: equals('patient_id', id),
		date: onDay('order_date', 'date'),
	},
	body: Joi.object({
		patient_id: id.required(),
		store_id: id.required(),
		order_date: dateField('order_date'),
		items: Joi.array()
			.items(
				Joi.object({
					item_type: name.required(),
					description: name,
					quantity: id.required(),
					unit_price: money.required(),
				}),
			)
			.min(1)
			.required(),
		notes: Joi.string().max(1000).allow(''),
	}),
	count: sized(400),
	generate: (index, pick, facts) => ({
		order_id: 7001 + index,
		patient_id: somePatientId(pick, facts),
		store_id: pick.whole(1, 3),
		order_date: pick.day(-365, 0),
		status: pick.of(['open', 'at_lab', 'ready', 'dispensed']),
		items: lineItems(pick),
		notes: null,
		create_date: `${pick.day(-365, 0)}T11:${pick.whole(10, 59)}:00`,
	}),
	create: (orderId, values) => {
		const now = new Date().toISOString().slice(0, 19);
		return {
			order_id: orderId,
			order_date: now.slice(0, 10),
			notes: null,
			status: 'open',
			...values,
			create_date: now,
		};
	},
};

export const invoices: Resource = {
	path: '/invoices',
	idField: 'invoice_id',
	actions: ['read'],
	sortable: ['invoice_id', 'patient_id', 'invoice_date', 'total', 'create_date'],
	filters: {
		store_id: equals('store_id', id),
		patient_id: equals('patient_id', id),
		date: onDay('invoice_date', 'date'),
	},
	count: sized(500),
	generate: (index, pick, facts) => {
		const items = lineItems(pick);
		const total = totalOf(items);
		const paid = pick.chance(0.8) ? total : 0;
		const invoiceDate = pick.day(-365, 0);
		return {
			invoice_id: 9001 + index,
			invoice_number: `INV-${90_001 + index}`,
			patient_id: somePatientId(pick, facts),
			store_id: pick.whole(1, 3),
			invoice_date: invoiceDate,
			line_items: items,
			total,
			balance: Math.round((total - paid) * 100) / 100,
			create_date: `${invoiceDate}T12:${pick.whole(10, 59)}:00`,
		};
	},
	create: (invoiceId, values) => ({
		invoice_id: invoiceId,
		line_items: [],
		total: 0,
		balance: 0,
		...values,
		create_date: new Date().toISOString().slice(0, 19),
	}),
};
