// A system of somebody's own that recovers by itself: nothing is done. Every server is watched
// until another one takes writes, or the lost one does again.
import { regionOf } from '../base/node-name.ts';
import { lacking } from '../topology/system/region.ts';
import type { ServerLook } from '../evidence/events/server-look.ts';
import type { System } from '../topology/system/system.ts';
import type { RecoveryContext, Runs } from './procedure.ts';

type Context = RecoveryContext<'itself', System>;

async function failover({ system, lost, signal }: Context): Promise<void> {
  const { own } = system;
  if (own === null) throw lacking('the system', 'one of somebody’s own', 'one of drill’s');
  const away = new Set<string>();
  await own.until((picture) => (hasMoved(picture, lost, away) ? true : null), signal);
}

/** `away`: the servers of the lost region that took no write at some time. */
function hasMoved(picture: readonly ServerLook[], lost: string, away: Set<string>): boolean {
  return picture.some(({ node, state }) => {
    const isPrimary = state === 'primary';
    if (regionOf(node) !== lost) return isPrimary;
    if (!isPrimary) away.add(node);
    return isPrimary && away.has(node);
  });
}

export const itself: Runs<'itself', System> = { failover };
