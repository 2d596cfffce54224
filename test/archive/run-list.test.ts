import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunDirectory, newRunId, runsDirectory } from '../../src/archive/run-directory.ts';
import {
  findFinishedRun,
  findRun,
  listRuns,
  readFailure,
  readResult,
} from '../../src/archive/run-list.ts';
import type { UndoEntry } from '../../src/evidence/undo.ts';
import { thisRunner } from '../../src/host/process/runner.ts';
import { ownProcess } from '../../src/host/process/processes.ts';
import { UserError } from '../../src/screen/user-error.ts';
import { plantResult } from '../support/evidence/plant-result.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { passed } from '../support/evidence/results.ts';

describe('archive', () => {
  let directory = '';
  let runs = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-archive-'));
    runs = runsDirectory(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** A run of the given minute with this end in its undo log; null: none. */
  function plant(minute: number, entries: readonly UndoEntry[] | null, name = 'outage'): string {
    const id = `20261122T20${String(minute).padStart(2, '0')}00Z-${name}-00aa`;
    const place = createRunDirectory(runs, id);
    if (entries !== null) {
      const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`);
      writeFileSync(join(place, 'undo.ndjson'), lines.join(''));
    }
    return id;
  }

  const owner = (pid: number, started: string): UndoEntry => ({
    ...{ undo: 'owner', run: 'x', owner: { pid, started } },
  });
  const complaint = (wanted: string) => {
    try {
      findRun(runs, wanted, directory);
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
    return 'found';
  };

  it('waits for no FIFO in the place of a result, and lists the run without one', () => {
    const id = plant(13, [owner(2 ** 22 + 1, '1'), { undo: 'done' }]);
    execFileSync('mkfifo', [join(runs, id, 'result.json')]);
    expect(listRuns(runs)[0]).to.deep.include({ id, state: 'finished', result: null });
  });

  it('names runs by UTC time, drill and four hexadecimal digits', () => {
    const clock = new ManualClock();
    expect(newRunId('region-outage', clock)).to.match(
      /^20261122T201317Z-region-outage-[0-9a-f]{4}$/,
    );
    expect(newRunId('../Weird name!', clock)).to.match(/^20261122T201317Z-weird-name-[0-9a-f]{4}$/);
  });

  it('keeps runs in .drill/runs, or where --out says', () => {
    expect(runsDirectory('/here')).to.equal('/here/.drill/runs');
    expect(runsDirectory('/here', 'there')).to.equal('/here/there');
    expect(runsDirectory('/here', '/abs')).to.equal('/abs');
  });

  it('makes a run directory with logs/ and points latest to it', () => {
    plant(1, null);
    const id = plant(2, null);
    expect(existsSync(join(runs, 'latest', 'logs'))).to.equal(true);
    expect(findRun(runs, 'latest', directory)).to.equal(join(runs, id));
    expect(readdirSync(runs)).to.have.length(3); // two runs and the link, no rest of its making
  });

  it('goes on without the link where something else has its name', () => {
    mkdirSync(join(runs, 'latest', 'mine'), { recursive: true });
    const id = plant(1, null);
    expect(lstatSync(join(runs, 'latest')).isDirectory()).to.equal(true);
    expect(findRun(runs, 'latest', directory)).to.equal(join(runs, id));
  });

  it('says what it could not make, and that --out helps', () => {
    writeFileSync(join(directory, '.drill'), 'a file');
    expect(() => createRunDirectory(runs, 'x')).to.throw(
      UserError,
      'cannot make the run directory',
    );
  });

  it('finds a run by id, by the beginning of one, by the name of its drill, and by path', () => {
    const old = plant(1, null);
    const young = plant(2, null);
    expect(findRun(runs, old, directory)).to.equal(join(runs, old));
    expect(findRun(runs, '20261122T2002', directory)).to.equal(join(runs, young));
    expect(findRun(runs, 'outage', directory)).to.equal(join(runs, young));
    const elsewhere = join(directory, 'copied');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'plan.json'), '{}');
    expect(findRun(runs, 'copied', directory)).to.equal(elsewhere);
  });

  it('takes the newest that is over for latest while another goes on, and says so', () => {
    const folder = join(directory, 'going');
    const ids = ['20261122T201317Z-one-00aa', '20261122T201318Z-two-00bb'] as const;
    const [first, second] = ids.map((id) => createRunDirectory(folder, id));
    const found = () => findFinishedRun(folder, 'latest', directory);
    const owner = { undo: 'owner', run: ids[1], owner: thisRunner() };
    writeFileSync(join(second!, 'undo.ndjson'), `${JSON.stringify(owner)}\n`);
    expect(found(), 'no other has a result').to.deep.equal({ place: second, note: null });
    plantResult(first!, { ...passed, id: ids[0] });
    const note = `latest: ${ids[0]}; ${ids[1]} goes on`;
    expect(found()).to.deep.equal({ place: first, note });
    plantResult(second!, { ...passed, id: ids[1] });
    expect(found()).to.deep.equal({ place: second, note: null });
  });

  it('refuses a beginning that several runs have, and names them', () => {
    const ids = [plant(1, null), plant(2, null)];
    for (const id of ids) expect(complaint('20261122T20')).to.include(id);
  });

  it('guesses what an unknown name may have meant', () => {
    plant(1, null);
    expect(complaint('outrage')).to.include('; did you mean outage?');
  });

  it('says so when there are no runs at all', () => {
    expect(complaint('latest')).to.include('there are no runs');
    expect(listRuns(runs)).to.deep.equal([]);
  });

  it('takes the newest run where latest points to one that is gone', () => {
    const old = plant(1, null);
    const young = plant(2, null);
    rmSync(join(runs, young), { recursive: true });
    expect(findRun(runs, 'latest', directory)).to.equal(join(runs, old));
  });

  it('lists runs newest first and tells running, kept, stopped and finished apart', () => {
    const { pid, started } = ownProcess();
    plant(1, [owner(pid, started)]);
    plant(2, [owner(pid, started), { undo: 'kept' }]);
    plant(3, [owner(pid, 'another start'), { undo: 'directory', path: '/x' }]);
    plant(4, [owner(pid, started), { undo: 'done' }]);
    const states = listRuns(runs).map(({ state }) => state);
    expect(states).to.deep.equal(['finished', 'stopped', 'kept', 'running']);
  });

  it('reads results leniently: a damaged one is none', () => {
    const place = join(runs, plant(1, null));
    expect(readResult(place)).to.equal(null);
    writeFileSync(join(place, 'result.json'), '{"schema":');
    expect(readResult(place)).to.equal(null);
    writeFileSync(join(place, 'result.json'), JSON.stringify(passed));
    expect(readResult(place)).to.deep.equal(passed);
  });

  it('reads a result of before there was a second store as that of the first', () => {
    const place = join(runs, plant(1, null));
    const { stores: _, ...loss } = passed.loss!;
    writeFileSync(join(place, 'result.json'), JSON.stringify({ ...passed, loss }));
    expect(readResult(place)).to.deep.equal(passed);
  });

  it('finds in the journal why a system could not be brought up', () => {
    const place = join(runs, plant(1, null));
    expect(readFailure(place)).to.equal(null);
    const facts = { what: 'west/postgres', expected: 'a', found: 'b', hint: 'c', log: ['FATAL'] };
    const event = { t: 1, event: 'environment.failed', ...facts };
    writeFileSync(join(place, 'journal.ndjson'), `${JSON.stringify(event)}\n`);
    expect(readFailure(place)).to.deep.include(facts);
  });
});
