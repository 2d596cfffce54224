// The GSLB program as the engine sees it, whatever its channel, of this run or of a system that
// another runner brought up. Its events go to the journal with the times that it took them at.
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import type { Emit } from '../../evidence/event.ts';
import { until, type Clock } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import type { ProgramChannel } from '../../host/program/program-client.ts';
import type {
  GslbAddress,
  GslbAnswerEvent,
  GslbEndpoint,
  GslbRegionEvent,
  GslbState,
} from '../../gslb/protocol.ts';
import type { Gslb, UpContext } from '../system/system.ts';

const POLL_MS = 5;
const ANSWER_AT_MOST_MS = 10_000;

export interface RunningGslb extends Gslb {
  addEndpoint(endpoint: GslbEndpoint): Promise<void>;
}

/** The GSLB's settings on every runtime: who serves at first, with which weights. */
export function gslbSettings({ plan, place, origin_ms }: GslbContext) {
  const serving = plan.regions.filter(({ role }) => role === 'active').map(({ name }) => name);
  const weights = Object.fromEntries(plan.regions.map(({ name, weight }) => [name, weight]));
  const mode = serving.length > 1 ? ('all' as const) : ('best' as const);
  return { origin_ms, run: place.id, ...plan.gslb, serving, mode, weights };
}

type GslbContext = Pick<UpContext, 'plan' | 'place' | 'origin_ms'>;

/** The words of the GSLB so far, and who waits for more. */
export class RegionWatch {
  readonly #emit: Emit;
  readonly #offset_ms: number;
  readonly #down = new Map<string, GslbRegionEvent>();
  readonly #waiting = new Set<() => void>();

  /** `offset_ms` is added to the program's times: its origin may be another run's. */
  constructor(emit: Emit, offset_ms = 0) {
    this.#emit = emit;
    this.#offset_ms = offset_ms;
  }

  take(name: string, body: unknown): void {
    if (name === 'answer.changed') {
      const { regions, at_ms } = body as GslbAnswerEvent;
      const at = at_ms + this.#offset_ms;
      if (regions[0] !== undefined) this.#emit('gslb.redirected', { region: regions[0] }, at);
      return;
    }
    const said = body as GslbRegionEvent;
    const event = { ...said, at_ms: said.at_ms + this.#offset_ms };
    const { region, detail, at_ms } = event;
    if (name === 'region.down') {
      this.#down.set(region, event);
      this.#emit('region.down', { region, detail }, at_ms);
    } else if (name === 'region.up') {
      this.#down.delete(region);
      this.#emit('region.up', { region }, at_ms);
    }
    for (const look of this.#waiting) look();
  }

  down(region: string): GslbRegionEvent | undefined {
    return this.#down.get(region);
  }

  untilDown(region: string, signal?: AbortSignal): Promise<GslbRegionEvent> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(look);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        end();
        reject(signal!.reason as Error);
      };
      const look = () => {
        const event = this.#down.get(region);
        if (event === undefined) return;
        end();
        resolve(event);
      };
      if (signal?.aborted) return reject(signal.reason as Error);
      this.#waiting.add(look);
      signal?.addEventListener('abort', onAbort, { once: true });
      look();
    });
  }
}

/** `address` is where clients ask. */
export function gslbOver(
  channel: ProgramChannel,
  address: GslbAddress,
  watch: RegionWatch,
  clock: Clock,
): RunningGslb {
  const gslb: RunningGslb = {
    ...address,
    serve: async (regions, signal) => {
      await channel.request('serve', { serving: regions });
      await untilAnswered(gslb, regions, clock, signal);
    },
    state: async () => (await channel.request('state', {})) as GslbState,
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
  await untilAnswered(gslb, serving, clock, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new EnvironmentError(
      {
        what: 'the GSLB',
        expected: `region ${serving.join(' and ')} to be healthy`,
        found: reasonOf(error),
        hint: 'read the logs of the app instances in the run directory',
      },
      { cause: error },
    );
  });
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
