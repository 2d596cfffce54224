// What must hold before drill makes anything in a system of somebody's own: it is the one that was
// agreed to, no safety rail refuses, and nobody else drills it.
import { hostname } from 'node:os';
import type { OwnPlan } from '../../drill/own-plan.ts';
import { longestRunMs } from '../../drill/plan/budget.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { orProblem } from '../../host/operation-failed.ts';
import { ownProcess } from '../../host/process/processes.ts';
import { userWords } from '../../host/users.ts';
import { takeClaim } from '../../postgres/own/claim.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { OwnTables } from '../../postgres/own/tables.ts';
import type { Variables } from '../runtime.ts';
import type { OwnSystem } from '../system/own.ts';
import type { UpContext } from '../system/system.ts';
import { askAlarm } from './alarm.ts';
import { meetAgreed, refusal, requireAgreed, type Met } from './meet.ts';
import { heldBy } from './rails/database.ts';
import { lookAtRails, railCheck } from './rails/rails.ts';

/** Rejects where it is not what was agreed to. */
export async function requireMet(
  plan: OwnPlan,
  { clock }: Pick<UpContext, 'clock'>,
  environment: Variables,
): Promise<Met> {
  requireAgreed(plan, clock.wall());
  const found = await meetAgreed(plan.attached, environment);
  if ('point' in found) throw refusal(found);
  return found;
}

/** Before anything is made there. */
export async function requireRails(
  plan: OwnPlan,
  { clock, emit, signal }: UpContext,
  met: Met,
): Promise<void> {
  const allow = plan.attached.consent?.allow ?? [];
  const seen = await lookAtRails(plan, met, { allow, clock, signal });
  emit('rails.looked', { checks: seen.map(railCheck) });
  for (const { refusal: refused } of seen)
    if (refused !== null) throw new EnvironmentError(refused);
}

/** Whoever is to say that it hurts can be asked, and does not say so already. */
export async function requireAlarm(
  { attached: { stop_when } }: OwnPlan,
  run: OwnSystem['run'],
  signal: AbortSignal,
): Promise<void> {
  if (stop_when === null) return;
  const alarm = await askAlarm({ run }, stop_when.command, signal);
  if (alarm.ok === false) return;
  throw new EnvironmentError({
    what: `topology.guard.stop_when: ${stop_when.command.join(' ')}`,
    expected: 'an exit code that says that it does not hurt, such as 1',
    found: alarm.ok === true ? 'exit code 0: it hurts already' : alarm.detail,
    hint: 'mend the command, or what hurts; nothing was changed',
  });
}

/** Nobody else drills it meanwhile, from whatever machine. */
export async function requireClaim(
  { plan }: UpContext,
  server: OwnServer,
  tables: OwnTables,
): Promise<void> {
  const by = `${userWords()} on ${hostname()}, pid ${ownProcess().pid}`;
  const holder = await orProblem(
    takeClaim(server, tables, { by, atMost_ms: longestRunMs(plan) }),
    () => cannotMake(tables.schema, server),
  );
  if (holder === null) return;
  const what = `the system of ${plan.name}`;
  const expected = 'nobody else to drill it';
  throw new EnvironmentError({ what, expected, ...heldBy(holder) });
}

export function cannotMake(schema: string, { node, address }: OwnServer) {
  return {
    what: `drill’s own tables on ${node}`,
    expected: `to make the schema ${schema} and tables in it`,
    hint: `grant create on database ${address.database} to the role`,
  };
}
