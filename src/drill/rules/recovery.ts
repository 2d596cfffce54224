// Whether the steps that a drill file gives its recovery are those of the recovery, and others; and
// whether its limit of loss says something.
import { guessHint } from '../../base/closest.ts';
import type { Drill } from '../file/schema.ts';
import { hasDisaster } from '../plan/clock.ts';
import { recoveryOf } from '../plan/make-plan.ts';
import { recoveryNamed, stepNames } from '../recovery/registry.ts';
import { error, rule, type Problem } from './rule.ts';

const LOOKS_AT = ['recover.with', 'recover.steps', 'topology.strategy', 'faults'];

export const recoveryRules = [
  rule('steps-are-of-recovery', LOOKS_AT, wrongSteps),
  rule('consent-fits', ['recover', 'disaster'], consentFits),
  rule('retries-fit', ['recover', 'disaster', 'topology.strategy', 'faults'], retriesFit),
];

/** A limit that nobody states, or where nothing is thrown away. */
function consentFits(drill: Drill): Problem[] {
  const { max_loss, over_max_loss } = drill.recover;
  if (max_loss === undefined) {
    if (over_max_loss === undefined) return [];
    return [error(['recover', 'over_max_loss'], 'it says what happens over max_loss', 'key')];
  }
  if (hasDisaster(drill)) return [];
  return [error(['recover', 'max_loss'], 'with disaster: none nothing is thrown away', 'key')];
}

/** A pause between tries that there are not, or tries of steps that there are not. */
function retriesFit(drill: Drill): Problem[] {
  const { with: recovery = recoveryOf(drill), retries, retry_after } = drill.recover;
  if (retries > 0 && stepNames(recovery).length === 0) {
    const message = `the recovery ${recovery} has no step that could be tried again`;
    return [error(['recover', 'retries'], message, 'key')];
  }
  if (retries > 0 || retry_after === undefined) return [];
  const message = 'without recover.retries nothing is tried again; say how often';
  return [error(['recover', 'retry_after'], message, 'key')];
}

/** The first alone: what comes after a step in the wrong place is in the wrong place too. */
function wrongSteps(drill: Drill): Problem[] {
  const { with: recovery = recoveryOf(drill), steps } = drill.recover;
  if (steps === undefined) return [];
  const names = stepNames(recovery);
  const all = `${recovery} has ${names.join(', ')}, in this order`;
  const titles = new Set(Object.values(recoveryNamed(recovery).steps).map((step) => step.title));
  let next = 0;
  for (const [at, step] of steps.entries()) {
    const wrong = (message: string) => [error(['recover', 'steps', at], message)];
    if (step.by !== 'drill') {
      if (titles.has(step.title)) {
        return wrong(`expected a title of its own, got "${step.title}" again`);
      }
      titles.add(step.title);
    } else if (step.step === names[next]) next++;
    else if (names.includes(step.step)) {
      return wrong(`expected ${names[next] ?? 'no further step of the recovery'} here: ${all}`);
    } else {
      return wrong(`expected a step of the recovery: ${all}${guessHint(step.step, names)}`);
    }
  }
  if (next === names.length) return [];
  const lacking = names.slice(next).join(', ');
  return [error(['recover', 'steps'], `expected every step, found no ${lacking}: ${all}`)];
}
