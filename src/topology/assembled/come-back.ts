// A node that a drill ended whose runner was killed, on a system that is up: it comes back, unless
// another one has taken its place meanwhile.
import { join } from 'node:path';
import { regionOf } from '../../base/node-name.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { Clock } from '../../host/clock.ts';
import type { KeptPlace } from '../runtime.ts';
import { regionIn } from '../system/region.ts';
import type { UpContext } from '../system/system.ts';
import type { AnyRegion } from './region.ts';

const WRITE_MS = 2_000;

/** What is done to a system that is up by nobody's run. */
export function unowned(
  { kept, directory, plan }: KeptPlace,
  clock: Clock,
  more: Partial<UpContext> = {},
): UpContext {
  const logs = join(directory, 'logs');
  return {
    plan,
    place: { id: kept.run, directory, logs, scratch: directory },
    clock,
    origin_ms: 0,
    emit: () => {},
    defer: async () => {},
    signal: new AbortController().signal,
    fail: () => {},
    ...more,
  };
}

/** Nothing happens where it lives. Resolves once it answers. */
export async function comeBack(
  regions: ReadonlyMap<string, AnyRegion>,
  { replication: { from, to } }: Plan,
  node: string,
): Promise<void> {
  const region = regionIn(regions, regionOf(node));
  if (region.name === from && (await hasTakenOver(regionIn(regions, to)))) return;
  await region.end(node, 'kill').undo();
}

/** Beside a server that takes writes by now, the old one would be a second primary. */
async function hasTakenOver(standby: AnyRegion): Promise<boolean> {
  const stores = [...standby.stores.values()];
  const writes = await Promise.all(stores.map((store) => store.tryWrite(WRITE_MS)));
  return writes.some(({ accepted }) => accepted);
}
