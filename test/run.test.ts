// The runner's table: every test file has its share, `npm test` stays within its time, and a suite
// that takes longer than its share is told.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { it } from './support/commands.ts';
import { budgetOf, keyOf, lanesOf, overdrawn, type Table } from './support/runner/shares.js';

/** Of the fifteen minutes; the rest is for the build and the tools. */
const TESTS_AT_MOST_S = 885;
const root = fileURLToPath(new URL('..', import.meta.url));
const table = JSON.parse(readFileSync(`${root}/test/shares.json`, 'utf8')) as Table;
const files = readdirSync(`${root}/test`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name}`);

describe('the shares of the suites', function () {
  this.timeout(120_000);
  it('name each test file, and nothing that is not there', () => {
    expect(files.filter((file) => keyOf(table, file) === null)).to.deep.equal([]);
    expect(Object.keys(table).filter((key) => !existsSync(root + key))).to.deep.equal([]);
  });

  /** As `it.full`, or as some of a list. */
  const definesInFull = (file: string) => {
    const text = readFileSync(root + file, 'utf8');
    const taken = /import \{([^}]*)\} from '[./]*\/support\/commands\.ts'/.exec(text)?.[1];
    return taken !== undefined && (/\bit\.full\b/.test(text) || /\bsome\b/.test(taken));
  };

  it('have each file that defines a test of npm run test:full in that command', () => {
    const defining = files.filter(definesInFull);
    expect(defining).to.include('test/library/library.test.ts');
    expect(
      defining.filter((file) => table[keyOf(table, file)!]!.full === undefined),
      'whose tests of test:full never run',
    ).to.deep.equal([]);
  });

  it.full('make nothing while they are loaded, which nobody would take away again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drill-loaded-'));
    try {
      const mocha = `${root}/node_modules/.bin/mocha`;
      const env = { ...process.env, TMPDIR: folder, TEST_COMMAND: 'all' };
      execFileSync(mocha, ['--dry-run', 'test/**/*.test.ts'], { cwd: root, env, stdio: 'ignore' });
      const left = readdirSync(folder).filter((name) => !name.startsWith('tsx-'));
      expect(left).to.deep.equal([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it(`leave npm test within ${TESTS_AT_MOST_S} s`, () => {
    expect(budgetOf(table, 'test')).to.be.at.most(TESTS_AT_MOST_S);
  });

  const planted = {
    'test/a': { test: 10 },
    'test/a/slow.test.ts': { test: 4, full: 8, alone: true },
    'test/b': { full: 3 },
  };
  const its = [
    'test/a/one.test.ts',
    'test/a/slow.test.ts',
    'test/a/two.test.ts',
    'test/b/c.test.ts',
  ];

  it('say which files run beside each other, alone, or in the other command', () => {
    expect(lanesOf(planted, its, 'test')).to.deep.equal({
      beside: [['test/a/one.test.ts', 'test/a/two.test.ts']],
      alone: ['test/a/slow.test.ts'],
    });
    expect(lanesOf(planted, its, 'full')).to.deep.equal({
      beside: [['test/b/c.test.ts']],
      alone: ['test/a/slow.test.ts'],
    });
    expect(budgetOf(planted, 'test')).to.equal(4 + 10 / 2);
  });

  it('have room, for the files of one key together, on a machine as fast as it is', () => {
    const taken = new Map([
      ['test/a/one.test.ts', 9],
      ['test/a/two.test.ts', 22],
      ['test/a/slow.test.ts', 4],
    ]);
    expect(overdrawn(planted, 'test', taken, 1)).to.deep.equal([
      'test/a took 31.0 s, its share is 10 s',
    ]);
    expect(overdrawn(planted, 'test', taken, 1.5)).to.deep.equal([]);
    const strange = new Map([['test/z.test.ts', 1]]);
    expect(overdrawn(planted, 'test', strange, 1)).to.have.length(1);
  });
});
