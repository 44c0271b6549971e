// The catalogue: every resource that the node offers, in the order in which the editor lists them.
import { patient } from './patient';
import type { Resource } from './resource';
import { store } from './store';

export const resources: readonly Resource[] = [patient, store];
