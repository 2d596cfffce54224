// Trials on regions that are kept from the one before: they measure the same as trials on new ones,
// inherit nothing, and leave nothing, whoever stops them.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventName, RunEvent } from '../../../src/evidence/event.ts';
import { findRunProcesses, isStillThere, identify } from '../../../src/host/process/processes.ts';
import {
  orphanedSegments,
  PATIENT_DRILL,
  Workplace,
  type Ended,
} from '../../support/whole/drill-cli.ts';
import { rankProbability, shiftOf } from '../../support/rank-test.ts';
import { it } from '../../support/commands.ts';

const DRILL = PATIENT_DRILL.replace('rate: 100/s', 'rate: 50/s');
/** Trials that measure beyond this are another system's, whatever the machine does. */
const RTO_SHIFT_MAX_MS = 250;
const PHASE_SHIFT_MAX_MS = 250;
/** Of one number; there are ten of them. */
const LEVEL = 0.001;
const ROUNDS = 6;

describe('trials on kept regions', function () {
  this.timeout(600_000);
  let place: Workplace;
  beforeEach(() => (place = new Workplace(DRILL)));
  afterEach(() => place.remove());

  const of = <N extends EventName>(run: string, name: N) =>
    place
      .events(run)
      .filter((each): each is Extract<RunEvent, { event: N }> => each.event === name);
  /** The runs whose regions they were. */
  const owners = () =>
    place.runs().flatMap((run) => of(run, 'regions.placed').flatMap(({ by }) => by ?? []));
  const scratchOf = (run: string) => join(tmpdir(), `drill-${run}`);
  const left = () => [
    ...place.leftBehind(),
    ...orphanedSegments(place.postmasters()),
    ...owners().map(scratchOf).filter(existsSync),
    ...owners().flatMap((run) => findRunProcesses(run, scratchOf(run))),
  ];
  const kept = () => place.runs().map((run) => place.result(run).regions);

  it('have new servers, programs and rows, and leave nothing', async () => {
    const { code, stdout, stderr } = await place.run(['run', 'drill.yaml', '--repeat', '2']);
    expect([0, 3], stdout + stderr).to.include(code);
    expect(kept()).to.deep.equal([
      { kept: false, why: 'the first of the series' },
      { kept: true, why: '' },
    ]);
    expect(stdout).to.include('Kept from the trial before in 1 of 2');
    expect(new Set(owners()).size, 'one place').to.equal(1);
    const [one, two] = place.runs().map((run) => of(run, 'node.started'));
    const nodes = one!.map(({ node }) => node).toSorted();
    expect(two!.map(({ node }) => node).toSorted()).to.deep.equal(nodes);
    const started = [...one!, ...two!];
    const gslb = new Set(started.flatMap(({ node, pid }) => (node === 'gslb' ? [pid] : [])));
    expect(gslb.size, 'one GSLB, and nothing else of both').to.equal(1);
    expect(new Set(started.map(({ pid }) => pid)).size).to.equal(started.length - 1);
    for (const run of place.runs()) {
      const writable = of(run, 'database.writable').map(({ timeline }) => timeline);
      expect(writable, 'a log of its own').to.deep.equal([2]);
      for (const node of nodes) {
        if (node === 'gslb') continue; // its log says nothing of a trial
        const log = join(run, 'logs', `${node.replace('/', '-')}.log`);
        expect(existsSync(log), log).to.equal(true);
      }
    }
    expect(left()).to.deep.equal([]);
  });

  /** Starts three trials; resolves once the trial of that number says what `isIt` looks for. */
  async function startUntil(number: number, isIt: (event: RunEvent) => boolean) {
    const run = place.start(['run', 'drill.yaml', '--repeat', '3', '--reporter', 'plain']);
    for (;;) {
      const trials = place.runs().filter((each) => !each.includes('-regions-'));
      if (place.events(trials[number - 1] ?? '').some(isIt)) return run;
      expect(run.child.exitCode, 'it ended before').to.equal(null);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** A busy machine may make a trial inconclusive; whose regions it had is what counts here. */
  function expectMade({ code, stdout, stderr }: Ended): void {
    expect([0, 3], stdout + stderr).to.include(code);
  }

  it.full('are new where a process of the trial before is still there', async () => {
    const run = await startUntil(1, ({ event }) => event === 'steady.started');
    const [owner] = owners();
    const env = { ...process.env, DRILL_RUN: owner };
    const stray = spawn('sleep', ['120'], { env, detached: true, stdio: 'ignore' });
    const known = identify([stray.pid!]);
    expectMade(await run.ended);
    const why = `left in those of the trial before: process ${stray.pid}`;
    expect(kept()).to.deep.equal([
      { kept: false, why: 'the first of the series' },
      { kept: false, why },
      { kept: true, why: '' },
    ]);
    expect(known.filter(isStillThere), 'it went with its regions').to.deep.equal([]);
    expect(left()).to.deep.equal([]);
  });

  for (const how of ['partition', 'freeze']) {
    it.full(`inherit nothing of a region that lives: ${how}`, async () => {
      place.write('drill.yaml', DRILL.replace('region: east }', `region: east, how: ${how} }`));
      expectMade(await place.run(['run', 'drill.yaml', '--repeat', '3']));
      expect(kept().map((each) => each!.kept)).to.deep.equal([false, true, true]);
      expect(left()).to.deep.equal([]);
    });
  }

  for (const phase of ['up', 'recover', 'verify', 'down']) {
    const isIn = (event: RunEvent) => event.event === 'phase.started' && event.phase === phase;

    it.full(`leave nothing after Ctrl-C in the phase ${phase}, and go on as new ones`, async () => {
      const run = await startUntil(2, isIn);
      run.child.kill('SIGINT');
      const { code, stdout, stderr } = await run.ended;
      expect(code, stdout + stderr).to.equal(130);
      expect(left()).to.deep.equal([]);
      const before = place.runs();
      expectMade(await place.run(['run', '--resume', 'latest']));
      const [first] = place.runs().filter((each) => !before.includes(each));
      expect(place.result(first).regions!.why).to.match(/^(the first of|no trial comes)/);
      expect(left()).to.deep.equal([]);
    });

    it.full(`are cleaned by drill clean after SIGKILL in the phase ${phase}`, async () => {
      const run = await startUntil(2, isIn);
      run.child.kill('SIGKILL');
      await run.ended;
      const { code, stdout, stderr } = await place.run(['clean']);
      expect(code, stdout + stderr).to.equal(0);
      expect(left()).to.deep.equal([]);
    });
  }

  it.full('that a killed runner left are gone before the series goes on', async () => {
    const run = await startUntil(2, ({ event }) => event === 'steady.started');
    run.child.kill('SIGKILL');
    await run.ended;
    expect(left(), 'a whole system').not.to.deep.equal([]);
    const resumed = await place.run(['run', '--resume', 'latest']);
    expectMade(resumed);
    expect(resumed.stderr).to.include('was broken off: what it had left was cleaned up');
    expect(left()).to.deep.equal([]);
  });

  it.full(
    `measure what trials on new regions measure, ${ROUNDS} rounds of each in turns`,
    async () => {
      const numbers = { kept: new Map<string, number[]>(), fresh: new Map<string, number[]>() };
      const outcomes = { kept: [] as string[], fresh: [] as string[] };
      for (let round = 1; round <= ROUNDS; round++) {
        for (const kind of ['kept', 'fresh'] as const) {
          const known = place.runs();
          const flags = kind === 'fresh' ? ['--fresh'] : [];
          const words = ['run', 'drill.yaml', '--repeat', '3', '--seed', String(round), ...flags];
          expectMade(await place.run(words));
          // The first of a series has new regions whatever is asked for.
          const own = place
            .runs()
            .filter((run) => !known.includes(run))
            .slice(1);
          for (const run of own) {
            const { recovery, loss, regions } = place.result(run);
            expect(regions!.kept).to.equal(kind === 'kept');
            if (recovery === null || loss === null) continue; // the machine was too busy
            const phases = recovery.phases.map(({ name, ms }) => [name, ms] as const);
            for (const [name, ms] of [['rto', recovery.rto_ms] as const, ...phases]) {
              if (ms === null) continue;
              const all = numbers[kind];
              all.set(name, [...(all.get(name) ?? []), ms]);
            }
            const { unexpected, duplicated, corrupt } = loss;
            outcomes[kind].push([unexpected, duplicated, corrupt].join());
          }
        }
      }
      const counts = [...outcomes.kept, ...outcomes.fresh];
      expect([...new Set(counts)], 'what no trial may have').to.deep.equal(['0,0,0']);
      for (const kind of ['kept', 'fresh'] as const) {
        expect(outcomes[kind].length, `${kind} trials that measured`).to.be.at.least(ROUNDS + 2);
      }
      for (const [name, those] of numbers.fresh) {
        const these = numbers.kept.get(name) ?? [];
        const shift_ms = shiftOf(these, those);
        const said = `${name}: ${shift_ms.toFixed(0)} ms apart, of ${these.length} and ${those.length}`;
        const most_ms = name === 'rto' ? RTO_SHIFT_MAX_MS : PHASE_SHIFT_MAX_MS;
        expect(Math.abs(shift_ms), said).to.be.below(most_ms);
        expect(rankProbability(these, those), said).to.be.above(LEVEL);
      }
    },
  );
});
