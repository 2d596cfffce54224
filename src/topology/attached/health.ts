// Whether a system of somebody's own can be drilled right now: every server takes part, the primary
// is where the faults look for it, and nothing is broken yet.
import type { OwnPlan } from '../../drill/own-plan.ts';
import { biteName } from '../../drill/fault/command.ts';
import type { CheckResult } from '../../evidence/event.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { OwnSystem } from '../system/own.ts';
import type { Clock } from '../../host/clock.ts';
import type { Counting } from './count.ts';
import { countChecks, promisedIn } from './count-check.ts';
import { primaryElsewhere } from './rails/place.ts';

interface Asked {
  readonly plan: OwnPlan;
  readonly servers: readonly OwnServer[];
  readonly counting: Counting;
  /** The file of what clients do, to which they write. */
  readonly ledger: string;
  readonly clock: Clock;
  readonly own: OwnSystem;
  /** The region that the system calls its primary's. */
  readonly serving: () => Promise<readonly string[]>;
}

export async function healthOf(asked: Asked): Promise<CheckResult[]> {
  const { plan, servers, counting, ledger, clock, own, serving } = asked;
  const { from } = plan.replication;
  const primary = own.picture().find(({ state }) => state === 'primary');
  const where = primary === undefined ? 'no server takes writes' : `${primary.node} takes writes`;
  const elsewhere = primary === undefined ? null : primaryElsewhere(plan, primary.node);
  const word = await serving().then(
    ([region]) => ({ ok: region === from, detail: `the system says ${region}` }),
    (error: unknown) => ({ ok: false, detail: reasonOf(error) }),
  );
  const server = servers.find(({ node }) => node === primary?.node) ?? null;
  const promised = () => promisedIn(ledger);
  return [
    {
      name: `the primary is in ${from}`,
      ok: primary !== undefined && elsewhere === null,
      detail: elsewhere === null ? where : `${where}; ${elsewhere.hint}`,
    },
    { name: 'the system says so too', ...word },
    ...(await notBrokenYet(asked)),
    ...(await countChecks(plan.attached, { counting, primary: server, promised, clock })),
    ...(primary === undefined ? [] : await own.follow()),
  ];
}

/** What is seen of a fault before it was there would prove it, whatever it does. */
async function notBrokenYet({ plan, own }: Asked): Promise<CheckResult[]> {
  const looks = plan.faults.map(async (fault) => {
    if (fault.kind !== 'command') return [];
    const { ok, detail } = await own.bites(fault);
    return [{ name: `not yet: ${biteName(fault)}`, ok: ok === false, detail }];
  });
  return (await Promise.all(looks)).flat();
}
