// The heartbeat of a database that somebody has: made on their word, and kept going until it is
// stopped, through restarts and fail-overs.
import type { Clock } from '../../host/clock.ts';
import { connectHint } from '../../host/database/words.ts';
import { orProblem, reasonOf } from '../../host/operation-failed.ts';
import { ownAddress } from '../../postgres/own/address.ts';
import {
  beat,
  lookForHeartbeat,
  makeHeartbeat,
  removeHeartbeat,
  type HeartbeatPlace,
} from '../../postgres/own/heartbeat.ts';
import { ASKING, CHANGING } from '../../postgres/own/server.ts';
import {
  keepConnection,
  withConnection,
  type DatabaseAddress,
} from '../../postgres/server/connection.ts';
import { UserError } from '../../screen/user-error.ts';

/** `password`: from the environment, where the address has none. */
export function addressOfHeartbeat(text: string, password: string | undefined): DatabaseAddress {
  const address = ownAddress(text, password ?? null);
  if (address !== null) return address;
  throw new UserError('expected an address such as postgres://drill@db.internal:5432/app', {
    hint: 'the password comes from the environment: PGPASSWORD',
  });
}

export async function findHeartbeat(address: DatabaseAddress): Promise<HeartbeatPlace> {
  return await met(address, withConnection(address, ASKING, lookForHeartbeat));
}

export async function installHeartbeat(address: DatabaseAddress): Promise<void> {
  const work = withConnection(address, CHANGING, async (client) => {
    await makeHeartbeat(client);
    await beat(client);
  });
  await met(address, work);
}

export async function uninstallHeartbeat(address: DatabaseAddress): Promise<void> {
  await met(address, withConnection(address, CHANGING, removeHeartbeat));
}

async function met<T>({ host, port, database }: DatabaseAddress, work: Promise<T>): Promise<T> {
  return await orProblem(work, (error) => ({
    what: `the database ${database} at ${host}:${port}`,
    expected: 'to reach it and be let in',
    hint: connectHint(error, 'PGPASSWORD in the environment') ?? 'see the address and the role',
  }));
}

export interface Beating {
  readonly address: DatabaseAddress;
  readonly every_ms: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told when it begins, when it stops with why, and when it goes on. */
  readonly onChange: (state: { readonly at: Date } | { readonly problem: string }) => void;
}

/** Until it is stopped: a server that is away for a while is met again. */
export async function keepBeating(beating: Beating): Promise<void> {
  const { address, every_ms, clock, signal, onChange } = beating;
  // A beat that takes longer is none.
  const connection = keepConnection(address, ASKING);
  let isBeating: boolean | null = null;
  try {
    while (!signal.aborted) {
      const due_ms = clock.now() + every_ms;
      const found = await connection.ask(beat).then(
        (at) => ({ at }),
        (error: unknown) => ({ problem: reasonOf(error) }),
      );
      const isNow = 'at' in found;
      if (isNow !== isBeating) onChange(found);
      isBeating = isNow;
      await clock.sleep(due_ms - clock.now(), signal).catch(() => {});
    }
  } finally {
    await connection.close();
  }
}
