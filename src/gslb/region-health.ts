// What the health checks hold of nodes and regions. A node is up after one good check and down
// after so many failed ones in a row; a region is healthy while any of its app nodes is up. One
// that was never found good is not healthy.
import { askHead, RUN_HEADER } from '../host/http.ts';
import type { GslbEndpoint } from './protocol.ts';

/**
 * One health check: null when the endpoint is ready, else what came instead of a 200 of the run
 * `run`, whose port may be another run's by now. Ends within `timeout_ms`; rejects only where the
 * machine has nothing left to ask with.
 */
export async function checkHealth(
  endpoint: GslbEndpoint,
  run: string,
  timeout_ms: number,
): Promise<string | null> {
  const reply = await askHead(endpoint.check ?? endpoint, '/readyz', timeout_ms);
  if (reply instanceof Error) return reply.code ?? reply.message;
  const { statusCode, headers } = reply;
  const whose = headers[RUN_HEADER];
  if (whose === undefined) return `answered ${statusCode} without a run`;
  if (whose !== run) return `the run ${String(whose)} answered`;
  return statusCode === 200 ? null : `answered ${statusCode}`;
}

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

/** `failures` failed checks in a row make a node down. */
export function regionHealth(failures: number) {
  const nodes = new Map<string, NodeHealth>();
  const ofRegion = (region: string) => [...nodes].filter(([, health]) => health.region === region);
  const isHealthy = (region: string) => ofRegion(region).some(([, health]) => health.isUp);

  /** Takes in a finished check; what it changed for its region, or null. */
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
    add: ({ node, region }: GslbEndpoint) => {
      nodes.set(node, {
        region,
        isUp: false,
        failures: 0,
        reason: 'never checked',
        good_ms: -Infinity,
      });
    },
    take,
    isUp: (node: string) => nodes.get(node)?.isUp ?? false,
    isHealthy,
    nodesOf: (region: string) =>
      Object.fromEntries(ofRegion(region).map(([node, health]) => [node, health.isUp])),
  };
}
