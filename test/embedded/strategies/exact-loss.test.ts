// The loss that each strategy is said to have, against what is known without drill: writes made
// after the link was cut, the ids on the lost region's disk, and the ids that serve now.
import { expect } from 'chai';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../../../src/base/random.ts';
import { SEED_WRITER } from '../../../src/evidence/operation.ts';
import { listSegments, placesOf } from '../../../src/postgres/storage/layout.ts';
import { assess } from '../../../src/verdict/assess.ts';
import { known, idsServedBy, type Known } from '../../support/known-loss.ts';
import { planOf } from '../../support/plan-of.ts';
import { Scenario } from '../../support/scenario.ts';

const SEEDS = [1, 2];
const WRITES_MAX = 40;
/** A link so slow that what is on its way is many writes. */
const SLOW_MS = 100;
/** Of time that the count depends on, on a machine that does other things too. */
const SPARE_MS = 250;
/** File times are no more exact than this. */
const STAMP_MS = 20;

interface System {
  readonly strategy: string;
  readonly more?: string;
  readonly standby?: string;
  readonly role?: string;
}

const ARCHIVE: System = backups('archive');
const RECEIVE: System = backups('receive');
const PILOT_LIGHT: System = { strategy: 'pilot-light' };
const ACTIVE_ACTIVE: System = { strategy: 'active-active', role: 'active' };
const SYNC = '  replication: { mode: sync }\n';

function backups(wal: string): System {
  return { strategy: 'backup-restore', more: `  backup: { every: 1h, wal: ${wal} }\n` };
}

const drill = ({ strategy, more = '', role = 'standby' }: System, rows: number, ms: number) =>
  `drill: 1
name: exact-loss
targets: { rto: 30s }
topology:
  strategy: ${strategy}
  regions:
    east: { role: active, app: { instances: 1, capacity: 5000/s } }
    west: { role: ${role}, app: { capacity: 5000/s } }
  links: { east-west: { latency: ${ms}ms } }
${more}  gslb: { every: 50ms, timeout: 200ms, failures: 2, ttl: 1s }
workload: { rate: 200/s, writers: 8, payload: 64B, timeout: 1s, seed_rows: ${rows} }
faults:
  - { at: 0s, kind: lose-region, region: east }
recover: { instances: 1 }
`;

/** One system for each seed, up to what is known of its loss. */
async function forSeeds(
  system: System,
  { rows = () => 0, ms = 2 }: { rows?: (seed: number) => number; ms?: number },
  check: (scenario: Scenario, rows: number) => Promise<void>,
): Promise<void> {
  for (const seed of SEEDS) {
    const count = rows(seed);
    const scenario = await Scenario.up(planOf(drill(system, count, ms), seed));
    try {
      await check(scenario, count);
    } finally {
      expect(await scenario.down()).to.deep.equal([]);
    }
  }
}

describe('the loss of a region, by strategy', function () {
  this.timeout(180_000);

  for (const [title, system] of [
    ['backup-restore with an archive', ARCHIVE],
    ['backup-restore with a received log', RECEIVE],
    ['pilot-light', PILOT_LIGHT],
    ['active-active', ACTIVE_ACTIVE],
  ] as const) {
    it(`${title}: exactly what was written after the link was cut`, async () => {
      await forSeeds(system, { rows: writesOf }, async (scenario, count) => {
        await writeBaseLoad(scenario);
        await untilAllIsThere(scenario);
        await scenario.system.link('east-west').cut();
        expect(await scenario.load.seed()).to.equal(count);
        // Where two regions serve, some of the clients are the other one's.
        const written = (await idsServedBy(scenario, 'east')).filter(isPlanted);
        expect(written.length).to.be.above(0);
        if (system !== ACTIVE_ACTIVE) expect(written.length).to.equal(count);
        const facts = await lose(scenario);
        expect(facts.lost).to.deep.equal(written.toSorted());
        expectExact(facts);
        if (system === ACTIVE_ACTIVE) expectRedirectOnly(facts);
      });
    });
  }

  it('backup-restore with an archive, under load: what came after the newest segment', async () => {
    await forSeeds(ARCHIVE, {}, async (scenario) => {
      await scenario.load.begin();
      await scenario.run.clock.sleep(300);
      const archived_ms = await archiveNow(scenario);
      await scenario.run.clock.sleep(500);
      const facts = await lose(scenario);
      expectExact(facts);
      expect(facts.lost.length).to.be.above(0);
      expectArchivedOnly(scenario, archived_ms, facts);
    });
  });

  for (const [title, system] of [
    ['backup-restore with a received log', RECEIVE],
    ['pilot-light', PILOT_LIGHT],
    ['active-active', ACTIVE_ACTIVE],
  ] as const) {
    it(`${title}, under load: what was on its way, about as long as the link takes`, async () => {
      await forSeeds(system, { ms: SLOW_MS }, async (scenario) => {
        await loadFor(scenario, 800);
        const facts = await lose(scenario);
        expectExact(facts);
        expect(facts.lost.length).to.be.above(0);
        // A write is acknowledged and the link's delay later it is there: what is younger is lost.
        expect(assess(facts.evidence).loss!.rpo_ms).to.be.within(1, SLOW_MS + SPARE_MS);
        if (system === ACTIVE_ACTIVE) expectRedirectOnly(facts);
        else expectOnItsWay(facts);
      });
    });
  }

  for (const [title, system] of [
    ['backup-restore with a log received in step', backups('receive-sync')],
    ['pilot-light in step', { strategy: 'pilot-light', more: SYNC }],
    ['warm-standby in step', { strategy: 'warm-standby', more: SYNC }],
  ] as const) {
    it(`${title}, under load: nothing that was acknowledged`, async () => {
      await forSeeds(system, { ms: SLOW_MS }, async (scenario) => {
        await loadFor(scenario, 1_000);
        const facts = await lose(scenario);
        expectExact(facts);
        expect(facts.lost).to.deep.equal([]);
        expect(facts.acknowledged.length).to.be.above(8);
        // The cut did cut: commits stood on the lost disk and waited for the other region.
        expect(facts.onlyOld.length).to.be.above(0);
      });
    });
  }
});

