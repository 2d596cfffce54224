import { expect } from 'chai';
import { compareMarkdown, compareText } from '../../../src/report/compare/text.ts';
import { displayWidth } from '../../../src/screen/text.ts';
import type { Comparison } from '../../../src/verdict/comparison.ts';
import type { Result, ResultFailback } from '../../../src/verdict/result.ts';
import {
  activeActive,
  allStrategies,
  backupRestore,
  compared,
  lostForGood,
  pilotLight,
  STANDING,
  warmStandby,
} from '../../support/evidence/compared.ts';

const why = 'The runner started 3.1 % of its operations late, and at most 0.1 % may be.';
const notUp: Partial<Result> = {
  ...{ verdict: 'environment', runtime: null, recovery: null, loss: null, gates: [] },
  reasons: ['west/postgres did not start.'],
};

/** One of each thing that can go wrong, and repeats. */
const mixed = (): Comparison =>
  compared(
    [
      backupRestore(),
      warmStandby(),
      warmStandby({ phases: [['detect', 2200]], lost: 9 }),
      lostForGood(),
      pilotLight({
        name: 'a-name|of its own',
        result: { verdict: 'inconclusive', reasons: [why] },
      }),
      activeActive({ plan: { seed: 2 } }),
      activeActive({ plan: null, name: 'not-up', cost: {}, result: notUp }),
    ],
    2,
  );

function show(comparison: Comparison, columns = 80, hasColour = false): string {
  return compareText(comparison, { columns, hasColour });
}

/** The cells of a row, by its label; of the first table where there are several. */
function row(text: string, label: string): string[] {
  const line = text.split('\n').find((each) => each.trimStart().startsWith(`${label}  `));
  return (line ?? '').trim().split(/ {2,}/).slice(1);
}

