// Cuts data into slices of `average_size` ± `size_variation` bytes, `delay` microseconds apart.
import { DelayLine } from '../delay-line.ts';
import type { ToxicKind } from '../toxic.ts';

const FULL_BYTES = 64 * 1024;

export const slicer: ToxicKind = {
  type: 'slicer',
  defaults: { average_size: 0, size_variation: 0, delay: 0 },
  begin: ({ average_size = 0, size_variation = 0, delay = 0 }, { output, chance }) => {
    let free_ms = 0;
    return new DelayLine({
      output,
      full_bytes: FULL_BYTES,
      isOnePerTurn: true,
      cut: (chunk, now_ms, queue) => {
        free_ms = Math.max(free_ms, now_ms);
        for (let at = 0; at < chunk.length;) {
          const size = Math.round(average_size + (2 * chance() - 1) * size_variation);
          const slice = chunk.subarray(at, Math.min(chunk.length, at + Math.max(1, size)));
          at += slice.length;
          queue(slice, free_ms);
          free_ms += Math.max(0, delay) / 1000;
        }
      },
    });
  },
};
