// A node that a drill ended whose runner was killed, on a system that is up: it comes back, unless
// another one has taken its place meanwhile.
import { join } from 'node:path';
import { regionOf } from '../../base/node-name.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { Clock } from '../../host/clock.ts';
import { unlessFailed } from '../../host/operation-failed.ts';
import type { EndedNode, KeptPlace } from '../runtime.ts';
import { regionIn } from '../system/region.ts';
import type { UpContext } from '../system/system.ts';
import type { AnyRegion } from './region.ts';

const WRITE_MS = 2_000;

type Regions = ReadonlyMap<string, AnyRegion>;

/**
 * Nothing happens where it lives on. Resolves once it answers. `attach` takes up the system's
 * regions as they are; what it opens to them, `ends` close.
 */
export async function startEnded(
  place: KeptPlace & { readonly origin_ms: number },
  ended: EndedNode,
  clock: Clock,
  attach: (own: UpContext, ends: (() => unknown)[]) => Promise<Regions>,
): Promise<void> {
  const ends: (() => unknown)[] = [];
  try {
    await startUnlessReplaced(await attach(unowned(place, clock), ends), place.plan, ended);
  } finally {
    await Promise.all(ends.map((end) => end()));
  }
}

/** What is done to a system that is up by nobody's run. */
function unowned(
  { kept, directory, plan, origin_ms }: KeptPlace & { readonly origin_ms: number },
  clock: Clock,
): UpContext {
  const logs = join(directory, 'logs');
  return {
    plan,
    place: { id: kept.run, directory, logs, scratch: directory },
    clock,
    origin_ms,
    emit: () => {},
    defer: async () => {},
    signal: new AbortController().signal,
    fail: () => {},
  };
}

async function startUnlessReplaced(
  regions: Regions,
  { replication: { from, to } }: Plan,
  { node, how }: EndedNode,
): Promise<void> {
  const region = regionIn(regions, regionOf(node));
  if (region.name === from && (await hasTakenOver(regionIn(regions, to)))) return;
  const ended = region.end(node, how ?? 'kill');
  // One that was asked to end may be about to, and would be dead a moment later.
  if (how === 'stop') await unlessFailed(ended.act());
  await ended.undo();
}

/** Beside a server that takes writes by now, the old one would be a second primary. */
async function hasTakenOver(standby: AnyRegion): Promise<boolean> {
  const stores = [...standby.stores.values()];
  const writes = await Promise.all(stores.map((store) => store.tryWrite(WRITE_MS)));
  return writes.some(({ accepted }) => accepted);
}
