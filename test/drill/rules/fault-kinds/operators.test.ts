// What `drill check` says of faults on the operators: those that can never come to hold are refused.
import { expect } from 'chai';
import { planDrill } from '../../../../src/drill/plan/make-plan.ts';
import { planFrom } from '../../../../src/drill/plan/read-plan.ts';
import { GOOD, heads, parse } from '../../../support/plan/drill-file.ts';

const KILL = '{ at: 5s, kind: lose-region, region: east }';
const withFaults = (faults: readonly string[], more = '') =>
  GOOD.replace(/^ {2}- .*$/m, faults.map((fault) => `  - ${fault}`).join('\n')) + more;
const beside = (fault: string, more = '') => withFaults([fault, KILL], more);
const HALF = '{ kind: half-done-runbook, step: redirect }';
const RETRIES = 'recover: { retries: 2, retry_after: 500ms }\n';

const BOTH_ACTIVE = 'regions: { east: { role: active }, west: { role: active } }';
const bothServe = (text: string) =>
  text.replace('strategy: warm-standby', `strategy: active-active\n  ${BOTH_ACTIVE}`);

const RIGHT = [
  beside('{ kind: delay-declaration, by: 4s }'),
  beside('{ kind: wrong-region, noticed_after: 4s }'),
  beside('{ kind: wrong-region, noticed_after: 4s }').replace(
    'region: east }',
    'region: east, how: freeze }',
  ),
  beside(HALF, RETRIES),
  withFaults([KILL, HALF, HALF.replace('redirect', 'promote')], RETRIES),
  beside(HALF.replace('redirect', 'scale, fails: 2, does: nothing'), RETRIES),
  // Whether its tries are enough decides any run.
  bothServe(beside(HALF, RETRIES)),
];

const WRONG: readonly (readonly [text: string, message: RegExp])[] = [
  [
    withFaults(['{ kind: delay-declaration }', '{ at: 1s, kind: latency, for: 2s }'])
      .replace(/^targets:.*$/m, 'targets: { availability: 99% }')
      .concat('disaster: none\n'),
    /faults\.0\.kind: it goes wrong in a failover, and with disaster: none nothing is failed over/,
  ],
  [
    beside('{ kind: delay-declaration }', 'expect: ride-out\n'),
    /with expect: ride-out nobody has to/,
  ],
  [withFaults(['{ kind: delay-declaration }']), /faults\.0\.kind: it changes how .* there is none/],
  [beside('{ at: 1s, kind: delay-declaration }'), /faults\.0\.at: .* has no moment of its own/],
  [beside('{ at: beforehand, kind: delay-declaration }'), /faults\.0\.at: .* has no moment/],
  [beside('{ kind: wrong-region, disaster: true }'), /faults\.0\.disaster: .* has no moment/],
  [beside('{ kind: wrong-region, when: errors > 1% }'), /faults\.0\.when: .* has no moment/],
  [beside('{ kind: wrong-region, for: 3s }'), /faults\.0\.for/],
  [
    withFaults(['{ kind: delay-declaration }', '{ kind: delay-declaration }', KILL]),
    /faults\.1\.kind: faults\.0 is a delay-declaration already/,
  ],
  [withFaults([HALF, HALF, KILL], RETRIES), /faults\.0 is a half-done-runbook of redirect already/],
  [
    beside(HALF.replace('redirect', 'redirekt'), RETRIES),
    /faults\.0\.step: .*promote-standby has fence, promote, redirect, scale; did you mean redirect\?/,
  ],
  [beside('{ kind: half-done-runbook }'), /faults\.0\.step/],
  [beside(HALF), /warning: faults\.0\.kind: it is tried once .*expect this drill to fail/],
  [beside(HALF.replace('redirect', 'redirect, fails: 3'), RETRIES), /is tried 3 times .*to fail/],
  [
    withFaults(['{ kind: maintenance, region: east }', HALF.replace('redirect', 'stop')], RETRIES),
    /faults\.1\.step: once stop is done, it cannot be done again; say does: nothing/,
  ],
  [
    withFaults(['{ kind: maintenance, region: east }', '{ kind: wrong-region }']),
    /faults\.1\.kind: after maintenance the old side lives/,
  ],
  [
    beside('{ kind: wrong-region }').replace('region: east }', 'region: east, how: partition }'),
    /faults\.0\.kind: after lose-region the old side lives, .* how: kill or freeze/,
  ],
  [
    beside(HALF, RETRIES.replace('500ms', '1h')),
    /recover\.retry_after: its tries are 1 h.* could not be done in time/,
  ],
  [
    bothServe(beside('{ kind: delay-declaration }')),
    /error: faults\.0\.kind: with active-active health checks lead .* no client waits/,
  ],
  [
    bothServe(beside('{ kind: wrong-region, noticed_after: 4s }')),
    /error: faults\.0\.kind: with active-active health checks lead .* no client waits/,
  ],
  [beside('{ kind: delay-declaration, by: 10m }'), /nothing can be measured: detection and declar/],
  [
    beside('{ kind: wrong-region, noticed_after: 14s }'),
    /targets\.rto: .*the failover to the wrong region.* can take .*expect this drill to fail/,
  ],
  [
    `${GOOD}recover: { retry_after: 1s }\n`,
    /recover\.retry_after: without recover\.retries nothing/,
  ],
];

describe('faults on the operators in a drill file', () => {
  for (const text of RIGHT) {
    const [kind] = /(delay-declaration|wrong-region|half-done-runbook).*/.exec(text)!;
    it(`can be ${kind}`, () => {
      expect(heads(text)).to.deep.equal([]);
    });
  }

  for (const [text, message] of WRONG) {
    it(`are told ${message.source}`, () => {
      expect(heads(text).join('\n')).to.match(message);
    });
  }

  it('come last in the plan, hit no region, and the plan is read again', () => {
    const plan = planDrill(parse(RIGHT[0]!).drill!, 1, '0'.repeat(64));
    expect(plan.faults.map(({ kind }) => kind)).to.deep.equal(['lose-region', 'delay-declaration']);
    expect(plan.faults.map(({ disaster }) => disaster)).to.deep.equal([true, false]);
    expect(plan.faults[1]).to.include({ region: 'operators', by_ms: 4_000 });
    expect(planFrom(JSON.parse(JSON.stringify(plan)))).to.have.property('plan');
    const elsewhere = JSON.stringify(plan).replace('"operators"', '"east"');
    expect(planFrom(JSON.parse(elsewhere))).to.deep.equal({
      problem: 'faults.1.region: expected operators, found "east"',
    });
  });

  it('are part of what a drill was measured under, as retries are', () => {
    const plan = planDrill(parse(RIGHT[3]!).drill!, 1, '');
    expect(plan.recover).to.deep.include({ retries: { times: 2, pause_ms: 500 } });
  });
});
