// What belongs to a system of somebody's own, and what only to one that drill makes.
import { guardOf, ownRegions, writesAtMost } from '../attached/system.ts';
import type { Drill } from '../file/schema.ts';
import { hasDisaster } from '../plan/clock.ts';
import { runtimeNamed, type Runtimes } from '../file/runtimes.ts';
import { LAB_STRATEGIES, OWN_SYSTEM } from '../names.ts';
import { deadlineMs } from '../plan/deadline.ts';
import { SEED_ROWS_MS } from '../plan/limits.ts';
import { guessHint } from '../../base/closest.ts';
import { isHostAndPort } from '../../base/host-port.ts';
import { formatDuration, writeRate, writeSize } from '../../base/units.ts';
import { marksAreSeen, writesAreCounted } from './own-clients.ts';
import { error, rule, warning, type Problem } from './rule.ts';

export const attachedRules = [
  rule('system-belongs', ['runtime', 'topology'], systemBelongs),
  rule('lab-settings-belong', ['topology'], labSettingsBelong),
  rule('own-load-is-capped', ['workload', 'topology.guard', 'topology.system'], loadIsCapped),
  rule('own-writes-are-counted', ['topology.system', 'workload.reads'], writesAreCounted),
  rule('own-marks-are-seen', ['topology.system', 'recover.steps'], marksAreSeen),
  rule('own-recovery-fits', ['topology.system', 'recover', 'declare', 'disaster'], recoveryFits),
  rule('way-back-fits', ['topology.system', 'recover.back', 'failback'], wayBackFits),
  rule('own-trials-begin-alike', ['topology.system', 'repeat', 'failback'], trialsBegin),
  rule('rto-from-effect-fits', ['topology.system', 'targets.rto_from'], rtoFromFits),
  rule('step-marks-fit', ['topology.system', 'recover.steps'], marksFit),
  rule('own-faults-fit', ['topology.system', 'faults'], faultsFit),
  rule('own-faults-hit-one-region', ['topology.system', 'faults.*.region'], hitOneRegion),
  rule(
    'own-harm-ends',
    ['topology', 'faults', 'recover', 'targets', 'disaster', 'failback'],
    harmEnds,
  ),
];

const SYSTEM = ['topology', 'system'];
/** Of the time for seed rows: a busy machine takes the rest. */
const SEED_SHARE = 0.9;

function systemBelongs({ runtime, topology }: Drill, runtimes: Runtimes): Problem[] {
  const { system, strategy, guard } = topology;
  const makes = runtimes[runtimeNamed(runtime)].makesSystem;
  if (system === undefined) {
    const found: Problem[] = [];
    if (!makes) {
      const message = 'attached is for a system of your own: name it, in topology.system';
      found.push(error(['runtime'], message));
    } else if (strategy === OWN_SYSTEM) {
      const known = LAB_STRATEGIES.join(', ');
      const message = `expected strategy: ${known}; or system, for one of your own`;
      found.push(error([['topology', 'strategy'], ['topology']], message, 'key'));
    }
    if (guard !== undefined) {
      const message = 'it guards a system of your own: topology.system, which is not there';
      found.push(error(['topology', 'guard'], message, 'key'));
    }
    return found;
  }
  const found: Problem[] = [];
  if (makes) {
    const message = 'drill does not make a system of your own: say runtime: attached';
    found.push(error([['runtime'], SYSTEM], message, 'key'));
  }
  if (ownRegions(system).length < 2) {
    const message = 'all of them stand in one region; name two that fail apart: east/db1, west/db2';
    found.push(error([...SYSTEM, 'databases'], message, 'key'));
  }
  if (strategy !== OWN_SYSTEM) {
    const message = `${strategy} is a system that drill makes; one of your own has its own`;
    found.push(error(['topology', 'strategy'], message));
  }
  return found;
}

/** Parts of a system that drill makes. */
const OF_LABS = ['backup', 'redis', 'data'] as const;

function labSettingsBelong({ topology }: Drill): Problem[] {
  if (topology.system === undefined) return [];
  const stated = OF_LABS.filter((key) => topology[key] !== undefined);
  const links = Object.keys(topology.links).length > 0 ? ['links'] : [];
  return [...stated, ...links].map((key) => {
    const message = 'belongs to a system that drill makes, not to one of your own';
    return error(['topology', key], message, 'key');
  });
}

