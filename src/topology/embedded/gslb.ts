// The GSLB program as the engine sees it. Its events go to the journal with the times that it took
// them at.
import type { Emit } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import type {
  GslbAddress,
  GslbAnswerEvent,
  GslbEndpoint,
  GslbRegionEvent,
  GslbSettings,
  GslbState,
} from '../../gslb/protocol.ts';
import type { Gslb } from '../system.ts';
import { spawnNode, type NodeContext, type ProgramNode } from './nodes.ts';

const MODULE = new URL('../../gslb/main.ts', import.meta.url);
const POLL_MS = 5;
const ANSWER_AT_MOST_MS = 10_000;

export interface RunningGslb extends Gslb {
  readonly node: ProgramNode;
  addEndpoint(endpoint: GslbEndpoint): Promise<void>;
}

/** What the GSLB said so far, and who waits for more. */
class RegionWatch {
  readonly #emit: Emit;
  readonly #down = new Map<string, GslbRegionEvent>();
  readonly #waiting = new Set<() => void>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  take(name: string, body: unknown): void {
    if (name === 'answer.changed') {
      const { regions, at_ms } = body as GslbAnswerEvent;
      if (regions[0] !== undefined) this.#emit('gslb.redirected', { region: regions[0] }, at_ms);
      return;
    }
    const event = body as GslbRegionEvent;
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

/**
 * Spawns the program; `begin` tells it its endpoints, and resolves once it answers with a healthy
 * region.
 */
export function spawnGslb(context: NodeContext): {
  readonly node: ProgramNode;
  begin(settings: GslbSettings, signal: AbortSignal): Promise<RunningGslb>;
} {
  const watch = new RegionWatch(context.emit);
  const node = spawnNode(context, 'gslb', MODULE, (name, body) => watch.take(name, body));
  return {
    node,
    begin: async (settings, signal) => {
      const address = (await node.begin(settings)) as GslbAddress;
      const gslb = gslbOf(node, address, watch, context.clock);
      await untilAnswered(gslb, settings.serving, context.clock, signal).catch((error: Error) => {
        signal.throwIfAborted();
        throw new EnvironmentError({
          what: 'the GSLB',
          expected: `region ${settings.serving.join(' or ')} to be healthy`,
          found: error.message,
          hint: 'read the logs of the app instances in the run directory',
        });
      });
      return gslb;
    },
  };
}

function gslbOf(
  node: ProgramNode,
  address: GslbAddress,
  watch: RegionWatch,
  clock: Clock,
): RunningGslb {
  const { program } = node;
  const gslb: RunningGslb = {
    ...address,
    node,
    serve: async (regions, signal) => {
      await program.request('serve', { serving: regions });
      await untilAnswered(gslb, regions, clock, signal);
    },
    state: async () => (await program.request('state', {})) as GslbState,
    untilDown: (region, signal) => watch.untilDown(region, signal),
    isDown: (region) => watch.down(region) !== undefined,
    addEndpoint: async (endpoint) => {
      await program.request('endpoint.add', endpoint);
    },
  };
  return gslb;
}

async function untilAnswered(
  gslb: Pick<RunningGslb, 'state'>,
  regions: readonly string[],
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const until = clock.now() + ANSWER_AT_MOST_MS;
  for (;;) {
    const { answered } = await gslb.state();
    if (answered.length > 0 && answered.every((region) => regions.includes(region))) return;
    if (clock.now() > until) {
      const now = answered.join(', ') || 'no region';
      throw new Error(`the GSLB answers with ${now} after ${ANSWER_AT_MOST_MS / 1000} s`);
    }
    await clock.sleep(POLL_MS, signal);
  }
}
