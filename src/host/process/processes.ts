// Processes of this machine: found by the run's mark, by parent or by working directory, and killed
// as whole trees.
import { readlinkSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { processTable, type ProcessUsage } from './process-table.ts';

export type ProcessEnvironment = Record<string, string | undefined>;

/** The environment variable that marks every process of a run; its value is the run's id. */
export const RUN_MARK = 'DRILL_RUN';

const RUN_GONE_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** A process; its start time, with the boot in it, tells it from a later one with the same id. */
export interface OtherProcess {
  readonly pid: number;
  readonly started: string;
}

const table = processTable();

/** Tells a process from a later one with the same id; null when there is none, or a dead one. */
export function processStarted(pid: number): string | null {
  return table.started(pid);
}

export function isStillThere({ pid, started }: OtherProcess): boolean {
  return table.started(pid) === started;
}

function isGone(pid: number): boolean {
  return table.started(pid) === null;
}

/** This process, as the owner of what it starts. */
/** Where the commands of a drill file are run. */
export function workingDirectory(): string {
  return process.cwd();
}

export function ownProcess(): OtherProcess {
  return { pid: process.pid, started: table.started(process.pid) ?? '' };
}

/** Those that are there, each told from a later one with the same id. */
export function identify(pids: readonly number[]): OtherProcess[] {
  return pids.flatMap((pid) => {
    const started = processStarted(pid);
    return started === null ? [] : [{ pid, started }];
  });
}

/** The namespace of this process' id, where the system has such (Linux). */
export function processNamespace(): { readonly namespace?: string } {
  try {
    return { namespace: readlinkSync('/proc/self/ns/pid') };
  } catch {
    return {};
  }
}

/** Processes of this namespace that go by `pid` in one of their own below it (a container's). */
export function idsInside(pid: number): number[] {
  return table.inside(pid);
}

/** The process and everything below it that is alive; empty when it is gone. */
export function liveTree(pid: number): number[] {
  if (isGone(pid)) return [];
  return [pid, ...table.descendants(pid).filter((child) => !isGone(child))];
}

/**
 * Every process of a run: the ones with its mark, and PostgreSQL's, which overwrite their
 * environment, by their working directory below the run's scratch directory. Never this process or
 * one of those above it.
 */
export function findRunProcesses(run: string, scratch: string): number[] {
  const found = new Set([...markedWith(run), ...table.workingBelow(scratch, 'postgres')]);
  for (const pid of ownLine()) found.delete(pid);
  return [...found].filter((pid) => !isGone(pid));
}

function markedWith(run: string): number[] {
  return table.valuesOf(RUN_MARK).flatMap(({ pid, value }) => (value === run ? [pid] : []));
}

/** A process that its runner has left behind. */
export interface LeftProcess {
  readonly pid: number;
  /** Its mark. */
  readonly run: string;
  /** Where its run made temporary files. */
  readonly temporary: string | null;
  /** The file that it writes to, in the folder of its run as long as that is there. */
  readonly output: string | null;
}

/**
 * Processes with the mark of any run whose parents are gone: whoever started them, or what that was
 * started by, would be found above them. Never this process or one of those above it.
 */
export function leftProcesses(): LeftProcess[] {
  const marked = new Map(table.valuesOf(RUN_MARK).map(({ pid, value }) => [pid, value]));
  const temporary = new Map(table.valuesOf('TMPDIR').map(({ pid, value }) => [pid, value]));
  for (const pid of ownLine()) marked.delete(pid);
  return [...marked].flatMap(([pid, run]): LeftProcess[] => {
    let top = pid;
    for (let up = table.parent(top); up !== null && marked.get(up) === run; up = table.parent(up)) {
      top = up;
    }
    if (isGone(pid) || (table.parent(top) ?? INIT) !== INIT) return [];
    return [{ pid, run, temporary: temporary.get(pid) ?? null, output: table.output(pid) }];
  });
}

/** Inherits what nobody waits for. */
const INIT = 1;

/** This process, its parent, and so on up. */
function ownLine(): number[] {
  const line: number[] = [];
  for (let pid: number | null = process.pid; pid !== null; pid = table.parent(pid)) {
    if (line.includes(pid)) break;
    line.push(pid);
  }
  return line;
}

/** Whether the process is one of the run's, as `findRunProcesses` knows them. */
export function isOfRun(pid: number, run: string, scratch: string | null): boolean {
  const isMarked = markedWith(run).includes(pid);
  return isMarked || (scratch !== null && table.workingBelow(scratch, 'postgres').includes(pid));
}

/** The live PostgreSQL processes that work in `directory` or below it. */
export function postgresBelow(directory: string): number[] {
  return table.workingBelow(directory, 'postgres').filter((pid) => !isGone(pid));
}

/**
 * SIGKILL to whole trees at once, as a power cut would end them: a postmaster's children outlive it
 * and still answer clients, and a parent that is not stopped first could start more of them
 * meanwhile. Returns the killed.
 */
export function killTrees(roots: readonly number[]): number[] {
  const alive = roots.filter((pid) => isOne(pid) && !isGone(pid));
  for (const pid of alive) sendSignal(pid, 'SIGSTOP');
  const all = [...new Set(alive.flatMap((pid) => [pid, ...table.descendants(pid)]))];
  for (const pid of all) sendSignal(pid, 'SIGKILL');
  return all;
}

/** Whole trees stand still; parents first, so that none starts another child meanwhile. */
export function stopTrees(roots: readonly number[]): void {
  for (const pid of roots) sendSignal(pid, 'SIGSTOP');
  for (const pid of roots.flatMap(liveTree)) sendSignal(pid, 'SIGSTOP');
}

/** Ends `stopTrees`; children first, so that a parent that waits for one finds it going. */
export function continueTrees(roots: readonly number[]): void {
  for (const pid of roots.flatMap(liveTree).toReversed()) sendSignal(pid, 'SIGCONT');
}

/** What they have used together; those that are gone count nothing. */
export function usageOf(pids: readonly number[]): ProcessUsage {
  const all = pids.map((pid) => table.usage(pid)).filter((usage) => usage !== null);
  return {
    cpu_ms: all.reduce((sum, { cpu_ms }) => sum + cpu_ms, 0),
    memory_bytes: all.reduce((sum, { memory_bytes }) => sum + memory_bytes, 0),
  };
}

/** Whether there are any and all of them stand still. */
export function areStopped(pids: readonly number[]): boolean {
  return pids.length > 0 && pids.every((pid) => table.isStopped(pid));
}

/** False when the process is gone already, or never was. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  if (!isOne(pid)) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/**
 * Whether it can be a process that drill started. To the kernel 0 means this process's group and -1
 * everybody; a program that could not be started has no id, which some call -1.
 */
function isOne(pid: number): boolean {
  return pid > 1;
}

/** Waits until none of them lives any more; resolves to those that still do after `atMost_ms`. */
export async function untilGone(
  pids: readonly number[],
  clock: Clock,
  atMost_ms: number,
): Promise<number[]> {
  const until = clock.now() + atMost_ms;
  let pause_ms = 1;
  for (;;) {
    const alive = pids.filter((pid) => !isGone(pid));
    if (alive.length === 0 || clock.now() >= until) return alive;
    await clock.sleep(pause_ms);
    pause_ms = Math.min(20, pause_ms * 2);
  }
}

/** Kills a run's processes until none comes after; resolves to those that live on for seconds. */
export async function endRunProcesses(
  run: string,
  scratch: string,
  clock: Clock,
): Promise<number[]> {
  const until = clock.now() + RUN_GONE_MS;
  for (;;) {
    const found = findRunProcesses(run, scratch);
    if (found.length === 0 || clock.now() > until) return found;
    // Its id may be another process's since it was looked at: both looks must find the same one.
    const known = identify(found);
    const again = findRunProcesses(run, scratch);
    const sure = known.filter((each) => again.includes(each.pid) && isStillThere(each));
    await untilGone(killTrees(sure.map(({ pid }) => pid)), clock, until - clock.now());
  }
}

/** Processes with the run's mark that this one runs in: they are not killed. */
export function markedAbove(run: string): number[] {
  const above = ownLine().filter((pid) => pid !== process.pid);
  const marked = above.length === 0 ? [] : markedWith(run);
  return above.filter((pid) => marked.includes(pid));
}

/** Resolves, in words, once it is gone; never after `signal` aborted. */
export async function untilOtherEnds(
  process: OtherProcess,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    if (!isStillThere(process)) return 'it is gone';
    try {
      await clock.sleep(LOOK_EVERY_MS, signal);
    } catch {
      return await new Promise<never>(() => {}); // nobody asks any more
    }
  }
}
