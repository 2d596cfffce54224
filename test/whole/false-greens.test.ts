// The thirteen ways in which a tool of this kind stays green though nothing was proved. The table of
// docs/how-it-measures.md says what drill answers to each; here the causes are planted, and the
// command has to answer so: in these words, with this exit code.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeVerb } from '../../src/cli/verbs/judge.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { runFile } from '../../src/evidence/run-files.ts';
import { OperationFailed } from '../../src/host/operation-failed.ts';
import type { Store } from '../../src/topology/system/store.ts';
import { call, GOOD, makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';
import { recordingScreen } from '../support/cli/recording-screen.ts';
import { runCli } from '../support/cli/run-cli.ts';
import type { MemorySystem } from '../support/noop/memory-system.ts';
import { noopPlan } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { withoutDisaster } from '../support/plan/without-disaster.ts';
import { ROOT } from '../support/whole/drill-cli.ts';

interface Said {
  readonly code: number | null;
  readonly text: string;
}

const AT = { at_ms: 300 };
const KILL = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, AT);
const PARTITION = plannedFault('lose-region', { how: 'partition', disks: 'kept' }, AT);
const { targets, workload } = noopPlan('warm-standby');
const RTO_OF_100_MS = { targets: { ...targets, rto_ms: 100 } };

const fails = (found: string) => () =>
  Promise.reject(new OperationFailed({ what: 'x', expected: 'y', found }, { words: found }));

/** A whole drill on `noop`, a pass but for what is planted; what `drill judge` says of its files. */
async function drilled(
  plan: Partial<Plan> = {},
  plant: (system: MemorySystem, run: NoopRun) => void = () => {},
  judge: (directory: string) => Promise<Said> = judged,
): Promise<Said> {
  const { strategy = 'warm-standby' } = plan;
  const run = new NoopRun(noopPlan(strategy, { faults: [KILL], ...plan }));
  run.plant((system) => plant(system, run));
  let said: Said | null = null;
  await run.run(undefined, async (directory) => (said = await judge(directory)));
  return said!;
}

async function judged(directory: string): Promise<Said> {
  const { code, stdout, stderr } = await call(judgeVerb, { run: directory }, directory);
  return { code, text: stdout + stderr };
}

/** By the program itself, from a result that says what nobody measured. */
async function judgedByProgram(directory: string): Promise<Said> {
  const file = runFile(directory, 'result');
  const text = readFileSync(file, 'utf8').replace('"verdict": "fail"', '"verdict": "pass"');
  writeFileSync(file, text);
  const args = [join(ROOT, 'bin', 'drill.js'), 'judge', directory];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { code: status, text: stdout };
}

/** What the command says of two drill files, to these arguments. */
async function typed(argv: readonly string[]): Promise<Said> {
  const folder = makeFolder();
  writeFileSync(join(folder, 'one.yaml'), GOOD);
  const fault = '{ at: 2s, for: 1s, kind: kill-node, node: east/app-9 }';
  writeFileSync(join(folder, 'other.yaml'), withoutDisaster(fault));
  const screen = recordingScreen({ columns: 200 });
  const code = await runCli(argv, folder, screen);
  removeFolder(folder);
  return { code, text: screen.stdout.text() + screen.stderr.text() };
}

/** The stores of the region that takes over do some things in another way. */
function inWest(own: (store: Store) => Partial<Store>): (system: MemorySystem) => void {
  return (system) => {
    const { stores } = system.region('west');
    for (const [role, store] of stores) stores.set(role, { ...store, ...own(store) });
  };
}

const twice = inWest((own) => ({
  readRows: async (onRow) => {
    let rows = 0;
    const facts = await own.readRows((row) => {
      for (const copy of rows === 0 ? [row, row] : [row]) onRow(copy);
      rows++;
    });
    return { ...facts, rows: rows + 1 };
  },
}));

const PLANTS: Readonly<Record<string, () => Promise<Said>>> = {
  'zero samples': () => drilled({ workload: { ...workload, rate_per_s: 1e-4, seed_rows: 0 } }),
  'a metric without data': () =>
    drilled({ targets: { ...targets, lost_writes: 0 } }, ({ deeds }) => {
      deeds.plant('read west/postgres', fails('permission denied'));
    }),
  'recovery over target': () => drilled(RTO_OF_100_MS),
  'verdict never read': () => drilled(RTO_OF_100_MS, undefined, judgedByProgram),
  'crashed checker': () =>
    drilled(
      {},
      inWest(() => ({ inspect: () => Promise.reject(new TypeError('x is no y')) })),
    ),
  'failed step ignored': () =>
    drilled({}, ({ deeds }) => {
      deeds.plant('promote west/postgres', fails('the standby is not there'));
    }),
  'fault that never bit': () =>
    drilled({}, (system) => {
      const east = system.region('east');
      const kill = east.kill.bind(east);
      // The fence kills in earnest.
      Object.assign(east, { kill: async () => void Object.assign(east, { kill }) });
    }),
  // All is measured and met by then.
  'interrupt counted as pass': () =>
    drilled({}, ({ deeds }, { interrupt }) => {
      deeds.plant('take it down', () => interrupt.abort(new Error('SIGINT')));
    }),
  'filter that matches no drill': () => typed(['run', 'one.yaml', '--grep', 'outage']),
  'target that matches no node': () => typed(['run', 'other.yaml']),
  'clock started after the end': () =>
    drilled({
      strategy: 'active-active',
      declare: { by: 'after', after_ms: 3_000 },
      targets: { ...targets, rto_from: 'declaration' },
    }),
  'duplicates never counted': () => drilled({}, twice),
  'partial clean-up': () =>
    drilled({ faults: [PARTITION] }, ({ deeds }) => {
      deeds.plant('end of isolate east', fails('the switch is stuck'));
    }),
};

/** Rows of the table in the docs: the name, what drill says, the exit code. */
function promised(): readonly (readonly [name: string, says: string, code: number])[] {
  const docs = readFileSync(join(ROOT, 'docs', 'how-it-measures.md'), 'utf8');
  const [, section = ''] = docs.split('\n## Thirteen false greens\n');
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| ([^|]+?) +\|.*\| `([^`]+)` +\| (\d+) +\|$/gm)].map(
    ([, name = '', says = '', code]) => [name, says, Number(code)] as const,
  );
}

describe('a false green', () => {
  it('is none of a drill in which nothing is planted', async () => {
    expect((await drilled()).code).to.equal(0);
  });

  it('has its row in the docs, each of the thirteen', () => {
    expect(promised().map(([name]) => name)).to.deep.equal(Object.keys(PLANTS));
    expect(promised()).to.have.length(13);
  });

  for (const [name, says, promisedCode] of promised()) {
    it(name, async () => {
      const { code, text } = await PLANTS[name]!();
      expect(text).to.contain(says);
      expect(code, text).to.equal(promisedCode);
    });
  }
});
