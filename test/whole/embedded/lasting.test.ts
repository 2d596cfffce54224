// A fault that somebody else ends soon after it was proved: the run does not pass, and the reason
// says who saw that it was over. Whole drills on a real system.
import { expect } from 'chai';
import type { Parts } from '../../../src/engine/frame/context.ts';
import { it } from '../../support/commands.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { SHORT_DRILL } from '../../support/whole/drill-cli.ts';
import { endedAfterProof, letGoOn, resetProxies } from '../../support/whole/ended-by-others.ts';
import { runMeasuredInProcess } from '../../support/whole/in-process-run.ts';

/** Nobody detects it before somebody else ends it: a fence would kill what is to go on. */
const SLOW_CHECKS = SHORT_DRILL.replace('every: 100ms', 'every: 1s');
const drill = (faults: string) =>
  planOf(`${SLOW_CHECKS.replace(/ {2}- \{ at: 500ms.*\n/, faults)}expect: ride-out\n`);

describe('a fault that somebody else ends', function () {
  this.timeout(120_000);

  async function reasonsOf(faults: string, change: (parts: Parts) => Partial<Parts>) {
    const { result } = await runMeasuredInProcess(drill(faults), change);
    const reasons = result.reasons.join('\n');
    expect(['inconclusive', 'fail'], reasons).to.include(result.verdict);
    return reasons;
  }

  it.full('is none that passes: the proxies of a region that is cut off are reset', async () => {
    const fault = '  - { at: 500ms, kind: lose-region, region: east, how: partition, for: 2s }\n';
    const reasons = await reasonsOf(fault, (parts) =>
      endedAfterProof(parts, 'lose-region', resetProxies),
    );
    expect(reasons).to.match(
      /The fault lose-region of region east did not last: when it was healed, this was gone: toxic blackhole-upstream-\w+ of /,
    );
  });

  it.full('is none that passes: the processes of a frozen region go on', async () => {
    const fault = '  - { at: 500ms, kind: lose-region, region: east, how: freeze, for: 2s }\n';
    const reasons = await reasonsOf(fault, (parts) =>
      endedAfterProof(parts, 'lose-region', letGoOn),
    );
    expect(reasons).to.match(/did not last: when it was healed, this was gone: the standstill of/);
  });

  it.full('is none that passes: a slow link before the disaster is reset', async () => {
    const faults =
      '  - { at: beforehand, kind: latency, latency: 400ms }\n' +
      '  - { at: 500ms, kind: lose-region, region: east }\n';
    const reasons = await reasonsOf(faults, (parts) =>
      endedAfterProof(parts, 'latency', resetProxies),
    );
    expect(reasons).to.match(
      /The fault latency of region east did not last: looked at again .* after it was injected: link east-west is slow: a write came to west after \d+ ms/,
    );
    expect(reasons).to.match(/latency .*, this was gone: toxic delay-upstream-\w+ of east-west/);
  });
});

describe('a fault that the recovery ends', function () {
  this.timeout(120_000);

  it.full('is no end by somebody else: a replay that is paused until the promotion', async () => {
    const faults =
      '  - { at: 500ms, kind: pause-replay }\n' +
      '  - { at: 2s, kind: lose-region, region: east }\n';
    const plan = planOf(SHORT_DRILL.replace(/ {2}- \{ at: 500ms.*\n/, faults));
    const { result } = await runMeasuredInProcess(plan);
    expect(result.reasons.join('\n')).not.to.contain('pause-replay');
    expect(result.verdict, result.reasons.join('\n')).to.equal('pass');
  });
});
