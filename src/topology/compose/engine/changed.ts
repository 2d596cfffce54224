// Containers that a fault has changed, and what a cleaner does for a runner that was killed.
// Nothing is touched that does not carry the label of the run.
import { reasonOf } from '../../../host/operation-failed.ts';
import { inspectContainer, type Container } from './container.ts';
import { unlessMissing, type Engine } from './engine.ts';
import { RUN_LABEL } from './labels.ts';

/**
 * Changes each of these that is the run's, for a runner that was killed; resolves to what could not
 * be, in words.
 */
export async function changeOwn(
  engine: Engine,
  ids: readonly string[],
  run: string,
  change: (container: Container) => Promise<void>,
): Promise<string[]> {
  const problems = ids.map(async (id) => {
    const found = await unlessMissing(inspectContainer(engine, id));
    if (found === null) return null;
    if (found.facts.Config.Labels[RUN_LABEL] !== run) {
      return `${id.slice(0, 12)} does not carry the label of run ${run}, so not touched`;
    }
    await change(found);
    return null;
  });
  const told = await Promise.all(problems.map((each) => each.catch(reasonOf)));
  return told.filter((each) => each !== null);
}
