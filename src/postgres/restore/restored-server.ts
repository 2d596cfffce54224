// Starts a server that replays log before it serves, and waits until it really takes a write: one
// that is paused at its target takes connections as well, and answers every read.
import { OperationFailed } from '../../host/operation-failed.ts';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type pg from 'pg';
import { until } from '../../host/clock.ts';
import { errorCode, keepConnection, oneRow, withConnection } from '../server/connection.ts';
import type { DatabaseAddress } from '../server/connection.ts';
import { startServer, type Server, type ServerOptions } from '../server/launcher.ts';
import { parseLsn } from '../server/lsn.ts';
import { tryWrite } from '../replicate/promote.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000, synchronous_commit: 'local' } as const;
const POLL_MS = 3;
const LOOK_FOR_PAUSE_MS = 100;
/** SQLSTATEs of a server that does not take connections yet, or any more. */
const NOT_YET = ['57P03', '57P01', '57P02', 'ECONNREFUSED', 'ECONNRESET'];

/** PostgreSQL ended its recovery, or itself, for what it was asked to restore. */
export class RecoveryFailure extends OperationFailed {
  override readonly name = 'RecoveryFailure';
  /** The log ended before the target. */
  readonly isUnreached: boolean;

  constructor(message: string, isUnreached: boolean, options?: ErrorOptions) {
    const failed = { what: 'PostgreSQL', expected: 'its recovery to end', found: message };
    super(failed, { ...options, words: message });
    this.isUnreached = isUnreached;
  }
}

export interface RecoveringServer {
  readonly server: Server;
  readonly timeline: number;
  /** Milliseconds from the start to the first write that it took. */
  readonly ms: number;
}

/**
 * `reach` gives the address of the superuser's database for the server's port. Rejects with a
 * `RecoveryFailure` where PostgreSQL says that it cannot be; the server does not run then.
 */
export async function startRecovering(
  options: ServerOptions,
  reach: (server: Server) => DatabaseAddress,
  write: Write = tryWrite,
): Promise<RecoveringServer> {
  const { clock, logFile, ready_ms } = options;
  const began = clock.now();
  const from = existsSync(logFile) ? statSync(logFile).size : 0;
  let server: Server | null = null;
  try {
    server = await startServer(options);
    const left_ms = ready_ms - (clock.now() - began);
    const timeline = await untilWritable(
      server,
      reach(server),
      { ...options, ready_ms: left_ms },
      write,
    );
    return { server, timeline, ms: clock.now() - began };
  } catch (error) {
    await server?.stop();
    options.signal?.throwIfAborted();
    const log = existsSync(logFile) ? readFileSync(logFile).subarray(from).toString('utf8') : '';
    throw recoveryFailureIn(log) ?? error;
  }
}

/** Resolves to the timeline of the write; null where the server does not take one yet. */
export type Write = (client: pg.Client) => Promise<number | null>;

type Waiting = Pick<ServerOptions, 'clock' | 'ready_ms' | 'signal'>;

/**
 * Resolves with the timeline once a write was accepted. Rejects when the server ends, when it stays
 * in recovery, and at once when it is paused in it.
 */
export async function untilWritable(
  server: Pick<Server, 'title' | 'ended'>,
  address: DatabaseAddress,
  { clock, ready_ms, signal }: Waiting,
  write: Write = tryWrite,
): Promise<number> {
  const deadline_ms = clock.now() + ready_ms;
  let ended: string | null = null;
  void server.ended.then((how) => (ended = how));
  const connection = keepConnection(address, LIMITS);
  let nextLook = clock.now() + LOOK_FOR_PAUSE_MS;
  const expected = `a write to be accepted within ${Math.round(ready_ms / 1000)} s`;
  const failed = (found: string) => new OperationFailed({ what: server.title, expected, found });
  try {
    const timeline = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
      try {
        const written = await connection.ask(write);
        if (written !== null) return written;
        if (clock.now() > nextLook) {
          await connection.ask((client) => refusePaused(client, server.title));
          nextLook = clock.now() + LOOK_FOR_PAUSE_MS;
        }
      } catch (error) {
        if (ended === null && !isPassing(error)) throw error;
      }
      if (ended !== null) throw failed(`that it ended in its recovery: ${ended}`);
      return null;
    });
    if (timeline === null) throw failed('none');
    return timeline;
  } finally {
    await connection.close();
  }
}

function isPassing(error: unknown): boolean {
  return NOT_YET.includes(errorCode(error)) || /terminated|timeout/i.test((error as Error).message);
}

async function refusePaused(client: pg.Client, title: string): Promise<void> {
  const { paused, at } = await oneRow<{ paused: boolean; at: string }>(
    client,
    `select case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() = 'paused'
       else false end as paused, pg_last_wal_replay_lsn()::text as at`,
  );
  if (!paused) return;
  const what = `${title} is paused at ${at} and takes no write`;
  throw new RecoveryFailure(`${what}: expected recovery_target_action = promote`, false);
}

/** The reason in the server's log why its recovery failed; null where it says nothing known. */
export function recoveryFailureIn(log: string): RecoveryFailure | null {
  if (log.includes('recovery ended before configured recovery target was reached')) {
    const end = /redo done at ([0-9A-F]+\/[0-9A-F]+)/.exec(log)?.[1];
    const last = /last completed transaction was at log time (.+)/.exec(log)?.[1];
    const until = end === undefined ? 'holds nothing after the base backup' : `ends at ${end}`;
    const when = last === undefined ? '' : `, its last transaction at ${last}`;
    return new RecoveryFailure(`the log in the storage ${until}${when}`, true);
  }
  if (log.includes('requested recovery stop point is before consistent recovery point')) {
    return new RecoveryFailure('it lies before the end of the base backup', false);
  }
  const fatal = /FATAL: {2}(.+)/.exec(log)?.[1];
  return fatal === undefined ? null : new RecoveryFailure(`PostgreSQL: ${fatal}`, false);
}

/** Where the timeline left the one before it, and which that was. */
export async function forkOf(
  address: DatabaseAddress,
  timeline: number,
): Promise<{ readonly before: number; readonly at: bigint }> {
  const file = `pg_wal/${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
  const { history } = await withConnection(address, LIMITS, (client) =>
    oneRow<{ history: string }>(client, 'select pg_read_file($1) as history', [file]),
  );
  const last = history.trimEnd().split('\n').at(-1)!; // `1 <tab> 0/174B340 <tab> why`
  const [before, at] = last.split('\t');
  return { before: Number(before), at: parseLsn(at!) };
}
