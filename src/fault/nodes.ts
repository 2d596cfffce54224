// What nodes are seen to be, by the faults that take them away: one alone, or a whole region.

import { gslbOf } from '../drill/plan/gslb.ts';
import type { CheckResult, LookResult } from '../evidence/event.ts';
import { hasDisaster } from '../drill/plan/clock.ts';
import { probe, QUESTIONS } from '../host/probe.ts';
import { nodeOf, type NodeLook, type NodeState } from '../topology/system/region.ts';
import { looked, PROBE_MS, type Fault, type FaultContext, type LookContext } from './fault.ts';

/** A part answers much sooner than this; less would prove nothing of its silence. */
const SILENCE_LEAST_MS = 50;
/** A look at a node takes twice its time at most, and the machine may be busy. */
const SPARE = 4;

type State = NodeLook['state'];

/** The silence must be seen before it is over, and before a recovery kills what is looked at. */
export function silenceMs(context: FaultContext): number {
  return Math.max(SILENCE_LEAST_MS, Math.min(PROBE_MS, lastsMs(context) / SPARE));
}

/**
 * A recovery from a disaster begins then: a standby that was promoted tells nothing of what came to
 * it.
 */
export function lastsMs({ plan, fault: { heal_after_ms } }: FaultContext): number {
  const { every_ms, timeout_ms, failures } = gslbOf(plan);
  const detected_ms = hasDisaster(plan) ? (failures - 1) * every_ms + timeout_ms : Infinity;
  return Math.min(detected_ms, heal_after_ms ?? Infinity);
}

export function looksAt(
  nodes: readonly NodeState[],
  wanted: State,
  ms: number,
): Promise<CheckResult>[] {
  return nodes.map(async (node): Promise<CheckResult> => {
    const { state, detail } = await node.look(ms);
    return { name: `${node.node} is ${wanted}`, ok: state === wanted, detail };
  });
}

/** A fence may have killed meanwhile what the fault had left alive. */
export function stillAre(
  { watch_ms, isAlone }: LookContext,
  nodes: readonly NodeState[],
  wanted: State,
): Promise<LookResult>[] {
  return nodes.map(async (node) => {
    const mayBeDead = wanted !== 'dead' && !isAlone;
    return await looked(`${node.node} is ${wanted}${mayBeDead ? ' or dead' : ''}`, async () => {
      const { state, detail } = await node.look(watch_ms);
      return { ok: state === wanted || (mayBeDead && state === 'dead'), detail };
    });
  });
}

type NodeFault = 'kill-node' | 'stop-node' | 'freeze-node';
type OnNode = FaultContext & { readonly fault: { readonly node: string } };

/** The node that the fault names. */
export function nodeHit({ fault, system }: OnNode): NodeState {
  return nodeOf(system.region(fault.region), fault);
}

/** The proof and the look of a fault that leaves its node in that state. */
export function nodeIs(wanted: State): Pick<Fault<NodeFault>, 'prove' | 'look'> {
  return {
    prove: async (context) => await proveNode(context, wanted),
    look: async (context) => await Promise.all(stillAre(context, [nodeHit(context)], wanted)),
  };
}

/** It is as it should be by whoever runs it, and answers nobody who asks it. */
async function proveNode(context: OnNode, wanted: State): Promise<CheckResult[]> {
  const node = nodeHit(context);
  const ms = silenceMs(context);
  const silence = async (): Promise<CheckResult> => {
    const { heard, detail } = await probe(node.host, node.port, ms, QUESTIONS[node.kind]);
    return { name: `${node.node} answers nobody`, ok: heard !== 'answer', detail };
  };
  return await Promise.all([...looksAt([node], wanted, ms), silence()]);
}
