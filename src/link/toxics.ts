// What is put on the proxies of a link, a delay or a black hole, and how it is taken off again.
import { allDone } from '../base/all-done.ts';
import * as z from 'zod';
import type { UndoKind } from '../evidence/undo.ts';
import { connectClient, type ProxyClient } from './client.ts';
import {
  LinkError,
  type Disturbance,
  type LinkProxy,
  type PlacedToxic,
  type Refused,
  type Toxic,
  type Toxics,
} from './links.ts';

const STREAMS = ['upstream', 'downstream'] as const;

/** What of a toxic is the same in both directions. */
type Shape = Pick<Toxic, 'name' | 'type' | 'attributes'> & Partial<Pick<Toxic, 'toxicity'>>;

function towards(stream: Toxic['stream'], { name, ...shape }: Shape): Toxic {
  return { toxicity: 1, ...shape, name: `${name}-${stream}`, stream };
}

/** The toxic each way. */
export function bothWays(shape: Shape): Toxic[] {
  return STREAMS.map((stream) => towards(stream, shape));
}

/** The toxic on what whoever connects says. */
export function onRequests(shape: Shape): Toxic[] {
  return [towards('upstream', shape)];
}

/**
 * The toxic on all that comes from one end of a link: what is answered by proxies that lead there,
 * and what is asked through the others.
 */
export function comingFrom(leadsThere: (proxy: string) => boolean, shape: Shape): PlacedToxic[] {
  return [
    { ...towards('downstream', shape), on: leadsThere },
    { ...towards('upstream', shape), on: (proxy) => !leadsThere(proxy) },
  ];
}

export function delayShape(latency_ms: number, jitter_ms: number): Shape {
  const attributes = { latency: Math.round(latency_ms), jitter: Math.round(jitter_ms) };
  return { name: 'delay', type: 'latency', attributes };
}

/** Toxics that delay a link, each way. */
export function delayToxics(latency_ms: number, jitter_ms: number): Toxic[] {
  return bothWays(delayShape(latency_ms, jitter_ms));
}

/**
 * Bytes vanish, connections stay and new ones are taken, and nobody is told: a timeout of 0 never
 * closes. Connections that were in it close when it ends.
 */
export const SWALLOWING: Shape = { name: 'blackhole', type: 'timeout', attributes: { timeout: 0 } };

/** That both ways. */
export const BLACKHOLE: readonly Toxic[] = bothWays(SWALLOWING);

/** Whether the proxy has it. */
export function isOn({ on }: PlacedToxic, { name }: LinkProxy): boolean {
  return on === undefined || on(name);
}

/** As the proxy server has it. */
export function bare({ name, type, stream, toxicity, attributes }: PlacedToxic): Toxic {
  return { name, type, stream, toxicity, attributes };
}

/** Whether what is found is what was put there. */
export function isAlike(found: Toxic, put: Toxic): boolean {
  const { name, type, stream, toxicity } = found;
  if (name !== put.name || type !== put.type || stream !== put.stream) return false;
  const attributes = Object.entries(put.attributes);
  const isSet = attributes.every(([key, value]) => found.attributes[key] === value);
  return toxicity === put.toxicity && isSet;
}

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

/** Lets proxies take connections again whose runner was killed, where they lead as they did. */
export const refusedUndo: UndoKind<Refused> = {
  undo: 'refused',
  facts: z.object({
    url: z.string().regex(URL_OF_SERVER),
    proxies: z
      .array(z.object({ name: z.string().max(200), upstream: z.string().max(300) }))
      .max(100),
  }),
  describe: ({ proxies }) => `refusing by ${proxies.map(({ name }) => name).join(', ')}`,
  perform: ({ url, proxies }, { system }) =>
    system === null ? Promise.resolve([]) : enableAgain(url, proxies),
};

async function enableAgain(url: string, refusing: Refused['proxies']): Promise<string[]> {
  return await whereItIs(url, async (client) => {
    const states = await client.proxies();
    for (const { name, upstream } of refusing) {
      const state = states.get(name);
      if (state?.upstream === upstream && !state.isEnabled) await client.setEnabled(name, true);
    }
  });
}

async function removeToxics(url: string, names: readonly string[]): Promise<string[]> {
  return await whereItIs(url, async (client) => {
    for (const { name, toxics } of (await client.proxies()).values()) {
      for (const toxic of toxics.filter((each) => names.includes(each.name))) {
        await client.removeToxic(name, toxic.name);
      }
    }
  });
}

/** Resolves to what could not be undone, in words; nothing where the server is gone. */
async function whereItIs(
  url: string,
  undo: (client: ProxyClient) => Promise<void>,
): Promise<string[]> {
  const client = connectClient(url);
  try {
    await client.version();
    await undo(client);
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
