// The physical floor: every page by a bare undici pool with as many connections as the node had requests
// in flight, parsed and no more. Called by readingEverything.ts.
import { Pool } from 'undici';
import type { OAuthClient, Simulator } from '../simulator/start.ts';
import { countCost, type Cost, type CostKind } from './cost.ts';

interface Page {
	data: Array<{ patient_id: number }>;
	pagination: { total_pages: number };
}

export interface FloorFigures {
	timeMs: number;
	records: number;
	distinct: number;
	cost: Cost;
}

/** The token is not part of the time, as it isn't in n8n, which has it stored. */
export async function readAtTheFloor(
	simulator: Simulator,
	client: OAuthClient,
	costOf: CostKind,
	connections: number,
): Promise<FloorFigures> {
	const authorization = `Bearer ${await accessToken(simulator, client)}`;
	const pool = new Pool(simulator.apiUrl, { connections });
	const readPage = async (page: number): Promise<Page> => {
		const path = `/v2/${simulator.practiceId}/patients?page=${page}&page_size=250&sort=patient_id`;
		const answer = await pool.request({ path, method: 'GET', headers: { authorization } });
		if (answer.statusCode !== 200) throw new Error(`Page ${page}: HTTP ${answer.statusCode}`);
		return (await answer.body.json()) as Page;
	};
	const costUntilNow = await countCost(costOf);
	const startedAtMs = performance.now();
	const pages = [await readPage(1)];
	const totalPages = pages[0].pagination.total_pages;
	let next = 2;
	const worker = async () => {
		while (next <= totalPages) {
			const page = next++;
			pages[page - 1] = await readPage(page);
		}
	};
	await Promise.all(Array.from({ length: connections }, worker));
	const [timeMs, cost] = [performance.now() - startedAtMs, costUntilNow()];
	await pool.close();
	const records = pages.flatMap(({ data }) => data);
	const distinct = new Set(records.map((record) => record.patient_id)).size;
	return { timeMs, records: records.length, distinct, cost };
}

async function accessToken(simulator: Simulator, client: OAuthClient): Promise<string> {
	const response = await fetch(`${simulator.authUrl}/oauth/token`, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: client.clientId,
			client_secret: client.clientSecret ?? '',
			audience: simulator.audience,
		}),
	});
	if (!response.ok) throw new Error(`The auth server answered HTTP ${response.status}.`);
	return ((await response.json()) as { access_token: string }).access_token;
}
