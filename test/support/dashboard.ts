// A folder of runs with a dashboard for tests: whole runs of the corpus, runs that go on, and the
// application that shows them.
import assert from 'node:assert';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planHash } from '../../src/archive/compare.ts';
import { planAsBegun } from '../../src/evidence/run-files.ts';
import { Keys } from '../../src/dashboard/access/keys.ts';
import { dashboardApp } from '../../src/dashboard/app.ts';
import { Feeds } from '../../src/dashboard/live/feed.ts';
import { LiveRuns } from '../../src/dashboard/live/live-run.ts';
import { startDashboard } from '../../src/dashboard/serve.ts';
import { GameDays } from '../../src/dashboard/model/game-days.ts';
import { OverviewOnDisk } from '../../src/dashboard/model/overview.ts';
import type { DatabaseAddress } from '../../src/drill/database-address.ts';
import { SharedView } from '../../src/session/history/shared-history.ts';
import type { GameDayRecord } from '../../src/evidence/gameday-form.ts';
import { newRecord } from '../../src/gameday/day/day.ts';
import { askedId, claimDay } from '../../src/gameday/day/day-files.ts';
import { readGameDay } from '../../src/gameday/read.ts';
import { hostClock, hostNow } from '../../src/host/clock.ts';
import { thisRunner } from '../../src/host/process/runner.ts';
import { seriesFolder, writeSeries } from '../../src/session/series-files.ts';
import type { Result } from '../../src/verdict/result.ts';
import { ManualClock } from './manual-clock.ts';
import { sealedRun } from './evidence/sealed-run.ts';
import { unpackRun } from '../evidence/corpus.ts';

export const TOKEN = 'a-token-that-nobody-guesses';
export const HOST = '127.0.0.1:8420';

const DRILL = `drill: 1
name: one
targets: { rto: 15s, rpo: 1s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;

interface AppOptions {
  readonly token?: string | null;
  readonly isPrivate?: boolean;
  readonly gamedays?: readonly string[];
  readonly shared?: SharedView;
}

export class RunsInTest {
  readonly directory = mkdtempSync(join(tmpdir(), 'drill-dashboard-'));
  readonly runs = join(this.directory, '.drill', 'runs');

  constructor() {
    mkdirSync(this.runs, { recursive: true });
  }

  /** A run of the corpus, of an earlier version, in the folder of its own id, which is returned. */
  unpack(name: string): string {
    const place = join(this.directory, 'unpacked');
    unpackRun(name, place);
    const { id } = JSON.parse(readFileSync(join(place, 'result.json'), 'utf8')) as Result;
    cpSync(place, join(this.runs, id), { recursive: true });
    rmSync(place, { recursive: true });
    utimesSync(join(this.runs, id), 0, 0); // what was touched a moment ago may go on still
    return id;
  }

  /** Two runs of one drill as a series, and more of its trials that are still to come. */
  plantSeries(id: string, due = 0): readonly string[] {
    mkdirSync(seriesFolder(this.runs), { recursive: true });
    const ids = ['20261122T200000Z-region-outage-00aa', '20261122T200100Z-region-outage-00bb'];
    const made = ids.map((run, at) => this.seal(run, at));
    const [{ drill: of }] = made as [Result, Result];
    const drills = [
      {
        file: 'one.yaml',
        name: of.name,
        plan_hash: planHash(planAsBegun(join(this.runs, ids[0]!))!),
      },
    ];
    const { seed } = of;
    const trials = [
      ...made.map(
        ({ id: run, verdict }) => ({ drill: 0, seed, state: 'ended', run, verdict }) as const,
      ),
      ...Array.from(
        { length: due },
        () => ({ drill: 0, seed, state: 'due', run: null, verdict: null }) as const,
      ),
    ];
    writeSeries({ schema: 'drill.series/1', id, runs: this.runs, flags: {}, drills, trials });
    return ids;
  }

  /** A run of this version, with all its seals: a pass, or a fail where it lost writes. */
  seal(id: string, lost = 0): Result {
    const result = sealedRun(this.runs, { id, lost });
    utimesSync(join(this.runs, id), 0, 0);
    return result;
  }

  /**
   * The same run as if it went on: its runner is this process, and its journal has no line yet.
   * Returns its id, and the lines that are to come.
   */
  begin(name: string, id: string): { readonly id: string; readonly lines: readonly string[] } {
    const place = join(this.runs, id);
    unpackRun(name, place);
    const journal = join(place, 'journal.ndjson');
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
    writeFileSync(journal, '');
    const [first = '', ...others] = lines;
    const began = { ...(JSON.parse(first) as object), origin_ms: hostNow() };
    for (const file of ['result.json', 'survivors.bin', 'ledger.bin']) rmSync(join(place, file));
    const owner = { undo: 'owner', run: id, owner: thisRunner() };
    writeFileSync(join(place, 'undo.ndjson'), `${JSON.stringify(owner)}\n`);
    return { id, lines: [JSON.stringify(began), ...others] };
  }

  /** The lines of its journal that come next. */
  append(run: string, lines: readonly string[]): void {
    appendFileSync(
      join(this.runs, run, 'journal.ndjson'),
      lines.map((line) => `${line}\n`).join(''),
    );
  }

  /** A run that goes on is over: its runner has undone all and written its result. */
  finish(run: string, name: string): void {
    const place = join(this.directory, 'unpacked');
    unpackRun(name, place);
    for (const file of ['result.json', 'survivors.bin', 'ledger.bin']) {
      cpSync(join(place, file), join(this.runs, run, file));
    }
    rmSync(place, { recursive: true });
    appendFileSync(join(this.runs, run, 'undo.ndjson'), '{"undo":"done"}\n');
  }

  /** On an address of its own. */
  async serve(
    token: string | null = null,
    gamedays: readonly string[] = [],
    shared: DatabaseAddress | null = null,
  ) {
    const listen = { host: '127.0.0.1', port: 0 };
    return await startDashboard({
      ...this.place(),
      listen,
      hostNames: [],
      gamedays,
      token,
      shared,
      tell: (text) => assert.fail(text),
    });
  }

  /** A game day of one drill, each Tuesday, with its record on the disk. */
  async claim(description = ''): Promise<GameDayRecord> {
    writeFileSync(join(this.directory, 'one.yaml'), DRILL);
    const text = `gameday: 1
