// The undo log: which effects are left to undo, and what says only something of the run.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
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
});
