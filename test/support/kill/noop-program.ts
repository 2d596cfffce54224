// A program that runs a drill on `noop`, leaves a system of it up, or cleans up after it, in a world
// that outlives it. At the step that is named it kills itself, as nobody could foresee.
import { join } from 'node:path';
import { placeIds } from '../../../src/archive/run-list.ts';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { cleanRun } from '../../../src/engine/clean/clean-run.ts';
import { bringUpSystem } from '../../../src/engine/up.ts';
import { claimSystem, noteDrill } from '../../../src/evidence/claims.ts';
import { faults } from '../../../src/fault/registry.ts';
import { recoveries } from '../../../src/recovery/registry.ts';
import { newPlace } from '../../../src/session/place.ts';
import { readDrill } from '../../../src/session/read.ts';
import { runOne, type RunOptions } from '../../../src/session/run-one.ts';
import { removeHalves } from '../../../src/session/clean.ts';
import type { Phase } from '../../../src/evidence/event.ts';
import type { SessionEvent } from '../../../src/session/session.ts';
import type { UpContext } from '../../../src/topology/system/system.ts';
import { sessionIn } from '../cli/session.ts';
import { nobody } from '../nobody.ts';
import { memoryClients } from '../noop/memory-clients.ts';
import { MemorySystem } from '../noop/memory-system.ts';
import { DeedsOnDisk, performIn } from './noop-world.ts';

export interface NoopTask {
  readonly what: 'run' | 'up' | 'clean';
  readonly directory: string;
  readonly world: string;
  /** At which it kills itself; null: at none. */
  readonly step: number | null;
  /** Steps count from its beginning; null: from that of the run. */
  readonly phase: Phase | null;
  /** The directory of a system that is up. */
  readonly against: string | null;
}

const task = JSON.parse(process.argv[2]!) as NoopTask;
const { directory, world, against } = task;
let steps = task.phase === null ? 0 : -Infinity;
const step = () => {
  if (++steps === task.step) process.kill(process.pid, 'SIGKILL');
};
const onEvent = (told: SessionEvent) => {
  if (told.type === 'event' && told.event.event === 'phase.started') {
    if (told.event.phase === task.phase) steps = 0;
  }
  step();
};
const interrupt = new AbortController();
const session = sessionIn({ directory, interrupt, told: [], onEvent });
const runs = runsDirectory(directory);
let system: MemorySystem | null = null;

async function up(context: UpContext): Promise<MemorySystem> {
  const deeds = new DeedsOnDisk(world, step);
  await context.defer({ undo: 'noop', deed: 'up' }, async () => void deeds.end('up'));
  deeds.begin('up', () => {});
  const { id } = context.place;
  return (system = new MemorySystem(context.plan, {
    ...context,
    deeds,
    directory: join(runs, id),
  }));
}

/** Claims it as a run does that is to work with a system that is up. */
async function reuse(context: UpContext, kept: string): Promise<MemorySystem> {
  const { id: run } = context.place;
  const claimed = claimSystem(kept, `run ${run}`);
  if ('taken' in claimed) throw new Error('the system is taken');
  const scratch = context.place.scratch;
  await context.defer({ undo: 'processes', run, directory: scratch }, async () =>
    claimed.release(),
  );
  noteDrill(kept, { run, drill: context.plan.name });
  const deeds = new DeedsOnDisk(world, step);
  return (system = new MemorySystem(context.plan, { ...context, deeds, directory: kept }));
}

const options: RunOptions = {
  ...{ limit_ms: null, against: null },
  source: () => ({
    runtime: { up: (context) => (against === null ? up(context) : reuse(context, against)) },
    preflight: async () => {},
    release: () => {},
  }),
  startClients: memoryClients(() => system!),
};

const tasks: Readonly<Record<NoopTask['what'], () => Promise<string>>> = {
  run: async () => {
    const { drill } = await readDrill('kill.yaml', {}, session);
    const { result } = await runOne(drill!, session, options);
    return `${result.verdict} ${result.reasons.join(' ')}`;
  },
  up: async () => {
    const { drill } = await readDrill('kill.yaml', {}, session);
    const place = newPlace(runs, 'kept');
    const parts = { runtime: { up }, faults, recoveries, startClients: options.startClients! };
    const its = {
      plan: drill!.plan,
      text: drill!.text,
      place,
      parts,
      version: '0',
      environment: {},
    };
    const signals = { interrupt: interrupt.signal, kill: interrupt.signal };
    const made = await bringUpSystem({
      ...its,
      ...signals,
      onEvent: () => {},
      limit_ms: null,
      operator: nobody,
    });
    return made === null ? 'not up' : place.directory;
  },
  clean: async () => {
    for (const id of placeIds(runs)) {
      await cleanRun(join(runs, id), performIn(world, step), { includeKept: false });
    }
    removeHalves(runs);
    return 'cleaned';
  },
};

process.stdout.write(await tasks[task.what]());
