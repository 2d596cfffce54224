// A second program that reads what is in drill's tables of each server while a drill runs. It holds
// a table that it reads, so that nobody drops it before the last write was read.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Stack } from './stack.ts';

const READ_EVERY_MS = 100;
const AT_MOST_MS = 1_000;

export interface SeenRows {
  /** By node, the ids of the last whole read before drill's tables went. */
  readonly ids: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Each server by itself: one that stands still keeps nobody from the other. */
export async function readUntil(
  { admins }: Pick<Stack, 'admins'>,
  over: AbortSignal,
): Promise<SeenRows['ids']> {
  const ids = new Map<string, ReadonlySet<string>>();
  const readings = Object.entries(admins).map(async ([node, url]) => {
    while (!over.aborted) {
      await readHolding(url, over, (rows) => ids.set(node, rows)).catch(() => {});
      await sleep(READ_EVERY_MS);
    }
  });
  await Promise.all(readings);
  return ids;
}

/** Resolves once somebody waits to drop the table, or there is none; rejects with the server. */
async function readHolding(
  url: string,
  over: AbortSignal,
  onRead: (ids: ReadonlySet<string>) => void,
): Promise<void> {
  const limits = { connectionTimeoutMillis: AT_MOST_MS, query_timeout: AT_MOST_MS };
  const client = new Client({ connectionString: url, ...limits });
  client.on('error', () => {});
  try {
    await client.connect();
    const table = await tableIn(client);
    if (table === null) return;
    await client.query('begin');
    for (;;) {
      const isLast = over.aborted || (await isAwaited(client, table));
      const { rows } = await client.query<{ id: string }>(
        `select writer || '-' || sequence as id from ${table}`,
      );
      onRead(new Set(rows.map(({ id }) => id)));
      if (isLast) return;
      await sleep(READ_EVERY_MS);
    }
  } finally {
    client.end().catch(() => {}); // it may not answer any more
  }
}

async function tableIn(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname = 'dr_drill' and tablename like 'orders%'`,
  );
  return rows[0]?.name ?? null;
}

async function isAwaited(client: Client, table: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from pg_locks where relation = $1::regclass and not granted',
    [table],
  );
  return rowCount! > 0;
}
