// What a stack has on the machine, by its mark and its directory, and how it all goes.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { processTable } from '../../../src/host/process/process-table.ts';
import {
  killTrees,
  postgresBelow,
  processStarted,
  untilGone,
} from '../../../src/host/process/processes.ts';
import { runToEnd } from '../../../src/host/process/run-to-end.ts';
import { databaseIdentity, ownerOf } from '../../../src/postgres/server/identity.ts';
import { removeSegment, segmentIn } from '../../../src/postgres/server/segment.ts';

/** The environment variable that marks every process of a stack. It is no run of drill's. */
export const STACK_MARK = 'DRILL_STACK';

const GONE_MS = 5_000;

/** PostgreSQL's processes overwrite their environment: they are known by where they work. */
export function processesOf(stack: string, directory: string): number[] {
  const marked = processTable()
    .valuesOf(STACK_MARK)
    .flatMap(({ pid, value }) => (value === stack ? [pid] : []));
  const found = new Set([...marked, ...postgresBelow(directory)]);
  found.delete(process.pid);
  return [...found].filter((pid) => processStarted(pid) !== null);
}

/** Until nothing of it is there; a command that still runs could start more meanwhile. */
export async function removeStack(stack: string, directory: string): Promise<void> {
  const segments = segmentsIn(directory);
  const semaphores = semaphoresIn(directory);
  for (;;) {
    await endProcesses(stack, directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    if (processesOf(stack, directory).length === 0) break;
  }
  const identity = databaseIdentity();
  for (const segment of segments) await removeSegment(segment, identity);
  const options = { owner: ownerOf(identity), atMost_ms: GONE_MS };
  // It has gone already where its program ended in order.
  for (const semaphore of semaphores) await runToEnd('ipcrm', ['-s', semaphore], options);
}

async function endProcesses(stack: string, directory: string): Promise<void> {
  for (;;) {
    const found = processesOf(stack, directory);
    if (found.length === 0) return;
    await untilGone(killTrees(found), hostClock(), GONE_MS);
  }
}

/** Those of servers that live and of such as were killed. */
function segmentsIn(directory: string) {
  return names(directory).flatMap((name) => {
    try {
      return segmentIn(readFileSync(join(directory, name, 'postmaster.pid'))) ?? [];
    } catch {
      return [];
    }
  });
}

/** Those of pg_auto_failover: the fifth line of its files says which. */
function semaphoresIn(directory: string): string[] {
  const files = names(join(directory, 'run'), true).filter((name) =>
    /\bpg_autoctl\.pid$/.test(name),
  );
  return files.flatMap((name) => {
    const lines = readFileSync(join(directory, 'run', name), 'latin1').split('\n');
    return /^\d+$/.test(lines[4] ?? '') ? [lines[4]!] : [];
  });
}

function names(directory: string, recursive = false): string[] {
  try {
    return readdirSync(directory, { recursive, encoding: 'utf8' });
  } catch {
    return []; // it was never made
  }
}
