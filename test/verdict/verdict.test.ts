// Verdicts: what passes, what fails, and what outranks what.
import { expect } from 'chai';
import type { RunEvent } from '../../src/evidence/event.ts';
import { assess, writeResult } from '../../src/verdict/assess.ts';
import {
  acknowledged,
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  goneFor,
  hangs,
  journal,
  rowOf,
  TIMES,
  withTargets,
  type EvidenceParts,
  type Service,
} from '../support/evidence/synthetic.ts';

const ops = drive(goneFor(600));
const result = (parts: EvidenceParts = {}) => assess(evidenceOf({ ops, ...parts }));
const event = (body: object): RunEvent => body as RunEvent;

describe('the verdict', () => {
  it('is a pass without reasons when every gate is met', () => {
    const { verdict, reasons, gates } = result();
    expect([verdict, reasons]).to.deep.equal(['pass', []]);
    expect(gates.map(({ name }) => name)).to.deep.equal(['rto', 'rpo', 'split_brain']);
  });

  it('is the same to the last byte when it is computed again', () => {
    expect(writeResult(result())).to.equal(writeResult(result()));
  });

  it('is a fail that says by how much a target was missed', () => {
    const { verdict, reasons } = result({
      ops: drive(goneFor(2_308)),
      plan: withTargets({ rto_ms: 1_000 }),
    });
    expect(verdict).to.equal('fail');
    expect(reasons[0]).to.equal('RTO 2.31 s, at least 2.3 s, is 1.3 s over its target of 1 s.');
  });

  it('is a fail when service was not back and the wait alone is over the target', () => {
    const { verdict, reasons } = result({
      ops: drive(goneFor(60_000)),
      plan: withTargets({ rto_ms: 5_000 }),
    });
    expect(verdict).to.equal('fail');
    expect(reasons[0]).to.contain('Service was not back after');
  });

  it('is inconclusive when service was not back and the target was not reached yet', () => {
    const long = withTargets({ rto_ms: 60_000 });
    expect(result({ ops: drive(goneFor(60_000)), plan: long }).verdict).to.equal('inconclusive');
  });

  /** Service is disturbed 300 ms before the disaster, and after it each second request fails. */
  const disturbed: Service = (now, index) => {
    const since = now - TIMES.faultStarted;
    if (since < -300) return fromEast;
    return since < -265 || (since >= 0 && index % 2 === 0)
      ? hangs
      : since >= 0
        ? fromWest
        : fromEast;
  };

  it('says of service that was disturbed before the disaster what was seen, with its code', () => {
    const { verdict, reasons, failures, recovery } = result({
      ops: drive(disturbed),
      plan: withTargets({ rto_ms: 60_000 }),
    });
    expect(verdict).to.equal('inconclusive');
    expect(recovery!.disturbed_before_ms).to.equal(300);
    const text =
      'Service was disturbed already, for 300 ms, when the disaster began, and was not seen to be ' +
      'whole again in time: the RTO cannot be told from it.';
    expect(failures).to.deep.include({ code: 'disturbed-before', text });
    expect(reasons.filter((reason) => reason === text)).to.have.lengthOf(1);
    expect(reasons.join(' ')).not.to.contain('did not come back');
  });

  it('is a fail all the same when clients still waited beyond the target', () => {
    const { verdict, gates, failures } = result({
      ops: drive(disturbed),
      plan: withTargets({ rto_ms: 5_000 }),
    });
    expect(verdict).to.equal('fail');
    expect(gates[0]!.reason).to.contain('Service was not back after');
    expect(failures.map(({ code }) => code)).to.deep.equal(['target-missed', 'disturbed-before']);
  });

  it('is a fail when writes were lost and none may be', () => {
    const old = acknowledged(ops).filter(({ done_ms }) => done_ms! <= TIMES.faultStarted);
    const serving = acknowledged(ops)
      .filter((op) => op !== old.at(-1))
      .map(rowOf);
    for (const targets of [{ rpo_ms: 0 }, { lost_writes: 0 }]) {
      const { verdict } = result({ readings: { serving }, plan: withTargets(targets) });
      expect(verdict).to.equal('fail');
    }
    expect(result({ readings: { serving } }).verdict).to.equal('pass');
  });

  it('is a fail for a lie of the service, whatever else is inconclusive', () => {
    const stranger = rowOf({ writer: 200, sequence: 1 });
    const readings = { serving: [...acknowledged(ops).map(rowOf), stranger] };
    const events = journal({ 'fault.proved': null });
    expect(result({ readings, events }).verdict).to.equal('fail');
  });

  it('lets duplicates pass where the drill file allows them', () => {
    const readings = { serving: [...acknowledged(ops), ops[5]!].map(rowOf) };
    expect(result({ readings }).verdict).to.equal('fail');
    expect(result({ readings, plan: withTargets({ duplicates: 'allow' }) }).verdict).to.equal(
      'pass',
    );
  });

  it('is a fail when a recovery step failed', () => {
    const step = event({ t: 5_500, event: 'step.failed', step: 'promote', reason: 'no answer' });
    const { verdict, reasons } = result({ events: journal({ 'step.failed': [step] }) });
    expect([verdict, reasons[0]]).to.deep.equal([
      'fail',
      'The recovery step "promote" failed: no answer.',
    ]);
  });

  it('counts the RTO from the declaration on request', () => {
    const events = journal({ 'disaster.declared': null });
    const fromDeclaration = withTargets({ rto_from: 'declaration', rto_ms: 250 });
    expect(result({ plan: fromDeclaration }).verdict).to.equal('pass');
    expect(result({ plan: withTargets({ rto_ms: 250 }) }).verdict).to.equal('fail');
    expect(result({ plan: fromDeclaration, events }).verdict).to.equal('inconclusive');
  });
});

