// Each thing that can speak against the numbers of a run by its files and its journal, planted
// alone: what is said of it, and which numbers it leaves open.
import { expect } from 'chai';
import type { Doubt } from '../../../src/drill/measurement.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { CheckResult, RunEvent } from '../../../src/evidence/event.ts';
import type { Evidence } from '../../../src/evidence/evidence.ts';
import { fileDoubts, runDoubts } from '../../../src/measure/journal/run-doubts.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { evidenceOfBack } from '../../support/evidence/failback-story.ts';
import { evidenceOf, header, journal, plan, TIMES } from '../../support/evidence/synthetic.ts';
import { evidenceOfTwo } from '../../support/evidence/two-stores.ts';

const { cut, faultInjected, steadyFrom } = TIMES;
const event = (body: object): RunEvent => body as RunEvent;
const bad = (name: string): CheckResult => ({ name, ok: false, detail: 'it is not.' });
const fine: CheckResult = { name: 'fine', ok: true, detail: 'it is' };
const all = (reason: string): Doubt => ({ affects: 'all', reason });

type Changes = Parameters<typeof journal>[0];
const run = (changes: Changes, more: readonly RunEvent[] = [], of: Plan = plan) =>
  new Timeline(of, [...journal(changes), ...more]);

describe('the files of a run', () => {
  const doubtsOf = (evidence: Evidence) =>
    fileDoubts(evidence, new Timeline(evidence.plan, evidence.events));

  it('speak against nothing where they are whole', () => {
    expect(doubtsOf(evidenceOf())).to.deep.equal([]);
    expect(doubtsOf(evidenceOfTwo())).to.deep.equal([]);
  });

  it('speak against all where one is damaged, and against a loss where survivors are', () => {
    const problems = [
      { file: 'ledger.bin', problem: 'it ends early.' },
      { file: 'survivors-redis.bin', problem: 'no access', isUnread: true },
      { file: 'survivors.bin', problem: 'its sum is wrong' },
    ];
    const damaged = event({ t: cut, event: 'evidence.damaged', file: 'x.bin', problem: 'no room' });
    const evidence = evidenceOfTwo({ problems });
    const found = doubtsOf({ ...evidence, events: [...evidence.events, damaged] });
    expect(found).to.deep.equal([
      all('ledger.bin is damaged: it ends early.'),
      {
        ...{ affects: 'loss', store: 'carts' },
        reason: 'What survivors-redis.bin holds is not known: no access.',
      },
      {
        ...{ affects: 'loss', store: 'orders' },
        reason: 'survivors.bin is damaged: its sum is wrong.',
      },
      all('x.bin is damaged: no room.'),
    ]);
  });

  it('speak against all where a ledger belongs to something else', () => {
    const evidence = evidenceOfTwo();
    const [orders, carts] = evidence.stores;
    const foreign = { ...header, run: 'run-9', store: 'mysql', seed: 8, payload_bytes: 65 };
    const strange = { ...evidence, stores: [orders!, { ...carts!, header: foreign }] } as Evidence;
    expect(doubtsOf(strange)).to.deep.equal([
      all('ledger-redis.bin belongs to the run run-9, not to run-1.'),
      all('ledger-redis.bin holds what was written to mysql, not to redis.'),
      all('ledger-redis.bin was written with seed 8, the plan has 7.'),
      all('ledger-redis.bin was written for payloads of 65 bytes, the plan says 64.'),
    ]);
  });

  it('say which run it is where the journal does not', () => {
    const events = journal({ 'run.started': null });
    expect(doubtsOf(evidenceOf({ events }))).to.deep.equal([]);
  });

  it('say nothing of a ledger that nobody can read', () => {
    const evidence = evidenceOf();
    const stores = evidence.stores.map((one) => ({ ...one, header: null, operations: null }));
    expect(doubtsOf({ ...evidence, stores })).to.deep.equal([]);
  });

  it('hold no operations of clients that had stopped', () => {
    const late = (at_ms: number) => ({
      ...{ writer: 1, sequence: 9_000, scheduled_ms: cut + at_ms },
      outcome: 'acknowledged' as const,
    });
    const doubted = (at_ms: number) =>
      doubtsOf(evidenceOf({ ops: [late(at_ms)] })).map(({ reason }) => reason);
    expect(doubted(-1)).to.deep.equal([]);
    expect(doubted(0)).to.deep.equal([
      'ledger.bin holds 1 operation that came after the workload had stopped, ' +
        'and nothing says that it began again.',
    ]);
  });

  it('hold operations of clients that began again, or of whom nothing says that they stopped', () => {
    expect(doubtsOf(evidenceOfBack())).to.deep.equal([]);
    const events = journal({ 'workload.stopped': null });
    expect(doubtsOf(evidenceOf({ events }))).to.deep.equal([]);
  });
});

