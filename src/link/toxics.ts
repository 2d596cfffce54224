// What is put on the proxies of a link: a delay, a black hole.
import { allDone } from '../base/all-done.ts';
import type { Disturbance, Toxic } from './links.ts';

const STREAMS = ['upstream', 'downstream'] as const;

/** Toxics that delay a link, each way. */
export function delayToxics(latency_ms: number, jitter_ms: number): Toxic[] {
  const attributes = { latency: Math.round(latency_ms), jitter: Math.round(jitter_ms) };
  return STREAMS.map((stream) => {
    return { name: `delay-${stream}`, type: 'latency', stream, toxicity: 1, attributes };
  });
}

/**
 * Bytes vanish both ways, connections stay and new ones are taken, and nobody is told: a timeout of
 * 0 never closes. Connections that were in it close when it ends.
 */
export const BLACKHOLE: readonly Toxic[] = STREAMS.map((stream) => {
  const attributes = { timeout: 0 };
  return { name: `blackhole-${stream}`, type: 'timeout', stream, toxicity: 1, attributes };
});

/** Several disturbances of links on one proxy server as one. */
export function together(disturbances: readonly Disturbance[]): Disturbance {
  const toxics = disturbances.flatMap(({ entry }) => entry.toxics);
  return {
    entry: { undo: 'toxics', url: disturbances[0]!.entry.url, toxics },
    act: async () => void (await allDone(disturbances.map((each) => each.act()))),
    undo: async () => void (await allDone(disturbances.map((each) => each.undo()))),
  };
}
