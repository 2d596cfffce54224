// Lets `rate` kilobytes (1,000 bytes) a second through; a rate of 0 lets nothing through.
import { DelayLine } from '../delay-line.ts';
import type { ToxicKind } from '../toxic.ts';

const FULL_BYTES = 64 * 1024;
const PART_MS = 100;

export const bandwidth: ToxicKind = {
  type: 'bandwidth',
  defaults: { rate: 0 },
  begin: ({ rate = 0 }, { output }) => {
    const bytes_per_ms = Math.max(0, rate);
    const part_bytes = bytes_per_ms === 0 ? Infinity : bytes_per_ms * PART_MS;
    let free_ms = 0;
    return new DelayLine({
      output,
      full_bytes: FULL_BYTES,
      cut: (chunk, now_ms, queue) => {
        free_ms = Math.max(free_ms, now_ms);
        for (let at = 0; at < chunk.length; at += part_bytes) {
          const part = chunk.subarray(at, Math.min(chunk.length, at + part_bytes));
          free_ms += part.length / bytes_per_ms;
          queue(part, free_ms);
        }
      },
    });
  },
};
