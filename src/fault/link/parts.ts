// What is behind the proxies of a link, as far as it answers to whoever asks through them: an app,
// a database. A fault on the link is seen there, from outside.
import type { Plan } from '../../drill/plan/plan.ts';
import { regionAtEdge, replicationLink } from '../../drill/plan/plan.ts';
import type { PlannedFault } from '../../drill/fault/registry.ts';
import type { CheckResult, LookResult } from '../../evidence/event.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import {
  exchange,
  exchangeWords,
  GREETING,
  QUESTIONS,
  watch,
  type Exchange,
  type Watch,
} from '../../host/probe.ts';
import type { LinkProxy, PlacedToxic } from '../../link/links.ts';
import { bothWays, comingFrom } from '../../link/toxics.ts';
import type { Carry } from '../../topology/system/store.ts';
import { lookedAlone, type FaultContext, type LookContext, type Seen } from '../fault.ts';

/** A share of the time that a fault lasts: what is seen afterwards tells nothing of it. */
const WATCHED_SHARE = 0.5;

type OnLink = FaultContext & { readonly fault: { readonly link: string } };

export interface Part {
  readonly proxy: LinkProxy;
  /** The region that it is in. */
  readonly region: string;
  /** To be answered with something, and the connection lasts. */
  readonly question: Uint8Array;
  /** After it the other side hangs up. */
  readonly last: string | Uint8Array;
  /** As a store does. */
  readonly carry: Carry;
}

const ASKING = Buffer.from('GET /healthz HTTP/1.1\r\nhost: drill\r\n\r\n');

/** Those of the link that can be asked; what else crosses it has the same done to it. */
function partsOf({ system, plan, fault }: OnLink): Part[] {
  return system.link(fault.link).proxies.flatMap((proxy): Part[] => {
    const part = proxy.name.split('.').at(-1)!;
    const region = leadsTo(plan, proxy.name);
    if (part.startsWith('app-')) {
      return [{ proxy, region, question: ASKING, last: GREETING, carry: carryByHttp }];
    }
    if (!part.startsWith('postgres')) return [];
    const carry = system.region(region).stores.get('orders')?.carry;
    const own = { question: QUESTIONS['postgres']!, last: GREETING };
    return carry === undefined ? [] : [{ proxy, region, ...own, carry }];
  });
}

/** What of the link is seen, one check for each part that can be asked. */
export async function proveParts(
  context: OnLink,
  is: string,
  see: (part: Part) => Promise<Seen>,
): Promise<CheckResult[]> {
  return await Promise.all(
    partsOf(context).map(async (part) => ({
      name: `link ${part.proxy.name} ${is}`,
      ...(await see(part)),
    })),
  );
}

/** Once more, while nothing else explains what is seen; null: it tells nothing. */
export async function lookAtParts(
  context: LookContext & OnLink,
  is: string,
  see: (part: Part) => Promise<Seen | null>,
): Promise<LookResult[]> {
  if (!context.isAlone) return [];
  const looks = partsOf(context).map(async (part) => {
    return await lookedAlone(context, `link ${part.proxy.name} ${is}`, () => see(part));
  });
  return (await Promise.all(looks)).flat();
}

/** Seen by the proof and by each look, in `wanted_ms` or in the time that there is. */
export function seenAtParts<F extends PlannedFault & { readonly link: string }>(
  is: string,
  wanted_ms: (fault: F) => number,
  see: (part: Part, atMost_ms: number, fault: F) => Promise<Seen>,
) {
  type Context = { readonly fault: F };
  return {
    prove: async (context: FaultContext & Context) => {
      const { fault } = context;
      const atMost_ms = watchMs(context, wanted_ms(fault));
      return await proveParts(context, is, (part) => see(part, atMost_ms, fault));
    },
    look: async (context: LookContext & Context) => {
      const { fault, watch_ms } = context;
      return await lookAtParts(context, is, (part) => see(part, watch_ms, fault));
    },
  };
}

/** On a connection that lasts: the end of one still arrives where words are lost. */
export async function heardNothing({ proxy, question }: Part, atMost_ms: number): Promise<Seen> {
  const seen = await watch(proxy, question, { atMost_ms });
  return { ok: seen.end === 'open' && seen.bytes === 0, detail: exchangeWords(seen) };
}

/** Whether the link joins the regions. */
export function isReplication({ plan, fault }: Pick<OnLink, 'plan' | 'fault'>): boolean {
  return fault.link === replicationLink(plan.replication);
}

/** So long a proof may watch: it must be over before the fault is. */
export function watchMs({ fault }: Pick<FaultContext, 'fault'>, wanted_ms: number): number {
  return Math.min(wanted_ms, (fault.heal_after_ms ?? Infinity) * WATCHED_SHARE);
}

/** The toxic on the way that the fault names, or on both. */
export function onWay(
  plan: Plan,
  from: string | null,
  shape: Parameters<typeof bothWays>[0],
): readonly PlacedToxic[] {
  if (from === null) return bothWays(shape);
  return comingFrom((proxy) => leadsTo(plan, proxy) === from, shape);
}

/** The region that a proxy leads to. */
function leadsTo({ replication }: Plan, proxy: string): string {
  const dot = proxy.lastIndexOf('.');
  const part = proxy.slice(dot + 1);
  const edge = regionAtEdge(proxy.slice(0, dot));
  if (edge !== null) return edge;
  const isBack = part.endsWith('-back') || part === 'storage';
  return isBack ? replication.to : replication.from;
}

/** What comes of a question. */
export async function askPart({ proxy, question }: Part, watch: Watch): Promise<Exchange> {
  return await exchange(proxy, question, watch);
}

const carryByHttp: Carry = async (by, { up, down }, atMost_ms) => {
  const empty = await exchange(by, carrying(0, 0), { atMost_ms });
  if (empty.last_ms === null) throw lost(empty);
  // The head of a reply is as long for any load, but for the digits of its length.
  const enough_bytes = empty.bytes + down;
  const full = await exchange(by, carrying(up, down), { atMost_ms, enough_bytes });
  if (full.bytes < enough_bytes) throw lost(full);
  return { bytes: up + full.bytes - empty.bytes, ms: full.last_ms! - empty.last_ms };
};

/** As the app takes it. */
function carrying(up: number, down: number): Uint8Array {
  const head = [
    `POST /bytes/${down} HTTP/1.1`,
    'host: drill',
    'connection: close',
    `content-length: ${up}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${'x'.repeat(up)}`);
}

function lost({ end, bytes }: Exchange): OperationFailed {
  const found = `${bytes} bytes, then it was ${end}`;
  return new OperationFailed({ what: 'carry bytes', expected: 'all of them', found });
}
