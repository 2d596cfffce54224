// The undo log: which effects are left to undo, and what says only something of the run.
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UnreadableError } from '../../src/evidence/evidence-error.ts';
import { LineWriter } from '../../src/evidence/lines.ts';
import {
  createUndoLog,
  finishUndoLog,
  isEffect,
  isOwner,
  readUndoLog,
  type UndoEntry,
} from '../../src/evidence/undo.ts';

const owner: UndoEntry = { undo: 'owner', run: 'run-1', owner: { pid: 1, started: 'boot' } };
const effect = (id: number): UndoEntry => ({ undo: 'directory', path: `/scratch/${id}`, id });
const LAST = { undo: 'kept' } as const;

describe('the undo log', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-undo-'));
    file = join(folder, 'undo.ndjson');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (...entries: readonly UndoEntry[]) => {
    const log = createUndoLog(file);
    for (const entry of entries) log.append(entry);
    log.close();
    log.close(); // whoever closes it twice has closed it
  };

  it('tells effects from what is said of the run', () => {
    for (const undo of ['undone', 'done', 'kept'] as const) {
      const entry: UndoEntry = undo === 'undone' ? { undo, id: 1 } : { undo };
      expect([isEffect(entry), isOwner(entry)], undo).to.deep.equal([false, false]);
    }
    expect([isEffect(owner), isOwner(owner)]).to.deep.equal([false, true]);
    expect([isEffect(effect(1)), isOwner(effect(1))]).to.deep.equal([true, false]);
  });

  it('leaves out what was undone in time, and keeps what has no id', () => {
    const stays: UndoEntry = { undo: 'directory', path: '/scratch' };
    write(owner, stays, effect(1), effect(2), { undo: 'undone', id: 1 });
    const { entries, problems } = readUndoLog(file);
    expect(entries.filter(isEffect)).to.deep.equal([stays, effect(2)]);
    expect(entries[0]).to.deep.equal(owner);
    expect(problems).to.deep.equal([]);
  });

  it('is finished once, and a torn last line goes', () => {
    write(owner, effect(1));
    appendFileSync(file, '{"undo":"dire');
    expect(readUndoLog(file).problems).to.deep.equal(['the last line is torn']);
    finishUndoLog(file);
    const { entries, problems } = readUndoLog(file);
    expect(entries).to.deep.equal([owner, effect(1), { undo: 'done' }]);
    expect(problems).to.deep.equal([]);
  });

  it('names lines that are no entries', () => {
    writeFileSync(file, `${JSON.stringify(LAST)}\nnull\n{"undo":3}\n`);
    const { entries, problems } = readUndoLog(file);
    expect(entries).to.deep.equal([LAST]);
    expect(problems).to.deep.equal([2, 3].map((line) => `line ${line} is not an undo entry`));
    expect(readFileSync(file, 'utf8')).to.contain('null');
  });

  it('is on the disk before the effect takes place, and what need not be does not wait', () => {
    // Nothing can be flushed to it: whoever tries is told.
    expect(() => createUndoLog('/dev/null').append(effect(1))).to.throw('EINVAL');
    expect(() => new LineWriter('/dev/null').append(effect(1))).to.not.throw();
  });

  it('is finished on a file only, and leaves none open', () => {
    const before = readdirSync('/proc/self/fd').length;
    write(owner);
    finishUndoLog(file);
    symlinkSync(file, join(folder, 'link'));
    expect(() => finishUndoLog(join(folder, 'link'))).to.throw('ELOOP');
    expect(() => finishUndoLog(join(folder, 'none'))).to.throw('ENOENT');
    expect(readdirSync('/proc/self/fd')).to.have.lengthOf(before);
  });

  it('is read where it is a plain file, and no larger than any run writes', () => {
    const refused = (path: string, words: string) =>
      expect(() => readUndoLog(path)).to.throw(UnreadableError, `${path} cannot be read: ${words}`);
    write(owner);
    const link = join(folder, 'link');
    symlinkSync(file, link);
    refused(link, 'expected a file, found a link');
    truncateSync(file, 16 * 2 ** 20 + 1);
    refused(file, 'expected at most 16 MB, found 17');
    const round = join(folder, 'round');
    symlinkSync(round, round);
    refused(join(round, 'undo.ndjson'), 'ELOOP');
  });

  it('may lie where only somebody else may look', () => {
    write(owner);
    const isRoot = process.geteuid!() === 0;
    chmodSync(folder, 0);
    if (isRoot) process.seteuid!(65_534);
    try {
      const words = `${file} cannot be read: it lies in a directory that this user may not enter`;
      expect(() => readUndoLog(file)).to.throw(UnreadableError, words);
    } finally {
      if (isRoot) process.seteuid!(0);
      chmodSync(folder, 0o700);
    }
  });

  it('belongs to whom its first line names', () => {
    const key = '0123456789abcdef'.repeat(2);
    const whole = {
      ...{ undo: 'owner', run: 'a.B_9-', key, scratch: '/tmp/drill' },
      owner: { pid: 7, started: 'boot', namespace: 'pid:[1]', host: 'here' },
    } as const;
    write(whole, effect(1));
    expect(readUndoLog(file).owner).to.deep.equal(whole);
    write({ ...whole, run: 'other' }); // after the first line
    expect(readUndoLog(file).owner).to.deep.equal(whole);
    rmSync(file);
    write(effect(1), whole);
    expect(readUndoLog(file)).to.deep.include({ owner: null, problems: [] });
    rmSync(file);
    write({ undo: 'directory', owner: whole.owner, run: 'run-1' });
    expect(readUndoLog(file).owner).to.equal(null);
  });

  it('belongs to nobody where that line is not as a run writes it', () => {
    const named = (facts: object, by: object = {}) => {
      const line = { ...owner, ...facts, owner: { pid: 1, started: 'boot', ...by } };
      writeFileSync(file, `${JSON.stringify(line)}\n`);
      const { owner: found, problems } = readUndoLog(file);
      expect(problems).to.deep.equal(found === null ? ['line 1 is not an undo entry'] : []);
      return found !== null;
    };
    const key = 'a'.repeat(32);
    const sound = [
      [{ run: 'a' }, {}],
      [{ run: 'a'.repeat(100), key, scratch: `/${'a'.repeat(3_999)}` }, {}],
      [{}, { started: 'a'.repeat(100), namespace: 'a'.repeat(100), host: 'a'.repeat(300) }],
    ] as const;
    for (const [facts, by] of sound) expect(named(facts, by)).to.equal(true);
    const bad: readonly (readonly [object, object?])[] = [
      ...['', '.a', '-a', 'a/b', 'a b', 'a'.repeat(101), 'a\n', ' a'].map(
        (run) => [{ run }] as const,
      ),
      ...['a'.repeat(31), 'a'.repeat(33), 'g'.repeat(32), `${key}\n`].map(
        (it) => [{ key: it }] as const,
      ),
      ...['tmp', 'tmp/', `/${'a'.repeat(4_000)}`].map((scratch) => [{ scratch }] as const),
      ...[0, -1, 1.5, '1'].map((pid) => [{}, { pid }] as const),
      ...[3, 'a'.repeat(101)].map((started) => [{}, { started }] as const),
      ...[3, 'a'.repeat(101)].map((namespace) => [{}, { namespace }] as const),
      ...[3, 'a'.repeat(301)].map((host) => [{}, { host }] as const),
    ];
    for (const [facts, by] of bad) {
      expect(named(facts, by), JSON.stringify([facts, by])).to.equal(false);
    }
  });
});
