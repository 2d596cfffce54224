// Every rule for a whole drill file: values that are right each and make no sense together.
import type { Drill } from '../file/schema.ts';
import type { Runtimes } from '../file/runtimes.ts';
import { abilityRules } from './abilities.ts';
import { attachedRules } from './attached.ts';
import { dataRules } from './data.ts';
import { faultRules } from './faults.ts';
import { gslbFaultRules } from './fault-kinds/gslb.ts';
import { linkFaultRules } from './fault-kinds/link.ts';
import { linkRules } from './links.ts';
import { loadRules } from './load.ts';
import { operatorRules } from './fault-kinds/operators.ts';
import { redisRules } from './redis.ts';
import { recoveryRules } from './recovery.ts';
import { regionRules } from './regions.ts';
import { ofLabs, type Problem, type Rule } from './rule.ts';
import { senseRules } from './sense.ts';
import { stopRules } from './stop.ts';
import { storeRules } from './stores.ts';
import { strategyRules } from './strategy.ts';
import { targetRules } from './targets.ts';
import { unmetRules } from './fault-kinds/unmet.ts';
import { timingRules } from './timing.ts';
import { rulesWithoutDisaster } from './without-disaster.ts';

export const RULES: readonly Rule[] = [
  ...attachedRules,
  ...regionRules,
  ...faultRules,
  ...timingRules,
  ...ofLabs(linkFaultRules),
  ...ofLabs(gslbFaultRules),
  ...ofLabs(unmetRules),
  ...targetRules,
  ...strategyRules,
  ...loadRules,
  ...ofLabs(linkRules),
  ...ofLabs(redisRules),
  ...ofLabs(storeRules),
  ...ofLabs(dataRules),
  ...recoveryRules,
  ...operatorRules,
  ...abilityRules,
  ...rulesWithoutDisaster,
  ...stopRules,
  ...senseRules,
];

/** Whether something is wrong at a key, or in it; of faults at the key of any, or of that one. */
export type IsBroken = (key: string, fault?: number) => boolean;

/** What the rules find that look at no broken key, whose value would not be the user's. */
export function problemsOf(
  drill: Drill,
  runtimes: Runtimes,
  isBroken: IsBroken,
): (Problem & { readonly rule: string })[] {
  return RULES.flatMap(({ name, looksAt, find, ofEachFault }) => {
    const ofFaults = (key: string) => ofEachFault === true && key.startsWith('faults.');
    if (looksAt.some((key) => !ofFaults(key) && isBroken(key))) return [];
    const isOfBroken = ({ at }: Problem) => {
      const index = Number(at[0]![1]);
      return looksAt.some((key) => ofFaults(key) && isBroken(key, index));
    };
    const found = find(drill, runtimes).filter((problem) => !isOfBroken(problem));
    return found.map((problem) => ({ ...problem, rule: name }));
  });
}
