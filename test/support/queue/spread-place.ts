// A series in a folder of its own whose trials are made by workers, processes with drills on `noop`.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { isAsWritten, listRuns, runIds } from '../../../src/archive/run-list.ts';
import type { DatabaseAddress } from '../../../src/drill/database-address.ts';
import { SharedQueue } from '../../../src/queue/queue.ts';
import { judgeRun } from '../../../src/session/judge.ts';
import { spreadSeries } from '../../../src/session/queue/spread.ts';
import { readDrill } from '../../../src/session/read.ts';
import { beginSeries, takeUpSeries, type Made } from '../../../src/session/series.ts';
import type { SessionEvent } from '../../../src/session/session.ts';
import { ONCE_AS_STATED } from '../../../src/session/trials.ts';
import { sessionIn } from '../cli/session.ts';
import { NOOP_DRILL } from '../noop/noop-source.ts';
import { startChild, type QueueChild } from './child.ts';
import type { QueueDatabase } from './queue-database.ts';

const WORKER = fileURLToPath(new URL('./noop-worker.ts', import.meta.url));
export const LEASE_S = 3;

interface Asked {
  readonly id?: string;
  readonly interrupt?: AbortController;
  readonly onEvent?: (event: SessionEvent) => void;
  /** Of whoever asks; `asks` where it is left out. */
  readonly folder?: string;
  /** Another way to the same database. */
  readonly over?: DatabaseAddress;
}

export class SpreadPlace {
  readonly root = mkdtempSync(join(tmpdir(), 'drill-spread-'));
  readonly workers: QueueChild[] = [];
  readonly #database: QueueDatabase;

  constructor(database: QueueDatabase) {
    this.#database = database;
    writeFileSync(join(this.folder('asks'), 'outage.yaml'), NOOP_DRILL);
  }

  async remove(): Promise<void> {
    for (const { child, ended } of this.workers) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.root, { recursive: true });
  }

  folder(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  async start(name: string): Promise<QueueChild> {
    const words = [this.folder(name), name, String(LEASE_S)] as const;
    const worker = await startChild(WORKER, words, this.#database.address);
    this.workers.push(worker);
    return worker;
  }

  /** Begins it, or takes up the one of that id. */
  async spread(trials: number, asked: Asked = {}) {
    const { interrupt = new AbortController() } = asked;
    const directory = this.folder(asked.folder ?? 'asks');
    const told: SessionEvent[] = [];
    const onEvent = asked.onEvent;
    const session = sessionIn({ directory, interrupt, told, onEvent });
    const { drill } = await readDrill('outage.yaml', { set: [] }, session);
    const queue = await SharedQueue.open(asked.over ?? this.#database.address, {
      lease_s: LEASE_S,
    });
    const how = { ...ONCE_AS_STATED, repeat: trials, flags: { set: [] } };
    const series =
      asked.id === undefined
        ? beginSeries([drill!], { ...how, queue: this.#database.address.shown }, session)
        : takeUpSeries(runsDirectory(directory), asked.id, [drill!]);
    const said: string[] = [];
    const say = (text: string) => void said.push(text);
    const made = spreadSeries(series, [drill!], session, { queue, say, workerCommand: 'start' });
    const closed = async () => {
      try {
        return await made;
      } finally {
        await queue.close();
      }
    };
    return { id: series.file.id, said, told, made: closed() };
  }

  /** Each trial has a run of its own here, which is whole, and which a worker has made. */
  expectAll({ series }: Made, trials: number): string[] {
    const runs = runsDirectory(this.folder('asks'));
    const results = series!.results.map((result) => result!);
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal(
      Array(trials).fill('ended'),
    );
    expect(runIds(runs).toSorted()).to.deep.equal(results.map(({ id }) => id).toSorted());
    for (const [at, { id, drill }] of results.entries()) {
      expect(drill.trial!.number, id).to.equal(at);
      expect(isAsWritten(join(runs, id)), id).to.equal(true);
      expect(judgeRun(join(runs, id)).stored.state, id).to.equal('agrees');
    }
    return results.map(({ drill }) => drill.trial!.worker!);
  }

  /** What its killed runs left is another question: no run that has a result is made for nothing. */
  expectNoneTwice(trials: number): void {
    const whole = this.workers.flatMap(({ directory }) => {
      const ended = listRuns(runsDirectory(directory)).filter(({ result }) => result !== null);
      return ended.map(({ id }) => id);
    });
    expect(new Set(whole).size).to.equal(trials);
  }
}
