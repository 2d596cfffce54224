// What a failed write means: did it certainly not happen, or does nobody know? Also used by the SQL
// workload, so that both ways to write judge alike.

/** The fields of a PostgreSQL error or notice that matter here. */
interface ServerMessage {
  readonly code?: string | undefined;
  readonly severity?: string | undefined;
  readonly message?: string | undefined;
}

/** admin_shutdown, crash_shutdown, cannot_connect_now: the commit may stand. */
const SHUTDOWN_CODES = new Set(['57P01', '57P02', '57P03']);

/**
 * connection_exception: a pooler in between has lost its server, or speaks of itself. PgBouncer
 * before 1.16 calls that an ERROR.
 */
const CONNECTION_LOST = /^08/;

/**
 * True when a statement that was sent certainly had no effect: the server answered with an ERROR of
 * its own, so the transaction was rolled back. A FATAL or PANIC ends the session and may come after
 * the commit record; a lost connection or a time-out says nothing.
 */
export function isDefiniteFailure(error: unknown): boolean {
  const { code, severity } = (error ?? {}) as ServerMessage;
  if (severity !== 'ERROR' || code === undefined) return false;
  return !SHUTDOWN_CODES.has(code) && !CONNECTION_LOST.test(code);
}

/**
 * True for a notice that makes an acknowledgement doubtful. A cancelled wait for the synchronous
 * standby is the one that matters (`01000 canceling wait for synchronous replication`); an insert
 * has no reason for any other WARNING.
 */
export function isDoubtfulNotice(notice: ServerMessage): boolean {
  return notice.severity === 'WARNING';
}

/** What a notice casts doubt on an acknowledgement with; null: it casts none. */
export function doubtOf(notice: ServerMessage): string | null {
  return isDoubtfulNotice(notice) ? (notice.message ?? 'warning without a text') : null;
}

/** SQLSTATE or system code and message on one line, for replies and logs. */
export function describeFailure(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  const text = (message ?? String(error)).split('\n', 1)[0]!;
  return code === undefined || text.includes(code) ? text : `${code} ${text}`;
}
