// The drills of single faults, on either runtime: each passes, its fault bites and lasts, its heal
// brings back what was there, and nothing is left behind. And all of them at once, where nothing is
// done: no proof is to say that anything was.
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isOfOperators } from '../../../src/drill/fault/registry.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { STORES } from '../../../src/drill/stores.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type * as RuntimesModule from '../../../src/topology/runtimes.ts';
import { it } from '../commands.ts';
import { planOf } from '../plan/plan-of.ts';
import { atEngine, composeEnvironment, requireDocker } from '../servers/docker.ts';
import { optionsFor } from '../system/runtime-options.ts';
import { built } from './built.ts';
import { ROOT, Workplace } from './drill-cli.ts';
import { runInProcess } from './in-process-run.ts';
import { runMeasured } from './run-measured.ts';

const FOLDER = join(ROOT, 'drills/faults');
const textOf = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

/** All that any of the faults needs, but for a repository of backups. */
const ALL = `drill: 1
name: idle-faults
disaster: none
targets: { availability: 1% }
topology:
  strategy: warm-standby
  replication: { mode: sync }
  redis: {}
  regions:
    east: { role: active, app: { instances: 2, capacity: 400/s } }
    west: { role: standby, app: { instances: 1, capacity: 400/s } }
workload: { rate: 50/s, writers: 8, payload: 64B, timeout: 1s, seed_rows: 50 }
steady: { for: 1s }
faults: [{ at: 0s, kind: refuse, link: clients-east, for: 8s }]
sustain: { for: 1s }
`;
/** Busy processors give little to whoever asks: it is asked when the others are done. */
const ALONE_AT_MS = 12_000;

function idlePlan(files: readonly string[]): Plan {
  const all = files.flatMap((file) =>
    planOf(textOf(file)).faults.filter(({ kind }) => kind === basename(file, '.yaml')),
  );
  const faults = all
    // What maintenance proves is that there is somewhere to go.
    .filter(({ kind }) => !isOfOperators(kind) && kind !== 'maintenance')
    .map((fault) => ({ ...fault, at_ms: fault.kind === 'stress-cpu' ? ALONE_AT_MS : 300 }))
    .toSorted((a, b) => a.at_ms - b.at_ms)
    .map((fault, index) => ({ ...fault, index, disaster: index === 0 }));
  return { ...planOf(ALL), faults };
}

/** Whether the standby follows when clients stop, by what the primary said last; null: it does not. */
function lagAtTheEnd(events: readonly RunEvent[]): number | null | undefined {
  const samples = events.filter((event) => event.event === 'workload.sampled');
  // As the file of the run has it, which is not read through its schema here.
  const isOrders = ({ store }: { store: string }) => store === STORES.orders.engine;
  return samples.findLast(isOrders)?.lag_bytes;
}

export function describeFaultDrills(runtime: 'embedded' | 'compose'): void {
  describe(`the drills of single faults, ${runtime}`, function () {
    this.timeout(240_000);
    const isCompose = runtime === 'compose';
    const env = isCompose ? composeEnvironment() : {};
    let place: Workplace;

    before(function () {
      if (isCompose) requireDocker(this);
    });
    beforeEach(() => (place = new Workplace()));
    afterEach(() => {
      const atDocker = isCompose ? place.runs().flatMap((run) => atEngine(basename(run))) : [];
      const left = [...place.leftBehind(), ...atDocker];
      place.remove();
      expect(left).to.deep.equal([]);
    });

    // What embedded lacks: `drill check` says so.
    const drills = readdirSync(FOLDER).filter(
      (file) => isCompose || !/^runtime: /m.test(textOf(file)),
    );
    for (const file of drills) {
      it.full(`${file} passes`, async () => {
        const args = ['run', join(FOLDER, file), '--runtime', runtime];
        const { code, stdout, stderr } = await runMeasured(place, args, env);
        expect(code, stdout + stderr).to.equal(0);
        const events = place.events();
        const proofs = events.filter((event) => event.event === 'fault.proved');
        expect(proofs).not.to.deep.equal([]);
        expect(proofs.filter(({ ok }) => !ok)).to.deep.equal([]);
        const { faults, disaster } = planOf(textOf(file));
        const healed = new Set(
          events.flatMap((event) => (event.event === 'fault.healed' ? [event.index] : [])),
        );
        const healing = faults.filter(({ effect }) => effect.heals).map(({ index }) => index);
        expect(healing.filter((index) => !healed.has(index))).to.deep.equal([]);
        const isStandbyDead = faults.some(
          ({ effect }) => effect.region === 'dead' && !effect.heals,
        );
        if (disaster === 'none' && !isStandbyDead) expect(lagAtTheEnd(events)).to.be.a('number');
        expect(place.result().cleanup).to.deep.equal({ clean: true, left: [] });
      });
    }

    it.full('none of them is proved where nothing is done', async () => {
      const { systemMaker } = await built<typeof RuntimesModule>('topology/runtimes.js');
      const plan = idlePlan(drills);
      const { events, result, left } = await runInProcess(plan, ({ faults }) => ({
        runtime: systemMaker(runtime, optionsFor({ ...process.env, ...env })),
        faults: faults.map((own) => {
          return { ...own, inject: async () => ({ detail: 'nothing was done' }) };
        }),
      }));
      expect([left, result.cleanup]).to.deep.equal([[], { clean: true, left: [] }]);
      const proofs = events.filter((event) => event.event === 'fault.proved');
      const bitten = proofs.filter(({ ok }) => ok).map(({ index }) => plan.faults[index]!.kind);
      expect(bitten).to.deep.equal([]);
      expect(proofs, result.reasons.join('\n')).to.have.length(plan.faults.length);
      expect(result.verdict, result.reasons.join('\n')).to.equal('inconclusive');
      const id = events.flatMap((event) => (event.event === 'run.started' ? [event.id] : []))[0]!;
      if (isCompose) expect(atEngine(id)).to.deep.equal([]);
    });
  });
}
