// Whether commits of a primary wait for its standby. The server's own configuration says for whom;
// that can be overruled while the standby is gone, and taken back. Each can be done twice.
import { until, type Clock } from '../../host/clock.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { oneRow, withConnection, type DatabaseAddress } from '../server/connection.ts';
import { alterSystem, checkpoint } from '../server/primary.ts';

/** A login is a new process: on a busy machine it takes seconds, and is no failure of the step. */
const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };
const IN_FORCE_AT_MOST_MS = 5_000;
const LOOK_EVERY_MS = 10;

/** Whoever waits at that moment is answered as well. */
export async function setCommitsWait(primary: DatabaseAddress, wait: boolean): Promise<void> {
  const synchronous_standby_names = wait ? null : '';
  await withConnection(primary, LIMITS, (client) =>
    alterSystem(client, { synchronous_standby_names }),
  );
}

/** As a new session is told. */
export async function commitsWait(primary: DatabaseAddress): Promise<boolean> {
  const sql = `select current_setting('synchronous_standby_names') <> '' as wait`;
  return await withConnection(primary, LIMITS, async (client) => {
    return (await oneRow<{ wait: boolean }>(client, sql)).wait;
  });
}

/**
 * Resolves once what was set holds for every commit from now on. A new session is made by a server
 * that has told all its processes; the one of them that has commits wait has heard it before it
 * ends a checkpoint.
 */
export async function untilCommitsWait(
  primary: DatabaseAddress,
  wait: boolean,
  clock: Clock,
): Promise<void> {
  const deadline_ms = clock.now() + IN_FORCE_AT_MOST_MS;
  const isSet = await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS }, async () => {
    return (await commitsWait(primary)) === wait || null;
  });
  if (isSet === null) {
    const [expected, found] = wait
      ? ['commits to wait for the standby', 'that they wait for nobody']
      : ['commits to wait for nobody', 'that they wait for a standby'];
    throw new OperationFailed({ what: 'the primary', expected, found });
  }
  await checkpoint(primary);
}