const isPlanted = (id: string) => id.startsWith(`${SEED_WRITER}-`);

function writesOf(seed: number): number {
  return 2 + Math.floor(randomStream(seed)() * WRITES_MAX);
}

/** Some writes of the ordinary kind, all of them answered. */
async function writeBaseLoad(scenario: Scenario): Promise<void> {
  await loadFor(scenario, 200);
  await scenario.load.drain();
}

async function loadFor({ load, run }: Scenario, ms: number): Promise<void> {
  await load.begin();
  await run.clock.sleep(ms);
}

/** Whatever the strategy keeps in the second region has all that was written by now. */
async function untilAllIsThere({ system, run }: Scenario): Promise<void> {
  if (system.storage !== null) return await system.storage.secure();
  if (system.twoWay !== null) return await system.twoWay.catchUp();
  const [east, west] = [system.region('east').database, system.region('west').database];
  for (let i = 0; i < 500; i++) {
    if ((await west.position()) >= (await east.position())) return;
    await run.clock.sleep(10);
  }
  throw new Error('the standby never caught up');
}

async function lose(scenario: Scenario): Promise<Known> {
  await scenario.loseAndRecover();
  return await known(scenario);
}

/** Drill's count is what the disk and the serving database say; nothing acknowledged is nowhere. */
function expectExact({ evidence, lost, onlyOld, acknowledged, counted, serving, old }: Known) {
  expect(counted).to.deep.equal(lost);
  const { loss, reasons } = assess(evidence);
  expect(loss?.lost, reasons.join('\n')).to.equal(lost.length);
  const there = new Set([...serving, ...old]);
  expect(acknowledged.filter((id) => !there.has(id))).to.deep.equal([]);
  const answered = new Set(acknowledged);
  expect(onlyOld.filter((id) => answered.has(id)).toSorted()).to.deep.equal(lost);
}

/** Nothing was promoted or restored: the other region served already. */
function expectRedirectOnly({ evidence: { events } }: Known): void {
  const names = new Set(events.map(({ event }) => event));
  expect(names.has('gslb.redirected')).to.equal(true);
  for (const never of ['promote.sent', 'database.writable', 'database.restored'] as const) {
    expect(names.has(never), never).to.equal(false);
  }
}

/** When the newest whole segment in the storage was written, on the run's clock. */
function newestSegment({ run }: Scenario): { name: string; at_ms: number } {
  const { wal } = placesOf(join(run.place.scratch, 'west-storage'));
  const name = listSegments(wal).at(-1)!;
  const ago_ms = Date.now() - statSync(join(wal, name)).mtimeMs;
  return { name, at_ms: run.clock.now() - ago_ms };
}

/** Ends a segment and waits until it is in the storage; resolves to a time before its end. */
async function archiveNow(scenario: Scenario): Promise<number> {
  const { system, run } = scenario;
  const before = newestSegment(scenario).name;
  const ended_ms = run.clock.now();
  await system.region('east').database.switchSegment();
  while (newestSegment(scenario).name === before) await run.clock.sleep(5);
  return ended_ms;
}

/**
 * What was answered before a segment ended that is in the storage has survived, and what was sent
 * after the newest one came is lost: no write in between is needed to know that.
 */
function expectArchivedOnly(scenario: Scenario, archived_ms: number, facts: Known): void {
  const { evidence, writes, lost } = facts;
  const { started_ms, injected_ms } = lossOf(facts);
  const came_ms = newestSegment(scenario).at_ms + STAMP_MS;
  const gone = new Set(lost);
  const safe = writes.filter(({ done_ms }) => done_ms < archived_ms);
  expect(safe.length).to.be.above(0);
  expect(safe.filter(({ id }) => gone.has(id))).to.deep.equal([]);
  const late = writes.filter((write) => write.sent_ms > came_ms && write.done_ms <= injected_ms);
  expect(late.length).to.be.above(0);
  expect(late.filter(({ id }) => !gone.has(id))).to.deep.equal([]);
  const { rpo_ms } = assess(evidence).loss!;
  const oldest_ms = Math.min(...late.map(({ done_ms }) => done_ms));
  expect(rpo_ms).to.be.within(started_ms - oldest_ms - 1, injected_ms - archived_ms + 1);
}

/** A write that is on its way for so long cannot have arrived when the link was cut. */
function expectOnItsWay(facts: Known): void {
  const { injected_ms } = lossOf(facts);
  const gone = new Set(facts.lost);
  const late = facts.writes.filter(({ sent_ms }) => sent_ms > injected_ms - SLOW_MS + STAMP_MS);
  // Clients go on with the other region afterwards.
  const early = late.filter(({ done_ms }) => done_ms <= injected_ms);
  expect(early.filter(({ id }) => !gone.has(id))).to.deep.equal([]);
}

function lossOf({ evidence: { events } }: Known): { started_ms: number; injected_ms: number } {
  const started_ms = events.find(({ event }) => event === 'fault.started')!.t;
  return { started_ms, injected_ms: events.find(({ event }) => event === 'fault.injected')!.t };
}
