// The form of `result.json`, which is checked when one is read: what is shown of a run is no value
// of another kind. A key that a later version has added stays; one of before it was there may lack.
import * as z from 'zod';
import { phaseCause } from '../drill/cause.ts';
import { chosenBaseline } from '../drill/baseline.ts';
import { count } from '../drill/planned.ts';
import { STORES, WRITTEN_STORES } from '../drill/stores.ts';

export const VERDICTS = [
  ...(['pass', 'fail', 'inconclusive', 'environment', 'interrupted'] as const),
  ...(['internal', 'unclean'] as const),
] as const;

const text = z.string();
const texts = z.array(text);
const number = z.number();
const measured = number.nullable();

export const gateForm = z.looseObject({
  name: text,
  unit: z.enum(['ms', 'writes', 'share']),
  bound: z.enum(['at most', 'at least']).default('at most'),
  target: number,
  measured,
  low: measured,
  high: measured,
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  margin: measured.exactOptional(),
  reason: text.nullable(),
  needs: z.looseObject({ key: text, rate_per_s: number }).exactOptional(),
});

const outages = z.array(
  z.looseObject({ opened_ms: number, closed_ms: measured, last_unserved_ms: measured }),
);

const disturbed = {
  outages,
  rto_ms: measured,
  uncertainty_ms: measured,
  disturbed_before_ms: number.exactOptional(),
  stopped_after_ms: number.exactOptional(),
};

const recovery = z.looseObject({
  ...disturbed,
  rto_from_declaration_ms: measured,
  rto_from_effect_ms: measured.exactOptional(),
  rto_high_ms: number.exactOptional(),
  rto_low_ms: number.exactOptional(),
  fault_spread_ms: number.exactOptional(),
  by_fault: z
    .array(
      z.looseObject({
        faults: z.array(count),
        ms: number,
        due: count,
        served: count,
        slow: count,
        refused: count,
        unknown: count,
        unsent: count,
        p99_ms: measured,
      }),
    )
    .exactOptional(),
  downtime_ms: measured,
  marks: z.record(text, measured),
  phases: z.array(z.looseObject({ name: text, ms: measured })),
  causes: z.array(phaseCause).exactOptional(),
  steady_served_per_s: measured,
  steady_p99_ms: measured,
  served_within_ms: measured,
  longest_gap_ms: measured,
});

const storeLoss = z.looseObject({
  acknowledged: count,
  refused: count,
  unknown: count,
  unsent: count,
  lost: count,
  recovered: count,
  vanished: count,
  unexpected: count,
  duplicated: count,
  corrupt: count,
  diverged: count,
  intended: count,
  late: count,
  kept: count,
  split_brain: count.nullable(),
  split_brain_low: count.exactOptional(),
  split_brain_missing: text.exactOptional(),
  wrong_reads: count,
  rpo_ms: measured,
  rpo_high_ms: measured,
  lost_bytes: count,
  lost_ids: texts,
  second: z
    .looseObject({
      only_old: count,
      unknown: count.exactOptional(),
      agrees: z.boolean(),
      never_durable: count,
    })
    .nullable(),
  second_missing: text.nullable(),
});

const stores = z.looseObject({
  [STORES.orders.written]: storeLoss,
  [STORES.carts.written]: storeLoss.exactOptional(),
});

/** A result of before there was a second store speaks of the first alone. */
export const loss = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null && !('stores' in value)
      ? { ...value, stores: { [STORES.orders.written]: value } }
      : value,
  storeLoss.extend({ stores }),
);

const failback = z.looseObject({
  ...disturbed,
  protected_ms: measured,
  protected_how: z.enum(['rewound', 'cloned', 'followed', 'returned', 'rebuilt']).nullable(),
  switchover_ms: measured,
  pause_ms: measured,
  salvaged: measured,
  loss: loss.nullable(),
});

const cost = z.looseObject({
  region: text,
  over_ms: measured,
  components: texts,
  cpu_seconds: measured,
  cpu_share: measured,
  memory_bytes: measured,
  disk_bytes: measured,
  replicated_bytes_per_s: measured,
  recovery_steps: measured,
  monthly: z
    .looseObject({
      currency: text,
      instances: measured,
      storage: measured,
      transfer: measured,
      total: measured,
      formula: text.default(''),
    })
    .nullable()
    .default(null),
});

