// What the clients of a run wrote to a system of somebody's own, as it can be counted: in drill's
// own table, by a query of the team's in each server, by a command of the team's, or not at all.
import * as z from 'zod';
import { digestOf } from '../../base/payload.ts';
import { countPhrase, writesOwnTable } from '../../drill/attached/clients.ts';
import { filledIn } from '../../drill/attached/own-way.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import type { Argv } from '../../drill/fields.ts';
import type { OrderId } from '../../evidence/restore.ts';
import type { SalvagedRow } from '../../evidence/salvage.ts';
import { payloadNotTold, type SurvivorRow } from '../../evidence/survivors.ts';
import { commandLines } from '../../host/process/command-lines.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { OperationFailed, orProblem } from '../../host/operation-failed.ts';
import { ASKING, type OwnServer } from '../../postgres/own/server.ts';
import type { Told } from '../../postgres/own/told.ts';
import { ordersByIds, readOrders } from '../../postgres/read/orders.ts';
import { UNTOLD_TIMELINE } from '../../postgres/server/timeline.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import type { Variables } from '../runtime.ts';
import type { Store } from '../system/store.ts';

const KEY = 'topology.system.count';
const COMMAND_MS = 120_000;
const SHOWN = 120;

export interface Counting {
  /** All rows of the run; of that server, where each can be asked. */
  readonly read: (
    server: OwnServer,
    onRow: (row: SurvivorRow) => void,
  ) => ReturnType<Store['readRows']>;
  /** Asks one server; null: no server can be asked by itself. */
  readonly inServer: {
    readonly has: (server: OwnServer, id: OrderId) => Promise<boolean>;
    readonly rowsOf: (server: OwnServer, ids: readonly OrderId[]) => Promise<SalvagedRow[]>;
  } | null;
}

interface OfRun {
  readonly run: string;
  /** That of drill's own statements. */
  readonly table: string;
  /** Whether the servers tell of it. */
  readonly log: Pick<Told, 'told'>;
}

export function countingOf(
  { clients, count }: Pick<PlannedSystem, 'clients' | 'count'>,
  { run, table, log }: OfRun,
  environment: Variables,
): Counting {
  if (writesOwnTable(clients)) return byQuery(table, log);
  if (count === undefined) return byNobody;
  if (count.by === 'sql') return byQuery(countedBy(filledIn(count.sql, { run })), log);
  return byCommand(
    count.command.map((word) => filledIn(word, { run })),
    environment,
  );
}

/** As a table: of its columns drill reads those three, as numbers and text. */
function countedBy(sql: string): string {
  const query = sql.trim().replace(/;$/, '');
  return `(select writer::int4 as writer, sequence::int8 as sequence, payload::text as payload,
    '' as region, '' as created from (${query}
    ) as theirs) as counted`;
}

function byQuery(rows: string, { told }: Pick<Told, 'told'>): Counting {
  const timeline = told === null ? { timeline: UNTOLD_TIMELINE } : {};
  return {
    read: ({ address }, onRow) => readOrders(address, onRow, { table: rows, ...timeline }),
    inServer: {
      has: async ({ address }, { writer, sequence }) => {
        const sql = `select from ${rows} where writer = $1 and sequence = $2`;
        const found = await withConnection(address, ASKING, (client) =>
          client.query(sql, [writer, sequence]),
        );
        return (found.rowCount ?? 0) > 0;
      },
      rowsOf: ({ address }, ids) => ordersByIds(address, ids, rows),
    },
  };
}

const countedRow = z.object({
  writer: z.int(),
  sequence: z.int(),
  payload: z.string().nullish(),
});

function byCommand(command: Argv, environment: Variables): Counting {
  return {
    read: async (_, onRow) => {
      let rows = 0;
      await commandLines(command, { environment, atMost_ms: COMMAND_MS }, (line) => {
        if (line.trim() === '') return;
        rows += 1;
        onRow(rowIn(line, rows));
      });
      return { rows, timeline: 0, snapshot: '' };
    },
    inServer: null,
  };
}

function rowIn(line: string, at: number): SurvivorRow {
  const { success, data } = countedRow.safeParse(parsed(line));
  if (!success) {
    throw new OperationFailed({
      what: `line ${at} of ${KEY}`,
      expected: 'a row such as {"writer":3,"sequence":17,"payload":"…"}',
      found: line.slice(0, SHOWN),
    });
  }
  const { writer, sequence, payload } = data;
  if (payload === null || payload === undefined) return payloadNotTold({ writer, sequence });
  const bytes = Buffer.from(payload);
  const { high, low } = digestOf(bytes);
  return { writer, sequence, digest_high: high, digest_low: low, payload_bytes: bytes.length };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const byNobody: Counting = {
  read: () => Promise.reject(uncounted()),
  inServer: null,
};

function uncounted(): OperationFailed {
  const expected = 'how it is counted';
  return new OperationFailed({ what: KEY, expected, found: 'that nothing says so' });
}

/**
 * Rows that stand there before any client has written are of another run: what this one loses
 * would be taken for kept. Rejects where there are some, and where nothing can be counted at all.
 */
export async function requireNothingCounted(
  { clients, count }: Pick<PlannedSystem, 'clients' | 'count'>,
  counting: Counting,
  primary: OwnServer,
): Promise<void> {
  if (writesOwnTable(clients) || count === undefined) return;
  const { rows } = await orProblem(
    counting.read(primary, () => {}),
    () => ({
      what: KEY,
      expected: 'to count what the clients of a run wrote',
      hint: `try it, as drill’s role: ${countPhrase(count)}`,
    }),
  );
  if (rows === 0) return;
  throw new EnvironmentError({
    what: KEY,
    expected: 'nothing before the clients of this run have written anything',
    found: counted(rows, 'row'),
    hint: 'have each write keep {run}, and count the rows of {run} alone',
  });
}

function counted(rows: number, what: string): string {
  return `${rows} ${what}${rows === 1 ? '' : 's'}`;
}
