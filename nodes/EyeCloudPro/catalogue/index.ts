// The catalogue: every resource that the node offers, in the order in which the editor lists them.
import { addOn } from './addOn';
import { appointment } from './appointment';
import { contactLens } from './contactLens';
import { employee } from './employee';
import { frame } from './frame';
import { invoice } from './invoice';
import { lens } from './lens';
import { merchandise } from './merchandise';
import { miscItem } from './miscItem';
import { order } from './order';
import { patient } from './patient';
import { priceTier } from './priceTier';
import { professionalFee } from './professionalFee';
import { store } from './store';
import { tierPrice } from './tierPrice';
import type { Resource } from './resource';

export const resources: readonly Resource[] = [
	patient,
	appointment,
	order,
	invoice,
	store,
	employee,
	lens,
	frame,
	contactLens,
	professionalFee,
	merchandise,
	addOn,
	miscItem,
	tierPrice,
	priceTier,
];
