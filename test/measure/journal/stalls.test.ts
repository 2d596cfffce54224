// Parts of drill that stood still: planted at every place of a run, with what must come of it.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  drive,
  evidenceOf,
  goneFor,
  journal,
  plan,
  TIMES,
  type EvidenceParts,
} from '../../support/evidence/synthetic.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const { faultStarted, faultInjected } = TIMES;
/** Service is back 600 ms after the fault began. */
const ops = drive(goneFor(600));

const stalled = (program: string, to_ms: number, ms: number): RunEvent =>
  program === 'runner'
    ? { t: to_ms, event: 'runner.stalled', ms }
    : { t: to_ms, event: 'program.stalled', program, ms };

const withStall = (stall: RunEvent, parts: EvidenceParts = {}) => {
  const events = [...(parts.events ?? journal()), stall];
  const evidence = evidenceOf({ ops, ...parts, events });
  const { doubts } = measure(evidence);
  const about = doubts.filter(({ reason }) => / still | get to run /.test(reason));
  return { about, result: assess(evidence) };
};

const withTargets = (more: Partial<typeof plan.targets>): EvidenceParts => ({
  plan: { ...plan, targets: { ...plan.targets, ...more } },
});

describe('a part of drill that stood still', () => {
  it('until service was back leaves the RTO open, with its name and how long', () => {
    for (const program of ['gslb', 'proxy', 'west/app-1', 'west/storage']) {
      const { about, result } = withStall(stalled(program, faultStarted + 550, 510));
      const who = program.includes('/') ? program : `The ${program}`;
      const reason =
        `${who[0]!.toUpperCase()}${who.slice(1)} stood still for 510 ms after the fault, ` +
        'so the recovery took longer than the system needs.';
      expect(about, program).to.deep.equal([{ affects: 'recovery', reason }]);
      expect(result.verdict).to.equal('inconclusive');
      const verdictOf = (name: string) => result.gates.find((gate) => gate.name === name)?.verdict;
      expect(verdictOf('rto')).to.equal('inconclusive');
      expect(verdictOf('rpo')).to.equal('pass');
    }
  });

  it('once service was back is a note, of the runner too', () => {
    for (const program of ['gslb', 'proxy', 'west/app-1', 'runner']) {
      const { about, result } = withStall(stalled(program, 12_000, 3_000));
      expect(about, program).to.deep.equal([]);
      expect(result.verdict, result.reasons.join()).to.equal('pass');
      expect(result.notes.join('\n')).to.match(/While it measured, .* 1 time, 3 s at most\./);
    }
  });

  it('once service was back leaves open what is measured then', () => {
    const parts = withTargets({ availability: 0.5, p99_latency_ms: 500 });
    const { result } = withStall(stalled('proxy', 12_000, 3_000), parts);
    const open = result.gates.filter(({ verdict }) => verdict === 'inconclusive');
    expect(open.map(({ name }) => name)).to.have.members(['availability', 'p99_latency']);
    for (const { reason } of open) {
      expect(reason).to.equal('The proxy stood still for 3 s while service was watched.');
    }
    const ofRunner = withStall(stalled('runner', 12_000, 3_000), parts);
    expect(ofRunner.result.verdict).to.equal('pass');
  });

  it('just before the disaster leaves open what was met and what was lost', () => {
    const { about } = withStall(stalled('proxy', faultStarted + 100, 700));
    expect(about.map(({ affects }) => affects)).to.deep.equal(['recovery', 'loss']);
    expect(about[0]!.reason).to.match(/^The proxy stood still for 700 ms just before the fault: /);
  });

  it('long before the disaster, or for a moment, is a note', () => {
    const early = withStall(stalled('proxy', TIMES.steadyFrom + 700, 600));
    expect(early.about).to.deep.equal([]);
    expect(early.result.verdict).to.equal('pass');
    const short = withStall(stalled('gslb', faultStarted + 500, 480));
    expect(short.about).to.deep.equal([]);
    expect(short.result.notes.join()).to.contain('the gslb stood still 1 time, 480 ms at most');
  });

  it('by the fault itself is no stall: neither a reason nor a note', () => {
    const frozen = {
      ...plan,
      faults: [plannedFault('lose-region', { how: 'freeze', disks: 'kept' })],
    };
    const healed: RunEvent = { t: 9_000, event: 'fault.healed', index: 0, by: 'schedule' };
    const events = [...journal(), healed];
    const stall = stalled('east/app-1', 9_010, 9_010 - faultInjected);
    const own = withStall(stall, { plan: frozen, events });
    expect(own.about).to.deep.equal([]);
    expect(own.result.notes.join()).not.to.contain('stood still');
    // The other region's is one.
    const other = withStall(stalled('west/app-1', faultStarted + 550, 540), {
      plan: frozen,
      events,
    });
    expect(other.about).to.have.length(1);
  });

  it('of before the fault is one, also where the fault let it go on', () => {
    const frozen = {
      ...plan,
      faults: [plannedFault('lose-region', { how: 'freeze', disks: 'kept' })],
    };
    const healed: RunEvent = { t: 9_000, event: 'fault.healed', index: 0, by: 'schedule' };
    const events = [...journal(), healed];
    const stall = stalled('east/app-1', 9_010, 9_010 - faultStarted + 900);
    const { about } = withStall(stall, { plan: frozen, events });
    const reasons = about.map(({ reason }) => reason).join();
    expect(reasons).to.contain('East/app-1 stood still').and.contain('just before the fault');
  });

  it('and writes a ledger is told by that', () => {
    const { about, result } = withStall(stalled('workload', faultStarted + 550, 540));
    expect(about).to.deep.equal([]);
    expect(result.notes.join()).to.contain('the workload stood still 1 time');
  });
});
