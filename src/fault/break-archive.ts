// break-archive: the archive command fails from now on. No client notices, nothing stops, and what
// could be restored grows older.
import { until } from '../host/clock.ts';
import { undoing } from '../evidence/undo.ts';
import { looked, type Fault, type FaultContext } from './fault.ts';
import { disturb } from './store/store.ts';
import { needed, ordersIn } from '../topology/system/region.ts';

const SEEN_AT_MOST_MS = 10_000;
const POLL_MS = 50;

export const breakArchive: Fault<'break-archive'> = {
  kind: 'break-archive',
  inject: async (context) => {
    const { orders, archive } = archiveHit(context);
    const { node } = orders;
    await disturb(context, orders, {
      entry: { undo: 'archive-command', node },
      act: () => archive.setWorking(false),
      staysOnDisk: true,
      undo: undoing(
        async () =>
          (await archive.state()).is_broken ? [] : [`the failing archive command of ${node}`],
        () => archive.setWorking(true),
      ),
    });
    return { detail: `the archive command of ${node} fails` };
  },
  // A segment that is finished now must fail to be archived, by the primary's own count.
  prove: async (context) => {
    const { clock } = context;
    const { orders, archive } = archiveHit(context);
    const before = await archive.state();
    await archive.switchSegment();
    const deadline_ms = clock.now() + SEEN_AT_MOST_MS;
    let [failures, last]: [number, string | null] = [0, null];
    await until({ clock, deadline_ms, every_ms: POLL_MS }, async () => {
      const { failed_count, last_failed } = await archive.state();
      [failures, last] = [failed_count - before.failed_count, last_failed];
      return failures > 0 ? true : null;
    });
    const detail = `${failures} failures since, of segment ${last ?? 'none'}`;
    return [{ name: `archiving of ${orders.node} fails`, ok: failures > 0, detail }];
  },
  look: async (context) => {
    if (!context.isAlone) return [];
    const { orders, archive } = archiveHit(context);
    const seen = await looked(`archiving of ${orders.node} fails`, async () => {
      const { is_failing, last_failed } = await archive.state();
      const detail = `the last failure was of segment ${last_failed ?? 'none'}`;
      return { ok: is_failing, detail };
    });
    return [seen];
  },
};

function archiveHit({ fault, system }: FaultContext) {
  const orders = ordersIn(system.region(fault.region));
  return { orders, archive: needed(orders.archive, 'archive', orders.node) };
}
