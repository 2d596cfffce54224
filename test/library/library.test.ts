// drill as a library: what a call gives, what it throws, and that it leaves its caller alone. The
// example of docs/library.md is the test at the end.
import { expect } from 'chai';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  assertPassed,
  DrillFailed,
  DrillFileError,
  EvidenceError,
  judge,
  runDrill,
  UserError,
  type JournalEvent,
  type RunOptions,
} from '../../src/library/main.ts';
import { runHere } from '../../src/library/run-drill.ts';
import { judgeRun } from '../../src/session/judge.ts';
import { writeResult } from '../../src/verdict/assess.ts';
import { unpackRun } from '../evidence/corpus.ts';
import { it } from '../support/commands.ts';
import { barrenSource } from '../support/noop/barren.ts';

const DRILL = `drill: 1
name: outage
targets: { rto: 15s, rpo: 5s }
topology: { strategy: warm-standby }
workload: { rate: 60/s }
faults: [{ at: 1s, kind: lose-region, region: east }]
`;

/** A run of an older version whose stored result is in the words of this one. */
function unpackToday(name: string, directory: string): void {
  unpackRun(name, directory);
  writeFileSync(join(directory, 'result.json'), writeResult(judgeRun(directory).result));
}

async function thrownBy(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('drill as a library', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-library-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const onBarren = async (options: RunOptions = {}, text = DRILL) =>
    await runHere({ text }, options, {
      ...{ directory, environment: {} },
      source: barrenSource,
    });

  it('judges a run from its files, and says in the message why a test fails', async () => {
    const good = join(directory, 'good');
    unpackToday('warm-standby', good);
    const passed = judge(good);
    expect(passed).to.include({ verdict: 'pass', exitCode: 0, passed: true, stored: 'agrees' });
    expect(passed.result.recovery!.rto_ms).to.be.above(0);
    expect(passed.result.loss!.acknowledged).to.be.above(0);
    assertPassed(passed);

    const late = join(directory, 'late');
    unpackToday('target-missed', late);
    const missed = judge(late);
    expect(missed).to.include({ verdict: 'fail', exitCode: 1, passed: false });
    const error = await thrownBy(() => assertPassed(missed));
    expect(error).to.be.instanceOf(DrillFailed).and.include({ result: missed });
    const { message } = error as Error;
    expect(message).to.include(': fail\n  RTO 1.44 s, at least 1.29 s, is 790 ms over its target');
    expect(message).to.include('rto: fail, 1.44 s').and.include('target 500 ms');
    expect(message).to.include(`evidence: ${late}`);
  });

  it('takes a stored result that differs for no pass, and what is no run for nothing', async () => {
    unpackToday('warm-standby', directory);
    const file = join(directory, 'result.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"lost": \d+/, '"lost": 12345'));
    const { exitCode, verdict, stored, differences, summary, passed } = judge(directory);
    const judged = { exitCode, verdict, stored, passed };
    const other = { exitCode: 3, verdict: 'inconclusive', stored: 'differs', passed: false };
    expect(judged).to.deep.equal(other);
    expect(differences[0]).to.match(/^loss\.lost: stored 12345, recomputed \d+$/);
    expect(summary).to.include('result.json differs: loss.lost');
    expect(await thrownBy(() => judge(tmpdir()))).to.be.instanceOf(EvidenceError);
  });

  it('throws the mistakes of a drill file, each with its place, and starts nothing', async () => {
    const text = DRILL.replace('rto: 15s', 'rto: 15 sec');
    const error = await thrownBy(async () => await runDrill({ text }, { directory }));
    expect(error).to.be.instanceOf(DrillFileError).and.be.instanceOf(UserError);
    const { diagnostics, exitCode, message } = error as DrillFileError;
    expect(exitCode).to.equal(2);
    expect(diagnostics).to.have.length(1);
    expect(diagnostics[0]).to.include({ path: 'targets.rto', severity: 'error' });
    expect(diagnostics[0]!.place).to.include({ file: '(text)', line: 3 });
    expect(message).to.include('(text):3:').and.include('^^^^^^');
    for (const [drill, options] of [
      ['none.yaml', {}],
      [{ text: DRILL }, { set: { 'targets.rot': '5s' } }],
      [{ text: DRILL }, { repeat: 0 }],
      [{ text: DRILL }, { seed: -1 }],
    ] as const) {
      const thrown = await thrownBy(async () => await runDrill(drill, { directory, ...options }));
      expect(thrown, JSON.stringify(options)).to.be.instanceOf(DrillFileError);
    }
    for (const options of [{ timeout: 0 }, { timeout: 1.5 }, { maxFailures: NaN }]) {
      const thrown = await thrownBy(async () => await onBarren(options));
      expect(thrown, JSON.stringify(options)).to.be.instanceOf(UserError);
    }
    const asked = DRILL + 'declare: operator\n';
    expect(await thrownBy(async () => await onBarren({}, asked))).to.be.instanceOf(UserError);
    expect(existsSync(join(directory, '.drill'))).to.equal(false);
  });

  it('resolves to what came of a run, tells its events, and prints nothing', async () => {
    const events: JournalEvent[] = [];
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
    const told: string[] = [];
    const writes = [process.stdout, process.stderr].map((stream) => {
      const write = stream.write.bind(stream);
      stream.write = (chunk: string | Uint8Array) => told.push(String(chunk)) > 0;
      return () => void (stream.write = write);
    });
    const onEvent: RunOptions['onEvent'] = (event, run) => {
      expect(run.directory).to.include(directory);
      events.push(event);
      if (event.event === 'phase.started') throw new Error('of the caller');
    };
    const warnings: string[] = [];
    const made = await onBarren({ onEvent, onWarning: (text) => warnings.push(text) }).finally(() =>
      writes.forEach((restore) => restore()),
    );
    expect(told).to.deep.equal([]);
    expect(made).to.include({ verdict: 'environment', exitCode: 4, passed: false, series: null });
    expect(made.runs.map((run) => run.directory)).to.deep.equal([made.directory]);
    expect(existsSync(join(made.directory, 'result.json'))).to.equal(true);
    expect(made.summary).to.include(
      'outage: environment\n  East/postgres: expected that it answers',
    );
    const names = events.map(({ event }) => event);
    expect(names).to.include.members(['run.started', 'environment.failed', 'run.finished']);
    expect(warnings).to.include('a callback threw: of the caller');
    const after = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
    expect(after).to.deep.equal(signals);
  });

  it('goes on whatever callbacks throw, and whatever they do to an event', async () => {
    const told: string[] = [];
    const onEvent = async (event: JournalEvent) => {
      Object.assign(event, { event: 'nothing', t: -1 });
      await Promise.resolve();
      throw new Error('of an async one');
    };
    const onWarning = (text: string) => {
      told.push(text);
      throw new Error('of the one that is told');
    };
    const made = await onBarren({ onEvent, onWarning });
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).to.include({ verdict: 'environment', exitCode: 4 });
    expect(told).to.include('a callback threw: of an async one');
    expect(judge(made.directory).stored).to.equal('agrees');
  });

  it('runs trials, and stops after those that may fail', async () => {
    const made = await onBarren({ repeat: 3, maxFailures: 2, seed: 7 });
    expect(made.runs).to.have.length(2);
    expect(made.series).to.include({ planned: 3, made: 2, needed: 3 });
    expect(made.passed).to.equal(false);
    expect(made.exitCode).to.be.oneOf([3, 4]);
    expect(made.summary).to.include('trials: 2 of 3 made, 3 have to meet each target');
    expect(made.runs[0]!.result.drill.seed).not.to.equal(made.runs[1]!.result.drill.seed);
  });

  it('begins nothing once it is aborted, and stops what was begun', async () => {
    const reason = new Error('enough');
    const aborted = AbortSignal.abort(reason);
    expect(await thrownBy(async () => await onBarren({ signal: aborted }))).to.equal(reason);
    expect(existsSync(join(directory, '.drill'))).to.equal(false);
    const stop = new AbortController();
    const onEvent = ({ event }: JournalEvent) => event === 'run.started' && stop.abort(reason);
    const made = await onBarren({ signal: stop.signal, onEvent, repeat: 5 });
    expect(made).to.include({ verdict: 'interrupted', exitCode: 130, passed: false });
    expect(made.runs).to.have.length(1);
  });

  it.full('survives the loss of east', async function () {
    this.timeout(180_000);
    const signal = AbortSignal.timeout(150_000);
    const drill = await runDrill({ text: DRILL }, { directory, signal, runtime: 'embedded' });
    assertPassed(drill);
    expect(drill.recovery!.rto_ms).to.be.below(15_000);
    expect(drill.loss!.kept).to.be.above(0);
    expect(judge(drill.directory)).to.include({ verdict: 'pass', stored: 'agrees' });
  });

  it.full('cleans up what was begun when it is aborted in the middle', async function () {
    this.timeout(180_000);
    const stop = new AbortController();
    const onEvent = ({ event }: JournalEvent) => event === 'fault.injected' && stop.abort();
    const options = { directory, signal: stop.signal, onEvent, runtime: 'embedded' } as const;
    const drill = await runDrill({ text: DRILL }, options);
    expect(drill).to.include({ verdict: 'interrupted', exitCode: 130 });
    expect(drill.runs[0]!.result.cleanup).to.deep.equal({ clean: true, left: [] });
  });
});
