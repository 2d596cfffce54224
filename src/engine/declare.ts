// Detection and declaration: the health checks say that a region is down, and somebody or something
// decides that it is a disaster.
import { join } from 'node:path';
import { worstDetectionMs } from '../drill/plan.ts';
import { runCommand } from '../host/command.ts';
import type { System } from '../topology/system.ts';
import type { RunContext } from './context.ts';
import { within } from './within.ts';

/** Health checks that are this much slower than their worst case see nothing. */
const DETECTION_PATIENCE = 2;
const DETECTION_SPARE_MS = 2_000;

/** Whether the disaster was declared; if not, the journal says why. */
export async function declareDisaster(
  run: RunContext,
  system: System,
  lost: string,
  deadline_ms: number,
): Promise<boolean> {
  const { clock, emit, signal, plan } = run;
  const patience = DETECTION_PATIENCE * worstDetectionMs(plan.gslb) + DETECTION_SPARE_MS;
  const limit_ms = Math.min(clock.now() + patience, deadline_ms);
  const down = await within(run, limit_ms, (until) => system.gslb.untilDown(lost, until));
  if (down === null) {
    const reason = `the health checks did not report region ${lost} down within ${patience} ms`;
    emit('disaster.undeclared', { reason });
    return false;
  }
  const decision = await within(run, deadline_ms, (until) => decide(run, lost, until));
  signal.throwIfAborted();
  if (decision !== null && 'by' in decision) {
    emit('disaster.declared', decision);
    return true;
  }
  emit('disaster.undeclared', decision ?? { reason: 'nobody declared it before the deadline' });
  return false;
}

type Decision = { readonly by: string } | { readonly reason: string };

async function decide(run: RunContext, lost: string, until: AbortSignal): Promise<Decision> {
  const { clock, askForEnter, plan } = run;
  const { declare } = plan;
  switch (declare.by) {
    case 'automatic':
      return { by: 'automatic, on detection' };
    case 'after':
      await clock.sleep(declare.after_ms, until);
      return { by: `automatic, ${declare.after_ms} ms after detection` };
    case 'operator':
      if (askForEnter === null) return { reason: 'there is no terminal to press Enter on' };
      await askForEnter(`Region ${lost} is down. Press Enter to declare a disaster.`, until);
      return { by: 'the operator' };
    case 'command': {
      const { environment, place } = run;
      const logFile = join(place.logs, 'declare.log');
      return await runCommand(declare.command, { environment, logFile, signal: until }).then(
        () => ({ by: `the command ${declare.command.join(' ')}` }),
        (error: Error) => {
          until.throwIfAborted();
          return { reason: error.message };
        },
      );
    }
  }
}