describe('the journal of a run', () => {
  const said = (changes: Changes, more: readonly RunEvent[] = [], of: Plan = plan) =>
    runDoubts(run(changes, more, of));

  it('speaks against nothing where all went well', () => {
    expect(said({})).to.deep.equal([]);
  });

  it('must name its run, and a check before the fault', () => {
    expect(said({ 'run.started': null, 'preflight.checked': null })).to.deep.equal([
      all('The journal does not say which run it belongs to.'),
      all('Nothing says that the system was checked before the fault.'),
    ]);
  });

  it('tells of checks that failed, parts that ended and clocks that jumped', () => {
    const checks = [fine, bad('room')];
    const ended = { event: 'node.ended', node: 'proxy', reason: 'exit code 1.', expected: false };
    const more = [
      event({ t: 9_000, ...ended }),
      // What is meant to end ends; and a node of a region is part of the story.
      event({ t: 9_000, ...ended, reason: 'it was told to', expected: true }),
      event({ t: 9_000, ...ended, node: 'east/postgres' }),
      event({ t: 9_000, event: 'clock.jumped', ms: 2_000 }),
      event({ t: 9_000, event: 'clock.jumped', ms: -3_000 }),
    ];
    const preflight = [event({ t: 3_000, event: 'preflight.checked', checks })];
    expect(said({ 'preflight.checked': preflight }, more)).to.deep.equal([
      all('The pre-flight check failed: room: it is not.'),
      all('The proxy, a part of drill, ended by itself (exit code 1).'),
      all('The clock jumped 2 s forwards during the run.'),
      all('The clock jumped 3 s backwards during the run.'),
    ]);
    const warned = { ...plan, preflight: 'warn' } as const;
    expect(said({ 'preflight.checked': preflight }, [], warned)).to.deep.equal([]);
  });

  it('has nothing to measure without a disaster, and says what stopped it before', () => {
    const limit = event({ t: 4_000, event: 'run.limited', reason: 'it took too long' });
    expect(said({ 'fault.started': null }, [limit])).to.deep.equal([
      {
        ...{ affects: 'all', endsEarly: true },
        reason: 'The run was stopped early: it took too long.',
      },
      all('The disaster was never injected, so there is nothing to measure.'),
    ]);
  });

  it('must show that the fault bit, and all of it', () => {
    const proof = (checks: readonly CheckResult[]) => [
      event({ t: faultInjected, event: 'fault.proved', index: 0, ok: false, checks }),
    ];
    const fault = 'The fault lose-region of region east';
    expect(said({ 'fault.proved': proof([bad('dead'), fine, bad('dark')]) })).to.deep.equal([
      all(`${fault} did not bite: dead: it is not; dark: it is not.`),
    ]);
    expect(said({ 'fault.proved': proof([]) })).to.deep.equal([
      all(`${fault} did not bite: no check saw its effect.`),
    ]);
    expect(said({ 'fault.injected': null })).to.deep.equal([
      all(`${fault} was never completely injected.`),
    ]);
    const other = [event({ t: 9_000, event: 'fault.proved', index: 4, ok: true, checks: [] })];
    expect(said({ 'fault.proved': other })).to.deep.equal([
      all(`${fault} was never seen to bite.`),
    ]);
    const stopped = event({ t: 9_000, event: 'run.interrupted', by: 'SIGINT' });
    expect(said({ 'fault.proved': null }, [stopped])).to.deep.include(
      all(`${fault} was not seen to bite before the run was interrupted.`),
    );
  });

  it('must show a condition in place by the moment at which the steady state began', () => {
    const beforehand = { index: 1, beforehand: true, disaster: false };
    const conditioned = {
      ...plan,
      faults: [...plan.faults, plannedFault('break-archive', {}, beforehand)],
    };
    const of = { index: 1, kind: 'break-archive', region: 'east', disaster: false };
    const condition = (at: number, steady: Changes = {}) =>
      said(
        steady,
        [
          event({ t: at - 1, event: 'fault.started', ...of }),
          event({ t: at, event: 'fault.injected', index: 1, detail: '' }),
          event({ t: at, event: 'fault.proved', index: 1, ok: true, checks: [fine] }),
        ],
        conditioned,
      );
    expect(condition(steadyFrom)).to.deep.equal([]);
    const late = 'The fault break-archive of region east came after the steady state had begun.';
    expect(condition(steadyFrom + 1)).to.deep.equal([all(late)]);
    expect(condition(9_000, { 'steady.started': null })).to.deep.equal([]);
    const name = 'The fault break-archive of region east';
    expect(said({}, [], conditioned)).to.deep.equal([
      all(`${name} was planned and never injected.`),
    ]);
    const begun = [
      event({ t: 900, event: 'fault.started', ...of }),
      event({ t: 900, event: 'fault.proved', index: 1, ok: true, checks: [fine] }),
    ];
    expect(said({}, begun, conditioned)).to.deep.equal([
      all(`${name} was never completely injected.`),
    ]);
  });

  it('tells of the last heal that failed, unless that fault was healed in the end', () => {
    const failed = (index: number, reason: string) =>
      event({ t: 9_000, event: 'heal.failed', index, reason });
    const two = [failed(0, 'first.'), failed(1, 'second.')];
    const told = (reason: string) => [all(`The fault could not be healed: ${reason}.`)];
    expect(said({}, two)).to.deep.equal(told('second'));
    const healed = event({ t: 9_100, event: 'fault.healed', index: 1, by: 'end' });
    expect(said({}, [...two, healed])).to.deep.equal(told('first'));
  });

  it('tells of a heal that failed that the clean-up did undo it, if it did', () => {
    const failed = event({ t: 9_000, event: 'heal.failed', index: 0, reason: 'it bites' });
    const ended = (clean: boolean) => event({ t: 9_500, event: 'cleanup.ended', clean, left: [] });
    const told = (clean: boolean) =>
      said({}, [failed, ended(clean)], planOf(ownDrill())).map(({ reason }) => reason);
    const words = 'The fault could not be healed: it bites';
    expect(told(true)).to.include(`${words}; a second try undid it, in the clean-up.`);
    expect(told(false)).to.include(`${words}.`);
  });
});
