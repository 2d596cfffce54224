// Ways from this machine into the containers of a run, and what is asked there.
import { LOOPBACK } from '../../host/ports.ts';
import type { GslbAddress } from '../../gslb/protocol.ts';
import { oneRow, withConnection, type DatabaseAddress } from '../../postgres/server/connection.ts';
import { infoOf, withConnection as withRedis, type RedisAddress } from '../../redis/connection.ts';
import type { Container } from './engine/container.ts';
import { hostNow, type Clock } from '../../host/clock.ts';
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import type { Engine } from './engine/engine.ts';
import { saidBy } from './engine/logs.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import type { ProgramChannel } from '../../host/program/program-client.ts';

/** Inside its container. */
export const GSLB_DNS = 5353;
const GSLB_CONTROL = 9000;
const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };

/** `17.6` */
export async function versionOf(primary: DatabaseAddress): Promise<string> {
  const { version } = await withConnection(primary, LIMITS, (client) =>
    oneRow<{ version: string }>(client, `select split_part(version(), ' ', 2) as version`),
  );
  return version;
}

/** `8.0.3` */
export async function redisVersionOf(address: RedisAddress): Promise<string> {
  const limits = { connect_ms: LIMITS.connect_ms, command_ms: LIMITS.statement_ms };
  return await withRedis(address, limits, async (client) => {
    return (await infoOf(client, 'server')).get('redis_version') ?? 'unknown';
  });
}

/** Where clients ask the GSLB, and where the runner does. */
export function gslbPlaces(container: Container): {
  readonly address: GslbAddress;
  readonly control: GslbAddress;
} {
  return {
    address: { host: LOOPBACK, port: container.port(GSLB_DNS, 'udp') },
    control: { host: LOOPBACK, port: container.port(GSLB_CONTROL) },
  };
}

const ATTEMPTS = 3;
/** Of the readings themselves; two clocks of two machines are seconds apart, mostly days. */
const SLACK_MS = 1;

/** Its reading must lie between one before the question and one after the answer. */
export async function assertSharedClock(program: ProgramChannel): Promise<void> {
  let off_ms = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = hostNow();
    const { now_ms } = (await program.request('clock', {})) as { now_ms: number };
    const after = hostNow();
    if (now_ms >= before - SLACK_MS && now_ms <= after + SLACK_MS) return;
    off_ms = now_ms - (before + after) / 2;
  }
  throw new EnvironmentError({
    what: 'the clock of the containers',
    expected: 'the monotonic clock of this machine, which containers of one host share',
    found: `one that is ${Math.round(off_ms)} ms off`,
    hint:
      'the docker engine runs in a virtual machine (Docker Desktop, colima): run drill in it, or ' +
      'use --runtime embedded',
  });
}

const ANSWERS_AT_MOST_MS = 120_000;
const ANSWER_POLL_MS = 30;
const LOOK_MS = 5_000;
const SHOWN_LINES = 5;

/**
 * Asks until it is answered: a server makes its database, replays what it had not written to its
 * tables, or reads its whole file first. Rejects at once, with what it said last, where it has
 * ended.
 */
export async function untilAnswers(
  { engine, clock, signal }: { engine: Engine; clock: Clock; signal?: AbortSignal },
  container: Container,
  ask: () => Promise<unknown>,
  wanted: { readonly what: string; readonly expected: string },
): Promise<void> {
  const deadline_ms = clock.now() + ANSWERS_AT_MOST_MS;
  for (;;) {
    const why = await ask().then(() => null, reasonOf);
    if (why === null) return;
    const { state, detail } = await container.look(LOOK_MS);
    if (state === 'dead' || clock.now() > deadline_ms) {
      const said = (await saidBy(engine, container, SHOWN_LINES)).join('; ');
      throw new OperationFailed({ ...wanted, found: `${why} (${detail}; ${said})` });
    }
    await clock.sleep(ANSWER_POLL_MS, signal);
  }
}
