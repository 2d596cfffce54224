// stress-memory: one node may have little more memory than it holds. What it holds is what it
// cannot give back: files that are kept in memory for it make room when it needs some.
import { formatBytes, formatPercent, writePercent } from '../../base/units.ts';
import { needed, type NodeMemory } from '../../topology/system/region.ts';
import { apply, seenAs, type Fault, type FaultContext, type Seen } from '../fault.ts';

/** Of the stated share: what a node holds is not the same from one moment to the next. */
const NEAR = 0.95;

export const stressMemory: Fault<'stress-memory'> = {
  kind: 'stress-memory',
  inject: async (context) => {
    const { node, region, share } = context.fault;
    await apply(context, context.system.region(region).mayDie(node));
    await apply(context, memoryHit(context).squeeze(share));
    return { detail: `${node} holds ${writePercent(share)} of the memory it may have` };
  },
  ...seenAs(({ fault }: FaultContext<'stress-memory'>) => `${fault.node} is short of memory`, see),
};

function memoryHit({ system, fault }: FaultContext<'stress-memory'>): NodeMemory {
  const { memoryOf } = system.region(fault.region);
  return needed(memoryOf, 'limit-memory', `region ${fault.region}`)(fault.node);
}

/** By what is counted of it. One that was killed for want of memory holds less afterwards. */
async function see(context: FaultContext<'stress-memory'>): Promise<Seen> {
  const { used, usual_bytes, hasKilled } = await memoryHit(context).look();
  const killed = hasKilled ? '; the kernel killed a process of it for want of memory' : '';
  if (used === null) return { ok: hasKilled, detail: `it is dead${killed}` };
  const { held_bytes, limit_bytes } = used;
  const taken = held_bytes / limit_bytes;
  const isLess = limit_bytes < usual_bytes;
  const of = `${formatBytes(held_bytes)} of ${formatBytes(limit_bytes)} (${formatPercent(taken)})`;
  const detail = `${of}, where ${formatBytes(usual_bytes)} is the limit otherwise${killed}`;
  return { ok: isLess && (hasKilled || taken >= context.fault.share * NEAR), detail };
}
