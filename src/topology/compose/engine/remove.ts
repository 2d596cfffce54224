// Removes everything that carries a run's label from the docker engine, again and again until
// nothing is left: what a killed `docker compose up` had asked for can still appear. No compose
// file is needed, and nothing without exactly that label is touched.
import type Docker from 'dockerode';
import type { Clock } from '../../../host/clock.ts';
import { isUnreachable, type Engine, type EngineError } from './engine.ts';
import { ofRun, RUN_LABEL } from './labels.ts';

const REMOVED_AT_MOST_MS = 25_000;
const AGAIN_AFTER_MS = 300;
const NOT_FOUND = 404;

interface Thing {
  readonly kind: 'container' | 'network' | 'volume';
  readonly name: string;
  remove(): Promise<void>;
}

/**
 * Resolves to what is left, in words; empty when nothing is. `isSettled`: nobody makes anything for
 * this run any more, so that the first empty list is believed.
 */
export async function removeRun(
  engine: Engine,
  run: string,
  clock: Clock,
  isSettled: boolean,
): Promise<string[]> {
  const until = clock.now() + REMOVED_AT_MOST_MS;
  let empty = 0;
  let failures: string[] = [];
  for (;;) {
    let things: Thing[];
    try {
      things = await thingsOf(engine, run);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      const { url } = engine.address;
      return [`the docker engine at ${url} does not answer (${(error as EngineError).reason})`];
    }
    empty = things.length === 0 ? empty + 1 : 0;
    if (empty === (isSettled ? 1 : 2)) return [];
    if (clock.now() > until) return things.map(({ kind, name }) => describe(kind, name, failures));
    if (things.length > 0) failures = await removeAll(things);
    if (!isSettled || failures.length > 0) await clock.sleep(AGAIN_AFTER_MS);
  }
}

function describe(kind: string, name: string, failures: readonly string[]): string {
  const why = failures.find((failure) => failure.includes(name));
  return why ?? `${kind} ${name}`;
}

/** Containers before the networks and volumes that they use. Resolves to what failed. */
async function removeAll(things: readonly Thing[]): Promise<string[]> {
  const failures: string[] = [];
  for (const kinds of [['container'], ['network', 'volume']]) {
    const now = things.filter(({ kind }) => kinds.includes(kind));
    const results = await Promise.allSettled(now.map((thing) => thing.remove()));
    results.forEach((result, index) => {
      if (result.status === 'fulfilled') return;
      const { kind, name } = now[index]!;
      failures.push(`${kind} ${name}: ${(result.reason as EngineError).reason}`);
    });
  }
  return failures;
}

/** The engine's filter is asked, and its answer is not believed: each label is compared. */
async function thingsOf(engine: Engine, run: string): Promise<Thing[]> {
  const filters = ofRun(run);
  const isOwn = ({ Labels }: { Labels?: Readonly<Record<string, string>> | null | undefined }) =>
    Labels?.[RUN_LABEL] === run;
  const [containers, networks, volumes] = await Promise.all([
    engine.call('list containers', (docker) => docker.listContainers({ all: true, filters })),
    engine.call('list networks', (docker) => docker.listNetworks({ filters })),
    engine.call('list volumes', (docker) => docker.listVolumes({ filters })),
  ]);
  const thing = (
    kind: Thing['kind'],
    name: string,
    remove: (docker: Docker) => Promise<unknown>,
  ) => {
    return {
      kind,
      name,
      remove: () =>
        engine.call(`remove ${kind} ${name}`, remove).then(
          () => {},
          (error: EngineError) => {
            if (error.status !== NOT_FOUND) throw error;
          },
        ),
    };
  };
  return [
    ...containers.filter(isOwn).map(({ Id, Names }) => {
      const name = (Names[0] ?? Id).replace(/^\//, '');
      return thing('container', name, (docker) =>
        docker.getContainer(Id).remove({ force: true, v: true }),
      );
    }),
    ...networks
      .filter(isOwn)
      .map(({ Id, Name }) => thing('network', Name, (docker) => docker.getNetwork(Id).remove())),
    ...(volumes.Volumes ?? [])
      .filter(isOwn)
      .map(({ Name }) => thing('volume', Name, (docker) => docker.getVolume(Name).remove())),
  ];
}
