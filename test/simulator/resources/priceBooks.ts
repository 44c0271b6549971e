// The eight price books. They differ in a few fields and in what may be written, so each is a row.
import Joi from 'joi';
import type { ApiRecord } from '../contract.ts';
import type { Pick } from '../pick.ts';
import type { Resource } from './resource.ts';
import { equals, money, name, sized, stored } from './fields.ts';

interface PriceBook {
	name: string;
	idField: string;
	actions?: Resource['actions'];
	count: number;
	/** The fields that only this price book has. */
	fields: (pick: Pick) => ApiRecord;
	body?: Resource['body'];
}

function priceBook(book: PriceBook): Resource {
	return {
		path: `/pricebooks/${book.name}`,
		idField: book.idField,
		actions: book.actions ?? ['read'],
		sortable: [book.idField, 'description', 'price', 'create_date'],
		filters: { sku: equals('sku', name), active: equals('active', Joi.boolean()) },
		body: book.body,
		count: sized(book.count),
		generate: (index, pick) => ({
			[book.idField]: 101 + index,
			sku: `${book.name.slice(0, 3).toUpperCase()}-${10_001 + index}`,
			description: pick.words(),
			...book.fields(pick),
			price: pick.price(5, 500),
			active: pick.chance(0.9),
			create_date: `${pick.day(-900, -1)}T07:${pick.whole(10, 59)}:00`,
		}),
		create: stored(book.idField),
	};
}

const frameBody = Joi.object({
	sku: name,
	description: name.required(),
	brand: name.required(),
	model: name,
	color: name,
	eye_size: Joi.number().integer().min(30).max(70),
	price: money.required(),
	cost: money,
	active: Joi.boolean(),
});

export const priceBooks: Resource[] = [
	priceBook({
		name: 'lenses',
		idField: 'lens_id',
		count: 150,
		fields: (pick) => ({
			material: pick.of(['CR-39', 'Polycarbonate', 'Trivex', 'High Index 1.67']),
			style: pick.of(['Single Vision', 'Bifocal', 'Progressive']),
		}),
	}),
	priceBook({
		name: 'frames',
		idField: 'frame_id',
		actions: ['create', 'read', 'update'],
		count: 320,
		fields: (pick) => ({
			brand: pick.company(),
			model: `M${pick.whole(100, 999)}`,
			color: pick.of(['Black', 'Tortoise', 'Gold', 'Navy', 'Clear']),
			eye_size: pick.whole(44, 58),
			cost: pick.price(5, 120),
		}),
		body: frameBody,
	}),
	priceBook({
		name: 'contactlenses',
		idField: 'contactlens_id',
		count: 90,
		fields: (pick) => ({
			manufacturer: pick.company(),
			wear_schedule: pick.of(['Daily', 'Biweekly', 'Monthly']),
			box_quantity: pick.of([6, 30, 90]),
		}),
	}),
	priceBook({
		name: 'proffees',
		idField: 'proffee_id',
		count: 40,
		fields: (pick) => ({ procedure_code: String(pick.whole(92_000, 92_499)) }),
	}),
	priceBook({
		name: 'merchandise',
		idField: 'merchandise_id',
		count: 35,
		fields: (pick) => ({ category: pick.of(['Solution', 'Case', 'Cloth', 'Drops']) }),
	}),
	priceBook({
		name: 'addons',
		idField: 'addon_id',
		count: 25,
		fields: (pick) => ({ kind: pick.of(['Coating', 'Tint', 'Edge', 'Prism']) }),
	}),
	priceBook({
		name: 'misc',
		idField: 'misc_id',
		count: 15,
		fields: (pick) => ({ taxable: pick.chance(0.5) }),
	}),
	priceBook({
		name: 'tierprices',
		idField: 'tierprice_id',
		count: 60,
		fields: (pick) => ({ pricetier_id: pick.whole(1, 2), frame_id: pick.whole(101, 120) }),
	}),
];
