// A failover to the side that is lost, as operators do it who mistake the region: the steps that
// make the other region serve, with the two sides swapped. None of them touches the side that
// lives: it is not fenced, nothing of it is stopped, and clients are led away from it only once the
// lost region is seen to serve.
import { STRATEGY_FACTS } from '../drill/plan/strategies.ts';
import type { CheckResult } from '../evidence/event.ts';
import { takesNoWrite } from './fence.ts';
import type { RecoveryContext } from './procedure.ts';
import { promote, redirect } from './steps.ts';

/** Rejects where it does not come about, as it must. */
export async function failOverToLost(context: RecoveryContext): Promise<void> {
  const { plan, lost, takeover } = context;
  const swapped = { ...context, lost: takeover, takeover: lost };
  if (STRATEGY_FACTS[plan.strategy].database === 'standby') await promote(swapped);
  await redirect(swapped);
}

/** No store of the lost region takes a write, whatever was done to it. */
export async function stillLost({
  system,
  lost,
}: Pick<RecoveryContext, 'system' | 'lost'>): Promise<CheckResult[]> {
  return await Promise.all([...system.region(lost).stores.values()].map(takesNoWrite));
}
