// Price tiers: the one resource that can be deleted.
import Joi from 'joi';
import type { Resource } from './resource.ts';
import { equals, name, sized, stored } from './fields.ts';

export const priceTiers: Resource = {
	path: '/configurations/pricetiers',
	idField: 'pricetier_id',
	actions: ['create', 'read', 'update', 'delete'],
	sortable: ['pricetier_id', 'tier_name', 'create_date'],
	filters: { tier_name: equals('tier_name', name) },
	body: Joi.object({
		tier_name: name.required(),
		discount_percent: Joi.number().min(0).max(100),
		active: Joi.boolean(),
	}),
	count: sized(6),
	generate: (index, pick) => ({
		pricetier_id: index + 1,
		tier_name: `Tier ${String.fromCharCode(65 + index)}`,
		discount_percent: pick.whole(0, 8) * 5,
		active: true,
		create_date: `${pick.day(-900, -300)}T07:${pick.whole(10, 59)}:00`,
	}),
	create: stored('pricetier_id'),
};
