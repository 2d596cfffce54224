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
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';
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
  for (;;) {
    await endProcesses(stack, directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    if (processesOf(stack, directory).length === 0) break;
  }
  for (const segment of segments) await removeSegment(segment, databaseIdentity());
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

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // it was never made
  }
}
