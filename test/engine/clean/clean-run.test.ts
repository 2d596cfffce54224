// drill clean, on undo logs: what it performs, in which order, and what it leaves alone.
import { expect } from 'chai';
import { appendFileSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanRun } from '../../../src/engine/clean/clean-run.ts';
import { createUndoLog, type Effect, type UndoEntry } from '../../../src/evidence/undo.ts';
import { ownProcess } from '../../../src/host/process/processes.ts';
import { requirePart } from '../../support/require.ts';

const GONE = { undo: 'owner', run: 'r', owner: { pid: 2 ** 22 + 1, started: '1' } } as const;
const A = { undo: 'directory', path: 'a' } as const;
const OTHER = { undo: 'toxics', url: '', toxics: [] } as const;
const B = { undo: 'directory', path: 'b' } as const;

describe('cleaning a run', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-test-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const clean = async (entries: UndoEntry[], includeKept = false, fails: string[] = []) => {
    const log = createUndoLog(join(directory, 'undo.ndjson'));
    for (const entry of entries) log.append(entry);
    log.close();
    const performed: string[] = [];
    const perform = async (effect: Effect) => {
      const { path: named } = effect;
      const path = typeof named === 'string' ? named : effect.undo;
      performed.push(path);
      return fails.includes(path) ? ['it is stuck'] : [];
    };
    return { outcome: await cleanRun(directory, perform, { includeKept }), performed };
  };

  it('undoes in reverse', async () => {
    const { outcome, performed } = await clean([GONE, A, B]);
    expect(performed).to.deep.equal(['b', 'a']);
    expect(outcome).to.deep.include({ state: 'cleaned', left: [] });
  });

  it('is over with the first time that nothing is left', async () => {
    await clean([GONE, A]);
    expect((await clean([])).outcome).to.deep.equal({ state: 'nothing' });
  });

  it('passes over what was healed in time', async () => {
    const toxics = { undo: 'toxics', url: '', toxics: [] } as const;
    const stopped = { undo: 'stopped-processes', processes: [] } as const;
    const { performed } = await clean([
      ...[GONE, { ...toxics, id: 1 }, { ...stopped, id: 2 }],
      { undo: 'undone', id: 1 },
    ]);
    expect(performed).to.deep.equal(['stopped-processes']);
  });

  it('undoes the rest where one fails, and names it', async () => {
    const stopped = { undo: 'stopped-processes', processes: [] } as const;
    const fails = ['stopped-processes'];
    const { outcome, performed } = await clean([GONE, OTHER, stopped], false, fails);
    expect(performed).to.deep.equal(['stopped-processes', 'toxics']);
    const left = ['0 stopped processes: it is stuck'];
    expect(outcome).to.deep.include({ state: 'cleaned', left });
  });

  it('takes a torn last line for an effect that never took place', async () => {
    await clean([GONE, A], false, ['a']);
    appendFileSync(join(directory, 'undo.ndjson'), '{"undo":"direc');
    const outcome = await cleanRun(directory, async () => [], { includeKept: false });
    expect(outcome).to.deep.include({ state: 'cleaned', left: [] });
    const again = await cleanRun(directory, async () => [], { includeKept: false });
    expect(again).to.deep.equal({ state: 'nothing' });
  });

  it('does nothing for a run that cleaned up after itself', async () => {
    const { outcome, performed } = await clean([GONE, A, { undo: 'done' }]);
    expect(outcome).to.deep.equal({ state: 'nothing' });
    expect(performed).to.deep.equal([]);
  });

  it('leaves a run alone whose runner is alive', async () => {
    const owner = { undo: 'owner', run: 'r', owner: ownProcess() } as const;
    const { outcome, performed } = await clean([owner, A]);
    expect(outcome).to.deep.equal({ state: 'running', pid: process.pid });
    expect(performed).to.deep.equal([]);
  });

  it('takes a process with the same number that began at another time for another one', async () => {
    const owner = { pid: process.pid, started: 'long ago' };
    const { performed } = await clean([{ undo: 'owner', run: 'r', owner }, A]);
    expect(performed).to.deep.equal(['a']);
  });

  it('leaves alone what was kept on request, unless it is asked for', async () => {
    const kept = [GONE, A, { undo: 'kept' }] as const;
    expect((await clean([...kept])).outcome).to.deep.equal({ state: 'kept' });
    rmSync(join(directory, 'undo.ndjson'));
    expect((await clean([...kept], true)).performed).to.deep.equal(['a']);
  });

  it('keeps the directory of a database that could not be cleaned', async () => {
    const database = { undo: 'database', data: 'a/data', bin: '', uid: null } as const;
    const { performed, outcome } = await clean([GONE, A, database], false, ['database']);
    expect(performed).to.deep.equal(['database']);
    expect(outcome).to.deep.include({
      left: [
        'database a/data: it is stuck',
        'directory a: kept until the rest is undone (database)',
      ],
    });
  });

  it('does not obey the log of another user', async function () {
    requirePart(this, 'superuser', process.getuid?.() === 0, 'only root can make files of others');
    const log = createUndoLog(join(directory, 'undo.ndjson'));
    log.append(A);
    log.close();
    chownSync(join(directory, 'undo.ndjson'), 65534, 65534);
    const perform = () => Promise.reject(new Error('it was obeyed'));
    const outcome = await cleanRun(directory, perform, { includeKept: true });
    expect(outcome).to.deep.equal({ state: 'foreign' });
  });

  it('says that there is nothing in a folder without an undo log', async () => {
    const outcome = await cleanRun(directory, async () => [], { includeKept: false });
    expect(outcome).to.deep.equal({ state: 'nothing' });
  });
});
