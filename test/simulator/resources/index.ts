// Every resource of the API, and every scope there is. Adding a resource is one entry here.
import type { Resource } from './resource.ts';
import { scopeFor } from './resource.ts';
import { priceTiers } from './configurations.ts';
import { employees, stores } from './office.ts';
import { patients } from './patients.ts';
import { priceBooks } from './priceBooks.ts';
import { invoices, orders } from './sales.ts';
import { appointments } from './visits.ts';

export const resources: readonly Resource[] = [
	patients,
	appointments,
	orders,
	invoices,
	stores,
	employees,
	...priceBooks,
	priceTiers,
];

export const allScopes: readonly string[] = resources.flatMap((resource) =>
	resource.actions.map((action) => scopeFor(action, resource)),
);
