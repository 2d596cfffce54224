// What a drill file says of how far a drill of somebody's own system may go, in which order, and of
// what is believed there: consented to besides servers and commands, and shown before that. Pure.
import { writeDuration, writeRate, writeSize } from '../../base/units.ts';
import type { PlannedSystem } from '../attached/system.ts';
import { biteName } from '../fault/command.ts';
import type { Plan } from '../plan/plan.ts';

const NONE = 'none';

type Guarded = Pick<Plan, 'faults' | 'recover'> & { readonly attached: PlannedSystem };

/** By the key of the drill file; what is stated by a command alone stands with the commands. */
export function statedLimits({ attached, faults, recover }: Guarded): Record<string, string> {
  const { primary, rate_at_most_per_s, bytes_at_most, hurt_for_ms, lever, stop_when } = attached;
  const seen = faults.flatMap((fault): [string, string][] => {
    if (fault.kind !== 'command' || fault.seen.by === 'command') return [];
    return [[`seen of ${fault.title}`, biteName(fault)]];
  });
  return {
    'topology.guard.rate_at_most': writeRate(rate_at_most_per_s),
    ...(bytes_at_most === undefined
      ? {}
      : { 'topology.guard.bytes_at_most': writeSize(bytes_at_most) }),
    'topology.guard.hurt_for': writeDuration(hurt_for_ms),
    'topology.guard.lever': lever ?? NONE,
    'topology.guard.stop_when.for': stop_when === null ? NONE : writeDuration(stop_when.for_ms),
    ...(primary.by === 'http' ? { 'topology.system.primary': primary.http } : {}),
    ...joined(seen),
    ...addressSettings(attached),
    ...orderOf('recover.steps', recover.steps),
    ...orderOf('recover.back', recover.back),
  };
}

/** A promotion before the fence is another drill, by the same commands. */
function orderOf(key: string, steps: Plan['recover']['steps' | 'back'] = []) {
  const titles = steps.map((step) => (step.by === 'drill' ? step.step : step.title));
  return titles.length < 2 ? {} : { [`the order of ${key}`]: titles.join(', ') };
}

/** What stands after the `?` of an address, such as `sslmode`: who a server has to prove to be. */
function addressSettings({ databases }: PlannedSystem): Record<string, string> {
  const stated = databases.flatMap(({ node, url }): [string, string][] => {
    const [, settings = ''] = url.split('?');
    return settings === '' ? [] : [[`the address of ${node}, after ?`, settings]];
  });
  return Object.fromEntries(stated);
}

/** Two faults may have one title. */
function joined(all: readonly [string, string][]): Record<string, string> {
  const points = [...new Set(all.map(([point]) => point))];
  return Object.fromEntries(
    points.map((point) => {
      const words = all.flatMap(([of, text]) => (of === point ? [text] : []));
      return [point, words.toSorted().join('; ')];
    }),
  );
}
