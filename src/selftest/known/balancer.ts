// The real load balancer, in front of services whose truth is known.
import { GlobalLoadBalancer, type EmitGslb } from '../../gslb/gslb.ts';
import type { GslbSettings } from '../../gslb/protocol.ts';
import type { Clock } from '../../host/clock.ts';
import type { Address } from '../../host/ports.ts';
import type { KnownService } from './service.ts';

export interface KnownBalancer {
  readonly address: Address;
  readonly balancer: GlobalLoadBalancer;
  close(): void;
}

/**
 * The real load balancer in front of known services, answering as soon as one was found ready.
 * Regions are taken from the services' node names and serve in that order, unless `settings` says
 * otherwise.
 */
export async function startKnownBalancer(
  services: readonly KnownService[],
  clock: Clock,
  settings: Partial<GslbSettings> = {},
  emit: EmitGslb = () => {},
): Promise<KnownBalancer> {
  const regionOf = ({ node }: KnownService) => node.split('/', 1)[0]!;
  const endpoints = services.map((each) => ({
    node: each.node,
    region: regionOf(each),
    service: 'orders' as const,
    host: each.host,
    port: each.port,
  }));
  const defaults = { origin_ms: 0, every_ms: 100, timeout_ms: 100, failures: 3, ttl_s: 1 };
  const serving = [...new Set(services.map(regionOf))];
  const run = services[0]!.run;
  const all = { ...defaults, run, endpoints, serving, ...settings };
  const balancer = new GlobalLoadBalancer(all, clock, emit);
  const address = await balancer.start();
  return { address, balancer, close: () => balancer.close() };
}
