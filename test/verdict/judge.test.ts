// What a result says of its run, and each finding with its sentence, its code and its place.
import { expect } from 'chai';
import type { Plan } from '../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import { measure } from '../../src/measure/measure.ts';
import type { Measurement } from '../../src/measure/measured.ts';
import { assess } from '../../src/verdict/assess.ts';
import { judge } from '../../src/verdict/judge.ts';
import { evidenceOf, journal, plan, TIMES } from '../support/evidence/synthetic.ts';

const sound = measure(evidenceOf());
const event = (body: object): RunEvent => body as RunEvent;
const after = (...events: object[]) => [...journal(), ...events.map(event)];
const judged = (
  events: readonly RunEvent[] = journal(),
  numbers: Partial<Measurement> = {},
  its: Partial<Plan> = {},
) => judge({ ...plan, ...its }, events, { ...sound, ...numbers });

describe('a result', () => {
  it('says which run it is of', () => {
    const up = { t: 1, event: 'topology.up', runtime: 'embedded', postgres: '18', proxy: 'own' };
    const kept = { node: 'east/postgres' };
    const result = judged(
      after(
        { ...up, settings: { fsync: 'on' }, nodes: [], endpoints: [] },
        { t: 2, event: 'system.claimed', run: 'run-0' },
        { t: 3, event: 'system.kept', nodes: [kept] },
        { t: 4, event: 'regions.placed', kept: true, why: '' },
        { t: 5, event: 'regions.placed', kept: false, why: 'a process was left' },
      ),
      {},
      { controls: ['SOC 2 A1.3'] },
    );
    const { name, sha256, strategy, seed } = plan;
    expect(result).to.deep.include({
      schema: 'drill.result/1',
      id: 'run-1',
      started_at: '2026-11-22T20:00:00.000Z',
      wall_ms: TIMES.cut + 2_001,
      drill_version: '0.1.0',
      drill: { name, sha256, strategy, seed, controls: ['SOC 2 A1.3'] },
      regions: { kept: false, why: 'a process was left' }, // the last word
      runtime: { kind: 'embedded', postgres: '18', proxy: 'own', settings: { fsync: 'on' } },
      cleanup: { clean: true, left: [] },
      kept: [kept],
      against: 'run-0',
    });
  });

  it('says as much of a run of which hardly anything is known', () => {
    const nothing = { recovery: null, loss: null, stores: [], exposure: null };
    expect(judged([], nothing)).to.deep.include({
      ...{ id: '', started_at: '', wall_ms: null, runtime: null, cleanup: null, kept: [] },
      ...{ against: null, recovery: null, loss: null, failback: null, exposure: null },
    });
    expect(judged([], nothing)).to.not.have.any.keys('drill_version', 'regions', 'baseline');
    expect(judged([], nothing).drill).to.not.have.any.keys('controls');
  });
});

