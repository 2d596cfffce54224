// The plan's two regions in the compose file's two slots, and which proxy of the static
// configuration (compose/toxiproxy.json) leads where.
import type { Plan, PlannedRegion } from '../../../drill/plan/plan.ts';
import { mostInstances } from '../../../drill/plan/strategies.ts';

export interface Slot {
  /** As the compose file calls it, whatever the region's name is. */
  readonly slot: 'east' | 'west';
  readonly region: PlannedRegion;
  /** App instances that can ever be there. */
  readonly most: number;
}

/** East is the region that is active at first. */
export function slotsOf(plan: Plan): readonly [Slot, Slot] {
  const { from, to } = plan.replication;
  const of = (slot: Slot['slot'], name: string): Slot => {
    const region = plan.regions.find((each) => each.name === name)!;
    return { slot, region, most: mostInstances(plan, region) };
  };
  return [of('east', from), of('west', to)];
}

/** Instances for which the compose file has a service, and the static configuration a proxy. */
export const INSTANCES_IN_FILE = 2;

const CLIENTS = { east: 21_000, west: 22_000 } as const;
const OPERATOR = { east: 23_000, west: 24_000 } as const;

/** Ports inside the Toxiproxy container, by what they lead to. */
export const PORTS = {
  app: (slot: Slot['slot'], instance: number) => CLIENTS[slot] + instance,
  postgres: (slot: Slot['slot']) => CLIENTS[slot] + 90,
  operatorPostgres: (slot: Slot['slot']) => OPERATOR[slot] + 1,
  operatorRedis: (slot: Slot['slot']) => OPERATOR[slot] + 2,
  /** Of the repository, which is in the second region only. */
  operatorRepository: OPERATOR.west + 3,
  replicationPostgres: 25_001,
  replicationPostgresBack: 25_002,
  replicationRepository: 25_005,
  api: 8474,
} as const;

/** The proxy server, as both regions know it. */
export const TOXIPROXY = 'toxiproxy';
/** Where the repository takes log, inside its container. */
export const REPOSITORY_LISTENS = 9_100;

export const APP_PORT = 8080;
