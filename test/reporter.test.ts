// The reporter of the suites outlives each failure it tells: a test that failed is never taken for
// tests that never ran.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENDED } from './support/summary-reporter.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const PLANTED = `
const failure = (expected, actual) => Object.assign(new Error('differs'), { expected, actual });
const circle = {};
circle.self = circle;
describe('planted', () => {
  it('big', () => { throw failure(1n, 2n); });
  it('circular', () => { throw failure(circle, {}); });
  it('not an error', () => { throw 'a word'; });
  it('fine', () => {});
});
`;

describe('the reporter of the suites', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'drill-reporter-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('tells failures that JSON has no word for, and goes on', () => {
    const file = join(folder, 'planted.mjs');
    writeFileSync(file, PLANTED);
    const reporter = join(root, 'test', 'support', 'summary-reporter.js');
    const mocha = join(root, 'node_modules', '.bin', 'mocha');
    const { stdout, status } = spawnSync(mocha, ['--reporter', reporter, file], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status).to.equal(3);
    const lines = stdout.split('\n');
    const [suite, over] = lines
      .filter((line) => line.startsWith(ENDED))
      .map((line) => JSON.parse(line.slice(ENDED.length)) as Record<string, unknown>);
    expect(suite).to.include({ title: 'planted', passed: 1, failed: 3 });
    // For the list at the end of the command.
    expect(suite!['failures']).to.deep.equal([
      { title: 'planted big', why: 'differs' },
      { title: 'planted circular', why: 'differs' },
      { title: 'planted not an error', why: 'the string "a word" was thrown, throw an Error :)' },
    ]);
    expect(over).to.deep.equal({ isOver: true });
    expect(lines).to.include('        expected: 1n');
    expect(lines).to.include('        actual:   2n');
    expect(stdout).to.include('[Circular').and.include('a word');
  });
});
