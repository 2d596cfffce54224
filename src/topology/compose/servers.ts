// The containers of databases, each with the volume that it is on: ended and started again,
// destroyed together, and made anew from what is remembered of them.
import { until, type Clock } from '../../host/clock.ts';
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import { letGo } from './disk.ts';
import { startAgain } from './engine/clone.ts';
import type { Container } from './engine/container.ts';
import { unlessMissing, type Engine } from './engine/engine.ts';
import { RUN_LABEL } from './engine/labels.ts';
import type { Surroundings } from './surroundings.ts';

const ANSWERS_AT_MOST_MS = 120_000;
const ANSWER_POLL_MS = 30;
const SHOWN_LINES = 5;

type Around = Pick<Surroundings, 'engine' | 'logs' | 'context'>;

/** With its volume, so that nothing can be read of it any more. */
export async function destroyServer({ engine }: Around, server: Container): Promise<void> {
  server.isEndExpected = true;
  server.isDestroyed = true;
  await server.remove();
  await letGo(engine, server);
  await removeVolume(engine, server.dataVolume);
}

/** An empty volume in place of one that was destroyed. */
export async function provideVolume(around: Around, server: Container): Promise<void> {
  if (server.isDestroyed) await makeVolume(around, server.dataVolume);
}

/** One that has ended runs again; one that was destroyed is made anew on the volume there is. */
export async function startServer(around: Around, server: Container): Promise<void> {
  const { engine, logs, context } = around;
  if (!server.isDestroyed) return await logs.startAgain(server, context.clock);
  server.become(await startAgain(engine, server));
  await logs.follow(server);
}

/** Empty, where there is none of that name. Without the run's label it would be left behind. */
export async function makeVolume({ engine, context }: Around, name: string): Promise<void> {
  const options = { Name: name, Labels: { [RUN_LABEL]: context.place.id } };
  await engine.call(`make volume ${name}`, (docker) => docker.createVolume(options));
}

/** Nothing happens where there is none. */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  const asked = `remove volume ${name}`;
  await unlessMissing(engine.call(asked, (docker) => docker.getVolume(name).remove()));
}

/**
 * Asks until it is answered: a server makes its database, replays what it had not written to its
 * tables, or reads its whole file first. Rejects at once, with what it said last, where it has
 * ended.
 */
export async function untilAnswers(
  container: Container,
  ask: () => Promise<unknown>,
  wanted: { readonly what: string; readonly expected: string },
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const deadline_ms = clock.now() + ANSWERS_AT_MOST_MS;
  await until({ clock, deadline_ms: Infinity, every_ms: ANSWER_POLL_MS, signal }, async () => {
    const why = await ask().then(() => null, reasonOf);
    if (why === null) return true;
    const { state, detail } = await container.look();
    if (state !== 'dead' && clock.now() <= deadline_ms) return null;
    const said = (await container.said(SHOWN_LINES)).join('; ');
    throw new OperationFailed({ ...wanted, found: `${why} (${detail}; ${said})` });
  });
}
