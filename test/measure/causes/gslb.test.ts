// What a lost GSLB, or DNS that goes on answering as before, is charged with, to the millisecond.
import { expect } from 'chai';
import type { FaultKind } from '../../../src/drill/fault/registry.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { detectionIn, procedureStretches } from '../../../src/measure/causes/procedure.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { operationsOf, plan as base } from '../../support/evidence/synthetic.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const STARTED = 5_000;
const event = (body: object): RunEvent => body as RunEvent;
const disaster = plannedFault('lose-region', { how: 'kill', disks: 'kept' });

/** The fault of that kind, healed then, and the loss of the region meanwhile. */
function runOf(kind: 'lose-gslb' | 'stale-dns', healed_ms: number, events: readonly RunEvent[]) {
  const other = plannedFault(kind as FaultKind, { node: 'gslb' } as never, { index: 1 });
  const plan: Plan = { ...base, faults: [disaster, { ...other, disaster: false }] };
  return new Timeline(plan, [
    event({
      ...{ t: STARTED, event: 'fault.started', index: 0, kind: 'lose-region', region: 'east' },
      disaster: true,
    }),
    event({ t: STARTED + 20, event: 'fault.injected', index: 0, detail: '' }),
    event({ t: healed_ms, event: 'fault.healed', index: 1, by: 'schedule', gone: [] }),
    ...events,
  ]);
}

describe('a detection that waited for the GSLB', () => {
  const causeOf = (healed_ms: number) => {
    const down = { t: 9_000, event: 'region.down', region: 'east', detail: 'ECONNREFUSED' };
    const run = runOf('lose-gslb', healed_ms, [event(down)]);
    return detectionIn(run, run.disaster!);
  };

  it('is told so, where it was lost after the disaster and until before the word', () => {
    expect(causeOf(8_400)).to.deep.equal({ kind: 'gslb-lost', until_ms: 3_400 });
    expect(causeOf(9_050)?.kind, 'the journal is told of a heal a little later').to.equal(
      'gslb-lost',
    );
    expect(causeOf(9_051)?.kind).not.to.equal('gslb-lost');
    expect(causeOf(STARTED + 20)?.kind).not.to.equal('gslb-lost');
  });
});

describe('a redirect that no client was told', () => {
  const stretches = (kind: 'lose-gslb' | 'stale-dns', healed_ms: number) => {
    const run = runOf(kind, healed_ms, [
      event({ t: 6_000, event: 'app.ready', region: 'west', instances: 1 }),
      event({ t: 6_100, event: 'step.ended', step: 'redirect', ms: 100 }),
      event({ t: 8_300, event: 'gslb.redirected', region: 'west' }),
    ]);
    const operations = operationsOf([]);
    const nodes = [['west/app-1']];
    const known = { operations, nodes, lost: 'east', started_ms: STARTED, isServed: () => true };
    const clients = { ...known, within_ms: 100, timeout_ms: 500, ttl_ms: 1_000 };
    return procedureStretches(run, run.disaster!, clients).redirect.map((each) => {
      return [each.from_ms, each.to_ms, each.cause.kind];
    });
  };

  it('waits for the end of what DNS went on answering, and then for a question', () => {
    expect(stretches('stale-dns', 8_000)).to.deep.equal([
      [6_100, 8_000, 'stale-answers'],
      [8_000, 8_300, 'no-question'],
    ]);
    expect(stretches('stale-dns', 8_310), 'told a little later').to.deep.equal([
      [6_100, 8_300, 'stale-answers'],
      [8_300, 8_300, 'no-question'],
    ]);
    for (const other of [stretches('stale-dns', 6_100), stretches('lose-gslb', 8_000)]) {
      expect(other).to.deep.equal([[6_100, 8_300, 'no-question']]);
    }
  });
});
