// Load of a scenario whose end is known to the test: all of it has come to the second region, or
// the link is cut and everything since is nowhere but in the first.
import { expect } from 'chai';
import { SEED_WRITER } from '../../../src/evidence/ledger/operation.ts';
import { connectTo } from '../../../src/host/probe.ts';
import { parseLsn } from '../../../src/postgres/server/lsn.ts';
import { planOf } from '../plan/plan-of.ts';
import { Scenario } from './scenario.ts';
import { ordersIn } from '../../../src/topology/system/region.ts';

export const TEN_SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);
/** So many writes are acknowledged at least before the region is lost. */
export const AT_STAKE = 40;
const LOAD_MS = 150;
const POLLS = 800;
const POLL_MS = 10;

/** A drill of a strategy in which nobody waits long; `topology` holds further lines of it. */
export function shortDrill(drill: {
  readonly strategy: string;
  readonly topology?: string;
  readonly seed_rows?: number;
  readonly rate?: string;
  readonly latency?: string;
  readonly west?: string;
}): string {
  const { strategy, topology = '', seed_rows = 0, rate = '200/s', latency = '2ms' } = drill;
  const { west = '{ role: standby, app: { capacity: 5000/s } }' } = drill;
  return `drill: 1
name: strategy-${strategy}
targets: { rto: 15s }
topology:
  strategy: ${strategy}
  regions:
    east: { role: active, app: { instances: 1, capacity: 5000/s } }
    west: ${west}
  links: { east-west: { latency: ${latency} } }
  gslb: { every: 50ms, timeout: 200ms, failures: 2, ttl: 1s }
${topology === '' ? '' : `  ${topology}\n`}workload:
  { rate: ${rate}, writers: 8, payload: 64B, timeout: 3s, seed_rows: ${seed_rows} }
faults:
  - { at: 0s, kind: lose-region, region: east }
`;
}

/** A standby's region with an app of its own. */
export const WITH_APP = '{ role: standby, app: { instances: 1, capacity: 5000/s } }';

/** The system of the drill is up for `work`; nothing of it may be left behind. */
export async function inScenario(
  text: string,
  seed: number,
  work: (scenario: Scenario) => Promise<void>,
): Promise<void> {
  const scenario = await Scenario.up(planOf(text, seed));
  try {
    await work(scenario);
  } finally {
    expect(await scenario.down(), 'left behind').to.deep.equal([]);
  }
}

/** Some writes of the ordinary kind; a slow machine has three seconds to answer each of them. */
export async function writeBaseLoad({ load, run }: Scenario, ms = LOAD_MS): Promise<void> {
  await load.begin();
  await run.clock.sleep(ms);
  await Promise.all(load.stores.map((each) => each.drain()));
}

/** Begins the load and lets it go on until so many writes are acknowledged, and some more. */
export async function loadUntil({ load, run }: Scenario, writes: number, more_ms: number) {
  await load.begin();
  const [store] = load.stores;
  for (let i = 0; i < POLLS; i++) {
    if ((store!.samples.at(-1)?.total_acknowledged ?? 0) >= writes) break;
    await run.clock.sleep(POLL_MS);
  }
  await run.clock.sleep(more_ms);
}

/**
 * Goes on until clients were last answered within so many milliseconds: on a machine that does
 * other things an answer may take longer than what is measured by it. False: they never were.
 */
export async function untilQuick({ load, run }: Scenario, p99_ms: number): Promise<boolean> {
  const [store] = load.stores;
  for (let i = 0; i < POLLS; i++) {
    const { p99_ms: seen = null } = store!.samples.at(-1) ?? {};
    if (seen !== null && seen <= p99_ms) return true;
    await run.clock.sleep(POLL_MS);
  }
  return false;
}

/** All that the first region has written by now is in the second one, whichever way it goes. */
export async function untilThere({ system, run }: Scenario): Promise<void> {
  const { from, to } = run.plan.replication;
  const primary = ordersIn(system.region(from));
  if (system.bidirectional !== null) return await system.bidirectional.catchUp();
  const written = await primary.log!.position();
  const { backups } = system;
  const reached = async () => {
    if (backups === null) return await ordersIn(system.region(to)).log!.position();
    const { end_lsn } = (await backups.state()).wal;
    return end_lsn === null ? 0n : parseLsn(end_lsn);
  };
  for (let i = 0; i < POLLS; i++) {
    if ((await reached()) >= written) return;
    await run.clock.sleep(POLL_MS);
  }
  throw new Error('the second region never got it all');
}

/** Cuts the link between the regions, proves the cut, and writes the seed rows of the plan. */
export async function cutAndSeed(scenario: Scenario): Promise<string[]> {
  await cut(scenario);
  return await seedAfterCut(scenario);
}

export async function cut({ system, run }: Scenario): Promise<void> {
  const { from, to } = run.plan.replication;
  const link = system.link(`${from}-${to}`);
  await link.sever();
  for (const { host, port } of link.proxies) {
    expect(await connectTo(host, port, 500)).to.equal('refused');
  }
}

/** The ids of the seed rows, which the other region never hears of. */
export async function seedAfterCut({ load, run }: Scenario): Promise<string[]> {
  const rows = await load.seed();
  expect(rows).to.equal(run.plan.workload.seed_rows);
  return Array.from({ length: rows }, (_, i) => `${SEED_WRITER}-${i + 1}`).toSorted();
}

/** Something between 1 and 40 for each seed. */
export function countFor(draw: () => number): number {
  return 1 + Math.floor(draw() * 40);
}
