import { expect } from 'chai';
import { scaleHtml } from '../../../src/report/scale/page.ts';
import { scaleText } from '../../../src/report/scale/text.ts';
import { scaled } from '../../support/evidence/scaled.ts';

const OPTIONS = { columns: 100, hasColour: false };

describe('report of a drill at several sizes', () => {
  it('has every phase per size, the lines with their errors, and no other size unasked', () => {
    const text = scaleText(scaled(), OPTIONS);
    expect(text).to.match(/topology\.data +100MB +200MB +400MB/);
    expect(text).to.match(/\n *restore +4\.11 s +8\.21 s +16\.41 s/);
    expect(text).to.match(/\nrestore +[\d.]+ (ms|s) ± [\d.]+ (ms|s) +41 s ± [\d.]+ ms +1\.00 +6/);
    expect(text).to.include('one standard error');
    expect(text).to.not.include('EXTRAPOLATED');
  });

  it('does not call two points a line that fits', () => {
    const text = scaleText(scaled({ turns: 1, sizes_mb: [100, 200] }), OPTIONS);
    expect(text).to.match(/\nrestore +[\d.]+ (ms|s) ± \? +41 s ± \? +\? +2/);
  });

  it('calls what was not measured so, with its interval or the reason of its refusal', () => {
    const text = scaleText(scaled({ to_bytes: 500e9 }), OPTIONS);
    expect(text).to.include('EXTRAPOLATED, not measured: at 500GB');
    expect(text).to.match(
      /\nrestore +5 h 4\d m \(5 h \d\d m to 5 h \d\d m, 95% prediction interval\)/,
    );
  });

  it('says why a size that was not measured has no figure', () => {
    const lacking = scaled({ to_bytes: 500e9 });
    const fits = lacking.fits.map((fit) => {
      if (fit.name !== 'restore') return fit;
      return { ...fit, extrapolated: null, refused: '1 of 6 runs have no value' };
    });
    const text = scaleText({ ...lacking, fits }, OPTIONS);
    expect(text).to.match(/\nrestore +refused: 1 of 6 runs have no value\n/);
  });

  it('draws a dot for each run, where its size and time say, and the line through them', () => {
    const page = scaleHtml(scaled({ to_bytes: 500e9 }));
    const dots = [...page.matchAll(/<circle class="dot rto"[^>]* cx="([\d.]+)" cy="([\d.]+)"/g)];
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

  it('has no line wider than the terminal, however many sizes there are', () => {
    const many = scaled({ sizes_mb: [20, 40, 60, 80, 100, 120, 140, 160], to_bytes: 1e9 });
    const lines = scaleText(many, { columns: 80, hasColour: false }).split('\n');
    expect(lines.filter((line) => line.length > 80)).to.eql([]);
    expect(lines.filter((line) => line.startsWith('topology.data'))).to.have.length(2);
  });

  it('says once why no line is followed, where it is the same for all', () => {
    const text = scaleText(scaled({ sizes_mb: [100, 200], to_bytes: 1e9 }), OPTIONS);
    expect(text).to.match(/at 1GB\nall +refused: .*2 sizes.*\n\n/);
  });

  it('says of runs that are on no line that they are not', () => {
    const whole = scaled();
    const fits = whole.fits.map((fit) => ({ ...fit, missing: 1 }));
    expect(scaleText({ ...whole, fits }, OPTIONS)).to.include('or that lacks the time, is on no');
    expect(scaleText(whole, OPTIONS)).to.not.include('is on no');
  });

  it('writes no label of a size over another one', () => {
    const page = scaleHtml(scaled({ sizes_mb: [100, 150, 10_000] }));
    const labels = [...page.matchAll(/<text class="tick"[^>]*>([^<]+)</g)].map(([, text]) => text);
    expect(labels).to.eql(['10GB', '150MB']);
    expect(page.match(/<circle class="dot rto"/g)).to.have.length(6);
  });

  it('writes a hostile name as text', () => {
    const scale = { ...scaled(), name: '<script>alert(1)</script>' };
    expect(scaleHtml(scale)).to.not.include('<script>');
  });
});
