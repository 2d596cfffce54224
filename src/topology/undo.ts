// Every kind of undo: those that each runtime can have, and its own. An entry is not believed: it
// says what kind of thing there is, and what that is follows from the run that it is of.
import { lstatSync } from 'node:fs';
import { basename } from 'node:path';
import * as z from 'zod';
import type { Effect, ProvenRun, UndoKind, UndoSurroundings } from '../evidence/undo.ts';
import { hostClock, within } from '../host/clock.ts';
import { isOwn, removeTree } from '../host/files.ts';
import {
  holdsNothing,
  isMarkedDirectory,
  removeMarkedTree,
  runOfDirectory,
} from '../host/tree/marked-directory.ts';
import { mountsBelow } from '../host/tree/ways-out.ts';
import { endRunProcesses, findRunProcesses, markedAbove } from '../host/process/processes.ts';
import { reasonOf } from '../host/operation-failed.ts';
import { LOOPBACK } from '../host/ports.ts';
import { connectProgram } from '../host/program/program-client.ts';
import { readPlan } from '../evidence/run-files.ts';
import { refusedUndo, toxicsUndo } from '../link/toxics.ts';
import { disturb, UNDISTURBED } from '../app/disturbance.ts';
import { HELD_ANSWERS } from './assembled/gslb.ts';
import { keptOf } from './kept-system.ts';
import type { Steering } from './runtime.ts';
import { isWorkshop } from '../postgres/server/cache.ts';
import { runtimes } from './runtimes.ts';
import { ENDING_WAYS, type EndingWay } from './system/region.ts';
import { storeUndos } from './undo-stores.ts';

const UNDO_AT_MOST_MS = 10_000;
/** A machine that is busy. */
const AT_MOST_TIMES = 2;

/** Every process with the run's mark in its environment, or working in its scratch directory. */
interface Processes extends Effect {
  readonly undo: 'processes';
  readonly run: string;
}

/** The scratch directory, or one in which a template was being made. */
interface Directory extends Effect {
  readonly undo: 'directory';
  readonly path: string;
}

const processes: UndoKind<Processes> = {
  undo: 'processes',
  facts: z.object({ run: z.string() }),
  describe: ({ run }) => `processes of run ${run}`,
  perform: async ({ run }, { clock, own }) => {
    if (run !== own.run) return [`the log is of run ${own.run}`];
    if (own.scratch !== null) {
      const alive = await endRunProcesses(run, own.scratch, clock);
      return [
        ...alive.map((pid) => `process ${pid} of run ${run}`),
        ...markedAbove(run).map((pid) => `process ${pid}: this command runs in it, so not killed`),
      ];
    }
    const found = findRunProcesses(run, own.place);
    if (found.length === 0) return [];
    return [`process ${found.join(', ')}: ${unproven(own)}`];
  },
};

/** Without the scratch directory the mark alone would do, and anybody can write a run's name. */
function unproven({ run, place }: ProvenRun): string {
  return `${place} is gone, which showed that this log is theirs; drill clean --orphans ${run}`;
}

const directory: UndoKind<Directory> = {
  undo: 'directory',
  facts: z.object({ path: z.string() }),
  describe: ({ path }) => `directory ${path}`,
  perform: async ({ path }, { own }) => {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return [];
    const isMeant = path === own.place || isWorkshop(basename(path));
    if (isMeant && holdsNothing(path)) {
      removeTree(path);
      return [];
    }
    const isMade = path === own.scratch || isWorkshop(basename(path));
    if (!isMade) return [`${path}: not made by drill for this run, so not touched`];
    const isMarked = facts.isDirectory() && isOwn(path) && isMarkedDirectory(path);
    if (!isMarked || runOfDirectory(path) !== own.run) {
      return [`${path}: it does not carry the mark of run ${own.run}, so not touched`];
    }
    const [mount] = mountsBelow(path);
    if (mount !== undefined) return [`${path}: ${mount} is mounted in it; umount ${mount}`];
    try {
      removeMarkedTree(path);
      return [];
    } catch (error) {
      return [`${path}: ${(error as Error).message}`];
    }
  },
};

interface EndedNode extends Effect {
  readonly undo: 'ended-node';
  readonly node: string;
  /** Absent in what earlier versions wrote, and where nobody ended it. */
  readonly how?: EndingWay;
}

