// All safety rails, in the order in which they refuse: nothing is made before they let a drill
// pass.
import type { Allowed } from '../../../drill/attached/consent-form.ts';
import type { OwnPlan } from '../../../drill/own-plan.ts';
import type { CheckResult } from '../../../evidence/event.ts';
import type { Clock } from '../../../host/clock.ts';
import { groundOf } from '../../../postgres/own/ground.ts';
import { ASKING } from '../../../postgres/own/server.ts';
import { trafficOn } from '../../../postgres/own/traffic.ts';
import { withConnection } from '../../../postgres/server/connection.ts';
import type { Met } from '../meet.ts';
import { databaseRails } from './database.ts';
import { production } from './names.ts';
import { place } from './place.ts';
import type { Facts, Rail, RailSeen } from './rail.ts';
import { serverRails } from './server.ts';

const RAILS: readonly Rail[] = [place, production, ...databaseRails, ...serverRails];

interface RailOptions {
  readonly allow: readonly Allowed[];
  /** Null: what takes seconds to see is not looked at. */
  readonly clock: Clock | null;
  readonly signal?: AbortSignal;
}

/** What each of them comes to; only reads. */
export async function lookAtRails(
  plan: OwnPlan,
  { known }: Pick<Met, 'known'>,
  { allow, clock, signal }: RailOptions,
): Promise<RailSeen[]> {
  const { schema } = plan.attached;
  const servers = await Promise.all(
    known.map(async ({ server: { node, address }, isStandby }) => {
      return await withConnection(address, ASKING, async (client) => {
        const ground = await groundOf(client, schema);
        const traffic = clock === null ? null : await trafficOn(client, clock, signal);
        return { node, isPrimary: !isStandby, ...ground, traffic };
      });
    }),
  );
  return railsOver({ plan, servers }, allow);
}

/** As a check, with why it fails. */
export function railCheck({ name, refusal, isAllowed }: RailSeen): CheckResult {
  if (refusal === null) {
    return { name, ok: true, detail: isAllowed ? 'the consent allows it' : 'nothing to refuse' };
  }
  const { what, expected, found } = refusal;
  return { name, ok: false, detail: `${what}: expected ${expected}, found ${found}` };
}

export function railsOver(facts: Facts, allow: readonly Allowed[]): RailSeen[] {
  return RAILS.map(({ name, allowedBy, find, isBlind }) => {
    const found = find(facts);
    const isAllowed = found !== null && allowedBy !== null && allow.includes(allowedBy);
    const isLookedAt = isBlind?.(facts) !== true;
    return { name, refusal: isAllowed ? null : found, isAllowed, isLookedAt };
  });
}
