import { expect } from 'chai';
import { rangeWords } from '../../../src/report/series/words.ts';
import { seriesText, shortSeries } from '../../../src/report/series/text.ts';
import { displayWidth } from '../../../src/screen/text.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { judgeSeries } from '../../../src/verdict/series.ts';
import { passed } from '../../support/evidence/results.ts';

const trials: Result[] = [1890, 3110, 4160].map((rto_ms, at) => ({
  ...passed,
  id: `20261128T15182${at}Z-region-outage-20a${at}`,
  drill: { ...passed.drill, seed: 7 + at, trial: { series_seed: 7, moved_ms: 52, within_ms: 250 } },
  gates: passed.gates.map((gate) => (gate.name === 'rto' ? { ...gate, measured: rto_ms } : gate)),
  recovery: { ...passed.recovery!, rto_ms },
}));
const ID = '20261128T151824Z-region-outage-series-89a4';
const series = judgeSeries({ id: ID, rule: { gate: 'worst' }, trials })!;
const shown = (columns = 100, of = series) => {
  return seriesText(of, {
    columns,
    hasColour: false,
    commandName: 'npx drill',
    runs: '.drill/runs',
  });
};

describe('the summary of a series', () => {
  it('prints commands that can be pasted, wherever the runs lie', () => {
    const told = (runs: string) => {
      const options = { columns: 100, hasColour: false, commandName: 'drill', runs };
      return seriesText({ ...series, planned: 4 }, options).match(/drill (show|run) .*/g);
    };
    expect(told('.drill/runs')).to.deep.equal([
      `drill show ${ID}`,
      `drill run --resume ${ID}`,
      `drill show ${trials[2]!.id}`,
    ]);
    expect(told('/my runs')).to.deep.equal([
      `drill show ${ID} --out '/my runs'`,
      `drill run --resume ${ID} --out '/my runs'`,
      `drill show ${trials[2]!.id} --out '/my runs'`,
    ]);
  });

  it('says the verdict, the spread, what it proves, and each trial', () => {
    const text = shown();
    for (const part of [
      'PASS  region-outage  warm-standby · 3 trials',
      'Service was back 1.89 s to 4.16 s after the fault, 3.11 s in the middle.',
      'Targets  every trial has to meet each',
      'target 15 s  1.89 s to 4.16 s, 3.11 s in the middle',
      'met by 3 of 3. With 95 % confidence, at least 36 % of such outages do.',
      'To say so of 95 % of them takes 59 trials, all met.',
      '1  PASS     1.89 s  0     52 ms  7     20261128T151820Z',
      `next      npx drill show ${ID}`,
    ]) {
      expect(text).to.include(part);
    }
  });

  it('says of two trials both, and of none that it is in the middle', () => {
    const two = { min: 1_890, median: 4_160, max: 4_160, of: 2 };
    expect(rangeWords(two, 'ms', 2)).to.equal('1.89 s to 4.16 s');
    expect(rangeWords({ ...two, of: 3 }, 'ms', 3)).to.equal(
      '1.89 s to 4.16 s, 4.16 s in the middle',
    );
    const rule = { gate: 'median' } as const;
    const ofAll = (all: typeof trials) => shown(100, judgeSeries({ id: ID, rule, trials: all })!);
    expect(ofAll(trials.slice(0, 2))).to.include('Targets  both trials have to meet each');
    expect(ofAll(trials)).to.include('the trial in the middle has to meet each: 2 of 3');
  });

  it('draws a dot for each trial, to scale', () => {
    const line = shown()
      .split('\n')
      .find((each) => each.startsWith('  1.89 s  '))!;
    const dots = line.split('').flatMap((each, at) => (each === '·' ? [at] : []));
    expect(dots).to.have.length(3);
    const [first, middle, last] = dots as [number, number, number];
    expect((middle - first) / (last - first)).to.be.closeTo((3110 - 1890) / (4160 - 1890), 0.02);
  });

  it('is no wider than the terminal, but for what is to be copied', () => {
    for (const columns of [60, 80, 120]) {
      const lines = shown(columns)
        .split('\n')
        .filter((line) => !line.includes('drill show'));
      for (const line of lines) expect(displayWidth(line), line).to.be.at.most(columns);
    }
  });

  it('says nothing of what is proved before all trials were made, and how to go on', () => {
    const half = judgeSeries({ id: ID, rule: { gate: 'worst' }, trials: [trials[0]!, null] })!;
    const text = shown(100, half);
    expect(text).to.include('INCONCLUSIVE').and.to.include('1 of 2 trials');
    expect(text).to.include('Nothing yet: not all trials were made.');
    expect(text).to.include(`npx drill run --resume ${ID}`);
  });

  it('is a line where that is asked for', () => {
    expect(shortSeries(series, false)).to.match(
      /^PASS region-outage · rto 3 of 3 \(1\.89 s to 4\.16 s[^\n]*\n$/,
    );
    const half = judgeSeries({ id: ID, rule: { gate: 'worst' }, trials: [trials[0]!, null] })!;
    expect(shortSeries(half, false)).to.match(
      /^INCONCLUSIVE [^\n]*\n {2}1 of 2 trials met[^\n]*\n/,
    );
  });
});