const endedNode: UndoKind<EndedNode> = {
  undo: 'ended-node',
  facts: z.object({ node: z.string(), how: z.enum(ENDING_WAYS).optional() }),
  describe: ({ node }) => `the end of ${node}`,
  atMost_ms: 60_000, // a server replays its log first
  perform: async ({ node, how = null }, { system, environment, clock }) => {
    try {
      const up = keptOf(system);
      if (up === null) return [];
      const { kept, directory } = up;
      const place = { ...up, plan: readPlan(directory) };
      await runtimes[kept.runtime].startAgain(place, { node, how }, environment, clock);
      return [];
    } catch (error) {
      return [reasonOf(error)];
    }
  },
};

interface DisturbedApp extends Effect {
  readonly undo: 'disturbed-app';
  readonly node: string;
}

const disturbedApp: UndoKind<DisturbedApp> = {
  undo: 'disturbed-app',
  facts: z.object({ node: z.string() }),
  describe: ({ node }) => `the disturbance of ${node}`,
  perform: async ({ node }, around) =>
    await steered(around, async ({ app }) => {
      const at = await app.at(node);
      if (at !== null) await disturb(at, app.secret, UNDISTURBED);
      return [];
    }),
};

const heldAnswers: UndoKind = {
  undo: HELD_ANSWERS,
  facts: z.object({}),
  describe: () => 'the held answers of the GSLB',
  perform: async (_, around) =>
    await steered(around, async ({ gslb }) => {
      if (gslb === null) return [];
      if (gslb.host !== LOOPBACK) return [`expected it on ${LOOPBACK}, found ${gslb.host}`];
      const program = connectProgram({ title: 'gslb', ...gslb });
      await program.request('hold', { on: false }).finally(() => program.close());
      return [];
    }),
};

/** On a system that is up; nothing where it goes with its run, or is gone. */
async function steered(
  { system, environment }: UndoSurroundings,
  work: (steering: Steering) => Promise<string[]>,
): Promise<string[]> {
  try {
    const kept = keptOf(system)?.kept;
    if (kept === undefined) return [];
    return await work(await runtimes[kept.runtime].steering(kept, environment));
  } catch (error) {
    return [reasonOf(error)];
  }
}

/** An effect of a later version of drill. */
const unknown: UndoKind = {
  undo: '',
  facts: z.object({}),
  describe: ({ undo }) => `an effect of the kind ${undo}`,
  perform: () => Promise.resolve(['this version of drill does not know how to undo it']),
};

/** How long its undo may take. */
export function undoLimitMs(effect: Effect): number {
  const { atMost_ms = UNDO_AT_MOST_MS, facts, ...kind } = undoKindOf(effect);
  const own = facts.safeParse(effect).success ? kind.limitOf?.(effect) : undefined;
  return own ?? atMost_ms;
}

/** How the effect is undone. */
export function undoKindOf({ undo }: Effect): UndoKind {
  const own = Object.values(runtimes).flatMap((runtime) => runtime.undo);
  const links = [toxicsUndo, refusedUndo];
  const shared = [
    processes,
    directory,
    ...links,
    ...storeUndos,
    endedNode,
    disturbedApp,
    heldAnswers,
  ];
  return [...shared, ...own].find((kind) => kind.undo === undo) ?? unknown;
}

type Known = Pick<UndoSurroundings, 'own' | 'system'> & Partial<UndoSurroundings>;

/**
 * Undoes one effect of a run that was killed before it could clean up. Resolves to what could not
 * be undone, each in words; empty when nothing is left.
 */
export async function performUndo(
  effect: Effect,
  { clock = hostClock(), environment = {}, own, system }: Known,
): Promise<string[]> {
  const kind = undoKindOf(effect);
  const { success, error } = kind.facts.safeParse(effect);
  if (!success) {
    const [issue] = error.issues;
    return [`${issue?.path.join('.') ?? 'it'} is not what it should be, so nothing is touched`];
  }
  const atMost_ms = undoLimitMs(effect) * AT_MOST_TIMES;
  const performing = kind.perform(effect, { clock, environment, own, system });
  return await within(performing, atMost_ms, [`not undone within ${atMost_ms / 1000} s`]);
}
