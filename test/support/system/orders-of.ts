// Orders of a system in a test: placed by the clients' way, read straight from a database.
import { RUN_HEADER } from '../../../src/host/http.ts';
import type { SurvivorRow } from '../../../src/evidence/survivors.ts';
import type { LabRegion } from '../../../src/topology/system/region.ts';
import type { Store } from '../../../src/topology/system/store.ts';

/** One order through a proxy of the region's edge link; resolves to the status. */
export async function postOrder(
  { edge }: Pick<LabRegion, 'edge'>,
  sequence: number,
): Promise<number> {
  const { host, port } = edge.proxies.find(({ name }) => name.endsWith('.app-1'))!;
  const { headers } = await fetch(`http://${host}:${port}/healthz`);
  const mark = headers.get(RUN_HEADER)!;
  const response = await fetch(`http://${host}:${port}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close', [RUN_HEADER]: mark },
    body: JSON.stringify({ writer: 1, sequence, payload: `payload-${sequence}` }),
  });
  await response.text();
  return response.status;
}

/** In ascending order. */
export async function sequencesOf(database: Pick<Store, 'readRows'>): Promise<number[]> {
  const rows: SurvivorRow[] = [];
  await database.readRows((row) => rows.push(row));
  return rows.map(({ sequence }) => sequence).sort((a, b) => a - b);
}