function loadIsCapped({ topology: { system, guard }, workload }: Drill): Problem[] {
  if (system === undefined) return [];
  const found: Problem[] = [];
  const { rate_at_most, bytes_at_most } = guardOf(guard);
  const bytes = workload.rate * workload.payload;
  if (bytes > bytes_at_most) {
    const message =
      `with workload.rate it comes to ${writeSize(Math.round(bytes))} a second, which is more ` +
      `than a system of your own is to bear (topology.guard.bytes_at_most: ` +
      `${writeSize(bytes_at_most)})`;
    found.push(error([['workload', 'payload'], ['topology', 'guard'], SYSTEM], message));
  }
  if (workload.rate > rate_at_most) {
    const message =
      `${writeRate(workload.rate)} is more than a system of your own is to bear ` +
      `(topology.guard.rate_at_most: ${writeRate(rate_at_most)})`;
    found.push(error([['workload', 'rate'], ['topology', 'guard'], SYSTEM], message));
  }
  const per_s = writesAtMost(rate_at_most, bytes_at_most, workload.payload);
  const seed_rows = Math.floor((per_s * SEED_ROWS_MS * SEED_SHARE) / 1_000);
  if (workload.seed_rows > seed_rows) {
    const message =
      `${workload.seed_rows} rows cannot be written in ${formatDuration(SEED_ROWS_MS)}, which is ` +
      `all the time for them, at what a system of your own is to bear (topology.guard); ` +
      `${seed_rows} can`;
    found.push(error([['workload', 'seed_rows'], ['topology', 'guard'], SYSTEM], message));
  }
  if (workload.updates > 0) {
    const message = 'shared rows are updated in a system that drill makes';
    found.push(error(['workload', 'updates'], message));
  }
  return found;
}

function recoveryFits(drill: Drill): Problem[] {
  const { topology, recover, declare } = drill;
  const { system } = topology;
  if (system === undefined) return [];
  const { steps = [] } = recover;
  const commands = steps.filter(({ by }) => by !== 'drill');
  const found: Problem[] = [];
  if (!hasDisaster(drill)) return found;
  if (system.recovers === 'by-itself') {
    if (commands.length > 0) {
      const message = 'the system recovers by itself; say topology.system.recovers: with-commands';
      found.push(error(['recover', 'steps'], message, 'key'));
    }
    if (declare.by !== 'automatic' && declare.by !== 'nobody') {
      const message = 'nobody is asked where the system recovers by itself: declare: none';
      found.push(error(['declare'], message));
    }
    return found;
  }
  if (commands.length === 0) {
    const message =
      'expected the commands that fail it over, such as ' +
      'recover: { steps: [ { title: promote, command: [./promote.sh, db2] } ] }';
    found.push(error([['recover', 'steps'], ['recover'], SYSTEM], message, 'key'));
  }
  if (declare.by === 'nobody') {
    const message = 'commands are run once somebody decides: automatic, operator or `after 5s`';
    found.push(error(['declare'], message));
  }
  return found;
}

/** A lab goes back by itself; nobody's own system goes anywhere but by commands. */
function wayBackFits({ topology: { system }, recover: { back }, failback }: Drill): Problem[] {
  const at = ['recover', 'back'];
  if (back === undefined) {
    if (system === undefined || !failback) return [];
    const message =
      'expected the commands that lead it back, such as ' +
      'recover: { back: [ { title: move back, command: [./switch-over.sh, db1] } ] }';
    return [error([['failback'], at], message)];
  }
  if (system === undefined) {
    return [
      error(at, 'it is for a system of your own; a lab goes back with failback: true', 'key'),
    ];
  }
  if (!failback) return [error(at, 'without failback: true nothing goes back', 'key')];
  const titles = back.map(({ title }) => title);
  const twice = titles.findIndex((title, index) => titles.indexOf(title) !== index);
  if (twice >= 0) return [error([...at, twice], `expected a title of its own, got it again`)];
  const marked = back.flatMap(({ mark }, index) => (mark === undefined ? [] : [index]));
  const [first, second] = marked;
  if (second !== undefined) {
    return [error([...at, second, 'mark'], 'follows was marked by a step before')];
  }
  if (first !== back.length - 1) return [];
  return [error([...at, first, 'mark'], 'expected a step after it that moves service back')];
}

