// What the health checks hold of nodes and regions. A node is up after one good check and down
// after so many failed ones in a row; a region is healthy while any of its app nodes is up. One
// that was never found good is not healthy.
import type { GslbEndpoint } from './protocol.ts';

interface NodeHealth {
  readonly region: string;
  isUp: boolean;
  failures: number;
  reason: string;
  /** When the newest good check began; failures of older checks say nothing any more. */
  good_ms: number;
}

interface CheckOutcome {
  readonly started_ms: number;
  /** Null: it was ready. */
  readonly reason: string | null;
}

type RegionChange = {
  readonly region: string;
  readonly isUp: boolean;
  readonly detail: string;
};

export interface RegionHealth {
  add(endpoint: GslbEndpoint): void;
  /** Takes in a finished check; what it changed for its region, or null. */
  take(endpoint: GslbEndpoint, check: CheckOutcome): RegionChange | null;
  isUp(node: string): boolean;
  isHealthy(region: string): boolean;
  nodesOf(region: string): Record<string, boolean>;
}

/** `failures` failed checks in a row make a node down. */
export function regionHealth(failures: number): RegionHealth {
  const nodes = new Map<string, NodeHealth>();
  const ofRegion = (region: string) => [...nodes].filter(([, health]) => health.region === region);
  const isHealthy = (region: string) => ofRegion(region).some(([, health]) => health.isUp);

  const take = (endpoint: GslbEndpoint, { started_ms, reason }: CheckOutcome) => {
    const health = nodes.get(endpoint.node);
    if (health === undefined || started_ms < health.good_ms) return null;
    const wasHealthy = isHealthy(endpoint.region);
    if (reason === null) {
      Object.assign(health, { isUp: true, failures: 0, good_ms: started_ms });
    } else {
      health.failures += 1;
      health.reason = reason;
      if (health.failures >= failures) health.isUp = false;
    }
    const isUp = isHealthy(endpoint.region);
    if (isUp === wasHealthy) return null;
    const detail = isUp
      ? `${endpoint.node} is ready`
      : ofRegion(endpoint.region)
          .map(
            ([node, { failures: n, reason: why }]) =>
              `${node}: ${why} (${n} failed checks in a row)`,
          )
          .join(', ');
    return { region: endpoint.region, isUp, detail };
  };

  return {
    add: ({ node, region }) => {
      nodes.set(node, {
        region,
        isUp: false,
        failures: 0,
        reason: 'never checked',
        good_ms: -Infinity,
      });
    },
    take,
    isUp: (node) => nodes.get(node)?.isUp ?? false,
    isHealthy,
    nodesOf: (region) =>
      Object.fromEntries(ofRegion(region).map(([node, health]) => [node, health.isUp])),
  };
}
