// promote-standby: fence the old primary and prove the fence, make the standby the primary, move
// the clients, then give the app the size that the lost region had.
import { replicationLink } from '../drill/plan.ts';
import type { CheckResult } from '../evidence/event.ts';
import { mayListen } from '../host/http.ts';
import type { Procedure, RecoveryContext } from './procedure.ts';

const WRITE_PROBE_MS = 300;
const CONNECT_PROBE_MS = 300;

export const promoteStandby: Procedure = {
  name: 'promote-standby',
  summary: 'fence the old primary, promote the standby, redirect the clients, scale the app',
  settings: {
    instances: 'app instances in the recovery region afterwards (default: as many as were lost)',
    deadline: 'service that is not back so long after the disaster counts as never recovered',
  },
  steps: [
    { title: 'fence the old primary', run: fence },
    { title: 'promote the standby', run: promote },
    { title: 'redirect the clients', run: redirect },
    { title: 'scale the app', run: scale },
  ],
};

/**
 * Links cut, whatever is left of the region killed, and then proved by trying: a write on the old
 * primary, a connection through each proxy that leads to it. A fence that is not proved is a failed
 * step: promoting beside a living primary would make two of them.
 */
async function fence({ run, plan, system, lost, emit }: RecoveryContext): Promise<void> {
  const region = system.region(lost);
  const replication = system.link(replicationLink(plan.replication));
  await Promise.all([region.edge.cut(), replication.cut(), region.kill()]);
  const probe = await region.database.tryWrite(WRITE_PROBE_MS);
  const write: CheckResult = {
    name: `${region.database.node} takes no write`,
    ok: !probe.accepted,
    detail: probe.detail,
  };
  const proxies = [...region.edge.proxies, ...replication.proxies].map(
    async (proxy): Promise<CheckResult> => {
      const { listens, detail } = await mayListen(proxy, run, CONNECT_PROBE_MS);
      return { name: `link ${proxy.name} is down`, ok: !listens, detail };
    },
  );
  const checks = [write, ...(await Promise.all(proxies))];
  const open = checks.filter((check) => !check.ok);
  if (open.length > 0) {
    throw new Error(
      `not fenced: ${open.map(({ name, detail }) => `${name}? ${detail}`).join('; ')}`,
    );
  }
  emit('fence.proved', { checks });
}

async function promote({ system, takeover, emit, signal }: RecoveryContext): Promise<void> {
  const { database } = system.region(takeover);
  // Before the promotion: the configuration may have come from the old primary, and with its names
  // set the very first commit would wait for a standby that is dead.
  await database.releaseSynchronousCommit();
  await database.promote(emit, signal);
}

async function redirect(context: RecoveryContext): Promise<void> {
  const { system, takeover, plan, emit, signal } = context;
  await system.region(takeover).untilAppReady(signal);
  const { instances } = plan.regions.find(({ name }) => name === takeover)!.app;
  emit('app.ready', { region: takeover, instances });
  await system.gslb.serve([takeover], signal);
}

async function scale({ system, takeover, plan }: RecoveryContext): Promise<void> {
  await system.region(takeover).scaleApp(plan.recover.instances);
}
