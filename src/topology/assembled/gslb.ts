// The GSLB program as the engine sees it, whatever its channel, of this run or of a system that
// another runner brought up. Its events go to the journal with the times that it took them at.

import { gslbOf } from '../../drill/plan/gslb.ts';
import { EventEmitter, once } from 'node:events';
import type { Emit } from '../../evidence/event.ts';
import { undoing, type Undoable } from '../../evidence/undo.ts';
import { zoneSerial } from '../../gslb/resolver.ts';
import { until, type Clock } from '../../host/clock.ts';
import { OperationFailed, orProblem } from '../../host/operation-failed.ts';
import type { Address } from '../../host/ports.ts';
import type { ProgramChannel, ProgramClient } from '../../host/program/program-client.ts';
import type {
  GslbAnswerEvent,
  GslbEndpoint,
  GslbRegionEvent,
  GslbState,
  GslbWithheldEvent,
} from '../../gslb/protocol.ts';
import type { AskedProgram } from '../system/asked-program.ts';
import type { NodeLook } from '../system/region.ts';
import type { Gslb, UpContext } from '../system/system.ts';
import { askedOver } from './programs.ts';

const POLL_MS = 5;
const ANSWER_AT_MOST_MS = 10_000;
/** Longer than any fault lets it stand still that is over before the deadline of a recovery. */
const TOLD_AT_MOST_MS = 3_600_000;
const LOOK_MS = 500;
/** The kind of undo of answers that are held. */
export const HELD_ANSWERS = 'held-answers';

export interface RunningGslb extends Gslb {
  readonly asked: AskedProgram;
  addEndpoint(endpoint: GslbEndpoint): Promise<void>;
}

/** The GSLB's settings on every runtime: who serves at first, with which weights. */
export function gslbSettings({ plan, place, origin_ms }: UpContext) {
  const serving = plan.regions.filter(({ role }) => role === 'active').map(({ name }) => name);
  const weights = Object.fromEntries(plan.regions.map(({ name, weight }) => [name, weight]));
  const mode = serving.length > 1 ? ('all' as const) : ('best' as const);
  return { origin_ms, run: place.id, ...gslbOf(plan), serving, mode, weights };
}

/** The words of the GSLB so far, and who waits for more. */
export class RegionWatch {
  readonly #emit: Emit;
  readonly #offset_ms: number;
  readonly #down = new Map<string, GslbRegionEvent>();
  readonly #words = new EventEmitter();

  /** `offset_ms` is added to the program's times: its origin may be another run's. */
  constructor(emit: Emit, offset_ms = 0) {
    this.#emit = emit;
    this.#offset_ms = offset_ms;
  }

  take(name: string, body: unknown): void {
    const at_ms = (body as { at_ms: number }).at_ms + this.#offset_ms;
    if (name === 'answer.changed') {
      const [region] = (body as GslbAnswerEvent).regions;
      if (region !== undefined) this.#emit('gslb.redirected', { region }, at_ms);
      return;
    }
    if (name === 'answer.withheld') {
      const { told, due } = body as GslbWithheldEvent;
      this.#emit('gslb.withheld', { told: [...told], due: [...due] }, at_ms);
      return;
    }
    const { region, detail } = body as GslbRegionEvent;
    if (name === 'region.down') {
      const event = { region, detail, at_ms };
      this.#down.set(region, event);
      this.#emit('region.down', { region, detail }, at_ms);
      this.#words.emit(downOf(region), event);
    } else if (name === 'region.up') {
      this.#down.delete(region);
      this.#emit('region.up', { region }, at_ms);
    }
  }

  down(region: string): GslbRegionEvent | undefined {
    return this.#down.get(region);
  }

