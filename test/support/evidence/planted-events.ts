// The events of a short run, as the engine would send them.
import type { RunEvent } from '../../../src/evidence/event.ts';

const sample = {
  rate_per_s: 200,
  refused: 0,
  unknown: 0,
  unsent: 0,
  in_flight: 2,
  p99_ms: 5.1,
  total_acknowledged: 900,
};

export const untilTheFault: readonly RunEvent[] = [
  {
    ...{ t: 0, event: 'run.started', id: '20261122T201317Z-region-outage-3fa2' },
    ...{ name: 'region-outage', at: '2026-11-22T20:13:17.204Z', origin_ms: 0, drill_version: '0' },
  },
  { t: 1, event: 'phase.started', phase: 'up', at_most_ms: 60_000 },
  { t: 1200, event: 'phase.ended', phase: 'up', ms: 1199 },
  { t: 1200, event: 'phase.started', phase: 'steady', at_most_ms: 10_000 },
  {
    t: 2000,
    event: 'workload.sampled',
    store: 'orders',
    ...sample,
    acknowledged: 40,
    lag_bytes: 3400,
  },
  {
    t: 2200,
    event: 'workload.sampled',
    store: 'orders',
    ...sample,
    acknowledged: 38,
    lag_bytes: 3400,
  },
];

export const disaster: readonly RunEvent[] = [
  { t: 5000, event: 'phase.ended', phase: 'steady', ms: 3800 },
  { t: 5000, event: 'phase.started', phase: 'fault', at_most_ms: 10_000 },
  ...([
    {
      t: 5000,
      event: 'fault.started',
      index: 0,
      kind: 'lose-region',
      region: 'east',
      disaster: true,
    },
  ] satisfies RunEvent[]),
];

export const recovered: RunEvent = { t: 10_310, event: 'service.sustained', rto_ms: 2310 };
