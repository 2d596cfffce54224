// The examples in CONTRIBUTING.md: a fault, a recovery, a gate and a verification check compile, each
// with its lines; a drill file can name the first two.
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const FAULT: Entry = ['reset-link', 'resetLink'];
const RECOVERY: Entry = ['promote-and-settle', 'promoteAndSettle'];
const GATE = 'src/drill/gate/longest-silence.ts';
const CHECK = 'src/postgres/verification/valid-indexes.ts';

type Entry = readonly [name: string, value: string];

/** What asks for the lines that an example lacks; the rest of the tree costs the compiler most. */
const ASKING = ['src/fault', 'src/recovery', 'src/drill/gate'];

/** All examples go through the compiler together, twice. */
describe('an example in CONTRIBUTING.md', function () {
  this.timeout(120_000);
  let copy: string;
  /** What the compiler says while each example lacks something, and when none does. */
  const problems = { lacking: '', whole: '' };

  before(() => {
    copy = copyOfTheSources();
    addFiles('fault');
    addFiles('recovery');
    addLine('src/drill/fault/registry.ts', 'const FAULTS = {', FAULT);
    addLine('src/drill/recovery/registry.ts', 'const RECOVERIES = {', RECOVERY);
    write(GATE, example(GATE));
    const gates = '] as const satisfies readonly GateDefinition[]';
    addEntry('src/drill/gate/registry.ts', 'longestSilence', './longest-silence.ts', gates);
    write(CHECK, example(CHECK));
    const checks = '];\n\n/** The SQLSTATEs';
    const list = 'src/postgres/verification/inspect.ts';
    addEntry(list, 'validIndexes', './valid-indexes.ts', checks);
    expect(read(list)).to.contain('  validIndexes,\n];');

    const steps = read('src/recovery/promote-and-settle.ts');
    write('src/recovery/promote-and-settle.ts', steps.replace(/^ *settle:.*\n/m, ''));
    write(GATE, example(GATE).replace(/^ *bound:.*\n/m, ''));
    problems.lacking = compile(ASKING);
    write('src/recovery/promote-and-settle.ts', steps);
    write(GATE, example(GATE));
    addLine('src/fault/registry.ts', 'const byKind: ByKind = {', FAULT);
    addLine('src/recovery/registry.ts', 'const RUNS: RunsByName = {', RECOVERY);
    problems.whole = compile(['src']);
  });
  after(() => rmSync(copy, { recursive: true }));

  const read = (path: string) => readFileSync(join(copy, path), 'utf8');
  const write = (path: string, text: string) => writeFileSync(join(copy, path), text);

  /** What the compiler says of these of the copy, and what they import; empty: nothing. */
  function compile(include: readonly string[]): string {
    const config = { extends: join(root, 'tsconfig.json'), include };
    write('tsconfig.json', JSON.stringify(config));
    try {
      const compiler = join(root, 'node_modules/.bin/tsc');
      return execFileSync(compiler, ['--pretty', 'false'], { cwd: copy, encoding: 'utf8' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  /** Writes the two files of an example, in `src/drill/…` and `src/…`. */
  function addFiles(folder: 'fault' | 'recovery'): void {
    const blocks = [...contributing.matchAll(/ {3}```ts\n {3}\/\/ (src\/\S+\.ts):([^]*?) {3}```/g)];
    const own = blocks.filter(([, path]) => path!.split('/').at(-2) === folder);
    expect(own.map(([, path]) => path)).to.have.length(2);
    for (const [, path, body] of own) {
      expect(body!.split('\n').length).to.be.at.most(40);
      write(path!, `//${body}`);
    }
  }

  function addLine(registry: string, opening: string, [name, value]: Entry): void {
    const text = read(registry).replace(opening, `${opening}\n  '${name}': ${value},`);
    write(registry, `${text}\nimport { ${value} } from './${name}.ts';\n`);
  }

  /** The last of a list. */
  function addEntry(file: string, name: string, from: string, end: string): void {
    const text = read(file).replace(end, `  ${name},\n${end}`);
    write(file, `${text}\nimport { ${name} } from '${from}';\n`);
  }

  /** What a verb of the copy says of a small drill with these faults besides. */
  function drill(verb: 'check' | 'plan', fault: string): string {
    const lines = [
      ...['drill: 1', 'name: small', 'targets: { rto: 15s }'],
      'topology: { strategy: warm-standby }',
      `faults: [{ at: 2s, kind: lose-region, region: east }, ${fault}]`,
      'recover: { with: promote-and-settle, settle: 2s }',
    ];
    write('drill.yaml', lines.join('\n'));
    const main = ['--import=tsx', join(copy, 'src/main.ts'), verb, join(copy, 'drill.yaml')];
    const ran = spawnSync(process.execPath, main, { cwd: copy, encoding: 'utf8' });
    return `exit code ${ran.status}: ${(ran.stdout + ran.stderr).replaceAll(/\s+/g, ' ')}`;
  }

  it('compiles with its lines', () => {
    expect(problems.whole).to.equal('');
  });

  it('of a fault is asked for its second line', () => {
    expect(problems.lacking).to.match(/src\/fault\/registry\.ts.*reset-link/);
  });

  it('of a recovery is asked for its second line, and for a step that it lacks', () => {
    expect(problems.lacking).to.match(/src\/recovery\/registry\.ts.*promote-and-settle/);
    expect(problems.lacking).to.match(/recovery\/promote-and-settle\.ts.*settle/);
  });

  it('of a gate is asked for its bound', () => {
    expect(problems.lacking).to.match(/longest-silence\.ts.*bound/s);
  });

  it('of a fault and of a recovery can be drilled', () => {
    const fault = (after: string) => `{ at: beforehand, kind: reset-link, after: ${after} }`;
    const plan = drill('plan', fault('300ms'));
    expect(plan).to.contain('east-west resets connections after 300 ms');
    expect(plan).to.contain('wait 2000 ms before clients come to west');
    expect(drill('check', fault('300ms'))).to.contain('drill.yaml: ok');
    expect(drill('check', fault('2m'))).to.contain('faults.1.after: expected 0s to 1m, got 2m');
  });

  it('is refused, with exit code 2, where the runtime lacks what it needs', () => {
    const file = 'src/drill/file/runtimes.ts';
    const runtimes = read(file);
    write(file, runtimes.replace(/'(disturb-links|promotion)',?\s*/g, ''));
    const said = drill('check', '{ at: beforehand, kind: reset-link }');
    write(file, runtimes);
    expect(said).to.match(/^exit code 2: /);
    expect(said).to.contain(
      'drill.yaml:5:79: error: faults.1.kind: reset-link of link east-west needs a way to disturb ' +
        'a link, which the runtime embedded has not; no runtime has it',
    );
    expect(said).to.contain('recover.with: the recovery promote-and-settle needs a way to make');
  });
});

const contributing = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');

function copyOfTheSources(): string {
  const copy = mkdtempSync(join(tmpdir(), 'drill-test-'));
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function example(path: string): string {
  const body = new RegExp(`^\`\`\`ts\n(// ${path}:[^]*?)^\`\`\``, 'm').exec(contributing)?.[1];
  expect(body?.split('\n').length).to.be.within(10, 40);
  return body!;
}
