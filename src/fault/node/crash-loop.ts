// crash-loop: one node dies, is started again and dies again, as often as the drill file says.
import { until } from '../../host/clock.ts';
import { apply, lookedAlone, type Fault, type FaultContext } from '../fault.ts';
import { nodeHit } from '../nodes.ts';

const POLL_MS = 20;
/** A server replays its log before it runs again. */
const START_AT_MOST_MS = 10_000;
/** So many lives after the first death, each of them over but the last. */
const LIVES = 3;
const LIVES_IN_A_LOOK = 2;

export const crashLoop: Fault<'crash-loop'> = {
  kind: 'crash-loop',
  inject: async (context) => {
    const { node, region, every_ms } = context.fault;
    await apply(context, context.system.region(region).crash(node, every_ms));
    return { detail: `${node} dies every ${every_ms} ms` };
  },
  // By its lives as whoever runs it tells them.
  prove: async (context) => {
    const { node, every_ms, heal_after_ms } = context.fault;
    // The heal begins a life, too.
    const lasts_ms = Math.min(heal_after_ms ?? Infinity, LIVES * (every_ms + START_AT_MOST_MS));
    const seen = await livesWithin(context, lasts_ms, LIVES);
    const detail = `${seen.length} lives seen: ${seen.join('; ') || 'none'}`;
    return [{ name: `${node} dies again and again`, ok: seen.length >= LIVES, detail }];
  },
  // Less than one life tells nothing.
  look: async (context) => {
    const { watch_ms, fault } = context;
    const { node, every_ms } = fault;
    if (watch_ms < LIVES_IN_A_LOOK * every_ms) return [];
    return await lookedAlone(context, `${node} dies again and again`, async () => {
      const { length } = await livesWithin(context, watch_ms, LIVES_IN_A_LOOK);
      return { ok: length >= LIVES_IN_A_LOOK, detail: `${length} lives within ${watch_ms} ms` };
    });
  },
};

/** Each life that is seen, until there are so many. */
async function livesWithin(
  context: FaultContext<'crash-loop'>,
  atMost_ms: number,
  enough: number,
): Promise<readonly string[]> {
  const { clock } = context;
  const lives = new Set<string>();
  const deadline_ms = clock.now() + atMost_ms;
  await until({ clock, deadline_ms, every_ms: POLL_MS }, async () => {
    const life = await nodeHit(context).life();
    if (life !== null) lives.add(life);
    return lives.size >= enough ? true : null;
  });
  return [...lives];
}
