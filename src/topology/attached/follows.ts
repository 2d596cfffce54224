// Whether standbys really follow: what was written on the primary must come to each. A server that
// was never rewound answers like one that follows, and never gets new rows.
import type { CheckResult } from '../../evidence/event.ts';
import { until, type Clock } from '../../host/clock.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import { writeProbe } from '../../postgres/server/primary.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { OwnTables } from '../../postgres/own/tables.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000 } as const;
const LOCAL = { ...LIMITS, synchronous_commit: 'local' } as const;
const ARRIVES_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** One check for each server besides the primary. */
export async function follows(
  primary: string,
  servers: readonly OwnServer[],
  { probe, timeline }: OwnTables,
  clock: Clock,
): Promise<CheckResult[]> {
  const source = servers.find(({ node }) => node === primary)!;
  const { at } = await withConnection(source.address, LOCAL, (client) =>
    writeProbe(client, probe, timeline),
  );
  const others = servers.filter(({ node }) => node !== primary);
  return await Promise.all(others.map((each) => arrives(each, probe, at, clock)));
}

async function arrives(
  { node, address }: OwnServer,
  probe: string,
  at: string,
  clock: Clock,
): Promise<CheckResult> {
  const name = `what is written comes to ${node}`;
  const began_ms = clock.now();
  const waiting = { clock, deadline_ms: began_ms + ARRIVES_MS, every_ms: LOOK_EVERY_MS };
  try {
    const arrived = await withConnection(address, LIMITS, (client) =>
      until({ ...waiting, signal: undefined }, async () => {
        // The probe of the watch may have come after it.
        const sql = `select at >= $1::timestamptz as come from ${probe}`;
        const { rows } = await client.query<{ come: boolean }>(sql, [at]);
        return rows[0]?.come === true ? clock.now() - began_ms : null;
      }),
    );
    if (arrived !== null) return { name, ok: true, detail: `after ${Math.round(arrived)} ms` };
    return { name, ok: false, detail: `it had not come after ${ARRIVES_MS / 1000} s` };
  } catch (error) {
    return { name, ok: false, detail: reasonOf(error) };
  }
}
