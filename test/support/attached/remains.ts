// What a stack has on the machine, by its mark and its directory, and how it all goes.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { processTable } from '../../../src/host/process/process-table.ts';
import {
  killTrees,
  liveTree,
  postgresBelow,
  processStarted,
  stopTrees,
  untilGone,
} from '../../../src/host/process/processes.ts';
import { runToEnd } from '../../../src/host/process/run-to-end.ts';
import { databaseIdentity, ownerOf } from '../../../src/postgres/server/identity.ts';
import { removeSegment, segmentIn } from '../../../src/postgres/server/segment.ts';
import { sharedMemoryOf } from '../system/shared-memory-of.ts';

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
  do {
    await endProcesses(stack, directory);
    await removeShared(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  } while (processesOf(stack, directory).length > 0);
}

/** What the killed have left in the kernel, by what stands in their files. */
async function removeShared(directory: string): Promise<void> {
  const identity = databaseIdentity();
  for (const segment of segmentsIn(directory)) await removeSegment(segment, identity);
  const options = { owner: ownerOf(identity), atMost_ms: GONE_MS };
  for (const id of semaphoresIn(directory)) await runToEnd('ipcrm', ['-s', id], options);
}

async function endProcesses(stack: string, directory: string): Promise<void> {
  for (;;) {
    const found = processesOf(stack, directory);
    if (found.length === 0) return;
    stopTrees(found); // so that what they hold is all of it
    const held = sharedMemoryOf(found.flatMap(liveTree));
    await untilGone(killTrees(found), hostClock(), GONE_MS);
    // initdb's; the servers of a stack have theirs below its directory.
    for (const file of held.filter((each) => each.startsWith('/'))) rmSync(file, { force: true });
  }
}

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
export function semaphoresIn(directory: string): string[] {
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
