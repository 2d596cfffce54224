// The examples in CONTRIBUTING.md: a fault, a gate and a verification check compile, each with its
// lines.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
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

  function addLine(registry: string, opening: string): void {
    const file = join(copy, registry);
    const text = readFileSync(file, 'utf8').replace(
      opening,
      `${opening}\n  'reset-link': resetLink,`,
    );
    writeFileSync(file, `${text}\nimport { resetLink } from './reset-link.ts';\n`);
  }

  it('of a fault compiles with its two lines, and is asked for the second one where it lacks', () => {
    const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
    const blocks = [...text.matchAll(/ {3}```ts\n {3}\/\/ (src\/\S+\.ts):([^]*?) {3}```/g)];
    expect(blocks.map(([, path]) => path)).to.have.length(2);
    for (const [, path, body] of blocks) {
      expect(body!.split('\n').length).to.be.at.most(40);
      writeFileSync(join(copy, path!), `//${body}`);
    }
    addLine('src/drill/fault/registry.ts', 'const FAULTS = {');
    expect(problems()).to.match(/src\/fault\/registry\.ts.*reset-link/);
    addLine('src/fault/registry.ts', '[K in FaultKind]: Fault<K> } = {');
    expect(problems()).to.equal('');
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
