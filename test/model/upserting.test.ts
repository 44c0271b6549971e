// The model of n8n's settings: cases by chance, each played in n8n-core and judged by the simulator's
// books. `MODEL_SEED` gives other cases, `MODEL_CASES` more of them. A difference is made as simple as it
// gets.
import { simulated } from './play.ts';

import { modelled } from './modelled.ts';

simulated();
modelled('creating or updating', { upsert: 1 }, 500);