describe('a finding', () => {
  const codes = (events: readonly RunEvent[], numbers = {}, its = {}) =>
    judged(events, numbers, its).failures.map(({ code, text }) => [code, text]);

  it('of what ended a run has its code', () => {
    const broken = { t: 9_000, event: 'environment.failed', what: 'disk', expected: 'room' };
    const { reasons, failures, verdict } = judged(
      after(
        { t: 9_000, event: 'internal.failed', message: 'oops', stack: '' },
        { t: 9_000, event: 'run.interrupted', by: 'SIGINT' },
        { ...broken, found: 'none', hint: '', log: [] },
      ),
    );
    expect(verdict).to.equal('internal');
    const texts = [
      'A bug in drill: oops.',
      'The run was interrupted by SIGINT.',
      'Disk: expected room, found none.',
    ];
    expect(reasons).to.deep.equal(texts);
    expect(failures.map(({ code }) => code)).to.deep.equal([
      'internal-error',
      'run-interrupted',
      'environment-failed',
    ]);
    expect(failures.map(({ text }) => text)).to.deep.equal(texts);
  });

  it('names what could not be cleaned up', () => {
    const unclean = (...left: string[]) => {
      const events = journal({
        'cleanup.ended': [event({ t: 30_000, event: 'cleanup.ended', clean: false, left, ms: 1 })],
      });
      return codes(events);
    };
    expect(unclean('a port', 'a lock')).to.deep.equal([
      ['clean-up-failed', 'Could not be cleaned up: a port, a lock.'],
    ]);
    expect(unclean()).to.deep.equal([['clean-up-failed', 'Could not be cleaned up: something.']]);
  });

  it('says that a run broke off before it was cleaned up', () => {
    const text = 'The run broke off before its clean-up was done.';
    for (const name of ['run.finished', 'cleanup.ended'] as const) {
      const { reasons, verdict } = judged(journal({ [name]: null }));
      expect([verdict, reasons]).to.deep.equal(['inconclusive', [text]]);
    }
  });

  it('says first that nobody recovered, unless the drill is to ride it out', () => {
    const events = after({ t: 9_000, event: 'disaster.undeclared', reason: 'nobody noticed' });
    const text = 'No recovery ran, so nothing is proved of one: nobody noticed.';
    const rto = { ...plan, targets: { ...plan.targets, rto_ms: 1 } };
    const { reasons, verdict, failures } = judged(events, {}, rto);
    expect([reasons[0], verdict]).to.deep.equal([text, 'fail']);
    expect(failures.map(({ code }) => code)).to.deep.equal(['not-declared', 'target-missed']);
    expect(judged(events).verdict).to.equal('inconclusive');
    expect(judged(events, {}, { expect: 'ride-out' })).to.deep.include({
      ...{ verdict: 'pass', reasons: [], failures: [] },
    });
  });

  it('is the first reason where a part of a region ended before the disaster', () => {
    const ended = { t: 4_000, event: 'node.ended', node: 'west/app-1', reason: 'exit code 1' };
    const { reasons, verdict } = judged(after({ ...ended, expected: false }));
    expect(verdict).to.equal('inconclusive');
    expect(reasons).to.deep.equal(['west/app-1 ended by itself before the disaster: exit code 1.']);
  });

  it('names the gate that was missed, and a sentence that is said twice only once', () => {
    const its = { targets: { ...plan.targets, rto_ms: 1 } };
    const { failures, gates, reasons } = judged(journal(), {}, its);
    expect(failures).to.deep.equal([
      { code: 'target-missed', gate: 'rto', text: gates[0]!.reason },
    ]);
    expect(reasons).to.deep.equal([gates[0]!.reason]);
    const twice = [
      { affects: 'all', reason: 'The clock jumped.' },
      { affects: 'loss', reason: 'The clock jumped.' },
    ] as const;
    expect(judged(journal(), { doubts: twice }).reasons).to.deep.equal(['The clock jumped.']);
  });

  it('of service disturbed before the move back has the same code as before the disaster', () => {
    const recovery = { ...sound.recovery!, disturbed_before_ms: 300 };
    expect(codes(journal(), { recovery }).map(([code]) => code)).to.deep.equal([
      'disturbed-before',
    ]);
  });

  it('has nothing of gates and doubts where the run broke off before its disaster', () => {
    const nothing = { recovery: null, loss: null, stores: [] };
    const stopped = after({ t: 2_000, event: 'run.interrupted', by: 'SIGINT' });
    expect(judged(stopped, nothing).reasons).to.deep.equal(['The run was interrupted by SIGINT.']);
    const its = { targets: { ...plan.targets, rto_ms: 1 } };
    for (const seen of [{ loss: null, stores: [] }, { recovery: null }]) {
      const doubts = [{ affects: 'all', reason: 'The clock jumped.' }] as const;
      expect(judged(stopped, { ...seen, doubts }, its).reasons).to.include('The clock jumped.');
    }
    // What only left something behind, or was limited, is measured all the same.
    const limited = after({ t: 9_000, event: 'run.limited', reason: 'too long' });
    expect(judged(limited, nothing).reasons.length).to.be.greaterThan(1);
    const unclean = { t: 30_000, event: 'cleanup.ended', clean: false, left: ['a port'], ms: 1 };
    const left = journal({ 'cleanup.ended': [event(unclean)] });
    expect(judged(left, nothing).reasons.length).to.be.greaterThan(1);
  });

  it('says what kept the evidence from being measured', () => {
    const evidence = evidenceOf();
    const stores = null as never;
    const { verdict, reasons, id } = assess({ ...evidence, stores });
    expect([verdict, id]).to.deep.equal(['inconclusive', 'run-1']);
    expect(reasons.join()).to.match(
      /The evidence could not be measured; it is damaged, or this is a bug in drill \(TypeError: .+\)\./,
    );
  });

  it('says which run it was where the journal itself cannot be judged, and nothing else of it', () => {
    const unsaid = event({ t: 30_000, event: 'cleanup.ended' }); // no word of what was left
    const result = assess(evidenceOf({ events: journal({ 'cleanup.ended': [unsaid] }) }));
    expect(result).to.include({ verdict: 'inconclusive', id: 'run-1', wall_ms: null });
    expect(result.reasons).to.have.lengthOf(1);
    expect(result.reasons[0]).to.match(/^The evidence could not be measured; .*\(TypeError: /);
    expect([result.recovery, result.loss, result.cleanup]).to.deep.equal([null, null, null]);
  });

  it('is said once each where the machine ran out of something, which outranks what failed', () => {
    const lacked = { t: 9_000, event: 'environment.failed', what: 'disk', expected: 'room' };
    const events = after(
      { ...lacked, found: 'none', hint: '', log: [], machine: true },
      { t: 9_000, event: 'run.interrupted', by: 'SIGINT' },
      { t: 9_000, event: 'step.failed', step: 'promote', reason: 'no answer' },
    );
    const { verdict, failures } = assess(evidenceOf({ events }));
    expect(verdict).to.equal('interrupted');
    expect(failures.map(({ code }) => code)).to.deep.equal([
      ...['run-interrupted', 'environment-failed', 'recovery-step-failed'],
    ]);
  });

  it('of what a run never came to is left out only where its end is the reason', () => {
    const doubts = [
      // No gate is on it, whose reason it would be too.
      { affects: 'failback', reason: 'Nobody stopped the clients.', endsEarly: true },
      { affects: 'all', reason: 'The clock jumped.' },
    ] as const;
    const said = (events = journal()) => judged(events, { doubts }).reasons;
    const limited = { t: 9_000, event: 'run.limited', reason: 'too long' };
    const unclean = { t: 30_000, event: 'cleanup.ended', clean: false, left: ['a port'], ms: 1 };
    const both = ['The clock jumped.', 'Nobody stopped the clients.'];
    expect(said()).to.deep.equal(both);
    expect(said(journal({ 'cleanup.ended': [event(unclean)] })).slice(1)).to.deep.equal(both);
    expect(said(after(limited))).to.include('The clock jumped.');
    expect(said(after(limited))).to.not.include('Nobody stopped the clients.');
    const left = journal({ 'cleanup.ended': [event(unclean)], 'run.limited': [event(limited)] });
    expect(said(left)).to.not.include('Nobody stopped the clients.');
  });
});

describe('the drill of a result', () => {
  it('has its trial and the moments that were drawn, where there are some', () => {
    const trial = { series_seed: 3, moved_ms: 250, within_ms: 1_000 };
    const [fault] = plan.faults;
    const drawn_from = { from_ms: 1_000, to_ms: 9_000 };
    const faults = [{ ...fault!, at_ms: 2_500, drawn_from }, fault!];
    expect(judged().drill).to.not.have.any.keys('trial', 'drawn');
    expect(judged(journal(), {}, { trial, faults }).drill).to.deep.include({
      trial,
      drawn: [{ fault: fault!.kind, at_ms: 2_500, ...drawn_from }],
    });
  });
});
