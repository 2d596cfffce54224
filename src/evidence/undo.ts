// `undo.ndjson`: how to undo each effect on the machine, written and flushed before the effect
// takes place, so that `drill clean` can finish after a SIGKILL.
import { constants, closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import * as z from 'zod';
import type { Clock } from '../host/clock.ts';
import type { Runner } from '../host/process/runner.ts';
import { LineWriter, readLines } from './lines.ts';

/** More than any run writes. */
const LOG_BYTES = 16 * 2 ** 20;

/** What a run does to the machine: its kind of undo, and the facts that this one needs. */
export interface Effect {
  readonly undo: string;
  readonly [fact: string]: unknown;
}

/** The first line: whose log it is, and who writes it. */
export interface OwnerEntry {
  readonly undo: 'owner';
  readonly run: string;
  readonly owner: Runner;
  /**
   * Stands in the run's scratch directory too, so that a log which says that it is this run's is
   * told from one that is. Absent in what earlier versions wrote, like what follows.
   */
  readonly key?: string;
  /** Where the scratch directory was made: TMPDIR may be another one by now. */
  readonly scratch?: string;
}

/** Part of paths, labels and variables. */
const RUN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** A runner as it stands in a file or in a label. */
export const runnerSchema = z.object({
  pid: z.int().positive(),
  started: z.string().max(100),
  namespace: z.string().max(100).optional(),
  host: z.string().max(300).optional(),
});

const ownerSchema = z.object({
  undo: z.literal('owner'),
  run: z.string().regex(RUN_NAME),
  owner: runnerSchema,
  key: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  scratch: z.string().max(4_000).startsWith('/').optional(),
});

export type UndoEntry =
  | OwnerEntry
  /** The effect of this id was undone in time. What stays until the end has no id. */
  | { readonly undo: 'undone'; readonly id: number }
  /** Everything above was undone by the run itself, or was left running on request. */
  | { readonly undo: 'done' | 'kept' }
  | Effect;

export function isOwner(entry: UndoEntry): entry is OwnerEntry {
  return entry.undo === 'owner';
}

/** Whether the entry is an effect; else it only says something of the run. */
export function isEffect(entry: UndoEntry): entry is Effect {
  return !['owner', 'undone', 'done', 'kept'].includes(entry.undo);
}

/** A run, as far as something besides its own log says so too. */
export interface ProvenRun {
  readonly run: string;
  /** Its run directory, without links in the path. */
  readonly directory: string;
  /** Where its scratch directory is, or was. */
  readonly place: string;
  /** That carries the run's mark and the key of its log; null: it is not there. */
  readonly scratch: string | null;
}

export interface UndoSurroundings {
  readonly clock: Clock;
  /** The runner's own, such as for the certificates of a docker engine that wants some. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The run whose log it is. */
  readonly own: ProvenRun;
  /** The run whose system it was done to, where that stays up; null: it goes with the run. */
  readonly system: ProvenRun | null;
}

/**
 * How effects of one kind are undone by somebody who knows no more than the entry, and does not
 * believe it: whatever can be is known from elsewhere, the rest has one form, and nothing is
 * touched that does not carry the run's mark. It can be done twice.
 */
export interface UndoKind<E extends Effect = Effect> {
  readonly undo: E['undo'];
  /** The facts that are read; others are not. */
  readonly facts: z.ZodType<Omit<E, 'undo'>>;
  describe(effect: E): string;
  /** Resolves to what could not be undone, each in words; empty when nothing is left. */
  perform(effect: E, surroundings: UndoSurroundings): Promise<string[]>;
  /** How long it may take; 10 s if not said otherwise. */
  readonly atMost_ms?: number;
  /** The same, where each effect of the kind says it of itself. */
  limitOf?(effect: E): number;
  /** It is in a system of somebody's own, for which a password is needed. */
  readonly inOwnSystem?: true;
  /** It is in the system, and nothing of it is left once that is gone. */
  readonly goesWithSystem?: true;
}

/** An effect on a living system, prepared and not yet there. */
export interface Undoable {
  readonly entry: Effect;
  /** Has the effect. Doing it twice is fine. */
  act(): Promise<void>;
  /**
   * Ends the effect, a half one too. Doing it twice is fine. Resolves to what of it was not there
   * any more when that was first tried, each in words: somebody else has ended it.
   */
  undo(): Promise<readonly string[]>;
}

/**
 * An `undo` that tells what `lost` found the first time, and ends the effect each time. A second
 * try may find what the first one has done, which nobody else has; `isThere`: what this one found.
 */
export function undoing(
  lost: () => Promise<readonly string[]>,
  end: (isThere: boolean) => Promise<unknown>,
): Undoable['undo'] {
  let gone: readonly string[] | null = null;
  return async () => {
    const now = await lost();
    gone ??= now;
    await end(now.length === 0);
    return gone;
  };
}

/** An entry is on the disk before `append` returns: what it undoes may happen next. */
export function createUndoLog(file: string): LineWriter<UndoEntry> {
  return new LineWriter(file, { sync: true });
}

/** Says that everything in the log is undone; a torn last line, which undoes nothing, goes. */
export function finishUndoLog(file: string): void {
  const { O_RDWR, O_NOFOLLOW, O_NONBLOCK } = constants;
  const opened = openSync(file, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  try {
    const text = Buffer.alloc(fstatSync(opened).size);
    readSync(opened, text, 0, text.length, 0);
    ftruncateSync(opened, text.lastIndexOf('\n') + 1);
  } finally {
    closeSync(opened);
  }
  const log = createUndoLog(file);
  log.append({ undo: 'done' });
  log.close();
}

/**
 * The entries in the order of their effects, to be undone in reverse; what was undone in time is
 * not among them. A torn last line is an effect that never took place, but a problem all the same.
 * `owner` is null where the first line is damaged, or is another one.
 */
export function readUndoLog(file: string) {
  let owner: OwnerEntry | null = null;
  let line = 0;
  const { values, problems } = readLines<UndoEntry>(
    file,
    (value) => {
      line += 1;
      if (!isEntry(value)) return { problem: 'is not an undo entry' };
      if (line === 1 && isOwner(value)) owner = value;
      return { value };
    },
    () => null,
    LOG_BYTES,
  );
  const undone = new Set<unknown>();
  for (const entry of values) if (entry.undo === 'undone') undone.add(entry['id']);
  const entries = values.filter((entry) => !('id' in entry && undone.has(entry.id)));
  return { owner: owner as OwnerEntry | null, entries, problems };
}

function isEntry(value: unknown): value is UndoEntry {
  const { undo } = (value ?? {}) as Partial<UndoEntry>;
  if (undo === 'owner') return ownerSchema.safeParse(value).success;
  return typeof undo === 'string';
}
