// The GSLB program: a process of its own, so that no other part delays its health checks. Its edge
// only; see gslb.ts.
import { hostClock } from '../host/clock.ts';
import { dropRoot } from '../host/program/drop-root.ts';
import { serveProgram } from '../host/program/program-edge.ts';
import { GlobalLoadBalancer } from './gslb.ts';
import type { GslbEndpoint, GslbSettings } from './protocol.ts';

process.on('SIGTERM', () => process.exit(0));

serveProgram((edge) => {
  let running: GlobalLoadBalancer | null = null;
  const gslb = (): GlobalLoadBalancer => {
    if (running === null) throw new Error('the request "start" must come first');
    return running;
  };
  return {
    start: async (settings: GslbSettings) => {
      if (running !== null) throw new Error('the GSLB is running already');
      const clock = hostClock(settings.origin_ms);
      running = new GlobalLoadBalancer(settings, clock, (name, body) => edge.emit(name, body));
      const address = await running.start();
      dropRoot();
      return address;
    },
    stop: () => {
      running?.close();
      running = null;
      return {};
    },
    serve: ({ serving }: { serving: readonly string[] }) => gslb().serve(serving),
    'endpoint.add': (endpoint: GslbEndpoint) => {
      gslb().add(endpoint);
      return {};
    },
    hold: ({ on }: { on: boolean }) => gslb().hold(on),
    state: () => gslb().state(),
  };
});
