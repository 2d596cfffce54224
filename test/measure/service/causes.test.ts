// The clients that a recovery's causes are asked of: as service counts them, by the plan's times.

import { gslbOf } from '../../../src/drill/plan/gslb.ts';
import { expect } from 'chai';
import { measure } from '../../../src/measure/measure.ts';
import {
  drive,
  evidenceOf,
  goneFor,
  plan,
  refuses,
  TIMES,
} from '../../support/evidence/synthetic.ts';

describe('the causes of a recovery', () => {
  it('are of what was not served, and of answers of DNS as old as the plan lets them be', () => {
    const from_ms = TIMES.faultStarted + 600;
    // Every other operation is refused for another 300 ms: 30 of 60.
    const ops = drive((now, index) => {
      const isRefused = now >= from_ms && now < from_ms + 300 && index % 2 === 1;
      return isRefused ? refuses : goneFor(600)(now, index);
    });
    const its = { ...plan, gslb: { ...gslbOf(plan), ttl_s: 3 } };
    const dns = { kind: 'dns-cache', clients: 16, ttl_ms: 3_000, hung: 0 };
    expect(measure(evidenceOf({ ops, plan: its })).recovery!.causes).to.deep.equal([
      { phase: 'decide', kind: 'declared-by-drill', ms: 1 },
      { phase: 'reconnect', ...dns, still: 8, held_ms: 95, operations: 20, ms: 95 },
      { phase: 'stabilise', ...dns, still: 0, held_ms: 395, operations: 30, ms: 293 },
    ]);
  });
});
