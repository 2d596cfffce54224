// Runs of an earlier version give the numbers and the verdict now that they gave then, from their
// evidence alone. A result may hold more than it did; nothing that it held may have changed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readEvidence, runFile } from '../../src/evidence/run-files.ts';
import { assess, writeResult } from '../../src/verdict/assess.ts';
import { makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';
import { corpusRuns, unpackRun } from './corpus.ts';

/** What every kind of verdict and strategy is there for. */
const VERDICTS = ['pass', 'fail', 'inconclusive', 'interrupted', 'environment'];
const STRATEGIES = ['backup-restore', 'pilot-light', 'warm-standby', 'active-active'];

/** What is right now and was wrong then. */
const CHANGED: Readonly<Record<string, readonly string[]>> = {
  // An RTO of 0 says how long an outage can have stayed unseen.
  'active-active-partition': [
    'gates.0.high: 0 became 46.75',
    'recovery.uncertainty_ms: 0 became 46.75',
  ],
  // No time at all is 0 s everywhere.
  'active-active-failback': [
    'notes.3: "Without the writes that came back with the lost region, the RPO is 0 ms." became ' +
      '"Without the writes that came back with the lost region, the RPO is 0 s."',
  ],
  // Why so many writes are unknown on containers.
  'compose-backup-restore': ['notes: 2 became 3 long'],
  'compose-outage': ['notes: 2 became 3 long'],
  // What a synchronous standby lacks was acknowledged to nobody.
  synchronous: [
    'notes.0: "Just before the disaster, losing east would have lost up to 1.8 kB of log, about ' +
      'the last 58 ms." became "Just before the disaster, losing east would have lost nothing that was ' +
      'acknowledged (sync); 1.8 kB of log were waiting for west."',
    'exposure.bytes: 1848 became 0',
    'exposure.ms: 57.518 became 0',
  ],
  // What a target is missed by counts from the end of the interval that decides, in words too.
  'target-missed': ['reasons.0', 'gates.0.reason'].map(
    (at) =>
      `${at}: "RTO 1.44 s is 935 ms over its target of 500 ms." became ` +
      '"RTO 1.44 s, at least 1.29 s, is 790 ms over its target of 500 ms."',
  ),
};

/** Sentences that say the same in better words: of a time that is over, and that it is a limit. */
const REWORDED: readonly (readonly [RegExp, string])[] = [
  [
    /^Before the disaster: losing (\w+) now would lose (\d.*)$/,
    'Just before the disaster, losing $1 would have lost up to $2',
  ],
  [/(have lost up to [\d.]+ \w?B)(, |\.)/, '$1 of log$2'],
  [/up to 0 B of log.*/, 'nothing.'],
  [/(of log, about )([\d.]+ \w+\.)$/, '$1the last $2'],
  [
    /^The pre-flight check would have told: /,
    'The check before the fault warned, and the drill went on (preflight: warn): ',
  ],
  [/^Before the disaster (nobody could say what losing)/, 'Just before the disaster $1'],
];

const reworded = (text: string): string =>
  REWORDED.reduce((words, [from, to]) => words.replace(from, to), text);

describe('evidence corpus', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  const stored = (name: string): Record<string, unknown> => {
    const place = join(folder, name);
    unpackRun(name, place);
    return JSON.parse(readFileSync(runFile(place, 'result'), 'utf8')) as Record<string, unknown>;
  };

  it('holds runs of every strategy and every verdict', () => {
    const results = corpusRuns().map(stored);
    const verdicts = results.map(({ verdict }) => verdict);
    const strategies = results.map(({ drill }) => (drill as { strategy: string }).strategy);
    expect(verdicts).to.include.members(VERDICTS);
    expect(strategies).to.include.members(STRATEGIES);
  });

  for (const name of corpusRuns()) {
    it(`judges ${name} as it was judged then`, () => {
      const read = stored(name);
      const before = { ...read, notes: (read['notes'] as string[]).map(reworded) };
      const now = JSON.parse(writeResult(assess(readEvidence(join(folder, name))))) as unknown;
      expect(changesOf(before, now, '')).to.deep.equal(CHANGED[name] ?? []);
    });
  }

  it('sees a value that changed, one that is gone and one of another kind', () => {
    const before = { a: { b: [1, { c: 2 }] }, d: 'x', e: null };
    expect(changesOf(before, { a: { b: [1, { c: 3 }] }, e: 0 }, '')).to.deep.equal([
      'a.b.1.c: 2 became 3',
      'd: "x" became undefined',
      'e: null became 0',
    ]);
    expect(changesOf({ list: [1] }, { list: [1, 2] }, '')).to.deep.equal(['list: 1 became 2 long']);
  });
});

/** One line for each value of `before` that `now` has not. */
function changesOf(before: unknown, now: unknown, path: string): string[] {
  if (typeof before !== 'object' || before === null) {
    if (Object.is(before, now)) return [];
    return [`${path}: ${JSON.stringify(before)} became ${JSON.stringify(now)}`];
  }
  if (typeof now !== 'object' || now === null || Array.isArray(now) !== Array.isArray(before)) {
    return [`${path}: ${JSON.stringify(before)} became ${JSON.stringify(now)}`];
  }
  if (Array.isArray(before) && before.length !== (now as unknown[]).length) {
    return [`${path}: ${before.length} became ${(now as unknown[]).length} long`];
  }
  return Object.entries(before).flatMap(([key, value]) =>
    changesOf(value, (now as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`),
  );
}
