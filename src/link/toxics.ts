// What is put on the proxies of a link, a delay or a black hole, and how it is taken off again.
import { allDone } from '../base/all-done.ts';
import * as z from 'zod';
import type { UndoKind } from '../evidence/undo.ts';
import { connectClient } from './client.ts';
import { LinkError, type Disturbance, type Toxic, type Toxics } from './links.ts';

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
    undo: async () => (await allDone(disturbances.map((each) => each.undo()))).flat(),
  };
}

/** On loopback only; a path can be a part of it. */
const URL_OF_SERVER = /^http:\/\/127\.0\.0\.1:\d{1,5}(\/[A-Za-z0-9_-]{1,100})*\/?$/;
/** With the letters at the end that nobody else's name has. */
const NAME = /^[a-z-]{1,40}-[0-9a-f]{12}$/;

/**
 * Ends disturbances whose runner was killed, by the names of their toxics alone. Those names are no
 * others', so that it does no harm where another proxy server has the port by now.
 */
export const toxicsUndo: UndoKind<Toxics> = {
  undo: 'toxics',
  facts: z.object({
    url: z.string().regex(URL_OF_SERVER),
    toxics: z.array(z.string().regex(NAME)).max(100),
  }),
  describe: ({ toxics }) => `toxics ${toxics.join(', ')}`,
  perform: ({ url, toxics }, { system }) =>
    system === null ? Promise.resolve([]) : removeToxics(url, toxics),
};

/** Resolves to what could not be undone, in words; nothing where the server is gone. */
async function removeToxics(url: string, names: readonly string[]): Promise<string[]> {
  const client = connectClient(url);
  try {
    await client.version();
    for (const { name, toxics } of (await client.proxies()).values()) {
      for (const toxic of toxics.filter((each) => names.includes(each.name))) {
        await client.removeToxic(name, toxic.name);
      }
    }
    return [];
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return isThere(error) ? [error.message] : [];
  }
}

/** Whether a proxy server is there: nothing else refuses, or answers without its version. */
function isThere({ status, cause }: LinkError): boolean {
  return status === null && (cause as NodeJS.ErrnoException | null)?.code !== 'ECONNREFUSED';
}
