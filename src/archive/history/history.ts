// The history of a folder of runs: a line for each finished run in `history.ndjson`, which stays
// when the run's folder goes. What lacks there is taken from the folders; what a line says of a run
// that is still there is held against that run.
import { closeSync, fstatSync, lstatSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Fit } from '../../drill/misfit.ts';
import { runFile } from '../../evidence/run-files.ts';
import { readWhole } from '../../evidence/evidence-error.ts';
import { openPlainToAppend, readPlainFile } from '../../host/plain-file.ts';
import { sha256 } from '../../host/sha256.ts';
import { isOver, runIds } from '../run-list.ts';
import { rememberedIn, type Remembered } from './history-entry.ts';
import type { HistoryEntry, HistoryLine, RunFacts } from '../../evidence/history-form.ts';
import type { Verdict } from '../../verdict/result.ts';
import { readLine, writeLine } from './history-line.ts';

export const HISTORY_FILE = 'history.ndjson';
/** More than the lines of two hundred thousand runs take. */
const HISTORY_BYTES = 256 * 2 ** 20;

/**
 * `gone`: its folder was removed; `changed`: its result is not what the line says; `elsewhere`:
 * only the shared history tells of it.
 */
type Standing = 'there' | 'gone' | 'changed' | 'elsewhere';

/** Who tells of a run that is elsewhere, and what they say. */
interface Told {
  readonly machine: string;
  readonly who: string;
  /** What its series came to; null: it is of none, or that is not known. */
  readonly verdict: Verdict | null;
}

export interface PastRun extends HistoryEntry {
  readonly standing: Standing;
  /** The size of its databases, as `topology.data` says it; null: they had no rows of their own. */
  readonly data: string | null;
  /** Of one that is elsewhere. */
  readonly told?: Told;
}

/** The machine that tells of a run; null: it is known here. */
export function machineOf({ told }: Pick<PastRun, 'told'>): string | null {
  return told?.machine ?? null;
}

/** The size of the databases of a run under these facts. */
export function dataOf(facts: Pick<RunFacts, 'conditions'> | undefined): string | null {
  return facts?.conditions['topology.data'] ?? null;
}

export interface History {
  /** Oldest first, each run once. */
  readonly runs: readonly PastRun[];
  readonly facts: ReadonlyMap<string, RunFacts>;
  /** Lines that count for nothing, and why: `line 3: it is not as it was written`. */
  readonly damaged: readonly string[];
}

/**
 * Adds a finished run. One write at the end of the file: two that finish at once do not mix. Throws
 * what the operating system says.
 */
export function remember(runs: string, id: string, series: string | null): void {
  const found = rememberedIn(join(runs, id), series);
  if (found !== null) append(runs, [found]);
}

function append(runs: string, found: readonly Remembered[]): void {
  const known = new Set<string>();
  const lines = found.flatMap(({ entry, facts }) => {
    const isNew = !known.has(entry.facts);
    known.add(entry.facts);
    const shared = { schema: 'drill.history-facts/1', hash: entry.facts, facts } as const;
    return [...(isNew ? [writeLine(shared)] : []), writeLine(entry)];
  });
  const file = openPlainToAppend(join(runs, HISTORY_FILE));
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    // A line that was cut off by a crash must not take this one with it.
    const isTorn = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
    writeSync(file, `${isTorn ? '\n' : ''}${lines.join('')}`);
  } finally {
    closeSync(file);
  }
}

/**
 * `seriesOf` says which series a run was a trial of. Runs that the file lacks are added to it,
 * where it can be written.
 */
export function readHistory(
  runs: string,
  now_ms: number,
  seriesOf: (run: string) => string | null = () => null,
): History {
  const { entries, facts, damaged, isRead } = readFile(runs);
  const ids = runIds(runs);
  const lacking = ids
    .filter((id) => !entries.has(id) && isOver(join(runs, id), now_ms))
    .toReversed();
  const found = lacking.flatMap((id) => rememberedIn(join(runs, id), seriesOf(id)) ?? []);
  for (const each of found) {
    entries.set(each.entry.id, each.entry);
    facts.set(each.entry.facts, each.facts);
  }
  // To a file that cannot be read the same runs would be added again and again.
  if (isRead) keep(runs, found);
  const there = new Set(ids);
  const all = [...entries.values()].map((entry) => {
    const standing = there.has(entry.id) ? standingOf(join(runs, entry.id), entry) : 'gone';
    return { ...entry, standing, data: dataOf(facts.get(entry.facts)) };
  });
  return { runs: all.toSorted(byTime), facts, damaged };
}

