// Parts of drill that stand still for a second across the fault, each alone, in a run of the built
// command: the run says so, or the number that it reports is what an independent client saw.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { Workplace, type RunningDrill } from '../../support/whole/drill-cli.ts';
import { Prober } from '../../support/whole/prober.ts';
import { it } from '../../support/commands.ts';
import { findProgram } from '../../support/find-program.ts';
import { requirePart } from '../../support/require.ts';
import { SERVERS } from '../../support/servers/toxiproxy.ts';

const STOPPED_MS = 1_000;
const LONG_MS = 3_000;
/** The fault comes 500 ms after the start of its phase. */
const BEFORE_FAULT_MS = 300;
/** Of the short drill: clients keep a DNS answer for so long, and the prober keeps none. */
const TTL_MS = 1_000;
const TOLERANCE_MS = 300;

const isPhase = (phase: string) => (event: RunEvent) =>
  event.event === 'phase.started' && event.phase === phase;
const isFault = (event: RunEvent) => event.event === 'fault.started';

interface Seen {
  readonly code: number | null;
  readonly result: Result;
  /** After the start of the fault; null: it never saw the service come back. */
  readonly proberBack_ms: number | null;
}

describe('a part of drill that is stopped for a second across the fault', function () {
  this.timeout(120_000);
  let place: Workplace;
  let run: RunningDrill;
  let prober: Prober;
  let environment: Record<string, string>;

  const begin = async (...more: string[]) => {
    run = place.start(['run', 'drill.yaml', '--reporter', 'plain', ...more], environment);
    const up = await run.event('topology.up', ({ event }) => event === 'topology.up');
    prober = new Prober(up);
  };

  beforeEach(() => {
    place = new Workplace();
    environment = {};
  });
  afterEach(async () => {
    await prober.backAfter(0);
    await run.ended;
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  /** From the journal; the workload, which is no node of the system, by its command line. */
  const pidOf = (part: string): number => {
    const started = place
      .events()
      .find((event) => event.event === 'node.started' && event.node === part);
    if (started?.event === 'node.started') return started.pid;
    const isPart = (pid: number) =>
      readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`/${part}/main.`);
    return place.processes().find(isPart)!;
  };

  const untilOver = async (): Promise<Seen> => {
    await run.event('the cut', ({ event }) => event === 'workload.stopped');
    const events = place.events();
    const started = events.find(({ event }) => event === 'run.started')!;
    const origin_ms = started.event === 'run.started' ? started.origin_ms : 0;
    const fault_ms = origin_ms + events.find(isFault)!.t;
    const back = await prober.backAfter(fault_ms);
    const { code } = await run.ended;
    const proberBack_ms = back === null ? null : back - fault_ms;
    return { code, result: place.result(), proberBack_ms };
  };

  const stopAcrossFault = async (part: string): Promise<Seen> => {
    await begin();
    await run.event('the fault phase', isPhase('fault'));
    await pause(500 - BEFORE_FAULT_MS);
    await stopFor(pidOf(part), STOPPED_MS);
    return await untilOver();
  };

  /** Its number may pass only when it is what clients met. */
  const expectTruth = ({ result, proberBack_ms }: Seen) => {
    const { rto_ms, uncertainty_ms } = result.recovery!;
    const told = `rto ${rto_ms}, an independent client: ${proberBack_ms}`;
    expect(rto_ms, told).to.be.at.least(proberBack_ms! - TOLERANCE_MS);
    expect(rto_ms! - uncertainty_ms!, told).to.be.at.most(proberBack_ms! + TTL_MS + TOLERANCE_MS);
  };

  it.full('the workload: inconclusive, since it could not keep the schedule', async () => {
    const { code, result } = await stopAcrossFault('workload');
    expect(code, result.reasons.join()).to.equal(3);
    expect(result.reasons.join()).to.match(/could not keep the schedule: \d+ of \d+ operations/);
    for (const gate of result.gates) expect(gate.verdict, gate.name).to.equal('inconclusive');
  });

  it.full('the runner: inconclusive for the RTO, since the recovery waited for it', async () => {
    await begin();
    await run.event('the fault', isFault);
    await stopFor(run.child.pid!, STOPPED_MS);
    const seen = await untilOver();
    expect(seen.code, seen.result.reasons.join()).to.equal(3);
    expect(seen.result.reasons.join()).to.match(/Drill itself did not get to run for \d/);
    const rto = seen.result.gates.find(({ name }) => name === 'rto')!;
    expect(rto.verdict).to.equal('inconclusive');
    expectTruth(seen);
  });

  it.full('the GSLB: detection is later, and the longer RTO is what clients met', async () => {
    const seen = await stopAcrossFault('gslb');
    expect(seen.code, seen.result.reasons.join()).to.be.oneOf([0, 3]);
    const detect = seen.result.recovery!.phases.find(({ name }) => name === 'detect')!;
    expect(detect.ms).to.be.above(STOPPED_MS - BEFORE_FAULT_MS - 100);
    expectTruth(seen);
  });

  it.full(
    'the proxy: the injection takes longer, its length is the error bar, and the RTO is true',
    async () => {
      const seen = await stopAcrossFault('proxy');
      expect(seen.code, seen.result.reasons.join()).to.be.oneOf([0, 3]);
      expect(seen.result.recovery!.uncertainty_ms).to.be.above(STOPPED_MS - BEFORE_FAULT_MS - 100);
      expectTruth(seen);
    },
  );

  /** Stopped for 3 s right after the fault; its target is between the two recovery times. */
  const stopLong = async (part: string, ...more: string[]) => {
    await begin('--set', 'targets.rto=4s', '--set', 'recover.deadline=30s', ...more);
    await run.event('the fault', isFault);
    await stopFor(pidOf(part), LONG_MS);
    const { code, stdout } = await run.ended;
    const result = place.result();
    const told = place.events().flatMap((event) => {
      return event.event === 'program.stalled' && event.program === part ? [event] : [];
    });
    expect(code, stdout).to.equal(3);
    const about = new RegExp(
      `The ${part} stood still for (2\\.[89]|3)[\\d.]* s (after|just before) the`,
    );
    expect(result.reasons.join('\n')).to.match(about);
    const rto = result.gates.find(({ name }) => name === 'rto')!;
    expect(rto).to.include({ verdict: 'inconclusive' });
    expect(rto.measured ?? Infinity, 'null: it was not back').to.be.above(3_000);
    return told;
  };

  it.full(
    'the GSLB, stopped for 3 s by somebody: it tells so, and no RTO of it is judged',
    async () => {
      const told = await stopLong('gslb');
      expect(told).to.have.length(1);
      expect(told[0]!.ms).to.be.within(LONG_MS - 200, LONG_MS + 200);
      const fault = place.events().find(isFault)!;
      expect(told[0]!.t - told[0]!.ms - fault.t).to.be.within(-60, 300);
    },
  );

  for (const server of SERVERS) {
    it.full(
      `the proxy, stopped for 3 s by somebody: the runner tells (${server})`,
      async function () {
        const isFound = server === 'built-in' || findProgram('toxiproxy-server') !== null;
        requirePart(this, 'toxiproxy', isFound, 'toxiproxy-server is not on PATH');
        environment = server === 'toxiproxy' ? {} : { PATH: '/usr/bin:/bin' };
        const told = await stopLong('proxy');
        expect(place.result().runtime!.proxy).to.contain(server);
        expect(Math.max(...told.map(({ ms }) => ms))).to.be.within(LONG_MS - 400, LONG_MS + 200);
      },
    );
  }

  it.full('a GSLB that never wakes is told by the runner, which asks', async () => {
    await begin('--set', 'targets.rto=4s', '--set', 'recover.deadline=4s');
    await run.event('the fault', isFault);
    process.kill(pidOf('gslb'), 'SIGSTOP');
    const { code, stdout } = await run.ended;
    expect(code, stdout).to.equal(3);
    const told = place.events().flatMap((event) => {
      return event.event === 'program.stalled' && event.program === 'gslb' ? [event] : [];
    });
    expect(told).to.have.length(1);
    expect(told[0]).to.include({ silent: true });
  });

  it.full('an app that the fault itself stops is no reason, and no note', async () => {
    await begin('--set', 'faults.0.how=freeze');
    const { code, stdout } = await run.ended;
    expect(code, stdout).to.equal(0);
    expect(stdout).not.to.contain('east/app-1 stood still');
    expect(place.result().notes.join()).not.to.contain('east/app-1 stood still');
  });

  it('a workload that is killed: no pass, with its end as the reason, and clean', async () => {
    await begin();
    await run.event('the fault', isFault);
    process.kill(pidOf('workload'), 'SIGKILL');
    const { code, stdout, stderr } = await run.ended;
    const result = place.result();
    expect(code, stdout + stderr).to.equal(3);
    expect(result.reasons.join('\n')).to.contain('The workload, a part of drill, ended by itself');
    expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
    for (const gate of result.gates) expect(gate.verdict, gate.name).to.equal('inconclusive');
    expect(result.recovery!.rto_ms).to.equal(null);
  });

  it.full('a GSLB that is killed: no pass, with its end as the reason, and clean', async () => {
    await begin('--set', 'targets.rto=4s', '--set', 'recover.deadline=4s');
    await run.event('the fault', isFault);
    process.kill(pidOf('gslb'), 'SIGKILL');
    const { code, stdout, stderr } = await run.ended;
    const result = place.result();
    expect(code, stdout + stderr).to.equal(3);
    expect(result.reasons.join('\n')).to.contain('The gslb, a part of drill, ended by itself');
    expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
  });
});

async function stopFor(pid: number, ms: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await pause(ms);
  process.kill(pid, 'SIGCONT');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
