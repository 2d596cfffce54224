// What a fault is given in a run, for tests of one fault alone.
import type { FaultKind } from '../../../src/drill/fault/registry.ts';
import type { FaultContext } from '../../../src/fault/fault.ts';
import { hostClock } from '../../../src/host/clock.ts';

export type Heal = () => Promise<readonly string[]>;

/** What it defers is put into `heals`, and done by nobody. */
export function faultContext<K extends FaultKind>(
  given: Pick<FaultContext<K>, 'plan' | 'fault' | 'system'> & Partial<FaultContext<K>>,
  heals: Heal[] = [],
): FaultContext<K> {
  const defer: FaultContext['defer'] = async (_, heal) => void heals.push(heal);
  const { signal } = new AbortController();
  return { clock: hostClock(), signal, mistake: null, defer, deferToEnd: defer, ...given };
}
