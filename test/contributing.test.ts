// The examples in CONTRIBUTING.md: a fault, a recovery, a gate and a verification check compile, each
// with its lines; a drill file can name the first two.
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('an example in CONTRIBUTING.md', function () {
  this.timeout(120_000);
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'drill-test-'));
    cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
    cpSync(join(root, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const config = { extends: join(root, 'tsconfig.json'), include: ['src'] };
    writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify(config));
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  /** What the compiler says of the copy; empty: nothing. */
  function problems(): string {
    try {
      const compiler = join(root, 'node_modules/.bin/tsc');
      return execFileSync(compiler, ['--pretty', 'false'], { cwd: copy, encoding: 'utf8' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  /** Writes the two files of an example, in `src/drill/…` and `src/…`. */
  function addFiles(folder: 'fault' | 'recovery'): void {
    const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
    const blocks = [...text.matchAll(/ {3}```ts\n {3}\/\/ (src\/\S+\.ts):([^]*?) {3}```/g)];
    const own = blocks.filter(([, path]) => path!.split('/').at(-2) === folder);
    expect(own.map(([, path]) => path)).to.have.length(2);
    for (const [, path, body] of own) {
      expect(body!.split('\n').length).to.be.at.most(40);
      writeFileSync(join(copy, path!), `//${body}`);
    }
  }

  function addLine(registry: string, opening: string, [name, value]: [string, string]): void {
    const file = join(copy, registry);
    const text = readFileSync(file, 'utf8').replace(opening, `${opening}\n  '${name}': ${value},`);
    writeFileSync(file, `${text}\nimport { ${value} } from './${name}.ts';\n`);
  }

  /** What a verb of the copy says of a small drill with this besides. */
  function drill(verb: 'check' | 'plan', faults: string, more = ''): string {
    const file = join(copy, 'drill.yaml');
    const lines = [
      ...['drill: 1', 'name: small', 'targets: { rto: 15s }'],
      'topology: { strategy: warm-standby }',
      `faults: [{ at: 2s, kind: lose-region, region: east }${faults}]`,
      more,
    ];
    writeFileSync(file, lines.join('\n'));
    const main = ['--import=tsx', join(copy, 'src/main.ts'), verb, file];
    const ran = spawnSync(process.execPath, main, { cwd: copy, encoding: 'utf8' });
    return (ran.stdout + ran.stderr).replaceAll(/\s+/g, ' ');
  }

  it('of a fault compiles with its two lines, is asked for the second one, and can be drilled', () => {
    addFiles('fault');
    const line: [string, string] = ['reset-link', 'resetLink'];
    addLine('src/drill/fault/registry.ts', 'const FAULTS = {', line);
    expect(problems()).to.match(/src\/fault\/registry\.ts.*reset-link/);
    addLine('src/fault/registry.ts', '[K in FaultKind]: Fault<K> } = {', line);
    expect(problems()).to.equal('');
    const fault = (after: string) => `, { at: beforehand, kind: reset-link, after: ${after} }`;
    expect(drill('check', fault('300ms'))).to.contain('drill.yaml: ok');
    expect(drill('plan', fault('300ms'))).to.contain('east-west resets connections after 300 ms');
    expect(drill('check', fault('2m'))).to.contain('faults.1.after: expected 0s to 1m, got 2m');
  });

  it('of a recovery compiles with its two lines, is asked for a step, and can be drilled', () => {
    addFiles('recovery');
    const line: [string, string] = ['promote-and-settle', 'promoteAndSettle'];
    addLine('src/drill/recovery/registry.ts', 'const RECOVERIES = {', line);
    expect(problems()).to.match(/src\/recovery\/registry\.ts.*promote-and-settle/);
    addLine('src/recovery/registry.ts', '[N in RecoveryName]: Runs<N> } = {', line);
    expect(problems()).to.equal('');
    const more = 'recover: { with: promote-and-settle, settle: 2s }';
    expect(drill('check', '', more)).to.contain('drill.yaml: ok');
    expect(drill('plan', '', more)).to.contain('wait 2000 ms before clients come to west');
    const file = join(copy, 'src/recovery/promote-and-settle.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^ *settle:.*\n/m, ''));
    expect(problems()).to.match(/recovery\/promote-and-settle\.ts.*settle/);
  });

  const example = (path: string): string => {
    const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
    const body = new RegExp(`^\`\`\`ts\n(// ${path}:[^]*?)^\`\`\``, 'm').exec(text)?.[1];
    expect(body?.split('\n').length).to.be.within(10, 40);
    return body!;
  };
  /** The last of a list. */
  const addEntry = (file: string, name: string, from: string, end: string) => {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8').replace(end, `  ${name},\n${end}`);
    writeFileSync(path, `${text}\nimport { ${name} } from '${from}';\n`);
  };

  it('of a gate compiles with its line, and is asked for its bound where it lacks', () => {
    const path = 'src/drill/gate/longest-silence.ts';
    const text = example(path);
    writeFileSync(join(copy, path), text.replace(/^ *bound:.*\n/m, ''));
    const end = '] as const satisfies readonly GateDefinition[]';
    addEntry('src/drill/gate/registry.ts', 'longestSilence', './longest-silence.ts', end);
    expect(problems()).to.match(/longest-silence\.ts.*bound/s);
    writeFileSync(join(copy, path), text);
    expect(problems()).to.equal('');
  });

  it('of a verification check compiles with its line', () => {
    const path = 'src/postgres/verification/valid-indexes.ts';
    writeFileSync(join(copy, path), example(path));
    const file = 'src/postgres/verification/inspect.ts';
    addEntry(file, 'validIndexes', './valid-indexes.ts', '];\n\n/** The SQLSTATEs');
    expect(readFileSync(join(copy, file), 'utf8')).to.contain('  validIndexes,\n];');
    expect(problems()).to.equal('');
  });
});
