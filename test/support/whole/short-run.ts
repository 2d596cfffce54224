// Short drills of each strategy, run as a whole in this process, and what their journals say.
import type { Parts } from '../../../src/engine/frame/context.ts';
import type { EventName, RunEvent } from '../../../src/evidence/event.ts';
import { labOf, type Lab, type SystemMaker } from '../../../src/topology/system/system.ts';
import { runMeasuredInProcess, type InProcessRun } from './in-process-run.ts';
import { overlayLab } from './overlay.ts';
import { planOf } from '../plan/plan-of.ts';

interface Sections {
  readonly targets?: string;
  readonly topology: string;
  readonly workload?: string;
  readonly faults: string;
  /** Whole lines of the drill file. */
  readonly more?: string;
}

const REGION = 'app: { instances: 1, capacity: 400/s }';
export const WARM_STANDBY = `
  strategy: warm-standby
  regions: { east: { role: active, ${REGION} }, west: { role: standby, ${REGION} } }`;
export const ACTIVE_ACTIVE = `
  strategy: active-active
  regions: { east: { role: active, ${REGION} }, west: { role: active, ${REGION} } }`;
export const BACKUP_RESTORE = `
  strategy: backup-restore
  regions: { east: { role: active, ${REGION} }, west: { role: standby, app: { capacity: 400/s } } }
  backup: { every: 1h, keep: 3, wal: archive, archive_timeout: 1s }`;

export function shortDrill(sections: Sections): string {
  const { targets = 'rto: 15s', topology, workload = '', faults, more = '' } = sections;
  return `drill: 1
name: short
targets: { ${targets} }
topology:${topology}
  gslb: { every: 200ms, timeout: 400ms, failures: 3, ttl: 1s }
workload: { rate: 200/s, writers: 8, payload: 64B, timeout: 1s, seed_rows: 50${workload} }
steady: { for: 1s }
faults: [${faults}]
sustain: { for: 1s, within: 800ms }
${more}`;
}

export async function runShort(
  drill: string,
  change: (parts: Parts) => Partial<Parts> = () => ({}),
): Promise<InProcessRun> {
  return await runMeasuredInProcess(planOf(drill), change);
}

export function eventsNamed<N extends EventName>(
  { events }: InProcessRun,
  name: N,
): Extract<RunEvent, { event: N }>[] {
  return events.filter(({ event }) => event === name) as Extract<RunEvent, { event: N }>[];
}

/** What a run says for itself when it ends otherwise than expected. */
export function reasonsOf(ended: InProcessRun): string {
  const broken = [
    ...eventsNamed(ended, 'environment.failed'),
    ...eventsNamed(ended, 'internal.failed'),
  ];
  return [...ended.result.reasons, ...broken.map((event) => JSON.stringify(event))].join('\n');
}

/** The detail of each pre-flight check that failed, by name. */
export function failedChecks(ended: InProcessRun): Record<string, string> {
  const checks = eventsNamed(ended, 'preflight.checked').flatMap((event) => event.checks);
  return Object.fromEntries(
    checks.filter(({ ok }) => !ok).map(({ name, detail }) => [name, detail]),
  );
}

/** The runtime, with its system changed by `change`, which gets it once it is up. */
export function withSystem(
  runtime: SystemMaker,
  change: (system: Lab) => Partial<Lab> | Promise<Partial<Lab>>,
): SystemMaker {
  return {
    up: async (context) => {
      const system = labOf(await runtime.up(context));
      return overlayLab(system, await change(system));
    },
  };
}
