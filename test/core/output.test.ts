// How much of a record comes out: Simplify for users, and for AI agents Simplified, Raw or Selected
// Fields.
import { byId, simulatedPractice } from './simulatedPractice.ts';

import { convertNodeToAiTool, type IDataObject } from 'n8n-workflow';
