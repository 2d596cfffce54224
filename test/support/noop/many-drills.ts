// A process that makes many drills on `noop`, and says how its memory and what it holds open grew
// from the first tenth of them to the end. Whole drills, or those of a session on a machine on which
// nothing comes up.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { readDrill } from '../../../src/session/read.ts';
import type { Session } from '../../../src/session/session.ts';
import { runTrials } from '../../../src/session/series.ts';
import { ONCE_AS_STATED } from '../../../src/session/trials.ts';
import { sessionIn } from '../cli/session.ts';
import { plannedFault } from '../plan/planned-fault.ts';
import { noopPlan } from './noop-plans.ts';
import { NoopRun } from './noop-run.ts';
import { NOOP_DRILL } from './noop-source.ts';

export interface Growth {
  readonly drills: number;
  /** Of the last drill. */
  readonly verdict: string;
  readonly grown_bytes: number;
  /** Timers, files and sockets that are open, before and after. */
  readonly open: readonly [number, number];
}

const KILL = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, { at_ms: 300 });

async function wholeDrill(): Promise<string> {
  const run = new NoopRun(noopPlan('warm-standby', { faults: [KILL], failback: true }));
  return (await run.run()).verdict;
}

/** One session for all of them, as a service has. */
function sessionOfAll(directory: string): Session {
  const told = sessionIn({ directory, interrupt: new AbortController(), told: [] });
  return { ...told, on: () => {} };
}

async function drillOf(session: Session): Promise<string> {
  const { drill } = await readDrill('outage.yaml', {}, session);
  const [what, expected, found] = ['east/postgres', 'that it answers', 'nothing'];
  const failure = new EnvironmentError({ what, expected, found, hint: 'drill doctor' });
  const { runs } = await runTrials([drill!], { ...ONCE_AS_STATED, flags: {} }, session, {
    ...{ limit_ms: null, against: null },
    source: () => ({
      runtime: { up: () => Promise.reject(failure) },
      preflight: async () => {},
      release: () => {},
    }),
  });
  return runs[0]!.result.verdict;
}

function look(): { heap: number; open: number } {
  for (let i = 0; i < 3; i++) globalThis.gc!();
  return { heap: process.memoryUsage().heapUsed, open: process.getActiveResourcesInfo().length };
}

async function growthOf(drills: number, make: () => Promise<string>): Promise<Growth> {
  let [before, verdict] = [look(), ''];
  for (let i = 1; i <= drills; i++) {
    verdict = await make();
    if (i === Math.ceil(drills / 10)) before = look();
  }
  const after = look();
  const grown_bytes = after.heap - before.heap;
  return { drills, verdict, grown_bytes, open: [before.open, after.open] };
}

const [kind, drills] = [process.argv[2], Number(process.argv[3])];
const directory = mkdtempSync(join(tmpdir(), 'drill-many-'));
try {
  writeFileSync(join(directory, 'outage.yaml'), NOOP_DRILL);
  const session = sessionOfAll(directory);
  const growth = await growthOf(drills, kind === 'whole' ? wholeDrill : () => drillOf(session));
  process.stdout.write(JSON.stringify(growth));
} finally {
  rmSync(directory, { recursive: true });
}
