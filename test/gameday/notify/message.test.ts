import { expect } from 'chai';
import { messageForm } from '../../../src/evidence/message-form.ts';
import { howItEnded } from '../../../src/gameday/day/happening.ts';
import { messageOf, messageOfFile } from '../../../src/gameday/notify/message.ts';
import { failedDay, readOf } from '../../support/gameday.ts';

describe('a message of a game day', () => {
  const record = failedDay('/runs');
  const [drill] = record.drills;

  it('of its end says what was promised and measured', () => {
    const message = messageOf(howItEnded(record), [], Date.UTC(2026, 11, 1, 9, 5));
    expect(message).to.deep.include({
      id: '20261201T090000Z-weekly-ended',
      event: 'ended',
      at: '2026-12-01T09:05:00.000Z',
    });
    expect(message.text).to.equal(
      [
        'Game day weekly has ended: FAIL, 1 drill: 1 FAIL',
        '- one: FAIL',
        '  rto: 21 s, promised at most 15 s – fail',
        '  rto missed: 21 s, at most 15 s',
        'owner: Ada',
        'drill gameday show 20261201T090000Z-weekly',
      ].join('\n'),
    );
    expect(messageForm.parse(message)).to.deep.equal(message);
  });

  it('has nothing of a secret, also where its text is cut in the middle of it', () => {
    const secret = 'hook-token-0123456789';
    const outcome = { ...drill!.outcome!, reasons: [`${'x'.repeat(290)}${secret}`] };
    const told = { ...record, drills: [{ ...drill!, outcome }] };
    const text = JSON.stringify(messageOf(howItEnded(told), [secret], 0));
    expect(text).to.include('x'.repeat(290)).and.to.not.include(secret.slice(0, 5));
  });

  it('has an id that follows from what happened', () => {
    const ids = [
      messageOf({ event: 'started', record }, [], 0),
      messageOf({ event: 'declared', record, drill: drill!, detail: 'Ada' }, [], 0),
      messageOf({ event: 'unclean', record, drill: drill!, detail: 'a process' }, [], 0),
      messageOfFile({ event: 'stale', key: 'one-2', drill: null }, readOf(''), 0),
    ].map(({ id }) => id);
    expect(ids).to.deep.equal([
      '20261201T090000Z-weekly-started',
      '20261201T090000Z-weekly-1-declared',
      '20261201T090000Z-weekly-1-unclean',
      'weekly-one-2-stale',
    ]);
  });

  it('of one that did not begin says why', () => {
    const never = { ...record, began_at: null, verdict: 'inconclusive', drills: [] } as const;
    const missed = { ...never, stop: { why: 'missed', text: 'no service ran' } } as const;
    expect(messageOf(howItEnded(missed), [], 0).text).to.include(
      'Game day weekly, due 2026-12-01 09:00 UTC, was missed\nIt was missed: no service ran',
    );
    const held = { ...never, stop: { why: 'precondition', text: 'it answered 503' } } as const;
    const blocked = messageOf(howItEnded(held), [], 0);
    expect(blocked.event).to.equal('blocked');
    expect(blocked.text).to.include('since a precondition did not hold: it answered 503');
  });

  it('shows no secret, wherever it stands', () => {
    const reasons = ['asked http://x/"tok\\en"-1 and got 503'];
    const outcome = { ...drill!.outcome!, reasons };
    const told = { ...record, drills: [{ ...drill!, outcome }] };
    const message = messageOf(howItEnded(told), ['"tok\\en"-1'], 0);
    expect(JSON.stringify(message)).to.not.include('tok');
    expect(message.text).to.include('asked http://x/*** and got 503');
  });

  it('is never large', () => {
    const outcome = { ...drill!.outcome!, reasons: Array(500).fill('x'.repeat(1_000)) as string[] };
    const told = { ...record, drills: Array.from({ length: 64 }, () => ({ ...drill!, outcome })) };
    const message = messageOf(howItEnded(told), [], 0);
    expect(JSON.stringify(message).length).to.be.below(65_536);
    expect(messageForm.safeParse(message).success).to.equal(true);
  });
});
