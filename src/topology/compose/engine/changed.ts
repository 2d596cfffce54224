// Containers that a fault has changed, and what a cleaner does for a runner that was killed.
// Nothing is touched that does not carry the label of the run.
import { reasonOf } from '../../../host/operation-failed.ts';
import { inspectContainer, type Container } from './container.ts';
import { unlessMissing, type Engine } from './engine.ts';
import { RUN_LABEL } from './labels.ts';

/** To so many billionths of a processor. */
export async function limitProcessors(container: Container, billionths: number): Promise<void> {
  await container.call(`limit ${container.node}`, (own) => own.update({ NanoCpus: billionths }));
}

/**
 * Lets go on what a killed runner has paused, where it is the run's; resolves to what could not be,
 * in words.
 */
export async function unpause(
  engine: Engine,
  ids: readonly string[],
  run: string,
): Promise<string[]> {
  const problems = ids.map(async (id) => {
    const found = await ownContainer(engine, id, run);
    if (found === null || typeof found === 'string') return found;
    await found.unpause();
    return null;
  });
  const told = await Promise.all(problems.map((each) => each.catch(reasonOf)));
  return told.filter((each) => each !== null);
}

/** Null where there is none; why it is not the run's, in words. */
export async function ownContainer(
  engine: Engine,
  id: string,
  run: string,
): Promise<Container | string | null> {
  const found = await unlessMissing(inspectContainer(engine, id));
  if (found === null || found.facts.Config.Labels[RUN_LABEL] === run) return found;
  return `${id.slice(0, 12)} does not carry the label of run ${run}, so not touched`;
}
