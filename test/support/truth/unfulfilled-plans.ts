// Runs that went well, each judged by a plan that asks for more than they did, and what must be said
// of it.
import type { PlannedFault } from '../../../src/drill/fault/registry.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { plannedFault } from '../plan/planned-fault.ts';
import type { EventBodies, EventName } from '../../../src/evidence/event.ts';
import type { Verdict } from '../../../src/verdict/result.ts';
import { addEvent, changePlan } from './variants.ts';
import type { Variant } from './bad-evidence.ts';

const variant = (
  title: string,
  change: (directory: string) => void,
  reason: RegExp,
  verdict: Verdict = 'inconclusive',
): Variant => ({ title, change, verdict, reason });
const event = <N extends EventName>(name: N, body: EventBodies[N]) => ({ event: name, ...body });

const AGREED = event('convergence.checked', { rows: 9, differing: 0, ok: true, detail: '' });
const HARMED = event('data.harmed', {
  ...({ statement: 'delete', rows: 9 } as const),
  ...{ lsn: '0/3', name: 'before-fault' },
});
const MISSING = event('data.verified', { rows: 9, ok: false, detail: '2 are missing' });

const PARTITION = plannedFault('lose-region', { how: 'partition', disks: 'kept' });
const MISTAKE = plannedFault('corrupt-data', { statement: 'delete', share: 0.5 });

const withFault = (fault: PlannedFault) => (plan: Plan) => ({ ...plan, faults: [fault] });

export const UNFULFILLED: readonly Variant[] = [
  variant(
    'that was to fail back and did not',
    (directory) => changePlan(directory, (plan) => ({ ...plan, failback: true })),
    /Failback: It was planned, and never began/,
  ),
  variant(
    'whose plan has a condition that was never injected',
    (directory) =>
      changePlan(directory, (plan) => {
        const condition = { index: 1, beforehand: true, disaster: false };
        const slow = plannedFault('latency', { link: 'east-west', latency_ms: 2000 }, condition);
        return { ...plan, faults: [...plan.faults, slow] };
      }),
    /The fault latency of region east was planned and never injected/,
  ),
  variant(
    'whose second serving database was never read',
    (directory) => {
      changePlan(directory, (plan) => {
        return withFault(PARTITION)({ ...plan, strategy: 'active-active' });
      });
      addEvent(directory, AGREED);
    },
    /What survived in the second serving database is not known: it was never read/,
  ),
  variant(
    'whose two serving databases were never compared',
    (directory) =>
      changePlan(directory, (plan) => {
        return withFault(PARTITION)({ ...plan, strategy: 'active-active' });
      }),
    /were never compared with each other to the end/,
  ),
  variant(
    'whose data was harmed nobody knows when',
    (directory) => changePlan(directory, withFault(MISTAKE)),
    /Nothing says when data was harmed/,
  ),
  variant(
    'whose harmed data nobody looked at again',
    (directory) => {
      changePlan(directory, withFault(MISTAKE));
      addEvent(directory, HARMED);
    },
    /Nobody looked whether what the mistake had harmed was there again/,
  ),
  variant(
    'whose harmed data was looked at and was not there again',
    (directory) => {
      changePlan(directory, withFault(MISTAKE));
      addEvent(directory, MISSING);
      addEvent(directory, HARMED);
    },
    /What the mistake had harmed is not there again: 2 are missing/,
    'fail',
  ),
];
