import { expect } from 'chai';
import { scaleRuns } from '../../../src/archive/scale.ts';
import { scaleHtml } from '../../../src/report/scale/page.ts';
import { scaleText } from '../../../src/report/scale/text.ts';
import { backupRestore } from '../../support/evidence/compared.ts';

const MB = 1e6;

/** Restores that take 41 ms a megabyte, and now and then a bit more. */
function scaled(to_bytes: number | null, turns = 2, sizes = [100, 200, 400]) {
  const runs = sizes.flatMap((mb) =>
    Array.from({ length: turns }, (_, turn) => {
      const run = backupRestore();
      const recovery = run.result.recovery!;
      const restore = 41 * mb + 10 * turn;
      const phases = recovery.phases.map((phase) =>
        phase.name === 'restore' ? { ...phase, ms: restore } : phase,
      );
      const rto_ms = phases.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
      const result = { ...run.result, gates: [], recovery: { ...recovery, rto_ms, phases } };
      return { ...run, result, data_bytes: mb * MB };
    }),
  );
  return scaleRuns(runs, { to_bytes, notMade: 0 });
}

const OPTIONS = { columns: 100, hasColour: false };

describe('report of a drill at several sizes', () => {
  it('has every phase per size, the lines with their errors, and no other size unasked', () => {
    const text = scaleText(scaled(null), OPTIONS);
    expect(text).to.match(/topology\.data +100MB +200MB +400MB/);
    expect(text).to.match(/\n *restore +4\.11 s +8\.21 s +16\.41 s/);
    expect(text).to.match(/\nrestore +[\d.]+ (ms|s) ± [\d.]+ (ms|s) +41 s ± [\d.]+ ms +1\.00 +6/);
    expect(text).to.include('one standard error');
    expect(text).to.not.include('EXTRAPOLATED');
  });

  it('does not call two points a line that fits', () => {
    const text = scaleText(scaled(null, 1, [100, 200]), OPTIONS);
    expect(text).to.match(/\nrestore +[\d.]+ (ms|s) ± \? +41 s ± \? +\? +2/);
  });

  it('calls what was not measured so, with its interval or the reason of its refusal', () => {
    const text = scaleText(scaled(500e9), OPTIONS);
    expect(text).to.include('EXTRAPOLATED, not measured: at 500GB');
    expect(text).to.match(
      /\nrestore +5 h 4\d m \(5 h \d\d m to 5 h \d\d m, 95% prediction interval\)/,
    );
  });

  it('says why a size that was not measured has no figure', () => {
    const lacking = scaled(500e9);
    const fits = lacking.fits.map((fit) => {
      return { ...fit, extrapolated: null, refused: '1 of 6 runs have no value' };
    });
    const text = scaleText({ ...lacking, fits }, OPTIONS);
    expect(text).to.match(/\nrestore +refused: 1 of 6 runs have no value\n/);
  });

  it('draws a dot for each run, where its size and time say, and the line through them', () => {
    const page = scaleHtml(scaled(500e9));
    const dots = [...page.matchAll(/<circle class="dot rto" cx="([\d.]+)" cy="([\d.]+)"/g)];
    expect(dots).to.have.length(6);
    const xs = dots.map(([, x]) => Number(x));
    // From 0 at 70: 400 MB lies twice as far as 200 MB.
    expect((xs[4]! - 70) / (xs[2]! - 70)).to.be.closeTo(2, 0.01);
    const ys = dots.map(([, , y]) => Number(y));
    expect(ys[0]! - ys[2]!).to.be.closeTo((ys[2]! - ys[4]!) / 2, 1);
    const [, left, right] = /class="fit rto"[^>]* d="M([\d.]+) [\d.]+L([\d.]+) /.exec(page)!;
    expect([Number(left), Number(right)]).to.eql([xs[0], xs[4]]);
    expect(page).to.include('EXTRAPOLATED, not measured: at 500GB');
    expect(page).to.not.match(/https?:\/\//);
  });

  it('writes a hostile name as text', () => {
    const scale = { ...scaled(null), name: '<script>alert(1)</script>' };
    expect(scaleHtml(scale)).to.not.include('<script>');
  });
});
