// What kept clients from service after the redirect, in planted ledgers: each time the cause is
// known, and beside it stands one in which another is larger, or nothing is proved.
import { expect } from 'chai';
import type { PhaseCause } from '../../../src/drill/cause.ts';
import { measure } from '../../../src/measure/measure.ts';
import {
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  hangs,
  journal,
  plan,
  refuses,
  TIMES,
  WEST,
  type Reply,
} from '../../support/evidence/synthetic.ts';

const MOVED_MS = TIMES.faultStarted + 500; // the answers of DNS, in the synthetic journal
const WRITERS = 16;
const slow: Reply = { ...fromWest, after_ms: 700 };
const fails: Reply = { ...refuses, node: WEST };
const unsent: Reply = { outcome: 'unsent', after_ms: 0 };

/** Until when a client keeps its old answer, since the answers have moved; by writer from 1. */
type Held = (writer: number) => number;
const evenly =
  (longest_ms: number): Held =>
  (writer) =>
    (longest_ms * writer) / WRITERS;

/** `west` answers clients that have moved, so long after the answers did. */
function clientsOf(held: Held, west: (since_ms: number) => Reply, old: Reply = refuses) {
  return drive((now, index) => {
    if (now < TIMES.faultStarted) return fromEast;
    const since_ms = now - MOVED_MS;
    if (since_ms <= held((index % WRITERS) + 1)) return old;
    return west(since_ms);
  });
}

function causeIn(
  ops: ReturnType<typeof drive>,
  phase = 'stabilise',
  changes: Parameters<typeof journal>[0] = {},
): PhaseCause | null {
  const { recovery } = measure(evidenceOf({ ops, events: journal(changes) }));
  expect(recovery!.rto.value).to.be.a('number');
  return recovery!.causes.find((each) => each.phase === phase) ?? null;
}

describe('what kept clients from service', () => {
  it('is the DNS answer of the last client, for as long as it still used it', () => {
    const cause = causeIn(clientsOf(evenly(800), () => fromWest));
    expect(cause).to.deep.include({ kind: 'dns-cache', clients: WRITERS, ttl_ms: 1_000, hung: 0 });
    const { held_ms } = cause as Extract<PhaseCause, { kind: 'dns-cache' }>;
    // The last hundredth may be served later: service counts as back before they are.
    expect(held_ms).to.be.within(500, 800);
    expect(cause!.ms).to.be.within(held_ms - 150, held_ms);
  });

  it('says how many clients were still to ask DNS when service counted as back', () => {
    const stillIn = (held: Held) => {
      const cause = causeIn(clientsOf(held, () => fromWest));
      return (cause as Extract<PhaseCause, { kind: 'dns-cache' }>).still;
    };
    expect(stillIn((writer) => (writer > 8 ? 500 : 20))).to.equal(0);
    expect(stillIn((writer) => (writer === 16 ? 900 : writer > 8 ? 500 : 20))).to.equal(1);
  });

  it('counts the requests that hung until their timeout', () => {
    const cause = causeIn(clientsOf(evenly(800), () => fromWest, hangs));
    const { hung, operations } = cause as Extract<PhaseCause, { kind: 'dns-cache' }>;
    expect(hung).to.equal(operations).and.to.be.above(10);
  });

  it('is not the DNS answer where one is used for longer than it may be', () => {
    expect(causeIn(clientsOf(evenly(990), () => fromWest))?.kind).to.equal('dns-cache');
    const late: Held = (writer) => (writer > 8 ? 1_900 : 0);
    expect(causeIn(clientsOf(late, () => fromWest))).to.equal(null);
    const half: Held = (writer) => (writer > 8 ? 1_300 : writer * 100);
    expect(causeIn(clientsOf(half, () => fromWest))?.kind).not.to.equal('next-answer');
  });

  it('is not the DNS answer where the answers were not seen to move', () => {
    const ops = clientsOf(evenly(800), () => fromWest);
    expect(causeIn(ops, 'stabilise', { 'gslb.redirected': null })).to.equal(null);
  });

  it('is the other region where it answers with errors', () => {
    const until = (end_ms: number) => (since_ms: number) => (since_ms < end_ms ? fails : fromWest);
    const works = (since_ms: number) => (since_ms < 40 ? fromWest : until(700)(since_ms));
    const cause = causeIn(clientsOf(evenly(60), works));
    expect(cause).to.deep.include({ kind: 'errors', region: 'west' });
    expect(causeIn(clientsOf(evenly(60), until(700)), 'reconnect')).to.deep.include({
      kind: 'errors',
      region: 'west',
    });
  });

  it('is the other region where it answers slowly, unless DNS takes more of the time', () => {
    const slowUntil = (end_ms: number) => (since_ms: number) => {
      return since_ms > 40 && since_ms < end_ms ? slow : fromWest;
    };
    const cause = causeIn(clientsOf(evenly(60), slowUntil(800)));
    expect(cause).to.deep.include({ kind: 'slow-answers', region: 'west', within_ms: 100 });
    expect(causeIn(clientsOf(evenly(900), slowUntil(100)))?.kind).to.equal('dns-cache');
  });

  it('is requests that hang where clients have moved already', () => {
    const stuck = (since_ms: number) => (since_ms > 100 && since_ms < 700 ? hangs : fromWest);
    const cause = causeIn(clientsOf(() => 0, stuck));
    expect(cause).to.deep.include({ kind: 'hung-requests', timeout_ms: 1_000 });
    const refused = (since_ms: number) => (since_ms > 100 && since_ms < 700 ? refuses : fromWest);
    expect(causeIn(clientsOf(() => 0, refused))).to.equal(null);
  });

  it('is what could not be sent', () => {
    const full = (since_ms: number) => (since_ms > 40 && since_ms < 700 ? unsent : fromWest);
    expect(causeIn(clientsOf(() => 0, full))?.kind).to.equal('unsent');
  });

  it('is nothing but the next answer where nothing failed any more', () => {
    const cause = causeIn(
      clientsOf(
        () => 0,
        () => fromWest,
      ),
      'reconnect',
    );
    expect(cause?.kind).to.equal('next-answer');
  });

  it('is told of no phase that took no time, and of every other at most once', () => {
    const { recovery } = measure(evidenceOf({ ops: clientsOf(evenly(800), () => fromWest) }));
    const { causes, phases } = recovery!;
    expect(new Set(causes.map(({ phase }) => phase)).size).to.equal(causes.length);
    for (const { phase, ms } of causes) {
      const whole = phases.find(({ name }) => name === phase)!.ms!;
      expect(ms)
        .to.be.above(0)
        .and.at.most(whole + 0.125);
      expect(ms).to.be.at.least(whole / (plan.workload.writers * 2));
    }
  });
});
