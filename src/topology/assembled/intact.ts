// A system that another runner brought up and left running can be drilled when it is whole: what to
// say where it is not, and how it is made ready for the next drill.
import { until } from '../../host/clock.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import { lastDrill } from '../../evidence/claims.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import type { Address } from '../../host/ports.ts';
import { connectProgram, type ProgramAddress } from '../../host/program/program-client.ts';
import type { Store } from '../system/store.ts';
import type { Gslb, UpContext } from '../system/system.ts';
import { gslbOver, RegionWatch, tellUnheard, type GslbNode, type RunningGslb } from './gslb.ts';

const CAUGHT_UP_MS = 10_000;
const POLL_MS = 10;
const WRITE_MS = 2_000;
/** A part that was healed a moment ago connects again and is seen healthy within this time. */
const HEALED_AT_MOST_MS = 3_000;
const LOOK_EVERY_MS = 50;

export interface Subject {
  readonly kept: { readonly run: string };
  readonly directory: string;
}

/** The error names the last drill on it, which more often than not is why it lacks parts. */
export function notIntact(
  { kept, directory }: Subject,
  { place }: Pick<UpContext, 'place'>,
  problems: readonly string[],
): EnvironmentError {
  const last = lastDrill(directory, place.id);
  const before = last === null ? '' : ` (last drilled by run ${last.run}, ${last.drill})`;
  return new EnvironmentError({
    what: `the system of run ${kept.run}`,
    expected: 'a whole one: every node there, replication streaming, links as they were made',
    found: `${problems.join('; ')}${before}`,
    hint: `drill down ${directory}, then drill up FILE`,
  });
}

/** What is said of a region, in the order of the plan, where some of its parts are gone. */
export function goneFrom(region: string, parts: number, gone: readonly string[]): string[] {
  if (gone.length === parts) return [`region ${region} is gone`];
  return gone.length === 0 ? [] : [`${gone.join(', ')} of region ${region} gone`];
}

/** What this runner has open to the system, which stays up. */
type Ends = (() => unknown)[];

/** A part of the system that does not answer, or not as it should, is one that it lacks. */
export async function takeUp<T>(
  { place, signal, defer }: UpContext,
  subject: Subject,
  attach: (ends: Ends) => Promise<T>,
): Promise<T> {
  const { id: run, scratch: directory } = place;
  const ends: Ends = [];
  try {
    await defer({ undo: 'processes', run, directory }, async () => {
      await Promise.all(ends.map((end) => end()));
    });
    return await attach(ends);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EnvironmentError) throw error;
    throw notIntact(subject, { place }, [reasonOf(error)]);
  }
}

type Emptied = Store & { empty(): Promise<number> };

type Regions = ReadonlyMap<string, { readonly stores: ReadonlyMap<StoreRole, Emptied> }>;

interface KeptGslb {
  readonly control: Omit<ProgramAddress, 'title'>;
  /** The address that clients ask. */
  readonly address: Address;
  /** The zero of the times that it tells, on this machine's monotonic clock. */
  readonly origin_ms: number;
  readonly node: GslbNode;
}

/**
 * Looks at the whole, then empties the stores: nothing may be left of an earlier drill. Resolves
 * once each standby has that too.
 */
export async function makeReady(
  { regions, gslb: kept }: { readonly regions: Regions; readonly gslb: KeptGslb },
  context: UpContext,
  subject: Subject,
  ends: Ends,
): Promise<RunningGslb> {
  const gslb = await attachGslb(kept, context, subject, ends);
  await requireIntact(regions, gslb, context, subject);
  const { clock, plan, signal, emit } = context;
  let rows = 0;
  for (const store of regions.get(plan.replication.from)!.stores.values()) {
    rows += await store.empty();
    const deadline_ms = clock.now() + CAUGHT_UP_MS;
    let seen = '';
    const hasAll = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
      const state = await store.replication();
      seen = state === null ? 'none is connected' : `${state.lag_bytes} bytes behind`;
      return state?.lag_bytes === 0 ? true : null;
    });
    if (hasAll !== null) continue;
    const limit = `${CAUGHT_UP_MS / 1000} s`;
    const problem = `the standby of ${store.node} does not catch up within ${limit}: ${seen}`;
    throw notIntact(subject, context, [problem]);
  }
  emit('stores.emptied', { rows });
  return gslb;
}

/**
 * Its events from before this run are another drill's. Where it is not heard any more, detection
 * cannot be trusted.
 */
async function attachGslb(
  { control, address, origin_ms, node }: KeptGslb,
  context: UpContext,
  subject: Subject,
  ends: Ends,
): Promise<RunningGslb> {
  const { clock, emit } = context;
  const offset_ms = origin_ms - context.origin_ms;
  const from_ms = clock.now() - offset_ms;
  const watch = new RegionWatch(emit, offset_ms);
  const client = connectProgram({ title: 'gslb', ...control });
  ends.push(() => client.close());
  const take = (name: string, body: unknown) => {
    if ((body as { at_ms: number }).at_ms >= from_ms) watch.take(name, body);
  };
  await client.follow(take, tellUnheard(emit)).catch((error: unknown) => {
    throw notIntact(subject, context, [`the GSLB does not answer: ${reasonOf(error)}`]);
  });
  return gslbOver({ channel: client, address, watch, clock, node });
}

/** Rejects unless roles are the plan's, replication streams and clients are led to its source. */
async function requireIntact(
  regions: Regions,
  gslb: Gslb,
  context: UpContext,
  subject: Subject,
): Promise<void> {
  const { clock, plan, signal } = context;
  const { from, to } = plan.replication;
  const deadline_ms = clock.now() + HEALED_AT_MOST_MS;
  let problems: string[] = [];
  await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS, signal }, async () => {
    const primaries = [...regions.get(from)!.stores.values()];
    const asked = [...primaries.map(primaryProblem), gslbProblem(gslb, from)];
    const seen = await Promise.all(asked.map((each) => each.catch(reasonOf)));
    problems = seen.filter((each) => each !== null);
    return problems.length === 0 ? true : null;
  });
  // Last, since it is a write where there should be none.
  for (const store of problems.length === 0 ? regions.get(to)!.stores.values() : []) {
    if (!(await store.tryWrite(WRITE_MS)).accepted) continue;
    problems.push(`${store.node} takes writes, and should be a standby`);
  }
  if (problems.length > 0) throw notIntact(subject, context, problems);
}

/** The words of a primary for a standby that follows. */
const FOLLOWING = ['streaming', 'online'];

async function primaryProblem(primary: Store): Promise<string | null> {
  const write = await primary.tryWrite(WRITE_MS);
  if (!write.accepted) return `${primary.node} takes no writes: ${write.detail}`;
  const seen = (await primary.replication())?.state ?? 'none connected';
  return FOLLOWING.includes(seen)
    ? null
    : `the standby of ${primary.node} does not follow: ${seen}`;
}

async function gslbProblem(gslb: Gslb, active: string): Promise<string | null> {
  const { answered, regions, isHeld } = await gslb.state();
  const { healthy = false, nodes = {} } = regions[active] ?? {};
  const sick = Object.entries(nodes).filter(([, isHealthy]) => !isHealthy);
  if (answered.join() !== active || !healthy) {
    return `the GSLB leads clients to ${answered.join(', ') || 'no region'}`;
  }
  if (isHeld) return 'the GSLB answers what it answered before, and nothing else';
  return sick.length === 0 ? null : `${sick.map(([node]) => node).join(', ')} is not ready`;
}
