// Whether the targets of a drill file can be measured and met with what else it says.
import { formatDuration } from '../../base/units.ts';
import type { Drill } from '../file/schema.ts';
import { disasterOf, effectOf } from '../plan/disaster.ts';
import { deadlineMs } from '../plan/make-plan.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import { waitsOf } from './faults.ts';
import { error, warning, type Problem, type Rule } from './rule.ts';

/** What the waits of a recovery follow from. */
const WAITS = [
  ...['faults.*.kind', 'faults.*.link', 'faults.*.disaster'],
  ...['topology.gslb', 'topology.strategy', 'declare'],
];

export const targetRules: readonly Rule[] = [
  {
    name: 'failback-target',
    looksAt: ['targets.failback_rto', 'failback'],
    find: failbackTarget,
  },
  {
    name: 'deadline-after-target',
    looksAt: ['recover', 'targets.rto'],
    find: deadlineAfterTarget,
  },
  {
    name: 'recovery-is-possible',
    looksAt: [...WAITS, 'recover', 'targets.rto', 'sustain'],
    find: recoveryIsPossible,
  },
  { name: 'target-is-possible', looksAt: [...WAITS, 'targets'], find: targetIsPossible },
  {
    name: 'zero-loss-needs-sync',
    looksAt: ['targets', 'topology', 'faults'],
    find: zeroLossNeedsSync,
  },
];

function failbackTarget({ targets, failback }: Drill): Problem[] {
  if (targets.failback_rto === undefined || failback) return [];
  return [error(['targets', 'failback_rto'], 'without failback: true there is none')];
}

function deadlineAfterTarget(drill: Drill): Problem[] {
  const { deadline } = drill.recover;
  const { rto } = drill.targets;
  if (deadline === undefined || deadline >= rto) return [];
  const target = formatDuration(rto);
  const message = `the deadline ends the measurement before the target of ${target} is reached`;
  return [error(['recover', 'deadline'], message)];
}

function recoveryIsPossible(drill: Drill): Problem[] {
  const { declared_ms, moved_ms } = waitsOf(drill);
  const deadline = deadlineMs(drill);
  if (declared_ms + moved_ms < deadline) return [];
  const isDeclared = declared_ms < deadline;
  const takes = isDeclared ? withAnswers(declared_ms, moved_ms) : beforeDeclared(declared_ms);
  const end = `the deadline is ${formatDuration(deadline)} after the disaster`;
  const at = [
    ...(isDeclared ? [['topology', 'gslb', 'ttl']] : []),
    ...[['declare'], ['recover', 'deadline'], ['topology', 'gslb', 'every'], ['targets', 'rto']],
  ];
  const message = `nothing can be measured: ${takes}, and ${end}`;
  return [error(at, message)];
}

function beforeDeclared(declared_ms: number): string {
  return `detection and declaration alone can take ${formatDuration(declared_ms)}`;
}

function withAnswers(declared_ms: number, moved_ms: number): string {
  if (declared_ms === 0) {
    return `the DNS answers that clients keep can last ${formatDuration(moved_ms)}`;
  }
  const answers = `the DNS answers that clients keep (ttl: ${formatDuration(moved_ms)})`;
  return `detection, declaration and ${answers} can take ${formatDuration(declared_ms + moved_ms)}`;
}

function targetIsPossible(drill: Drill): Problem[] {
  const { rto, rto_from } = drill.targets;
  const { declared_ms, moved_ms } = waitsOf(drill);
  const before_ms = rto_from === 'fault' ? declared_ms : 0;
  if (rto >= before_ms + moved_ms) return [];
  const takes = rto < before_ms ? beforeDeclared(before_ms) : withAnswers(before_ms, moved_ms);
  const message = `${takes}, longer than the target; expect this drill to fail`;
  return [warning(['targets', 'rto'], message)];
}

function zeroLossNeedsSync(drill: Drill): Problem[] {
  const { targets, topology } = drill;
  // Nothing is under way to be lost where nothing is torn away.
  if (effectOf(disasterOf(drill).fault, drill).region === 'untouched') return [];
  const { mode } = topology.replication;
  const { hasBackups, second } = STRATEGY_FACTS[topology.strategy];
  const { wal = 'archive' } = topology.backup ?? {};
  if (hasBackups ? wal === 'receive-sync' : mode === 'sync') return [];
  const luck = hasBackups
    ? `zero loss with wal: ${wal} is luck: what was not handed over yet is lost`
    : 'zero loss with async replication is luck: what was not replicated yet is lost';
  const cure = hasBackups
    ? 'backup: { wal: receive-sync } keeps it'
    : second === 'active'
      ? 'with active-active nothing keeps it but a return of the region: failback: true'
      : 'replication: { mode: sync } keeps it';
  const message = `${luck}; ${cure}`;
  const paths = [
    ...(targets.rpo === 0 ? [['targets', 'rpo']] : []),
    ...(targets.lost_writes === 0 ? [['targets', 'lost_writes']] : []),
  ];
  return paths.slice(0, 1).map((path) => warning([path], message));
}
