// What is packed of a run and of a series, and what is not packed, with the reason.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planHash } from '../../../src/archive/compare.ts';
import { planAsBegun } from '../../../src/evidence/run-files.ts';
import { takeLock } from '../../../src/host/lock.ts';
import { seriesLock, writeSeries, type SeriesFile } from '../../../src/session/series-files.ts';
import {
  change,
  ID,
  LOST,
  OTHER,
  Packs,
  predicateIn,
  problems,
  signAgain,
} from '../../support/evidence/packs.ts';
import { sealedRun } from '../../support/evidence/sealed-run.ts';
import { plan } from '../../support/evidence/synthetic.ts';

let packs: Packs;

/** Folders of its own for each test of a suite; hooks beside suites would be those of every file. */
function withPacks(): void {
  beforeEach(() => {
    packs = new Packs();
  });
  afterEach(() => packs.remove());
}

describe('a run that is not packed', () => {
  withPacks();
  const refusal = (place: string) => {
    try {
      packs.pack({ place });
      return 'packed';
    } catch (error) {
      return (error as Error).message;
    } finally {
      expect(readdirSync(packs.root).filter((name) => name.endsWith('.tar'))).to.deep.equal([]);
    }
  };

  it('goes on, or its runner is gone, or its system is up', () => {
    sealedRun(packs.runs, { id: ID });
    const undo = join(packs.runs, ID, 'undo.ndjson');
    writeFileSync(undo, `${JSON.stringify({ undo: 'owner', run: ID, owner: { pid: 1 } })}\n`);
    expect(refusal(join(packs.runs, ID))).to.match(/its runner was killed|still running|cannot be/);
    writeFileSync(undo, `${JSON.stringify({ undo: 'kept' })}\n`);
    expect(refusal(join(packs.runs, ID))).to.match(/its system is up still/);
    rmSync(undo);
    rmSync(join(packs.runs, ID, 'result.json'));
    expect(refusal(join(packs.runs, ID))).to.match(/result\.json/);
  });

  it('was changed, or is of another run than its name says', () => {
    sealedRun(packs.runs, { id: ID, lost: LOST });
    change(join(packs.runs, ID, 'result.json'), '"lost": 3', '"lost": 0');
    expect(refusal(join(packs.runs, ID))).to.match(/result\.json/);
    rmSync(packs.runs, { recursive: true });
    sealedRun(packs.runs, { id: ID, of: OTHER });
    expect(refusal(join(packs.runs, ID))).to.match(new RegExp(`its files are of the run ${OTHER}`));
  });

  it('has a link, or a FIFO, or a name that not every system has', () => {
    sealedRun(packs.runs, { id: ID });
    symlinkSync('/etc/passwd', join(packs.runs, ID, 'logs', 'x'));
    expect(refusal(join(packs.runs, ID))).to.match(/logs\/x is no plain file/);
    rmSync(join(packs.runs, ID, 'logs', 'x'));
    execFileSync('mkfifo', [join(packs.runs, ID, 'x')]);
    expect(refusal(join(packs.runs, ID))).to.match(/x is no plain file/);
    rmSync(join(packs.runs, ID, 'x'));
    writeFileSync(join(packs.runs, ID, 'a:b'), '');
    expect(refusal(join(packs.runs, ID))).to.match(/"a:b" is no name that every system has/);
  });

  it('leaves passwords, claims and notes of its folder out', () => {
    sealedRun(packs.runs, { id: ID });
    for (const name of ['system.json', 'pinned', '.DS_Store']) {
      writeFileSync(join(packs.runs, ID, name), 'secret');
    }
    mkdirSync(join(packs.runs, ID, 'claims'));
    writeFileSync(join(packs.runs, ID, 'claims', 'x'), 'secret');
    const names = readdirSync(
      join(packs.unpack(packs.pack({ place: join(packs.runs, ID) })), 'runs', ID),
    );
    expect(names.toSorted()).to.deep.equal([
      ...['drill.yaml', 'journal.ndjson', 'ledger.bin', 'logs', 'plan.json', 'result.json'],
      'survivors.bin',
    ]);
  });
});

describe('a series that was packed', () => {
  withPacks();
  const SERIES = '20261128T095900Z-synthetic-series-00aa';
  const made = (): SeriesFile => {
    const trials = [ID, OTHER].map((run) => {
      const { verdict } = sealedRun(packs.runs, { id: run, lost: LOST });
      return { drill: 0, seed: plan.seed, state: 'ended' as const, run, verdict };
    });
    const plan_hash = planHash(planAsBegun(join(packs.runs, ID))!);
    const series: SeriesFile = {
      ...({ schema: 'drill.series/1', id: SERIES, runs: packs.runs, flags: {}, trials } as const),
      drills: [{ file: 'a.yaml', name: 'synthetic', plan_hash, rule: { gate: 'worst' } }],
    };
    mkdirSync(join(packs.runs, 'series'));
    writeSeries(series);
    return series;
  };

  it('has all its runs, and the verdict over them is recomputed', () => {
    const folder = packs.unpack(packs.pack({ series: made() }));
    expect(problems(folder)).to.deep.equal([]);
    const { runs: said, series } = predicateIn(folder);
    expect(said.map(({ run }) => run)).to.deep.equal([ID, OTHER]);
    expect(series!.exit_code).to.equal(0);
    expect(series!.drills[0]).to.include({ verdict: 'pass', planned: 2, made: 2, needed: 2 });
    expect(series!.drills[0]!.gates[0]).to.include({ name: 'rto', met: 2, missed: 0, open: 0 });
  });

  it('is found out where a trial is gone, or another one, or the series says other things', () => {
    const folder = packs.unpack(packs.pack({ series: made() }));
    const whole = predicateIn(folder);
    change(join(folder, 'runs', 'series', `${SERIES}.json`), '"gate": "worst"', '"gate": "p90"');
    expect(problems(folder)[0]).to.match(/^files: runs\/series/);
    signAgain(folder);
    expect(problems(folder)).to.deep.equal([]); // two of two, whichever the rule
    rmSync(join(folder, 'runs', OTHER), { recursive: true });
    signAgain(folder);
    expect(problems(folder)).to.deep.equal([`statement: ${OTHER}: it is not in the pack`]);
    signAgain(folder, (said) => ({ ...said, runs: said.runs.slice(0, 1) }));
    const found = problems(folder).join('\n');
    expect(found).to.include(
      'statement: series.drills.0.verdict: stated "pass", recomputed "inconclusive"',
    );
    expect(found).to.match(new RegExp(`series: ${SERIES}: its trial ${OTHER} is not as it was`));
    expect(whole.runs).to.have.length(2);
  });

  it('is not packed while it runs, or where a trial is gone or was changed', () => {
    const series = made();
    const lock = takeLock(seriesLock(packs.runs, SERIES), 'a test');
    expect(() => packs.pack({ series })).to.throw(/the series is running/);
    if ('release' in lock) lock.release();
    change(join(packs.runs, OTHER, 'result.json'), '"lost": 3', '"lost": 0');
    expect(() => packs.pack({ series })).to.throw(
      /its trial .*0002 is gone, or not as it was written/,
    );
    rmSync(join(packs.runs, OTHER), { recursive: true });
    expect(() => packs.pack({ series })).to.throw(/its trial .*0002 is gone/);
  });
});
