// What belongs to clients of a team's own, and how what they write is counted.
import { countPhrase } from '../attached/clients.ts';
import type { Drill } from '../file/schema.ts';
import { error, warning, type Problem } from './rule.ts';

const SYSTEM = ['topology', 'system'];

/** What drill's own statements write it counts itself; what others write somebody has to count. */
export function writesAreCounted({ topology: { system }, workload }: Drill): Problem[] {
  if (system === undefined) return [];
  const { clients, count } = system;
  const way = 'http' in clients ? 'http' : 'command' in clients ? 'command' : null;
  const at = [...SYSTEM, 'count'];
  if (way === null) {
    if (count === undefined) return [];
    const message =
      'drill counts what its own statements write; it is for clients over http or command';
    return [error(at, message, 'key')];
  }
  const found: Problem[] = [];
  if (workload.reads > 0) {
    const message = `clients over ${way} only write, so nothing is read back`;
    found.push(error(['workload', 'reads'], message));
  }
  if (count === undefined) {
    const message =
      'nobody counts what clients write, so no loss can be proved and no run can pass; ' +
      'say how: topology.system.count';
    found.push(warning([[...SYSTEM, 'clients'], SYSTEM], message));
  } else if (!countPhrase(count).includes('{run}')) {
    const message =
      'without {run} it counts the rows of earlier runs too, and a run refuses to begin with any';
    found.push(warning(at, message));
  }
  if (count?.by === 'command') {
    const message =
      'a command counts all servers as one, so whether the old primary went on to take writes is ' +
      'not known, and no run passes, ' +
      (way === 'http' ? 'as no answer names its server' : 'unless each answer names its `node`') +
      '; { sql: … } counts in one server';
    found.push(warning(at, message));
  }
  return found;
}

/** Where their clients are led to nobody sees but the team's own program. */
export function marksAreSeen({ topology: { system }, recover }: Drill): Problem[] {
  if (system === undefined || 'sql' in system.clients || 'databases' in system.clients) return [];
  const steps = recover.steps ?? [];
  const at = steps.findIndex((step) => step.by !== 'drill' && step.mark === 'redirected');
  if (at < 0) return [];
  const message =
    'drill cannot see where a program of your own is led to; the first write that it is promised ' +
    'says so by itself';
  return [error(['recover', 'steps', at, 'mark'], message)];
}
