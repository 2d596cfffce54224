// Whether faults on the operators can ever come to hold: there is a recovery, it has the step, and
// the region that they mistake is lost.
import { guessHint } from '../../../base/closest.ts';
import { isOfOperators, type DrillFault } from '../../fault/registry.ts';
import type { Drill } from '../../file/schema.ts';
import { hasDisaster } from '../../plan/clock.ts';
import { disasterOf } from '../../plan/disaster.ts';
import { recoveryOf } from '../../plan/make-plan.ts';
import { stepNamed, stepNames } from '../../recovery/registry.ts';
import { retriesOf } from '../../recovery/retries.ts';
import { formatDuration } from '../../../base/units.ts';
import { deadlineMs } from '../../plan/deadline.ts';
import { STRATEGY_FACTS } from '../../plan/strategies.ts';
import { servesAlone } from '../load.ts';
import { error, ofEachFault, rule, warning, type Problem } from '../rule.ts';

const FAULTS = ['faults', 'topology', 'disaster'];

export const operatorRules = [
  ofEachFault('operators-fail-over', ['disaster', 'faults.*.kind'], operatorsFailOver),
  rule('operators-recover', [...FAULTS, 'expect'], operatorsRecover),
  ofEachFault('operators-have-no-moment', ['faults.*'], noMoment),
  rule('operators-err-once', FAULTS, onceEach),
  rule('steps-fail-that-are-there', [...FAULTS, 'recover'], stepIsThere),
  rule('wrong-region-is-lost', FAULTS, wrongIsLost),
  rule('operators-are-waited-for', [...FAULTS, 'workload', 'sustain'], areWaitedFor),
];

function onOperators({ faults }: Drill): { readonly fault: DrillFault; readonly index: number }[] {
  const all = faults.map((fault, index) => ({ fault, index }));
  return all.filter(({ fault }) => isOfOperators(fault.kind));
}

function operatorsFailOver(drill: Drill): Problem[] {
  if (hasDisaster(drill)) return [];
  const message =
    'it goes wrong in a failover, and with disaster: none nothing is failed over; ' +
    'leave one of the two out';
  return onOperators(drill).map(({ index }) => error(['faults', index, 'kind'], message));
}

function operatorsRecover(drill: Drill): Problem[] {
  if (!hasDisaster(drill)) return [];
  const all = onOperators(drill);
  const why =
    drill.expect === 'ride-out'
      ? 'with expect: ride-out nobody has to recover anything; leave one of the two out'
      : all.length === drill.faults.length
        ? 'it changes how a disaster is recovered from, and there is none; add one, such as ' +
          '{ kind: lose-region, region: east }'
        : null;
  if (why === null) return [];
  return all.map(({ index }) => error(['faults', index, 'kind'], why));
}

function noMoment(drill: Drill): Problem[] {
  return onOperators(drill).flatMap(({ fault, index }): Problem[] => {
    const { at, when, wait_at_most, repeat, disaster, kind } = fault;
    const isTimed = at.beforehand || at.to_ms > 0;
    const stated = Object.entries({ when, wait_at_most, repeat, disaster });
    const keys = stated.flatMap(([key, value]) => (value === undefined ? [] : [key]));
    const message = `${kind} has no moment of its own: it comes in the recovery; leave this out`;
    return [...(isTimed ? ['at'] : []), ...keys].map((key) => {
      return error(['faults', index, key], message, 'key');
    });
  });
}

/** Of each kind one, and of each step. */
function onceEach(drill: Drill): Problem[] {
  const all = onOperators(drill);
  const what = ({ fault }: (typeof all)[number]) =>
    fault.kind === 'half-done-runbook' ? `${fault.kind} of ${fault.step}` : fault.kind;
  return all.flatMap((each, at): Problem[] => {
    const first = all.slice(0, at).find((other) => what(other) === what(each));
    if (first === undefined) return [];
    const message = `faults.${first.index} is a ${what(each)} already; leave one of them out`;
    return [error(['faults', each.index, 'kind'], message)];
  });
}

function stepIsThere(drill: Drill): Problem[] {
  const { with: recovery = recoveryOf(drill), retries } = drill.recover;
  if (!hasDisaster(drill)) return [];
  return onOperators(drill).flatMap(({ fault, index }): Problem[] => {
    if (fault.kind !== 'half-done-runbook') return [];
    const { step: name, fails, does } = fault;
    const names = stepNames(recovery);
    const step = stepNamed(recovery, name);
    if (step === undefined) {
      const all = `${recovery} has ${names.join(', ') || 'none'}`;
      const message = `expected a step of the recovery: ${all}${guessHint(name, names)}`;
      return [error(['faults', index, 'step'], message)];
    }
    if (does === 'all' && step.isFinal) {
      const message = `once ${name} is done, it cannot be done again; say does: nothing`;
      return [
        error(
          [
            ['faults', index, 'does'],
            ['faults', index, 'step'],
          ],
          message,
        ),
      ];
    }
    const waits_ms = fails * (retriesOf(drill.recover)?.pause_ms ?? 0);
    if (fails <= retries && waits_ms >= deadlineMs(drill)) {
      const message =
        `its tries are ${formatDuration(waits_ms)} apart in all, and the recovery has ` +
        `${formatDuration(deadlineMs(drill))}: it could not be done in time`;
      return [error(['recover', 'retry_after'], message)];
    }
    if (fails <= retries) return [];
    const tries = retries === 0 ? 'it is tried once' : `it is tried ${1 + retries} times`;
    const message = `${tries} (recover.retries), and every try fails: expect this drill to fail`;
    return [
      warning(
        [
          ['faults', index, 'fails'],
          ['faults', index, 'kind'],
        ],
        message,
      ),
    ];
  });
}

/** Nothing can be promoted by mistake there, and no client led there, but in vain. */
function wrongIsLost(drill: Drill): Problem[] {
  if (!hasDisaster(drill)) return [];
  const { fault: disaster, effect } = disasterOf(drill);
  if (isOfOperators(disaster.kind)) return []; // there is no disaster, which is said elsewhere
  const isWhole = disaster.kind === 'lose-region';
  if (isWhole && (effect.region === 'dead' || effect.region === 'frozen')) return [];
  return onOperators(drill).flatMap(({ fault, index }): Problem[] => {
    if (fault.kind !== 'wrong-region') return [];
    const message =
      `after ${disaster.kind} the old side lives, and a failover to it would come about; ` +
      'it needs a disaster of kind: lose-region, how: kill or freeze';
    return [error(['faults', index, 'kind'], message)];
  });
}

/**
 * Where both regions serve, clients are led to the other one before anybody declares anything. They
 * wait for operators where it has to grow first, or where a fault that is over is not recovered
 * from. A step that fails for good fails any run.
 */
function areWaitedFor(drill: Drill): Problem[] {
  const { strategy } = drill.topology;
  if (STRATEGY_FACTS[strategy].second !== 'active' || !hasDisaster(drill)) return [];
  const { fault: disaster, effect } = disasterOf(drill);
  if (!effect.seenByChecks || disaster.for !== undefined || !servesAlone(drill)) return [];
  const message =
    `with ${strategy} health checks lead clients to the other region, which serves them as it ` +
    'is: no client waits for the operators, and nothing that is judged would tell of it';
  return onOperators(drill).flatMap(({ fault: { kind }, index }) => {
    return kind === 'half-done-runbook' ? [] : [error(['faults', index, 'kind'], message)];
  });
}
