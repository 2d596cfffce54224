// The example of a fault in CONTRIBUTING.md: its two files and their two lines compile.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the example of a fault in CONTRIBUTING.md', function () {
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

  it('compiles with its two lines, and is asked for the second one where it lacks', () => {
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
});
