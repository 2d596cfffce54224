// How a run's programs are asked whether they get to run: over their channel, or, an app, where it
// serves.
import { request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { Address } from '../../host/ports.ts';
import type { ProgramChannel } from '../../host/program/program-client.ts';
import type { Stall } from '../../host/stalls.ts';
import type { Links } from '../../link/links.ts';
import type { AskedProgram } from '../system/asked-program.ts';

/** Longer than anything stands still that wakes again in time. */
const ANSWER_AT_MOST_MS = 600_000;

export function askedOver(name: string, channel: ProgramChannel): AskedProgram {
  const ask = async () => (await channel.request('stalls', {}, ANSWER_AT_MOST_MS)) as Stall[];
  return { name, ask, isDirect: true };
}

/** Neither server is a program that keeps its stalls: how long the answer takes is the measure. */
export function askedProxy(links: Links): AskedProgram {
  const ask = async (signal: AbortSignal) => {
    await links.answers(signal);
    return null;
  };
  return { name: 'proxy', ask, isDirect: true };
}

/** `isDirect` false: it is reached through a link, which a fault may break. */
export function askedApp(name: string, at: Address, isDirect: boolean): AskedProgram {
  const ask = (signal: AbortSignal) => {
    return new Promise<readonly Stall[]>((resolve, reject) => {
      const { host, port } = at;
      const asked = request({ host, port, path: '/healthz', agent: false, signal });
      asked.on('error', reject);
      asked.on('socket', (socket) => socket.unref());
      asked.on('response', (response) => {
        const stalls = (text: string) => (JSON.parse(text) as { stalls?: Stall[] }).stalls ?? [];
        textOf(response).then(stalls).then(resolve, reject);
      });
      asked.end();
    });
  };
  return { name, ask, isDirect };
}
