// Whether standbys really follow: what was written on the primary must come to each. A server that
// was never rewound answers like one that follows, and never gets new rows.
import type { CheckResult } from '../../evidence/event.ts';
import { TAKES_WRITES, unledWords, type ServerLook } from '../../evidence/events/server-look.ts';
import { until, type Clock } from '../../host/clock.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import { writeProbe } from '../../postgres/server/primary.ts';
import { probeSeen } from '../../postgres/own/queries.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { OwnTables } from '../../postgres/own/tables.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000 } as const;
const LOCAL = { ...LIMITS, synchronous_commit: 'local' } as const;
const ARRIVES_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** Where there is none that the others could follow, what each of them is. */
export function nobodyWrites(picture: readonly Pick<ServerLook, 'node' | 'state'>[]): CheckResult {
  return { name: TAKES_WRITES, ok: false, detail: unledWords(picture) };
}

/** One check for each server besides the primary; what cannot be asked, or written, is none. */
export async function follows(
  primary: string,
  servers: readonly OwnServer[],
  tables: OwnTables,
  clock: Clock,
): Promise<CheckResult[]> {
  const source = servers.find(({ node }) => node === primary)!;
  const others = servers.filter(({ node }) => node !== primary);
  return await Promise.all(
    others.map(async (other) => {
      const name = `what is written comes to ${other.node}`;
      const seen = await arrives(source, other, tables, clock).catch((error: unknown) => {
        return { ok: false, detail: reasonOf(error) };
      });
      return { name, ...seen };
    }),
  );
}

/**
 * A row that changes in a server which takes no writes has come from elsewhere. That it is newer
 * than the one written would not do: two primaries both have new rows, and clocks differ.
 */
async function arrives(
  source: OwnServer,
  { address }: OwnServer,
  { probe, timeline }: OwnTables,
  clock: Clock,
): Promise<Pick<CheckResult, 'ok' | 'detail'>> {
  return await withConnection(address, LIMITS, async (client) => {
    const before = await probeSeen(client, probe);
    if (!before.standby) return { ok: false, detail: 'it takes writes itself' };
    const { at } = await withConnection(source.address, LOCAL, (other) =>
      writeProbe(other, probe, timeline),
    );
    const began_ms = clock.now();
    const waiting = { clock, deadline_ms: began_ms + ARRIVES_MS, every_ms: LOOK_EVERY_MS };
    const arrived = await until({ ...waiting, signal: undefined }, async () => {
      // The probe of the watch may have come after it.
      const now = await probeSeen(client, probe, at);
      return now.standby && now.come && now.at !== before.at ? clock.now() - began_ms : null;
    });
    if (arrived !== null) return { ok: true, detail: `after ${Math.round(arrived)} ms` };
    return { ok: false, detail: `it had not come after ${ARRIVES_MS / 1000} s` };
  });
}
