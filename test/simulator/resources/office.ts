// Stores and employees: the office itself, and who works there.
import type { Resource } from './resource.ts';
import { email, equals, id, name, sized, stored } from './fields.ts';

export const stores: Resource = {
	path: '/stores',
	idField: 'store_id',
	actions: ['read'],
	sortable: ['store_id', 'store_name', 'create_date'],
	filters: { store_name: equals('store_name', name) },
	count: () => 3,
	generate: (index, pick) => {
		const address = pick.address();
		return {
			store_id: index + 1,
			store_name: `${address.city} Eye Care`,
			address,
			phone: pick.phone(),
			email: `store${index + 1}@example.org`,
			time_zone: 'America/Chicago',
			active: true,
			create_date: `${pick.day(-4_000, -3_500)}T09:00:00`,
		};
	},
	create: stored('store_id'),
};

export const employees: Resource = {
	path: '/employees',
	idField: 'employee_id',
	actions: ['read'],
	sortable: ['employee_id', 'name_first', 'name_last', 'create_date'],
	filters: { store_id: equals('store_id', id), email: equals('email', email) },
	count: sized(24),
	generate: (index, pick) => {
		const first = pick.firstName();
		const last = pick.lastName();
		return {
			employee_id: 11 + index,
			name_first: first,
			name_last: last,
			title: pick.of(['Optometrist', 'Optician', 'Technician', 'Front Desk', 'Manager']),
			email: pick.email(first, last, 11 + index),
			store_id: (index % 3) + 1,
			active: pick.chance(0.9),
			create_date: `${pick.day(-3_000, -30)}T08:30:00`,
		};
	},
	create: stored('employee_id'),
};
