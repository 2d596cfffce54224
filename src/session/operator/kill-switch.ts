// The kill switch of a folder of runs: a file. While it is there, every drill that runs heals,
// cleans up and ends, and none begins. Whoever may write there may throw it, also without drill:
// `touch .drill/runs/halt`.
import { lstatSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hostClock, until, type Clock } from '../../host/clock.ts';
import { isThere, makeDirectories } from '../../host/files.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import { userWords } from '../../host/users.ts';
import { shellWord } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { EXIT } from '../../verdict/exit-code.ts';

const BYTES = 4_096;
const WORDS = 200;
const POLL_MS = 100;

export function killSwitch(runs: string): string {
  return join(runs, 'halt');
}

/** `way`: the command by which it is thrown. Throws a `UserError` where that cannot be. */
export function throwKillSwitch(runs: string, way: string): void {
  const by = userWords();
  const at = new Date(hostClock().wall()).toISOString();
  try {
    makeDirectories(runs);
    writeFileSync(killSwitch(runs), `${by}, by ${way}, at ${at}\n`, { mode: 0o600 });
  } catch (error) {
    const why = (error as Error).message;
    throw new UserError(`the kill switch cannot be thrown, NOTHING IS HALTED: ${why}`, {
      hint: 'a folder that can be written (--out DIR), or each run by itself: drill halt RUN',
      exitCode: EXIT.environment,
    });
  }
}

/** Whether it had been thrown. */
export function clearKillSwitch(runs: string): boolean {
  const isThere = thrownBy(runs) !== null;
  rmSync(killSwitch(runs), { force: true, recursive: true });
  return isThere;
}

export function thrownBy(runs: string): string | null {
  return pulledBy(killSwitch(runs));
}

/** Who made the file, in words; null: nobody has. Whatever has its name counts, read or not. */
function pulledBy(file: string): string | null {
  try {
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return null;
  } catch {
    return null; // the folder cannot be looked into at the moment
  }
  try {
    const [line = ''] = readPlainFile(file, BYTES).toString('utf8').split('\n', 1);
    return line.trim().slice(0, WORDS) || 'somebody';
  } catch {
    return 'somebody';
  }
}

/** As a reason: `the kill switch was thrown by ada, by drill halt --all, at …` */
export function switchedBy(by: string): string {
  return `the kill switch was thrown by ${by}`;
}

/** Throws a `UserError` where it is thrown. */
export function requireNoKillSwitch(runs: string): void {
  const by = thrownBy(runs);
  if (by === null) return;
  throw new UserError(`no drill begins here: ${switchedBy(by)}`, {
    hint: `when drills may run again: drill halt --clear, which removes ${killSwitch(runs)}`,
  });
}

/** The same of a file that a drill of somebody's own system names: its lever. */
export function requireNoLever(lever: string): void {
  const folder = dirname(lever);
  if (isGone(folder)) {
    const where = `its folder ${folder}, in which somebody can make it`;
    throw new UserError(`no drill of this system begins: ${lever}: expected ${where}; found none`, {
      hint: `mkdir -p ${shellWord(folder)}, or another file: topology.guard.lever`,
    });
  }
  const by = pulledBy(lever);
  if (by === null) return;
  throw new UserError(`no drill of this system begins: ${lever} is there, made by ${by}`, {
    hint: `when drills may run again: rm ${shellWord(lever)}`,
  });
}

/** False where it cannot be looked for at the moment. */
function isGone(folder: string): boolean {
  try {
    return !isThere(folder);
  } catch {
    return false;
  }
}

/** Resolves to why: who made it, or that nobody can any more; rejects when `signal` aborts. */
export async function leverPulled(lever: string, way: Way): Promise<string> {
  return await untilSome(way, () => {
    const by = pulledBy(lever);
    if (by !== null) return `${lever}, made by ${by}`;
    return isGone(dirname(lever)) ? `${lever}, whose folder is gone` : null;
  });
}

async function untilSome(way: Way, find: () => string | null): Promise<string> {
  const waiting = { ...way, deadline_ms: Infinity, every_ms: POLL_MS };
  return (await until(waiting, async () => find()))!;
}

interface Way {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Resolves to who threw it; rejects when `signal` aborts. */
export async function killSwitchThrown(runs: string, way: Way): Promise<string> {
  return await untilSome(way, () => thrownBy(runs));
}
