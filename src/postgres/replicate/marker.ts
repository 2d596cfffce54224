// Whether a standby really follows: a row written on the primary must come to it. A server that was
// never rewound accepts connections, has a WAL receiver and looks healthy, and never gets new rows.
import { OperationFailed } from '../../host/operation-failed.ts';
import type { CheckResult } from '../../evidence/event.ts';
import { until, type Clock } from '../../host/clock.ts';
import { withConnection, type DatabaseAddress } from '../server/connection.ts';
import { PROBE, writeProbe } from '../server/primary.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000 };
const WRITE_LIMITS = { ...LIMITS, synchronous_commit: 'local' } as const;
const POLL_MS = 5;

interface Pair {
  readonly primary: DatabaseAddress;
  readonly standby: DatabaseAddress;
  /** The node's name for people: `east/postgres`. */
  readonly node: string;
}

/** Rejects when the row has not come after `atMost_ms`. */
export async function untilMarkerArrives(
  { primary, standby, node }: Pair,
  clock: Clock,
  atMost_ms: number,
  signal?: AbortSignal,
): Promise<CheckResult> {
  const written = await withConnection(primary, WRITE_LIMITS, writeProbe);
  const began = clock.now();
  return await withConnection(standby, LIMITS, async (client) => {
    let found = '';
    const deadline_ms = began + atMost_ms;
    const arrived = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
      const { rows } = await client.query<{ at: string }>(`select at::text from ${PROBE}`);
      found = rows[0]?.at ?? 'nothing';
      return found === written.at ? Math.round(clock.now() - began) : null;
    });
    if (arrived === null) {
      const expected = `it to follow: the marker ${written.at} within ${atMost_ms} ms`;
      throw new OperationFailed({ what: node, expected, found });
    }
    const name = `a marker written on the primary comes to ${node}`;
    return { name, ok: true, detail: `after ${arrived} ms` };
  });
}
