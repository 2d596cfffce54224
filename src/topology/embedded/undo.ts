// What the embedded runtime leaves on the machine, undone: a database's shared memory, processes
// that stand still. Nothing is touched that does not carry a run's mark.
import { lstatSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import * as z from 'zod';
import type { Effect, ProvenRun, UndoKind } from '../../evidence/undo.ts';
import type { Clock } from '../../host/clock.ts';
import { isOwn, isThere } from '../../host/files.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import { isMarkedDirectory, runOfDirectory } from '../../host/tree/marked-directory.ts';
import { hasLinks } from '../../host/tree/ways-out.ts';
import {
  isOfRun,
  isStillThere,
  type OtherProcess,
  continueTrees,
  RUN_MARK,
} from '../../host/process/processes.ts';
import { isWorkshop } from '../../postgres/server/cache.ts';
import type { UpContext } from '../system/system.ts';

/** More than any PG_VERSION has. */
const VERSION_BYTES = 100;

/**
 * A PostgreSQL data directory: its shared memory goes with a start and a stop before it is deleted.
 */
interface Database extends Effect {
  readonly undo: 'database';
  readonly data: string;
}

export const databaseUndo: UndoKind<Database> = {
  undo: 'database',
  facts: z.object({ data: z.string() }),
  describe: ({ data }) => `database ${data}`,
  atMost_ms: 40_000, // it is started once more and stopped
  perform: async ({ data }, { clock, own, environment }) => {
    if (!isThere(data)) return []; // a template that was finished has another name by now
    const problem = placeProblem(data, own);
    if (problem !== null) return [`${data}: ${problem}, so not touched`];
    if (own.scratch === null) return [];
    return await scrubDatabase({
      data,
      run: own.run,
      clock,
      bin: () => ownBinaries(environment, data),
    });
  },
};

/** Has the shared memory of the database freed at the end, by this runner or by `drill clean`. */
export async function deferScrub(
  { defer, clock, place }: Pick<UpContext, 'defer' | 'clock' | 'place'>,
  { data, bin }: { readonly data: string; readonly bin: string },
): Promise<void> {
  await defer({ undo: 'database', data }, async () => {
    if (!isThere(data)) return;
    const left = await scrubDatabase({ data, run: place.id, clock, bin: async () => bin });
    if (left.length > 0) throw new Error(left.join('; '));
  });
}

/** Processes that were stopped by SIGSTOP, with everything below them. */
interface StoppedProcesses extends Effect {
  readonly undo: 'stopped-processes';
  readonly processes: readonly OtherProcess[];
}

export const stoppedProcessesUndo: UndoKind<StoppedProcesses> = {
  undo: 'stopped-processes',
  facts: z.object({
    processes: z.array(z.object({ pid: z.int().min(2), started: z.string() })).max(1_000),
  }),
  describe: ({ processes }) => `${processes.length} stopped processes`,
  perform: ({ processes }, { system }) => {
    if (system === null) return Promise.resolve([]); // they are killed with the run
    const isTheirs = ({ pid }: OtherProcess) => isOfRun(pid, system.run, system.scratch);
    const own = processes.filter((each) => isStillThere(each) && isTheirs(each));
    continueTrees(own.map(({ pid }) => pid));
    return Promise.resolve([]);
  },
};

/** The programs are drill's own find, never the log's; of the version of a restored backup, too. */
async function ownBinaries(
  environment: Readonly<Record<string, string | undefined>>,
  data: string,
): Promise<string> {
  const { locatePostgres } = await import('../../postgres/server/binaries.ts');
  const { postgresOfVersion } = await import('../../postgres/server/programs-of-version.ts');
  const { databaseIdentity } = await import('../../postgres/server/identity.ts');
  const identity = databaseIdentity();
  const version = join(data, 'PG_VERSION');
  if (!isThere(version)) return (await locatePostgres(environment, identity)).bin;
  const major = readPlainFile(version, VERSION_BYTES).toString('utf8').trim();
  return (await postgresOfVersion(major, environment, identity)).bin;
}

/**
 * Why it is no data directory of the run's, below its scratch directory or in a template that it
 * was making; null: it is one.
 */
function placeProblem(data: string, { place, run }: ProvenRun): string | null {
  if (isInWorkshop(data, run)) return null;
  const parts = relative(place, data).split('/');
  const isOne =
    parts.length === 2 &&
    /^data(-destroyed)?$/.test(parts[1] ?? '') &&
    join(place, ...parts) === data;
  return isOne && parts[0] !== '..' ? null : `not in the scratch directory of run ${run}`;
}

function isInWorkshop(data: string, run: string): boolean {
  const made = dirname(data);
  if (data !== join(made, 'data') || !isWorkshop(basename(made)) || !isThere(made)) return false;
  return isOwn(made) && isMarkedDirectory(made) && runOfDirectory(made) === run;
}

interface Scrubbed {
  readonly data: string;
  readonly run: string;
  readonly clock: Clock;
  readonly bin: () => Promise<string>;
}

/**
 * Frees the shared memory of a killed server, if there is one; the directory itself has an entry of
 * its own.
 */
export async function scrubDatabase({ data, run, clock, bin }: Scrubbed): Promise<string[]> {
  const link = [dirname(data), data].find((path) => !lstatSync(path).isDirectory());
  if (link !== undefined) return [`${link}: it is no directory, so not touched`];
  const { databaseIdentity } = await import('../../postgres/server/identity.ts');
  const { uid } = lstatSync(data);
  // A server would run as whoever owns it; a copy that was not finished has never had one.
  const hasRun = isThere(join(data, 'postmaster.pid'));
  if (hasRun && uid !== databaseIdentity().uid)
    return [`${data}: it belongs to uid ${uid}, so not touched`];
  if (hasLinks(data)) return [`${data}: there are links in it, so not touched`];
  const { scrub } = await import('../../postgres/server/launcher.ts');
  return await scrub({
    title: data,
    bin,
    data,
    environment: { [RUN_MARK]: run },
    logFile: join(dirname(data), 'scrub.log'),
    clock,
  });
}