describe('comparison as text', () => {
  it('shows all strategies in one table of 80 columns, from cold to hot', () => {
    const text = show(compared(allStrategies()));
    expect(row(text, 'strategy')).to.deep.equal([
      ...['backup-restore', 'pilot-light', 'warm-standby', 'active-active'],
    ]);
    expect(row(text, 'verdict')).to.deep.equal(['PASS', 'PASS', 'PASS', 'PASS']);
    expect(row(text, 'RTO')).to.deep.equal(['5.48 s', '2.37 s', '1.49 s', '1.35 s']);
    expect(row(text, 'RTO error bar')[0]).to.equal('5.44–5.48 s');
    expect(row(text, 'RPO')).to.deep.equal(['1.1 s', '14 ms', '17 ms', '0 s']);
    expect(row(text, 'RPO error bar')).to.deep.equal([
      ...['1.1–1.65 s', '14–21 ms', '17–26 ms', 'exact'],
    ]);
    expect(row(text, 'lost writes')).to.deep.equal(['212', '4', '5', '0']);
    expect(row(text, 'late')).to.deep.equal(['0', '0', '0', '6']);
    expect(row(text, 'nodes')).to.deep.equal(['0', '2', '2', '2']);
    expect(row(text, 'recovery steps')).to.deep.equal(['7', '5', '5', '5']);
    expect(row(text, 'memory')).to.deep.equal(['0 B', '120 MB', '120 MB', '120 MB']);
  });

  it('shows a phase in the columns of those that had it, in the order of things', () => {
    const text = show(compared(allStrategies()));
    expect(row(text, 'restore')).to.deep.equal(['4.1 s']);
    expect(row(text, 'promote')).to.deep.equal(['110 ms', '110 ms']);
    const at = ['detect', 'promote', 'restore', 'start', 'stabilise'].map((name) =>
      text.indexOf(`\n  ${name} `),
    );
    expect(at)
      .to.deep.equal(at.toSorted((a, b) => a - b))
      .and.not.to.include(-1);
  });

  it('leaves empty what was not measured, and says so', () => {
    const text = show(compared([warmStandby({ cost: {}, result: notUp }), backupRestore()]));
    expect(row(text, 'RTO')).to.deep.equal(['5.48 s']);
    expect(row(text, 'nodes')).to.deep.equal(['0']);
    // Nobody gave a price.
    expect(text).not.to.include('cost a month');
    expect(text).to.include('What is empty was not measured');
    expect(text).not.to.match(/null|undefined|NaN|Infinity|unbounded/);
  });

  it('says how each figure in money comes about, and why one has none', () => {
    const none = { ...STANDING.monthly, total: null, formula: 'no backup was taken' };
    const unpriced = warmStandby({ cost: { ...STANDING, monthly: none } });
    const text = show(compared([unpriced, pilotLight()])).replaceAll(/\s+/g, ' ');
    expect(text).to.include('cost a month EUR 12.34');
    expect(text).to.include('pilot-light: EUR 12.34 a month = 1 × 2 + 3.');
    expect(text).to.include('warm-standby: no cost a month: no backup was taken.');
  });

  it('says of somebody’s own systems nothing of labs, and what the way back took', () => {
    const failback: ResultFailback = {
      ...{ protected_ms: 150, protected_how: 'rebuilt', switchover_ms: 180, pause_ms: 212 },
      ...{ rto_ms: 1_234, uncertainty_ms: 10, outages: [], salvaged: null, loss: null },
    };
    const made = pilotLight({ name: 'ours', result: { failback } });
    const drill = { ...made.result.drill, strategy: 'own-system' } as const;
    const text = show(compared([{ ...made, result: { ...made.result, drill } }]));
    expect(row(text, 'failback RTO')).to.deep.equal(['1.23 s']);
    expect(text).not.to.match(/one machine|megabytes|Recovery region/);
    expect(show(compared([pilotLight()])))
      .to.match(/one machine/)
      .and.not.to.match(/failback RTO/);
  });

  it('has no row for the processor, memory and disk where nobody measured them', () => {
    const text = show(compared([warmStandby({ cost: {} })]));
    for (const label of ['processor', 'memory', 'disk', 'replicated']) {
      expect(text).not.to.include(label);
    }
  });

  it('says of service that did not come back how long it was waited for at least', () => {
    const text = show(compared([lostForGood(), backupRestore()]));
    expect(row(text, 'verdict')).to.deep.equal(['PASS', 'FAIL']);
    expect(row(text, 'RTO')).to.deep.equal(['5.48 s', 'not recovered']);
    expect(row(text, 'RTO error bar')).to.deep.equal(['5.44–5.48 s', 'over 1 m 00 s']);
    expect(text).to.include('warm-standby: Service did not come back within 60s');
  });

  it('shows median, min and max of repeats, and how many of them passed', () => {
    const text = show(mixed(), 200);
    expect(row(text, 'runs')).to.include('3, 2 passed');
    expect(row(text, 'RTO')).to.include('2.2 s');
    expect(row(text, 'RTO min–max')).to.deep.equal(['1.49 s – not recovered']);
    expect(row(text, 'lost min–max')).to.deep.equal(['5–9']);
    expect(text).to.include('Figures are medians');
    expect(show(compared(allStrategies()))).not.to.match(/median|min–max/);
  });

  it('says why a drill did not pass, what was not alike, and what was not run', () => {
    const text = show(mixed()).replaceAll(/\s+/g, ' ');
    expect(text).to.include(`a-name|of its own: ${why}`);
    expect(text).to.include('seed: 1 (backup-restore, a-name|of its own, warm-standby), 2 (active');
    expect(text).to.include('It was stopped: 2 more runs had been asked for.');
    expect(text).to.include('The plan of not-up cannot be read');
  });

  it('says of repeats which run it was, and of many reasons how many more there are', () => {
    const reasons = ['One.', 'Two.', 'Three.', 'Four.'];
    const failed = warmStandby({ result: { verdict: 'fail', reasons } });
    const text = show(compared([warmStandby(), failed]));
    expect(text).to.include('• warm-standby, run 2 of 2: Three.');
    expect(text).to.include('• warm-standby: 1 more reason, with its runs');
    expect(text).not.to.include('Four.');
  });

  it('draws the RTO of each to one scale', () => {
    const bars = show(compared(allStrategies()), 120)
      .split('\n')
      .filter((line) => line.includes('█'));
    const lengths = bars.map((line) => line.match(/[█┄]+/)![0].length);
    const [longest = 0] = lengths;
    const times = [5482, 2372, 1492, 1352];
    lengths.forEach((length, at) => {
      expect(length, bars[at]).to.be.closeTo((times[at]! / times[0]!) * longest, 1);
    });
  });

  it('keeps to the width, with further tables for the drills that have no room', () => {
    for (const columns of [60, 80, 120]) {
      for (const comparison of [mixed(), compared(allStrategies())]) {
        for (const line of show(comparison, columns).split('\n')) {
          if (line.includes('.drill/runs/')) continue;
          expect(displayWidth(line), line).to.be.at.most(columns);
        }
      }
    }
    expect(show(mixed(), 80).match(/^strategy /gm)).to.have.length(2);
    expect(show(mixed(), 200).match(/^strategy /gm)).to.have.length(1);
  });

  it('says the same with and without colour', () => {
    // eslint-disable-next-line no-control-regex
    const stripped = show(mixed(), 80, true).replaceAll(/\u001b\[[0-9;]*m/g, '');
    const words = (text: string) => text.split(/\s+/).join(' ');
    const again = mixed();
    const ids = (text: string) => words(text).replaceAll(/-[0-9a-f]{4}\b/g, '-ID');
    expect(ids(stripped)).to.equal(ids(show(again)));
  });

  it('says how large the databases were that the numbers are of', () => {
    const of = (...sizes: readonly (number | undefined)[]) => {
      const runs = sizes.map((data_bytes) =>
        warmStandby({ plan: data_bytes ? { data_bytes } : {} }),
      );
      return show(compared(runs)).replaceAll(/\s+/g, ' ');
    };
    expect(of(undefined)).to.include('with databases of some dozen megabytes: times at another');
    expect(of(2e9, 2e9)).to.include('with databases of 2GB: times at another size');
    const unlike = of(2e9, undefined);
    expect(unlike).to.include('with databases of different sizes: times');
    expect(unlike, 'not alike').to.match(/topology\.data: 2GB \(.*\), none \(/);
  });

  it('names the place of the evidence of each run', () => {
    const comparison = mixed();
    const text = show(comparison);
    for (const { runs } of comparison.drills) {
      for (const { directory } of runs) expect(text).to.include(directory);
    }
  });
});

describe('comparison as Markdown', () => {
  it('has a table whose rows all have a cell for each drill', () => {
    const comparison = mixed();
    const rows = compareMarkdown(comparison)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    for (const line of rows) {
      expect(line.match(/(?<!\\)\|/g), line).to.have.length(comparison.drills.length + 2);
    }
    expect(rows[1]).to.match(/^\| :-- (\| --: )+\|$/);
  });

  it('has the figures of the table for people', () => {
    const text = compareMarkdown(compared(allStrategies()));
    expect(text).to.include('| RTO | **5.48 s** | **2.37 s** | **1.49 s** | **1.35 s** |');
    expect(text).to.include('| restore | 4.1 s |  |  |  |');
    expect(text).to.include('| cost a month |  | **EUR 12.34** | **EUR 12.34** | **EUR 12.34** |');
    expect(text).to.include('200/s · lose-region east, kill, at 2s · seed 1');
  });

  it('keeps names and reasons from being read as Markdown', () => {
    const text = compareMarkdown(mixed());
    expect(text).to.include(String.raw`a-name\|of its own`);
    const reasons = ['<b>*bold*</b> [x](y) `z`'];
    const planted = compared([warmStandby({ result: { verdict: 'fail', reasons } })]);
    expect(compareMarkdown(planted)).to.include(String.raw`\<b\>\*bold\*\</b\> \[x\](y) \`z\``);
  });
});