/** Ids begin with the time at which they were made. */
function byTime(one: HistoryEntry, other: HistoryEntry): number {
  return one.id < other.id ? -1 : Number(one.id > other.id);
}

function keep(runs: string, found: readonly Remembered[]): void {
  try {
    // One that is not verified may be about to be: its last line is written after its result.
    const whole = found.filter(({ entry }) => entry.verified);
    if (whole.length > 0) append(runs, whole);
  } catch {
    // A folder that cannot be written is read all the same.
  }
}

function readFile(runs: string) {
  const entries = new Map<string, HistoryEntry>();
  const facts = new Map<string, RunFacts>();
  const text = textOf(runs);
  const damaged = text === null ? ['it cannot be read'] : [];
  for (const [at, line] of (text ?? '').split('\n').entries()) {
    if (line === '') continue;
    const problem = take(readLine(line), entries, facts);
    if (problem !== null) damaged.push(`line ${at + 1}: ${problem}`);
  }
  return { entries, facts, damaged, isRead: text !== null };
}

/** Null where the line is known from now on, else why it counts for nothing. */
function take(
  read: Fit<HistoryLine>,
  entries: Map<string, HistoryEntry>,
  facts: Map<string, RunFacts>,
): string | null {
  if ('problem' in read) return read.problem;
  const line = read.value;
  if (line.schema !== 'drill.history/1') {
    facts.set(line.hash, line.facts);
    return null;
  }
  const before = entries.get(line.id);
  if (before !== undefined && !saySame(before, line)) {
    return `it says otherwise of ${line.id} than a line before it`;
  }
  entries.set(line.id, line);
  return null;
}

/** Whether two lines tell the same of a run; what drill makes of that can differ by version. */
function saySame(one: HistoryEntry, other: HistoryEntry): boolean {
  const said = (entry: HistoryEntry) => {
    const { id, at, drill: whole, runtime, seed, verdict, gates, ...numbers } = entry;
    const { disaster: _, ...drill } = whole;
    const { rto_ms, rto_from_declaration_ms, rto_from_effect_ms, rpo_ms, lost } = numbers;
    const measured = { rto_ms, rto_from_declaration_ms, rto_from_effect_ms, rpo_ms, lost };
    return { id, at, drill, runtime, seed, verdict, gates, measured };
  };
  return isDeepStrictEqual(said(one), said(other));
}

/** Null where something is there that cannot be read as the history. */
function textOf(runs: string): string | null {
  const file = join(runs, HISTORY_FILE);
  try {
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return '';
    return readPlainFile(file, HISTORY_BYTES).toString('utf8');
  } catch {
    return null;
  }
}

/** A file of the same size and time is taken to be the same: ten thousand are not read again. */
function standingOf(directory: string, { result }: HistoryEntry): Standing {
  const file = runFile(directory, 'result');
  const now = statSync(file, { throwIfNoEntry: false });
  if (now === undefined) return 'changed';
  if (now.size === result.bytes && now.mtimeMs === result.mtime_ms) return 'there';
  try {
    return sha256(readWhole(file)) === result.sha256 ? 'there' : 'changed';
  } catch {
    return 'changed';
  }
}

/**
 * The run as its own sealed evidence has it, whatever its line says: the line has no key, and
 * anybody can write it. Of a run that is gone there is the line alone, of one elsewhere its row.
 */
export function sealedRun(runs: string, run: PastRun): PastRun {
  if (run.standing === 'gone' || run.standing === 'elsewhere') return run;
  const found = rememberedIn(join(runs, run.id), run.series);
  if (found === null || !found.entry.verified) return { ...run, standing: 'changed' };
  const { facts } = run;
  return { ...found.entry, facts, standing: 'there', data: dataOf(found.facts) };
}

/** Whether a run can be compared with: one of here that was verified, and is where it is there. */
export function isBelievable(runs: string, run: PastRun): boolean {
  if (!run.verified || run.standing === 'changed' || run.standing === 'elsewhere') return false;
  const sealed = sealedRun(runs, run);
  return sealed.standing !== 'changed' && sealed.data === run.data && saySame(sealed, run);
}
