// Whether the targets of a drill file can be measured and met with what else it says.
import { formatDuration } from '../../base/units.ts';
import type { Drill } from '../file/schema.ts';
import type { Path } from '../file/yaml-source.ts';
import { disasterOf } from '../plan/disaster.ts';
import { cartsPerSecond, deadlineMs } from '../plan/make-plan.ts';
import { unseenMs } from '../plan/plan.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import { waitsOf } from './faults.ts';
import { error, rule, warning, type Problem } from './rule.ts';

/** What the waits of a recovery follow from. */
const SEEN_BY = ['sustain', 'workload', 'topology.redis'];
const WAITS = [
  ...['faults.*.kind', 'faults.*.link', 'faults.*.disaster'],
  ...['topology.gslb', 'topology.strategy', 'declare'],
];

export const targetRules = [
  rule('failback-target', ['targets.failback_rto', 'failback'], failbackTarget),
  rule('deadline-after-target', ['recover', 'targets.rto'], deadlineAfterTarget),
  rule('recovery-is-possible', [...WAITS, 'recover', 'targets.rto', 'sustain'], recoveryIsPossible),
  rule('target-is-possible', [...WAITS, 'targets'], targetIsPossible),
  rule('target-can-be-seen', [...SEEN_BY, 'targets.rto'], targetCanBeSeen),
  rule('zero-loss-needs-sync', ['targets', 'topology', 'faults'], zeroLossNeedsSync),
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

function targetCanBeSeen(drill: Drill): Problem[] {
  const { targets, sustain, workload, topology } = drill;
  const unseen_ms = unseenMs({
    sustain: { for_ms: sustain.for, success: sustain.success },
    rates_per_s: [workload.rate, ...(topology.redis === undefined ? [] : [cartsPerSecond(drill)])],
  });
  if (targets.rto >= unseen_ms) return [];
  const message =
    `an outage of up to ${formatDuration(unseen_ms)} can stay unseen, so that no run can show ` +
    'that it was shorter; raise sustain.success or workload.rate, or the target';
  return [warning(['targets', 'rto'], message)];
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
  if (disasterOf(drill).effect.region === 'untouched') return [];
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
  return atZeroLoss(targets, ['targets'], `${luck}; ${cure}`);
}

/** The targets for the loss of one store. */
export type LossTargets = Pick<Drill['targets'], 'rpo' | 'lost_writes'>;

/** The warning at the target that asks for zero loss; none where no target does. */
export function atZeroLoss({ rpo, lost_writes }: LossTargets, at: Path, message: string) {
  if (rpo === 0) return [warning([...at, 'rpo'], message)];
  return lost_writes === 0 ? [warning([...at, 'lost_writes'], message)] : [];
}
