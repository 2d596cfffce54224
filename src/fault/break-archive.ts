// break-archive: the archive command fails from now on. No client notices, nothing stops, and what
// could be restored grows older.
import { until } from '../host/clock.ts';
import { looked, type Fault } from './fault.ts';
import { needed, nodeOf, ordersIn } from '../topology/system/region.ts';

const SEEN_AT_MOST_MS = 10_000;
const POLL_MS = 50;
const LOOK_MS = 500;

export const breakArchive: Fault<'break-archive'> = {
  kind: 'break-archive',
  inject: async ({ fault, system, defer }) => {
    const region = system.region(fault.region);
    const orders = ordersIn(region);
    const archive = needed(orders.archive, 'archive', orders.node);
    const { node } = orders;
    let gone: readonly string[] | null = null;
    // A primary that has died meanwhile archives nothing any more, whatever its settings.
    const heal = async () => {
      const { state } = await nodeOf(region, orders).look(LOOK_MS);
      if (state === 'dead') return [];
      const { is_broken } = await archive.state();
      gone ??= is_broken ? [] : [`the failing archive command of ${node}`];
      await archive.setWorking(true);
      return gone;
    };
    await defer({ undo: 'archive-command', node }, heal);
    await archive.setWorking(false);
    return { detail: `the archive command of ${node} fails` };
  },
  // A segment that is finished now must fail to be archived, by the primary's own count.
  prove: async ({ fault, system, clock }) => {
    const orders = ordersIn(system.region(fault.region));
    const archive = needed(orders.archive, 'archive', orders.node);
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
  look: async ({ fault, system, isAlone }) => {
    if (!isAlone) return [];
    const orders = ordersIn(system.region(fault.region));
    const archive = needed(orders.archive, 'archive', orders.node);
    return [
      await looked(`archiving of ${orders.node} fails`, async () => {
        const { is_failing, last_failed } = await archive.state();
        return {
          ok: is_failing,
          detail: `the last failure was of segment ${last_failed ?? 'none'}`,
        };
      }),
    ];
  },
};
