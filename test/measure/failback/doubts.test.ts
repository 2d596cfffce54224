// Whatever is missing in a failback, the run does not pass, and the drill before it is judged all the
// same.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  afterTheCut as after,
  BACK,
  backEvents,
  backPlan,
  beforeTheCut,
  driveBack,
  evidenceOfBack,
  fromEastAgain,
  servingAtEnd as last,
  type BackParts,
} from '../../support/evidence/failback-story.ts';
import { evidenceOf, journal, plan, type Op } from '../../support/evidence/synthetic.ts';

describe('a failback that cannot be measured', () => {
  const event = (body: object): RunEvent => body as RunEvent;
  const bad = [{ name: 'probe', ok: false, detail: 'nothing was seen' }];
  const { cut } = BACK;
  const stalled = event({ t: BACK.moving + 900, event: 'runner.stalled', ms: 800 });
  const cases: Readonly<Record<string, readonly [BackParts, RegExp]>> = {
    'that never began': [
      { after: [], events: [], last: null },
      /^Failback: It was planned, and never began\./,
    ],
    'whose clients never began again': [
      { after: [], events: backEvents({ 'workload.started': null }) },
      /Clients never began again/,
    ],
    'in which the region was never protected again': [
      { events: backEvents({ 'region.protected': null }) },
      /Nothing says that region east follows the serving one again/,
    ],
    'in which only the other region was': [
      {
        events: backEvents({
          'region.protected': [
            event({
              ...{ t: BACK.moved + 100, event: 'region.protected', region: 'west' },
              ...{ how: 'followed', ms: 100 },
            }),
          ],
        }),
      },
      /Nothing says that region east follows the serving one again/,
    ],
    'without a move': [
      { events: backEvents({ 'switchover.started': null, 'switchover.ended': null }) },
      /Service was never moved back/,
    ],
    'whose move never ended': [
      { events: backEvents({ 'switchover.ended': null }) },
      /The move of service never ended/,
    ],
    'whose clients were never stopped': [
      { events: backEvents({ 'workload.stopped': null }) },
      /clients were cut off before they had stopped/,
    ],
    'whose clients were never drained': [
      { events: backEvents({ 'workload.drained': null }) },
      /The clients were cut off before their last answers/,
    ],
    'with operations in flight at its end': [
      {
        events: backEvents({
          'workload.drained': [
            event({ t: cut + 9, event: 'workload.drained', store: 'orders', in_flight: 2 }),
          ],
        }),
      },
      /2 operations were still in flight/,
    ],
    'without a marker': [
      { events: backEvents({ 'marker.written': null }) },
      /No marker was written/,
    ],
    'whose marker is not there': [
      { last: last.slice(0, -1) },
      /The marker 65535-2 is not among the survivors/,
    ],
    'whose serving database was never read': [
      { last: null },
      /What survived in the serving database after the failback is not known: it was never read/,
    ],
    'whose serving database could not be read': [
      {
        last: null,
        events: [
          ...backEvents(),
          event({
            ...{ t: cut + 1_200, event: 'survivors.read', store: 'orders', ok: false },
            ...{ reading: 'after-failback', node: 'east/postgres', rows: 0, detail: 'no answer' },
          }),
        ],
      },
      /serving database after the failback is not known: no answer/,
    ],
    'whose verification found something': [
      {
        events: backEvents({
          'verification.checked': [
            event({ t: cut + 9, event: 'verification.checked', checks: bad }),
          ],
        }),
      },
      /The verification found: probe: nothing was seen/,
    ],
    'in which operations started late': [
      { after: after.map((op, at) => (at % 100 === 0 ? { ...op, flags: 2 } : op)) },
      /The runner could not keep the schedule/,
    ],
    'in which clients stood still for a second': [
      {
        after: after.filter(({ scheduled_ms }) => scheduled_ms < 29_000 || scheduled_ms >= 30_000),
      },
      /the workload stood still/,
    ],
    'in which drill stood still during the move': [
      { events: [...backEvents(), stalled] },
      /Drill itself did not get to run for 800 ms in it/,
    ],
    'that ended before service could be seen': [
      {
        after: driveBack(() => fromEastAgain, BACK.moved + 1_000),
        events: backEvents({
          'workload.stopped': [
            event({ t: BACK.moved + 1_000, event: 'workload.stopped', store: 'orders' }),
          ],
        }),
      },
      /The workload stopped 1 s after the move, before 3 s of service could be seen/,
    ],
    'with hardly any writes before the move': [
      {
        after: after.map((op): Op => {
          const isBefore = op.scheduled_ms > 26_900 && op.scheduled_ms < BACK.moving;
          return isBefore && op.kind === undefined
            ? { ...op, kind: 'read', sequence: op.sequence }
            : op;
        }),
      },
      /Only \d+ writes? acknowledged just before the move; 20 are needed/,
    ],
  };
  for (const [title, [parts, reason]] of Object.entries(cases)) {
    it(`leaves the run open: one ${title}`, () => {
      const evidence = evidenceOfBack(parts);
      const { verdict, reasons, gates } = assess(evidence);
      expect(reasons.join('\n')).to.match(reason);
      expect(
        reasons.every((each) => each.startsWith('Failback: ')),
        reasons.join(),
      ).to.equal(true);
      expect(verdict).to.equal('inconclusive');
      expect(gates.find(({ name }) => name === 'failback_rto')!.verdict).to.equal('inconclusive');
      for (const name of ['rto', 'rpo', 'split_brain']) {
        expect(gates.find((gate) => gate.name === name)!.verdict, name).to.equal('pass');
      }
    });
  }

  it('fails the run when a step of it failed', () => {
    const failed = event({ t: 24_000, event: 'step.failed', step: 'rewind', reason: 'no WAL' });
    const { verdict, reasons } = assess(evidenceOfBack({ events: [...backEvents(), failed] }));
    expect(verdict).to.equal('fail');
    expect(reasons[0]).to.equal('The failback step "rewind" failed: no WAL.');
  });

  it('is not asked for where none was planned', () => {
    const unplanned = { ...backPlan, failback: false };
    const { failback, doubts } = measure(evidenceOf({ ops: beforeTheCut, plan: unplanned }));
    expect([failback, doubts]).to.deep.equal([null, []]);
  });

  it('leaves open a ledger that goes on after the cut without a word of it', () => {
    const evidence = evidenceOfBack({ events: [], last: null, plan });
    const { verdict, reasons } = assess(evidence);
    expect(verdict).to.equal('inconclusive');
    expect(reasons.join()).to.match(/ledger\.bin holds \d+ operations that came after/);
  });

  it('takes no event of the failback for one of the recovery', () => {
    const drilled = journal({ 'database.writable': null, 'fence.proved': null });
    const { recovery } = measure(evidenceOfBack({ drilled }));
    expect(recovery!.marks).to.include({ writable: null, fenced: null });
    expect(recovery!.phases.find(({ name }) => name === 'promote')!.ms).to.equal(null);
  });
});
