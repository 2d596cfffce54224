// `drill judge` on runs whose files were written by hand.
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { expect } from 'chai';
import { judgeVerb } from '../../../src/cli/verbs/judge.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { storeResult, writeRun } from '../../support/evidence/run-directory.ts';
import {
  acknowledged,
  drive,
  goneFor,
  journal,
  rowOf,
  withTargets,
} from '../../support/evidence/synthetic.ts';
import { call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

/** Whose bodies are empty, or name a store where no other was. */
const BODILESS = ['steady.started', 'steady.ended', 'workload.stopped'];

describe('drill judge', () => {
  const ops = drive(goneFor(600));
  const serving = acknowledged(ops).map(rowOf);
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  const judge = (args = {}) => call(judgeVerb, { run: folder, ...args }, folder);

  it('agrees with the stored result to the last byte and exits with its verdict', async () => {
    writeRun(folder, { ops, serving });
    expect(storeResult(folder).verdict).to.equal('pass');
    const { code, stdout } = await judge();
    expect(code).to.equal(0);
    expect(stdout).to.contain('agrees with the evidence');
  });

  it('prints the recomputed result as it is stored', async () => {
    writeRun(folder, { ops, serving });
    storeResult(folder);
    const { stdout } = await judge({ json: true });
    expect(stdout).to.equal(readFileSync(runFile(folder, 'result'), 'utf8'));
  });

  it('names every value that was tampered with, and does not exit 0', async () => {
    writeRun(folder, { ops, serving });
    const result = storeResult(folder);
    const better = { ...result, recovery: { ...result.recovery, rto_ms: 1 } };
    writeFileSync(runFile(folder, 'result'), `${JSON.stringify(better, null, 2)}\n`);
    const { code, stdout } = await judge();
    expect(code).to.equal(3);
    expect(stdout).to.contain(`recovery.rto_ms: stored 1, recomputed ${result.recovery!.rto_ms}`);
  });

  it('names a run whose journal is empty by its folder', async () => {
    writeRun(folder, { ops, serving, events: [] });
    const { code, stdout } = await judge();
    expect(code).to.equal(3);
    expect(stdout.startsWith(`${basename(folder)}: inconclusive\n`), stdout).to.equal(true);
  });

  it('exits 1 for a run that missed its target', async () => {
    writeRun(folder, { ops, serving, plan: withTargets({ rto_ms: 100 }) });
    expect(await judge()).to.include({ code: 1 });
  });

  it('exits 3 for a torn ledger and says so', async () => {
    writeRun(folder, { ops, serving });
    truncateSync(runFile(folder, 'ledger'), 50_001);
    const { code, stdout } = await judge();
    expect(code).to.equal(3);
    expect(stdout).to.contain('ledger.bin is damaged').and.contain('torn');
  });

  it('says what to do for a run that broke off, and that it was done', async () => {
    const events = journal().filter(({ event }) => event !== 'run.finished');
    writeRun(folder, { ops, serving, events });
    const undo = runFile(folder, 'undo');
    const owner = { pid: 2 ** 22 + 1, started: 'never' };
    writeFileSync(undo, `${JSON.stringify({ undo: 'owner', run: 'r', owner })}\n`);
    const broken = (await judge()).stdout;
    expect(broken).to.include('broke off before its clean-up was done.');
    expect(broken).to.include(`To clean up what it left: drill clean ${folder}`);
    appendFileSync(undo, '{"undo":"done"}\n');
    const cleaned = (await judge()).stdout;
    expect(cleaned).to.include('It was cleaned up since.').and.to.not.include('drill clean');
    rmSync(undo);
    expect((await judge()).stdout, 'a copy elsewhere').to.not.include('cleaned up since');
  });

  it('exits 3 for missing survivors', async () => {
    writeRun(folder, { ops, serving });
    rmSync(runFile(folder, 'survivors'));
    const { code, stdout } = await judge();
    expect(code).to.equal(3);
    expect(stdout).to.contain('survivors.bin');
  });

  it('exits 130 for a run that was interrupted before it began, without a word on missing files', async () => {
    const events = journal()
      .filter(({ t }) => t === 0)
      .slice(0, 1);
    const interrupted = { t: 5, event: 'run.interrupted', by: 'SIGINT' } as const;
    writeRun(folder, { ops, serving, events: [...events, interrupted] });
    rmSync(runFile(folder, 'survivors'));
    rmSync(runFile(folder, 'ledger'));
    const { code, stdout } = await judge();
    expect(code).to.equal(130);
    expect(stdout).to.not.contain('ledger.bin');
  });

  it('exits 3 for events without their bodies, and never passes', async () => {
    for (const name of new Set(journal().map(({ event }) => event))) {
      const events = journal().map((event) =>
        event.event === name ? ({ t: event.t, event: name } as RunEvent) : event,
      );
      writeRun(folder, { ops, serving, events });
      const { code } = await judge();
      expect(code, name).to.equal(BODILESS.includes(name) ? 0 : 3);
    }
  });

  it('names the line, the field, what was expected and what came of an event that is none', async () => {
    const told: [string, string, unknown][] = [
      ['service.sustained', 'rto_ms: expected a number, found nothing', { rto_ms: NaN }],
      ['phase.ended', 'ms: expected a number, found "12"', { phase: 'up', ms: '12' }],
      ['fault.healed', 'by: expected schedule or end, found "hand"', { index: 0, by: 'hand' }],
      ['app.ready', 'expected no key "more"', { region: 'west', instances: 1, more: 1 }],
      ['verification.checked', 'checks: expected a list, found nothing', {}],
    ];
    for (const [event, problem, body] of told) {
      const odd = { t: 5, event, ...(body as object) } as RunEvent;
      writeRun(folder, { ops, serving, events: [...journal(), odd] });
      const { code, stdout } = await judge();
      const line = `line ${journal().length + 1} (${event}) is no such event: ${problem}.`;
      expect(code, event).to.equal(3);
      expect(stdout.replaceAll(/\s+/g, ' '), event).to.contain(line);
    }
  });

  it('says which key the plan lacks', async () => {
    writeRun(folder, { ops, serving });
    writeFileSync(runFile(folder, 'plan'), '{"schema":"drill.plan/1","name":"x"}');
    const { code, stderr } = await judge();
    expect(code).to.equal(3);
    expect(stderr).to.contain('plan.json is damaged: description: expected a text, found nothing');
  });

  it('says of evidence that cannot be read that it cannot, and judges nothing', async () => {
    for (const name of ['plan', 'journal', 'ledger', 'survivors', 'result'] as const) {
      writeRun(folder, { ops, serving });
      storeResult(folder);
      rmSync(runFile(folder, name));
      mkdirSync(runFile(folder, name)); // root reads whatever the modes say
      const { code, stdout, stderr } = await judge();
      expect([code, stdout], name).to.deep.equal([3, '']);
      expect(stderr.trim(), name).to.equal(
        `${runFile(folder, name)} cannot be read: it is no file`,
      );
      rmSync(runFile(folder, name), { recursive: true });
    }
  });

  it('says what is missing in a run without a readable plan', async () => {
    writeRun(folder, { ops, serving });
    writeFileSync(runFile(folder, 'plan'), '{');
    const { code, stderr } = await judge();
    expect(code).to.equal(3);
    expect(stderr).to.contain('plan.json is damaged');
  });
});
