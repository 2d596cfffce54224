// Every toxic that the built-in proxy knows, as Toxiproxy has them.
import { DelayLine } from './delay-line.ts';
import { passThrough, type ToxicKind } from './toxic.ts';

/** As much as Toxiproxy 2.12 holds for `latency`: 1024 chunks of 32 KiB. */
const LATENCY_FULL_BYTES = 32 * 1024 * 1024;
const FULL_BYTES = 64 * 1024;
const PART_MS = 100;

/** Delays everything by `latency` ± `jitter` milliseconds; what passes stays in order. */
const latency: ToxicKind = {
  type: 'latency',
  defaults: { latency: 0, jitter: 0 },
  begin: ({ latency = 0, jitter = 0 }, { output, chance }) =>
    new DelayLine({
      output,
      full_bytes: LATENCY_FULL_BYTES,
      cut: (chunk, now_ms, queue) => {
        const delay_ms = jitter > 0 ? latency + (2 * chance() - 1) * jitter : latency;
        queue(chunk, now_ms + delay_ms);
      },
    }),
};

/** Lets `rate` kilobytes (1,000 bytes) a second through; a rate of 0 lets nothing through. */
const bandwidth: ToxicKind = {
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

/** Cuts data into slices of `average_size` ± `size_variation` bytes, `delay` microseconds apart. */
const slicer: ToxicKind = {
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

/**
 * Lets nothing through, and closes the connection after `timeout` milliseconds without data (0:
 * never).
 */
const timeout: ToxicKind = {
  type: 'timeout',
  defaults: { timeout: 0 },
  isClosingOnRemoval: true,
  begin: ({ timeout = 0 }, { output }) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = () => clearTimeout(timer);
    const restart = () => {
      stop();
      if (timeout > 0) timer = setTimeout(() => output.close(), timeout);
    };
    restart();
    return {
      take: restart,
      end: () => {
        stop();
        output.end();
      },
      release: stop,
      discard: stop,
      isFull: () => false,
    };
  },
};

/**
 * Ends the connection with RST on both sides, `timeout` milliseconds after the first data, which is
 * dropped.
 */
const resetPeer: ToxicKind = {
  type: 'reset_peer',
  defaults: { timeout: 0 },
  begin: ({ timeout = 0 }, { output }) => {
    let timer: NodeJS.Timeout | null = null;
    const discard = () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    };
    const arm = () => {
      timer ??= setTimeout(() => output.reset(), Math.max(0, timeout));
    };
    return {
      take: arm,
      end: arm,
      // The data is gone already, so the connection cannot go on.
      release: () => {
        if (timer === null) return;
        discard();
        output.reset();
      },
      discard,
      isFull: () => false,
    };
  },
};

/** Passes data at once, and the end of the data only `delay` milliseconds later. */
const slowClose: ToxicKind = {
  type: 'slow_close',
  defaults: { delay: 0 },
  begin: ({ delay = 0 }, { output }) => {
    let timer: NodeJS.Timeout | null = null;
    const discard = () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    };
    const end = () => {
      discard();
      output.end();
    };
    return {
      ...passThrough(output),
      end: () => {
        timer = setTimeout(end, Math.max(0, delay));
      },
      release: () => {
        if (timer !== null) end();
      },
      discard,
    };
  },
};

/** Closes the connection once `bytes` bytes went through. */
const limitData: ToxicKind = {
  type: 'limit_data',
  defaults: { bytes: 0 },
  begin: ({ bytes = 0 }, { output, memory }) => ({
    ...passThrough(output),
    take: (chunk) => {
      const part = chunk.subarray(0, Math.max(0, bytes - memory.passed_bytes));
      memory.passed_bytes += part.length;
      if (part.length > 0) output.write(part);
      if (memory.passed_bytes >= bytes) output.close();
    },
  }),
};

/** Changes nothing; Toxiproxy offers it, so a client may ask for it. */
const noop: ToxicKind = {
  type: 'noop',
  defaults: {},
  begin: (_settings, { output }) => passThrough(output),
};

const KINDS = [latency, bandwidth, timeout, resetPeer, slowClose, slicer, limitData, noop];

export function findToxicKind(type: string): ToxicKind | undefined {
  return KINDS.find((kind) => kind.type === type);
}