describe('a system that was not what the plan says', () => {
  const ended = (t: number, node = 'west/postgres') =>
    event({ t, event: 'node.ended', node, reason: 'exit code 1: why', expected: false });
  const lacked = (t: number, machine: object) =>
    event({
      ...{ t, event: 'environment.failed', what: 'the disk of TMPDIR', hint: '', log: [] },
      ...{ expected: 'room', found: 'No space left on device', ...machine },
    });
  const missed = { ops: drive(goneFor(2_308)), plan: withTargets({ rto_ms: 1_000 }) };

  it('is no pass, and the first reason, where a part ended by itself before the disaster', () => {
    const words = 'west/postgres ended by itself before the disaster: exit code 1: why.';
    const early = [...journal(), ended(TIMES.faultStarted - 1)];
    const passed = result({ events: early });
    expect([passed.verdict, passed.reasons]).to.deep.equal(['inconclusive', [words]]);
    const failed = result({ ...missed, events: early });
    expect([failed.verdict, failed.reasons[0]]).to.deep.equal(['fail', words]);
    expect(failed.notes.join()).not.to.contain('ended by itself');
  });

  it('is the plan’s where a part ended by itself after it: a note', () => {
    const { verdict, notes } = result({ events: [...journal(), ended(TIMES.faultStarted + 1)] });
    expect(verdict).to.equal('pass');
    expect(notes.join()).to.contain('west/postgres ended by itself (exit code 1: why).');
  });

  it('is the machine’s matter where that ran out of something, whatever failed then', () => {
    const events = [...journal(), ended(TIMES.faultStarted - 1)];
    const { verdict, reasons } = result({
      ...missed,
      events: [...events, lacked(TIMES.faultStarted, { machine: true })],
    });
    expect(verdict).to.equal('environment');
    expect(reasons[0]).to.equal(
      'The disk of TMPDIR: expected room, found No space left on device.',
    );
    expect(reasons.join()).to.contain('over its target of 1 s');
    const other = result({ ...missed, events: [...journal(), lacked(TIMES.faultStarted, {})] });
    expect(other.verdict, 'a part of the system').to.equal('fail');
  });
});

describe('what ends a run outranks what is less sure', () => {
  const ends: Readonly<Record<string, RunEvent>> = {
    internal: event({ t: 9, event: 'internal.failed', message: 'oops', stack: '' }),
    interrupted: event({ t: 9, event: 'run.interrupted', by: 'SIGINT' }),
    fail: event({ t: 9, event: 'step.failed', step: 'fence', reason: 'no' }),
    environment: event({
      ...{ t: 9, event: 'environment.failed', what: 'PostgreSQL', expected: 'a start' },
      ...{ found: 'exit code 1', hint: 'drill doctor', log: [] },
    }),
    // Of what would be a pass or inconclusive only.
    unclean: event({ t: 9, event: 'cleanup.ended', clean: false, left: ['a port'], ms: 1 }),
  };
  const names = Object.keys(ends);
  names.forEach((worst, at) => {
    it(`${worst} wins over ${names.slice(at + 1).join(', ') || 'inconclusive'}`, () => {
      const events = [
        ...journal({ 'fault.proved': null, 'cleanup.ended': null }),
        ...names.slice(at).map((name) => ends[name]!),
      ];
      expect(result({ events }).verdict).to.equal(worst);
    });
  });

  it('names what was left behind', () => {
    const { verdict, reasons, cleanup } = result({
      events: journal({ 'cleanup.ended': [ends['unclean']!] }),
    });
    expect(verdict).to.equal('unclean');
    expect(reasons[0]).to.contain('a port');
    expect(cleanup).to.deep.equal({ clean: false, left: ['a port'] });
  });

  it('leaves out what was not measured when the environment failed before the disaster', () => {
    const events = [...journal({ 'fault.started': null }), ends['environment']!];
    const { verdict, reasons, recovery } = result({ events });
    expect([verdict, recovery]).to.deep.equal(['environment', null]);
    expect(reasons).to.deep.equal([
      'PostgreSQL: expected a start, found exit code 1. Try: drill doctor.',
    ]);
  });
});