name: weekly
description: ${JSON.stringify(description)}
schedule: ['0 10 * * TUE Europe/Berlin']
drills: [{ drill: one.yaml, findings: { rto: OPS-412 } }]
roles: { owner: ada }
`;
    writeFileSync(join(this.directory, 'weekly.yaml'), text);
    const { read, diagnostics } = await readGameDay('weekly.yaml', {}, this.place());
    assert(read !== null, JSON.stringify(diagnostics));
    const id = askedId('weekly', hostClock());
    const record = newRecord(read, { id, by: 'operator', due_ms: 0, runs: this.runs });
    claimDay(record);
    return record;
  }

  write(run: string, file: string, text: string): void {
    mkdirSync(join(this.runs, run), { recursive: true });
    writeFileSync(join(this.runs, run, file), text);
  }

  place() {
    return { runs: this.runs, directory: this.directory, environment: {} };
  }

  app(parts: AppOptions = {}) {
    const { token = TOKEN, isPrivate = false, gamedays = [] } = parts;
    const { shared = new SharedView(null) } = parts;
    const told: string[] = [];
    const place = this.place();
    const app = dashboardApp({
      ...place,
      past: new OverviewOnDisk(place, shared),
      live: new LiveRuns(place.runs, new ManualClock()),
      feeds: new Feeds(hostClock(), (text) => told.push(text)),
      days: new GameDays(place, gamedays),
      keys: new Keys(token),
      isPrivate,
      hosts: new Set(['127.0.0.1', 'localhost']),
      tell: (text) => told.push(text),
    });
    const ask = async (path: string, options: RequestInit = {}) => {
      const headers = { host: HOST, ...(options.headers as Record<string, string>) };
      const response = await app.request(`http://${HOST}${path}`, { ...options, headers });
      return { status: response.status, text: await response.text(), headers: response.headers };
    };
    return { ask, told };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
