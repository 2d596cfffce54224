// The volumes that databases are on. Each carries the run's label: one that docker makes by itself
// would be left behind.
import { OperationFailed } from '../../../host/operation-failed.ts';
import { EngineError, type Engine } from './engine.ts';
import type { ContainerFacts } from './container.ts';
import { RUN_LABEL } from './labels.ts';

const NOT_FOUND = 404;

/** The one that a database's container writes to. */
export function dataVolume({ Mounts, Name }: Pick<ContainerFacts, 'Mounts' | 'Name'>): string {
  const found = Mounts.find(({ Type, RW }) => (Type as string) === 'volume' && RW);
  if (found?.Name !== undefined) return found.Name;
  throw new OperationFailed({ what: Name, expected: 'a volume', found: 'none' });
}

/** Empty, where there is none of that name. */
export async function makeVolume(engine: Engine, name: string, run: string): Promise<void> {
  const options = { Name: name, Labels: { [RUN_LABEL]: run } };
  await engine.call(`make volume ${name}`, (docker) => docker.createVolume(options));
}

/** Nothing happens where there is none. */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  await unlessGone(
    engine.call(`remove volume ${name}`, (docker) => docker.getVolume(name).remove()),
  );
}

/** Removes it by force, dead or alive; its volumes stay. Nothing happens where there is none. */
export async function removeContainer(
  engine: Engine,
  { id, node }: { readonly id: string; readonly node: string },
): Promise<void> {
  await unlessGone(
    engine.call(`remove the container of ${node}`, (docker) =>
      docker.getContainer(id).remove({ force: true, v: false }),
    ),
  );
}

async function unlessGone(removing: Promise<unknown>): Promise<void> {
  await removing.catch((error: unknown) => {
    if (!(error instanceof EngineError) || error.status !== NOT_FOUND) throw error;
  });
}
