// The nodes of a plan's system: which there are, where, and from when.
import { regionOf } from '../../base/node-name.ts';
import { recoveryNamed } from '../recovery/registry.ts';
import type { Plan } from './plan.ts';
import { mostInstances, STRATEGY_FACTS } from './strategies.ts';

export interface PlannedNode {
  /** `east/postgres`, `west/app-1` */
  readonly node: string;
  readonly region: string;
  readonly part: 'postgres' | 'redis' | 'storage' | 'app';
  /**
   * `start`: it is there before anything happens. `recovery`: the recovery starts it. `spare`:
   * there is room for it, and the plan does not say that it comes.
   */
  readonly from: 'start' | 'recovery' | 'spare';
}

/** Every node that can ever be there, by region; in each its stores come first, then its app. */
export function layoutOf(plan: Plan): readonly PlannedNode[] {
  const { database, hasBackups } = STRATEGY_FACTS[plan.strategy];
  if (plan.attached !== undefined) {
    return plan.attached.databases.map(({ node }): PlannedNode => {
      return { node, region: regionOf(node), part: 'postgres', from: 'start' };
    });
  }
  const { to } = plan.replication;
  const isRestored = database === 'none';
  const isScaled = recoveryNamed(plan.recover.with).instances !== null;
  return plan.regions.flatMap((region): PlannedNode[] => {
    const { name, app } = region;
    const isTakeover = name === to;
    const own = { region: name, from: isTakeover && isRestored ? 'recovery' : 'start' } as const;
    const stores: PlannedNode[] = [{ node: `${name}/postgres`, part: 'postgres', ...own }];
    if (plan.redis !== null) stores.push({ node: `${name}/redis`, part: 'redis', ...own });
    if (isTakeover && hasBackups) {
      stores.push({ node: `${name}/storage`, region: name, part: 'storage', from: 'start' });
    }
    const scaled = isTakeover && isScaled ? plan.recover.instances : 0;
    const apps = Array.from({ length: mostInstances(plan, region) }, (_, at): PlannedNode => {
      const from = at < app.instances ? 'start' : at < scaled ? 'recovery' : 'spare';
      return { node: `${name}/app-${at + 1}`, region: name, part: 'app', from };
    });
    return [...stores, ...apps];
  });
}