const fault = z.looseObject({
  index: count,
  kind: text,
  target: text,
  how: texts,
  disaster: z.boolean(),
  at_ms: measured,
  drawn_from: z.looseObject({ from_ms: number, to_ms: number }).exactOptional(),
  moved: z.looseObject({ by_ms: number, within_ms: number }).exactOptional(),
  started_ms: number,
  started_at: text.nullable(),
  injected_ms: measured,
  healed_ms: measured,
  detail: text,
});

const machine = z.looseObject({
  cores: number,
  processor: text,
  memory_bytes: number,
  system: text,
  kernel: text,
  load: number,
  limits: z.looseObject({ cores: number.exactOptional(), memory_bytes: number.exactOptional() }),
  zone: text,
  zone_min: number,
});

export const resultForm = z.looseObject({
  schema: z.literal('drill.result/1'),
  id: text,
  started_at: text,
  wall_ms: measured,
  drill: z.looseObject({
    name: text,
    sha256: text,
    strategy: text,
    seed: number,
    controls: texts.exactOptional(),
    trial: z
      .looseObject({
        series_seed: number,
        moved_ms: number,
        within_ms: number,
        number: number.exactOptional(),
        of: number.exactOptional(),
        needed: number.exactOptional(),
        series: text.exactOptional(),
        worker: text.exactOptional(),
        lost: texts.exactOptional(),
      })
      .exactOptional(),
    drawn: z
      .array(z.looseObject({ fault: text, at_ms: number, from_ms: number, to_ms: number }))
      .exactOptional(),
    outside: z.array(z.looseObject({ key: text, value: text, from: text })).exactOptional(),
  }),
  runtime: z
    .looseObject({ kind: text, postgres: text, proxy: text, settings: z.record(text, text) })
    .nullable(),
  drill_version: text.exactOptional(),
  faults: z.array(fault).exactOptional(),
  machine: machine.nullable().exactOptional(),
  watch: z
    .array(
      z.looseObject({
        node: text,
        statements_per_s: number,
        core_share: number,
        core_share_high: number,
      }),
    )
    .exactOptional(),
  databases: z
    .array(
      z.looseObject({
        store: z.enum(WRITTEN_STORES),
        node: text,
        version: text,
        bytes: number,
        rows: measured,
      }),
    )
    .exactOptional(),
  verdict: z.enum(VERDICTS),
  reasons: texts,
  failures: z
    .array(
      z.looseObject({
        code: text,
        store: z.enum([STORES.orders.written, STORES.carts.written]).exactOptional(),
        step: text.exactOptional(),
        gate: text.exactOptional(),
        text,
      }),
    )
    .default([]),
  notes: texts,
  gates: z.array(gateForm),
  recovery: recovery.nullable(),
  loss: loss.nullable(),
  failback: failback.nullable().default(null),
  cost: cost.nullable().default(null),
  exposure: z
    .looseObject({
      bytes: measured,
      ms: measured,
      waiting: z.looseObject({ bytes: number, region: text }).exactOptional(),
    })
    .nullable()
    .default(null),
  unprotected: z
    .looseObject({
      standby: text,
      writes: count,
      writes_low: count,
      writes_high: count,
      ms: measured,
      ms_low: number,
    })
    .nullable()
    .exactOptional(),
  divergence: z
    .looseObject({
      rows: measured,
      differing: count,
      ok: z.boolean().nullable(),
      detail: text,
      listed: z.array(
        z.looseObject({ table: text, key: text, values: z.record(text, text.nullable()) }),
      ),
    })
    .nullable()
    .default(null),
  cleanup: z.looseObject({ clean: z.boolean(), left: texts }).nullable(),
  kept: z.array(z.looseObject({ node: text, url: text, connect: text })),
  against: text.nullable().default(null),
  regions: z.looseObject({ kept: z.boolean(), why: text }).exactOptional(),
  baseline: z.looseObject(chosenBaseline).exactOptional(),
});
