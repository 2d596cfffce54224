// The cut and the count: stop the workload, prove with a marker which database serves, read what
// survived, and ask the dead primary's disk for a second opinion.
import { runFile } from '../evidence/run-files.ts';
import type { Reading, SurvivorsWriter } from '../evidence/survivors.ts';
import { createSurvivors } from '../evidence/survivors-file.ts';
import type { Database, System } from '../topology/system.ts';
import type { RunContext } from './context.ts';
import type { Load } from './load.ts';

const IDLE_AT_MOST_MS = 5_000;
const IDLE_POLL_MS = 20;

/**
 * Whatever cannot be done or read stands in the journal with its reason; nothing is thrown for it.
 */
export async function verify(run: RunContext, system: System, load: Load): Promise<void> {
  await attempt(run, 'the workload stopped in an orderly way', () => load.drain());
  const serving = await attempt(run, 'the GSLB says who serves', () => {
    return servingDatabase(run, system);
  });
  if (serving !== null) {
    await untilIdle(run, serving);
    const marker = await attempt(run, 'the workload wrote a marker', () => load.marker());
    if (marker !== null) run.emit('marker.written', marker);
  }
  await attempt(run, 'the workload closed its ledger', () => load.close());
  const survivors = createSurvivors(runFile(run.place.directory, 'survivors'));
  try {
    if (serving !== null) {
      await read(run, 'serving', serving, survivors);
      await inspect(run, serving);
    }
    await secondOpinion(run, system, survivors);
  } finally {
    survivors.close();
  }
}

/** Null when it cannot be done: a part that the verification needs may have ended. */
async function attempt<T>(
  { emit, signal }: RunContext,
  name: string,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    emit('verification.checked', {
      checks: [{ name, ok: false, detail: (error as Error).message }],
    });
    return null;
  }
}

/** The database of the region that clients are sent to, which is not assumed but asked. */
async function servingDatabase({ plan }: RunContext, system: System): Promise<Database> {
  const { answered } = await system.gslb.state();
  const name = answered[0] ?? plan.regions.find(({ role }) => role === 'active')!.name;
  return system.region(name).database;
}

/** Until no backend of the clients is at work, so that no commit can follow the snapshot. */
async function untilIdle({ clock, signal, emit }: RunContext, database: Database): Promise<void> {
  const limit = clock.now() + IDLE_AT_MOST_MS;
  for (;;) {
    const active = await database.activeClientBackends().catch((error: Error) => error.message);
    if (active === 0) return;
    if (clock.now() > limit) {
      const detail = typeof active === 'number' ? `${active} backends still at work` : active;
      const checks = [{ name: 'client backends idle', ok: false, detail }];
      emit('verification.checked', { checks });
      return;
    }
    await clock.sleep(IDLE_POLL_MS, signal);
  }
}

async function read(
  { emit, signal }: RunContext,
  reading: Reading,
  database: Pick<Database, 'node' | 'readOrders'>,
  survivors: SurvivorsWriter,
): Promise<void> {
  const { node } = database;
  try {
    survivors.begin(reading);
    const facts = await database.readOrders((row) => survivors.row(row));
    survivors.end();
    emit('survivors.read', { reading, node, ...facts, ok: true, detail: '' });
  } catch (error) {
    signal.throwIfAborted();
    const detail = (error as Error).message;
    emit('survivors.read', {
      reading,
      node,
      rows: 0,
      timeline: 0,
      snapshot: '',
      ok: false,
      detail,
    });
  }
}

async function inspect({ emit, signal }: RunContext, database: Database): Promise<void> {
  const checks = await database.inspect().catch((error: Error) => {
    signal.throwIfAborted();
    return [{ name: `inspection of ${database.node}`, ok: false, detail: error.message }];
  });
  emit('verification.checked', { checks });
}

/**
 * Only a region that died has a disk to ask; a primary that lives is the serving one or was never
 * fenced.
 */
async function secondOpinion(
  run: RunContext,
  system: System,
  survivors: SurvivorsWriter,
): Promise<void> {
  const { plan, emit, signal } = run;
  const from = system.region(plan.replication.from);
  const isDead = from.nodes().every((node) => node.pids().length === 0);
  if (!isDead) return;
  try {
    const dead = await from.openDeadDatabase();
    try {
      await read(run, 'old-primary', dead.database, survivors);
    } finally {
      await dead.stop();
    }
  } catch (error) {
    signal.throwIfAborted();
    emit('survivors.read', {
      reading: 'old-primary',
      node: from.database.node,
      rows: 0,
      timeline: 0,
      snapshot: '',
      ok: false,
      detail: (error as Error).message,
    });
  }
}