function trialsBegin(drill: Drill): Problem[] {
  const moved = movedAfterOne(drill, drill.repeat?.trials ?? 1);
  return moved === null ? [] : [warning(['repeat'], moved)];
}

/** Why the second of so many trials may not begin; null: nothing speaks against it. */
export function movedAfterOne(
  { topology: { system }, failback, ...drill }: Drill,
  trials: number,
): string | null {
  if (system === undefined || failback || trials < 2 || !hasDisaster(drill)) return null;
  return (
    'after one trial the primary is where it was failed over to, and the next begins only where ' +
    'it was: say failback: true (with recover.back), unless what undoes the fault moves it back'
  );
}

/** In a lab the command that breaks something is drill's own, and is over when it has. */
function rtoFromFits({ topology: { system }, targets }: Drill): Problem[] {
  if (system !== undefined || targets.rto_from !== 'effect') return [];
  const message =
    'effect is for a system of your own, where a command may only ask for what comes later; in ' +
    'a lab the fault is there once it is injected: say fault';
  return [error(['targets', 'rto_from'], message)];
}

/** What drill itself does in a lab it times by itself. */
function marksFit({ topology: { system }, recover: { steps = [] } }: Drill): Problem[] {
  const seen = new Set<string>();
  return steps.flatMap((step, at): Problem[] => {
    if (step.by === 'drill' || step.mark === undefined) return [];
    const wrong = (message: string) => [error(['recover', 'steps', at, 'mark'], message)];
    if (system === undefined) return wrong('marks are for commands of a system of your own');
    if (seen.has(step.mark)) return wrong(`${step.mark} was marked by a step before`);
    seen.add(step.mark);
    return [];
  });
}

function faultsFit({ topology: { system }, faults, declare }: Drill): Problem[] {
  if (system === undefined) {
    if (declare.by !== 'nobody') return [];
    return [error(['declare'], 'none is for a system of your own that recovers by itself')];
  }
  const nodes = Object.keys(system.databases);
  return faults.flatMap((fault, index): Problem[] => {
    const at = ['faults', index];
    if (fault.kind !== 'command') {
      const message = `${fault.kind} is for systems that drill makes; command is for your own`;
      return [error([...at, 'kind'], message)];
    }
    const { seen } = fault;
    if (seen.by === 'command' || nodes.includes(seen.where)) return [];
    // Whether it takes writes is asked as drill's role.
    const isServer = seen.by === 'takes_no_writes';
    if (!isServer && isHostAndPort(seen.where)) return [];
    const hint = guessHint(seen.where, nodes) || `; there are ${nodes.join(', ')}`;
    const beside = isServer ? '' : ', or host:port';
    const message = `expected a server of topology.system.databases${beside}${hint}`;
    return [error([...at, 'seen', seen.by], message)];
  });
}

/** What is left is where everybody goes. */
function hitOneRegion({ topology: { system }, faults }: Drill): Problem[] {
  if (system === undefined) return [];
  const hit = faults.map((fault) => (fault.kind === 'command' ? fault.region : undefined));
  const first = hit.find((region) => region !== undefined);
  const index = hit.findIndex((region) => region !== undefined && region !== first);
  if (index < 0) return [];
  const message = `one region of your own is broken in a drill, and ${first} is already`;
  return [error(['faults', index, 'region'], message)];
}

/** Until the lost region follows again, and until service is moved. */
const WAYS_BACK = 2;

/** Nothing is undone before the deadline where the recovery takes so long, or the way back. */
function harmEnds(drill: Drill): Problem[] {
  const { topology, faults, failback } = drill;
  if (topology.system === undefined) return [];
  const { hurt_for } = guardOf(topology.guard);
  const waits_ms = deadlineMs(drill);
  const takes = faults.map((fault) => (fault.kind === 'command' ? fault.takes_at_most : 0));
  const back_ms = failback ? WAYS_BACK * waits_ms : 0;
  const needed_ms = waits_ms + back_ms + Math.max(0, ...takes);
  if (needed_ms <= hurt_for) return [];
  const and = back_ms === 0 ? '' : ', and the way back is given up';
  const message =
    `${formatDuration(needed_ms)} until the recovery is given up and a command has ended${and}, ` +
    `and all is undone after ${formatDuration(hurt_for)} (topology.guard.hurt_for)`;
  return [error([['topology', 'guard', 'hurt_for'], ['recover', 'deadline'], SYSTEM], message)];
}
