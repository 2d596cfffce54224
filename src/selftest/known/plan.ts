// The plan of a run whose truth is known: a drill as any other, with services of drill's own in the
// place of a system.
import { parseDrill } from '../../drill/parse-drill.ts';
import { planDrill } from '../../drill/plan/make-plan.ts';
import type { Plan } from '../../drill/plan/plan.ts';

const DRILL = `drill: 1
name: truth
targets: { rto: 30s, rpo: 1s, split_brain: 0 }
topology:
  strategy: warm-standby
  regions:
    east: { role: active, app: { instances: 1, capacity: 200/s } }
    west: { role: standby, app: { instances: 1, capacity: 200/s } }
  links: { east-west: { latency: 0ms, jitter: 0ms } }
  gslb: { every: 250ms, timeout: 250ms, failures: 3, ttl: 1s }
workload: { rate: 200/s, writers: 8, payload: 64B, timeout: 500ms, reads: 0%, seed_rows: 0 }
steady: { for: 1s }
faults: [{ at: 1s, kind: lose-region, region: east }]
recover: { with: promote-standby, deadline: 40s }
sustain: { for: 3s, success: 99%, capacity: 90% }
`;
const SEED = 7;

/** `lose-region` stands for whatever the service does: its region lives, and fails for a while. */
export function knownPlan(): Plan {
  const { drill, diagnostics } = parseDrill({ file: 'truth.yaml', bytes: Buffer.from(DRILL) });
  if (drill === null) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  const plan = planDrill(drill, SEED, '0'.repeat(64));
  return {
    ...plan,
    links: {},
    faults: plan.faults.map((fault) => {
      return { ...fault, effect: { ...fault.effect, region: 'untouched' } };
    }),
  };
}
