// Delays everything by `latency` ± `jitter` milliseconds; what passes stays in order.
import { DelayLine } from '../delay-line.ts';
import type { ToxicKind } from '../toxic.ts';

/** As much as Toxiproxy 2.12 holds for this toxic: 1024 chunks of 32 KiB. */
const FULL_BYTES = 32 * 1024 * 1024;

export const latency: ToxicKind = {
  type: 'latency',
  defaults: { latency: 0, jitter: 0 },
  begin: ({ latency = 0, jitter = 0 }, { output, chance }) =>
    new DelayLine({
      output,
      full_bytes: FULL_BYTES,
      cut: (chunk, now_ms, queue) => {
        const delay_ms = jitter > 0 ? latency + (2 * chance() - 1) * jitter : latency;
        queue(chunk, now_ms + delay_ms);
      },
    }),
};
