// Removes everything that carries a run's label from the docker engine, again and again until
// nothing is left: what a killed `docker compose up` had asked for can still appear. No compose
// file is needed, and nothing without exactly that label is touched.
import type Docker from 'dockerode';
import { runnerSchema } from '../../../evidence/undo.ts';
import type { Clock } from '../../../host/clock.ts';
import type { Runner } from '../../../host/process/runner.ts';
import {
  isUnreachable,
  unlessMissing,
  unreachable,
  type Engine,
  type EngineError,
} from './engine.ts';
import { DIRECTORY_LABEL, ofRun, RUN_LABEL, RUNNER_LABEL } from './labels.ts';
import type { Remain } from '../../runtime.ts';

const REMOVED_AT_MOST_MS = 25_000;
const AGAIN_AFTER_MS = 300;

interface Thing {
  /** `network drill-x_east` */
  readonly title: string;
  readonly isContainer: boolean;
  readonly run: string;
  /** The run directory that made it, and its runner as JSON; null: it does not say. */
  readonly madeBy: string | null;
  readonly runner: string | null;
  readonly remove: (docker: Docker) => Promise<unknown>;
}

interface Removed {
  readonly run: string;
  /** Only what that run directory has made; null: everything of the run. */
  readonly madeBy: string | null;
}

/**
 * Resolves to what is left, in words; empty when nothing is. `isSettled`: nobody makes anything for
 * this run any more, so that the first empty list is believed.
 */
export async function removeRun(
  engine: Engine,
  { run, madeBy }: Removed,
  clock: Clock,
  isSettled: boolean,
): Promise<string[]> {
  const until = clock.now() + REMOVED_AT_MOST_MS;
  let empty = 0;
  let failures: ReadonlyMap<string, string> = new Map();
  for (;;) {
    let things: Thing[];
    let others: Thing[] = [];
    try {
      const isOwn = (thing: Thing) => madeBy === null || thing.madeBy === madeBy;
      const all = await thingsOf(engine, run);
      [things, others] = [all.filter(isOwn), all.filter((thing) => !isOwn(thing))];
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      const { expected, found, hint } = unreachable(engine, error).problem;
      return [`the docker engine: expected ${expected}, found ${found}; ${hint}`];
    }
    empty = things.length === 0 ? empty + 1 : 0;
    if (empty === (isSettled ? 1 : 2)) return others.map((thing) => notShown(thing, run));
    if (clock.now() > until) return things.map(({ title }) => failures.get(title) ?? title);
    if (things.length > 0) failures = await removeAll(engine, things);
    if (!isSettled || failures.size > 0) await clock.sleep(AGAIN_AFTER_MS);
  }
}

function notShown({ title }: Thing, run: string): string {
  return `${title}: nothing shows that this log is theirs; drill clean --orphans ${run}`;
}

/** Containers before the networks and volumes that they use. Resolves to what failed, by title. */
async function removeAll(engine: Engine, things: readonly Thing[]): Promise<Map<string, string>> {
  const failures = new Map<string, string>();
  for (const isFirst of [true, false]) {
    const now = things.filter(({ isContainer }) => isContainer === isFirst);
    const removing = now.map(async ({ title, remove }) => {
      await unlessMissing(engine.call(`remove ${title}`, remove)).catch((error: EngineError) =>
        failures.set(title, `${title}: ${error.found}`),
      );
    });
    await Promise.all(removing);
  }
  return failures;
}

interface Labelled {
  readonly Labels?: Readonly<Record<string, string>> | null | undefined;
}

/**
 * Everything of the run, or of every run. The engine's filter is asked, and its answer is not
 * believed: each label is compared.
 */
async function thingsOf(engine: Engine, run: string | null): Promise<Thing[]> {
  const filters = run === null ? { label: [RUN_LABEL] } : ofRun(run);
  const isMeant = ({ Labels }: Labelled) =>
    run === null ? Boolean(Labels?.[RUN_LABEL]) : Labels?.[RUN_LABEL] === run;
  const labelsOf = ({ Labels }: Labelled) => ({
    run: Labels?.[RUN_LABEL] ?? '',
    madeBy: Labels?.[DIRECTORY_LABEL] || null,
    runner: Labels?.[RUNNER_LABEL] || null,
  });
  const [containers, networks, volumes] = await Promise.all([
    engine.call('list containers', (docker) => docker.listContainers({ all: true, filters })),
    engine.call('list networks', (docker) => docker.listNetworks({ filters })),
    engine.call('list volumes', (docker) => docker.listVolumes({ filters })),
  ]);
  return [
    ...containers.filter(isMeant).map((each): Thing => {
      const { Id, Names } = each;
      const title = `container ${(Names[0] ?? Id).replace(/^\//, '')}`;
      const remove = (docker: Docker) => docker.getContainer(Id).remove({ force: true, v: true });
      return { title, isContainer: true, ...labelsOf(each), remove };
    }),
    ...networks.filter(isMeant).map((each): Thing => {
      const { Id, Name } = each;
      const remove = (docker: Docker) => docker.getNetwork(Id).remove();
      return { title: `network ${Name}`, isContainer: false, ...labelsOf(each), remove };
    }),
    ...(volumes.Volumes ?? []).filter(isMeant).map((each): Thing => {
      const { Name } = each;
      const remove = (docker: Docker) => docker.getVolume(Name).remove();
      return { title: `volume ${Name}`, isContainer: false, ...labelsOf(each), remove };
    }),
  ];
}

/** What carries the label of any run; rejects where the engine does not answer. */
export async function remainsAt(engine: Engine): Promise<Remain[]> {
  const things = await thingsOf(engine, null).catch((error: unknown) => {
    throw isUnreachable(error) ? unreachable(engine, error) : error;
  });
  return things.map(({ run, title, madeBy, runner }) => {
    return { run, title, directory: madeBy, runner: runnerIn(runner) };
  });
}

function runnerIn(label: string | null): Runner | null {
  try {
    return label === null ? null : (runnerSchema.parse(JSON.parse(label)) as Runner);
  } catch {
    return null;
  }
}
