// The form of `result.json`: whatever is of another kind, or gone, is named; older results are read.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultIn } from '../../src/archive/run-list.ts';
import { corpusRuns, unpackRun } from '../evidence/corpus.ts';

type Tree = Record<string, unknown>;

describe('the form of a result', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-result-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (value: unknown) => {
    writeFileSync(join(folder, 'result.json'), JSON.stringify(value));
    return resultIn(folder);
  };
  const problem = (value: unknown) => {
    const found = read(value);
    return 'problem' in found ? found.problem : null;
  };
  const stored = (name: string): Tree => {
    unpackRun(name, folder);
    return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Tree;
  };

  it('is that of every run of an earlier version, which keeps all that it said', () => {
    for (const name of corpusRuns()) {
      const found = read(stored(name));
      expect('problem' in found ? found.problem : null, name).to.equal(null);
      expect('value' in found && found.value, name).to.deep.include(withBounds(stored(name)));
    }
  });

  it('has each value of its kind: one of another is named, with its place', () => {
    for (const name of ['redis', 'failback', 'active-active', 'target-missed']) {
      const whole = stored(name);
      let tried = 0;
      eachValue(whole, '', (holder, key, path) => {
        const value = holder[key];
        holder[key] = [];
        tried++;
        const found = problem(whole);
        holder[key] = value;
        expect(found, path).to.match(/^[^:]+: expected .+, found /);
        expect(found!.startsWith(`${path}: `), `${path}: ${found}`).to.equal(true);
      });
      expect(tried, name).to.be.greaterThan(80);
    }
  });

  it('lacks nothing that people are shown', () => {
    const whole = stored('target-missed');
    const told: [string, string][] = [
      ['verdict', 'verdict: expected pass or fail or inconclusive'],
      ['gates', 'gates: expected a list, found nothing'],
      ['recovery', 'recovery: expected a mapping, found nothing'],
      ['drill', 'drill: expected a mapping, found nothing'],
      ['reasons', 'reasons: expected a list, found nothing'],
    ];
    for (const [key, words] of told) {
      const { [key]: _, ...rest } = whole;
      expect(problem(rest), key).to.match(new RegExp(`^${words}`));
    }
    expect(problem({ ...whole, verdict: 'green' })).to.match(/^verdict: .*, found "green"$/);
    expect(problem({ ...whole, wall_ms: NaN }), 'not measured').to.equal(null);
    for (const odd of [null, 7, 'pass', []]) expect(problem(odd)).to.be.a('string');
  });

  it('of before a key was there has none, and of a later version keeps its own', () => {
    const { failures: _, cost: __, failback: ___, ...old } = stored('target-missed');
    const found = read({ ...old, weather: 'fine' });
    expect('value' in found && found.value).to.deep.include({
      failures: [],
      cost: null,
      failback: null,
      weather: 'fine',
    });
  });
});

/** As older results are read: a target was the most that is allowed. */
function withBounds(result: Tree): Tree {
  const gates = (result['gates'] as Tree[]).map((gate) => ({ bound: 'at most', ...gate }));
  return { ...result, gates };
}

/** Calls back for each value that is neither a mapping nor a list, nor absent. */
function eachValue(
  holder: Tree,
  path: string,
  visit: (holder: Tree, key: string, path: string) => void,
): void {
  for (const key of Object.keys(holder)) {
    const value = holder[key];
    const place = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'object' && value !== null) eachValue(value as Tree, place, visit);
    else visit(holder, key, place);
  }
}
