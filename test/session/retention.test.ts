import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setPinned, createRunDirectory, runsDirectory } from '../../src/archive/run-directory.ts';
import { runIds } from '../../src/archive/run-list.ts';
import type { Retention } from '../../src/drill/file/settings.ts';
import type { UndoEntry } from '../../src/evidence/undo.ts';
import { takeLock } from '../../src/host/lock.ts';
import { ownProcess } from '../../src/host/process/processes.ts';
import { pruneRuns, retentionHere } from '../../src/session/retention.ts';
import {
  listSeries,
  seriesFolder,
  seriesLock,
  writeSeries,
} from '../../src/session/series-files.ts';

import { openPast } from '../support/evidence/past.ts';
import { plantRun } from '../support/evidence/plant-run.ts';

const NOW_MS = Date.parse('2026-11-28T12:00:00Z');
const DAY_MS = 24 * 3_600_000;
const NONE: Retention = { keep_at_least: 0, keep_for_ms: -Infinity, keep_bytes: 0 };

describe('retention of runs', () => {
  let directory = '';
  let runs = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-retention-'));
    runs = runsDirectory(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const { pid, started } = ownProcess();
  const owner = { undo: 'owner', run: 'x', owner: { pid, started } } as const;

  /** A run of the given day of November 2026 with this undo log; null: none. */
  function plant(
    day: number,
    entries: readonly UndoEntry[] | null = [owner, { undo: 'done' }],
    bytes = 0,
  ): string {
    const id = `202611${String(day).padStart(2, '0')}T120000Z-outage-00aa`;
    const place = createRunDirectory(runs, id);
    writeFileSync(join(place, 'ledger.bin'), new Uint8Array(bytes));
    const lines = entries?.map((entry) => `${JSON.stringify(entry)}\n`);
    if (lines !== undefined) writeFileSync(join(place, 'undo.ndjson'), lines.join(''));
    return id;
  }

  it('keeps what each drill last passed with, as long as nothing newer passed', async () => {
    const past = await openPast('{ rto: 15s }');
    try {
      const all = [1, 2, 3, 4].map((minute) => {
        const change = minute === 3 ? ({ verdict: 'fail' } as const) : {};
        return plantRun(past.runs, past.drill.plan, minute, { rto_ms: 1_800, change });
      });
      const [first, second, failed, newest] = all as [string, string, string, string];
      rmSync(join(past.runs, newest), { recursive: true });
      const removed = pruneRuns(past.runs, NONE, NOW_MS, () => {});
      expect(removed).to.deep.equal([first, failed]);
      expect(runIds(past.runs)).to.deep.equal([second]);
    } finally {
      rmSync(past.directory, { recursive: true });
    }
  });

  function prune(retention: Partial<Retention>, now_ms = NOW_MS): string[] {
    return pruneRuns(runs, { ...NONE, ...retention }, now_ms, (problem) => {
      throw new Error(problem);
    });
  }

  function plantSeries(id: string, run: string): void {
    mkdirSync(seriesFolder(runs), { recursive: true });
    writeSeries({
      schema: 'drill.series/1',
      id,
      runs,
      flags: {},
      drills: [{ file: 'drill.yaml', name: 'outage', plan_hash: 'aa' }],
      trials: [
        { drill: 0, seed: 1, state: 'ended', run, verdict: 'pass' },
        { drill: 0, seed: 1, state: 'due', run: null, verdict: null },
      ],
    });
  }

  it('lets the oldest go and keeps so many of the newest, however old and large', () => {
    const [old, young] = [plant(1, undefined, 100), plant(2, undefined, 100)];
    expect(prune({ keep_at_least: 1 })).to.deep.equal([old]);
    expect(runIds(runs)).to.deep.equal([young]);
  });

  it('goes by age: a run stays for as long as it may', () => {
    const [old, young] = [plant(20), plant(24)];
    expect(prune({ keep_for_ms: 5 * DAY_MS, keep_bytes: Infinity })).to.deep.equal([old]);
    expect(runIds(runs)).to.deep.equal([young]);
  });

  it('goes by size: what does not fit beside the newer ones goes', () => {
    const [old, middle, young] = [
      plant(1, undefined, 100),
      plant(2, undefined, 5000),
      plant(3, undefined, 100),
    ];
    const bytes = 30_000; // directories count too
    expect(prune({ keep_for_ms: Infinity, keep_bytes: bytes })).to.deep.equal([]);
    writeFileSync(join(runs, middle, 'ledger.bin'), new Uint8Array(2 * bytes));
    expect(prune({ keep_for_ms: Infinity, keep_bytes: bytes })).to.deep.equal([middle]);
    expect(runIds(runs)).to.deep.equal([young, old]);
  });

  it('never takes a run that goes on, is up or has something left to clean', () => {
    plant(1, [owner]);
    plant(2, [owner, { undo: 'kept' }]);
    plant(3, [{ ...owner, owner: { pid, started: 'another start' } }]);
    const over = plant(4);
    expect(prune({})).to.deep.equal([over]);
  });

  it('never takes a pinned run, until it is unpinned', () => {
    const id = plant(1);
    expect(setPinned(join(runs, id), true)).to.equal(true);
    expect(setPinned(join(runs, id), true), 'twice').to.equal(false);
    expect(prune({})).to.deep.equal([]);
    setPinned(join(runs, id), false);
    expect(prune({})).to.deep.equal([id]);
  });

  it('never takes a run of a series that is running', () => {
    const id = plant(1);
    plantSeries('s', id);
    const lock = takeLock(seriesLock(runs, 's'), 'series s');
    expect(prune({})).to.deep.equal([]);
    expect(listSeries(runs)).to.have.length(1);
    if ('release' in lock) lock.release();
    expect(prune({})).to.deep.equal([id]);
    expect(listSeries(runs), 'a series without a run').to.deep.equal([]);
  });

  it('does not take a directory that a run may be about to use', () => {
    const id = plant(1, null);
    expect(prune({}, Date.now())).to.deep.equal([]);
    const before = Date.now() / 1000 - 3600;
    utimesSync(join(runs, id), before, before);
    expect(prune({}, Date.now())).to.deep.equal([id]);
  });

  it('never touches what is no run', () => {
    mkdirSync(join(runs, 'notes'), { recursive: true });
    expect(prune({})).to.deep.equal([]);
    expect(existsSync(join(runs, 'notes'))).to.equal(true);
  });

  it('is what the configuration file says, and 50 runs, 30 days, 2 GB where it says nothing', async () => {
    const usual = { keep_at_least: 50, keep_for_ms: 30 * DAY_MS, keep_bytes: 2e9 };
    expect(await retentionHere({ directory })).to.deep.equal(usual);
    const config = join(directory, 'drill.config.yaml');
    writeFileSync(config, 'runs: { keep_for: 7d, keep_size: 500MB, keep_at_least: 3 }\n');
    const stated = { keep_at_least: 3, keep_for_ms: 7 * DAY_MS, keep_bytes: 500e6 };
    expect(await retentionHere({ directory })).to.deep.equal(stated);
  });

  it('is not guessed where the configuration file is wrong', async () => {
    writeFileSync(join(directory, 'drill.config.yaml'), 'runs: { keep_for: 7 }\n');
    let message = '';
    await retentionHere({ directory }).catch((error: Error) => (message = error.message));
    expect(message).to.include('expected a number of days such as 30d, got the number 7');
    expect(message).to.include('did you mean 7d?');
  });
});
