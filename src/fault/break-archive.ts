// break-archive: the archive command fails from now on. No client notices, nothing stops, and what
// could be restored grows older.
import { until } from '../host/clock.ts';
import type { CheckResult } from '../evidence/event.ts';
import type { Fault, FaultContext } from './fault.ts';

const SEEN_AT_MOST_MS = 10_000;
const POLL_MS = 50;
const LOOK_MS = 500;

export const breakArchive: Fault<'break-archive'> = {
  kind: 'break-archive',
  inject: async ({ fault, system, defer }) => {
    const region = system.region(fault.region);
    const { database } = region;
    // A primary that has died meanwhile archives nothing any more, whatever its settings.
    const heal = async () => {
      const server = region.nodes().find(({ kind }) => kind === 'postgres')!;
      if ((await server.look(LOOK_MS)).state !== 'dead') await database.setArchiving(true);
    };
    const { node } = database;
    await defer({ undo: 'archive-command', directory: system.directory, node }, heal);
    await database.setArchiving(false);
    return { detail: `the archive command of ${node} fails` };
  },
  prove,
};

/** A segment that is finished now must fail to be archived, by the primary's own count. */
async function prove({
  fault,
  system,
  clock,
}: FaultContext<'break-archive'>): Promise<CheckResult[]> {
  const { database } = system.region(fault.region);
  const before = await database.archiver();
  await database.switchSegment();
  const deadline_ms = clock.now() + SEEN_AT_MOST_MS;
  let [failures, last]: [number, string | null] = [0, null];
  await until({ clock, deadline_ms, every_ms: POLL_MS }, async () => {
    const { failed_count, last_failed } = await database.archiver();
    [failures, last] = [failed_count - before.failed_count, last_failed];
    return failures > 0 ? true : null;
  });
  const detail = `${failures} failures since, of segment ${last ?? 'none'}`;
  return [{ name: `archiving of ${database.node} fails`, ok: failures > 0, detail }];
}