  async untilDown(region: string, signal?: AbortSignal): Promise<GslbRegionEvent> {
    signal?.throwIfAborted();
    const known = this.#down.get(region);
    if (known !== undefined) return known;
    // The word itself: the next one, that the region is up again, may come before this goes on.
    const [event] = await once(this.#words, downOf(region), { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
    return event as GslbRegionEvent;
  }
}

function downOf(region: string): string {
  return `${region} is down`;
}

/** The process of the GSLB, or its container. */
export interface GslbNode {
  look(timeout_ms: number): Promise<NodeLook>;
  freeze(): Undoable;
}

interface GslbParts {
  readonly channel: ProgramChannel & Partial<Pick<ProgramClient, 'expectSilence'>>;
  /** Where clients ask. */
  readonly address: Address;
  readonly watch: RegionWatch;
  readonly clock: Clock;
  readonly node: GslbNode;
}

export function gslbOver({ channel, address, watch, clock, node }: GslbParts): RunningGslb {
  const gslb: RunningGslb = {
    ...address,
    asked: askedOver('gslb', channel),
    serve: async (regions, signal) => {
      const told = channel.request('serve', { serving: regions }, TOLD_AT_MOST_MS);
      await unlessAborted(told, signal);
      await untilAnswered(gslb, regions, clock, signal);
    },
    state: async () => (await channel.request('state', {})) as GslbState,
    toldSerial: (timeout_ms) => zoneSerial(address, timeout_ms),
    look: (timeout_ms) => node.look(timeout_ms),
    freeze: () => {
      const still = node.freeze();
      return {
        entry: still.entry,
        act: async () => {
          channel.expectSilence?.(true);
          await still.act();
        },
        undo: async () => {
          const gone = await still.undo();
          channel.expectSilence?.(false);
          return gone;
        },
      };
    },
    hold: () => {
      const isDead = async () => (await node.look(LOOK_MS)).state === 'dead';
      return {
        entry: { undo: HELD_ANSWERS },
        act: async () => void (await channel.request('hold', { on: true })),
        // A program that has died holds nothing any more, which others tell.
        undo: undoing(
          async () => ((await isDead()) || (await gslb.state()).isHeld ? [] : ['the held answers']),
          async () => (await isDead()) || (await channel.request('hold', { on: false })),
        ),
      };
    },
    untilDown: (region, signal) => watch.untilDown(region, signal),
    isDown: (region) => watch.down(region) !== undefined,
    addEndpoint: async (endpoint) => {
      await channel.request('endpoint.add', endpoint);
    },
  };
  return gslb;
}

/** The journal says so when the GSLB is not heard any more: nobody knows what it saw since. */
export function tellUnheard(emit: Emit): (reason: string) => void {
  return (reason) => {
    const problem = `the GSLB could not be heard any more (${reason})`;
    emit('evidence.damaged', { file: 'journal.ndjson', problem });
  };
}

/** The first healthy answer; without one the system did not come up. */
export async function untilServing(
  gslb: Pick<RunningGslb, 'state'>,
  serving: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const problem = () => ({
    what: 'the GSLB',
    expected: `region ${serving.join(' and ')} to be healthy`,
    hint: 'read the logs of the app instances in the run directory',
  });
  await orProblem(untilAnswered(gslb, serving, clock, signal), problem, signal);
}

async function unlessAborted(work: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return void (await work);
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = once(signal, 'abort', { signal: over.signal }).then(() =>
    signal.throwIfAborted(),
  );
  try {
    await Promise.race([work, aborted]);
  } finally {
    aborted.catch(() => {}); // nobody waits for it any more
    over.abort();
  }
}

async function untilAnswered(
  gslb: Pick<RunningGslb, 'state'>,
  regions: readonly string[],
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  let seen = '';
  const deadline_ms = clock.now() + ANSWER_AT_MOST_MS;
  const isAnswered = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
    const { answered } = await gslb.state();
    seen = answered.join(' and ') || 'no region';
    const isAll = regions.every((region) => answered.includes(region));
    return isAll && answered.length === regions.length ? true : null;
  });
  if (isAnswered !== null) return;
  const limit = `within ${ANSWER_AT_MOST_MS / 1000} s`;
  const expected = `it to answer with ${regions.join(' and ')} ${limit}`;
  throw new OperationFailed({ what: 'the GSLB', expected, found: seen });
}
