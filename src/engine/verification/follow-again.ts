// Whether every server of a system of somebody's own follows again.
import { followsAgainMs } from '../../drill/plan/budget.ts';
import type { CheckResult } from '../../evidence/event.ts';
import { until } from '../../host/clock.ts';
import type { OwnSystem } from '../../topology/system/own.ts';
import type { RunContext } from '../frame/context.ts';

const LOOK_EVERY_MS = 500;

/** What was lost is protected again once it follows, whatever it answers. */
export async function followAgain(run: RunContext, own: OwnSystem): Promise<void> {
  const { plan, clock, signal, emit } = run;
  const began_ms = clock.now();
  const deadline_ms = began_ms + followsAgainMs(plan);
  let checks: readonly CheckResult[] = [];
  await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS, signal }, async () => {
    checks = await own.follow();
    return checks.every(({ ok }) => ok) ? true : null;
  });
  const ok = checks.every((check) => check.ok);
  emit('servers.followed', { ok, checks: [...checks], ms: clock.now() - began_ms });
}
