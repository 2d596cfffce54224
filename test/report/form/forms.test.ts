// Reports for other programs: what they say of a pass, a miss, a doubt, a drill that was refused.
import { expect } from 'chai';
import { githubReporter } from '../../../src/report/form/github.ts';
import type { FaultFacts } from '../../../src/drill/run-facts.ts';
import type { MachineFacts } from '../../../src/host/machine/machine-facts.ts';
import { KINDS } from '../../../src/report/kinds.ts';
import { seriesText } from '../../../src/report/series/text.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { markdownReporter } from '../../../src/report/form/markdown.ts';
import { openmetricsReporter } from '../../../src/report/form/openmetrics.ts';
import { tapReporter } from '../../../src/report/form/tap.ts';
import type { Reporter } from '../../../src/report/reporter.ts';
import { forOutput } from '../../../src/screen/paint.ts';
import type { Output } from '../../../src/screen/screen.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { judgeSeries } from '../../../src/verdict/series.ts';
import { doubtful, lostData, notBroughtUp, passed } from '../../support/evidence/results.ts';

const FAULT: FaultFacts = {
  ...{ index: 0, kind: 'lose-region', target: 'east', how: ['kill'], disaster: true, at_ms: 2_000 },
  ...{ started_ms: 12_000, started_at: '2026-11-22T20:13:29.000Z', injected_ms: 12_010 },
  ...{ healed_ms: null, detail: 'killed east/postgres' },
};

const MACHINE: MachineFacts = {
  ...{ cores: 2, processor: 'EPYC', memory_bytes: 8e9, system: 'Debian 12', kernel: 'Linux 6.1' },
  ...{ load: 0.4, limits: {}, zone: 'UTC', zone_min: 0 },
};

type Make = (output: Pick<Output, 'write'>) => Reporter;

const EVIL = '%0A::error::x,y:z | <script>alert(1)</script> `a` @someone #1 "q" \\ *b*\n::stop';
const named = (name: string): Result => ({ ...lostData, drill: { ...lostData.drill, name } });

async function written(make: Make, results: readonly Result[], inSeries = false): Promise<string> {
  let text = '';
  const reporter = make({ write: (each) => (text += each) });
  for (const result of results) reporter.onResult?.(result, '/runs/1');
  const [first] = results;
  if (inSeries && first !== undefined) {
    const rule = { gate: 'worst' } as const;
    reporter.onSeries?.([judgeSeries({ id: 'S', rule, trials: results })!]);
  }
  await reporter.onEnd?.();
  return text;
}

const refused = async (make: Make) => {
  let text = '';
  const reporter = make({ write: (each) => (text += each) });
  await reporter.onRefused?.([
    { file: 'bad.yaml', reasons: ['3:5: error: rto'] },
    { file: 'good.yaml', reasons: [] },
  ]);
  return text;
};

describe('markdown', () => {
  it('has the verdict, the targets and the reasons', async () => {
    const text = await written(markdownReporter, [passed, lostData]);
    expect(text).to.match(/^### PASS: region-outage\n/);
    expect(text).to.include('| ✅ rto | 2.31 s | target 15 s | 12.69 s to spare &#40;85 %&#41; |');
    expect(text).to.include('### FAIL: ').and.to.include('❌');
    expect(text).to.include('| detect | 812 ms |');
    expect(await refused(markdownReporter)).to.include('### No result: bad.yaml');
  });

  it('has one heading for the trials of a drill', async () => {
    const text = await written(
      markdownReporter,
      [passed, { ...passed, id: 'two', drill: { ...passed.drill, seed: 2 } }],
      true,
    );
    expect(text.match(/^###/gm)).to.have.length(1);
    expect(text).to.include('### PASS: region-outage, 2 of 2 trials');
    expect(text).to.include(
      'met by 2 of 2. With 95 % confidence, at least 22 % of such outages do.',
    );
  });

  it('takes nothing in a name for markup, a mention or a command', async () => {
    const text = await written(markdownReporter, [named(EVIL)]);
    const [heading = ''] = text.split('\n');
    expect(heading).not.to.match(/[<>`*|@](?!&)/);
    expect(text).not.to.include('<script>');
    expect(text).not.to.match(/@someone/);
  });
});

describe('github', () => {
  const lines = async (...results: Result[]) => {
    const text = forOutput(await written(githubReporter, results));
    return text.split('\n').filter((line) => line !== '');
  };

  it('annotates what did not pass, and nothing else', async () => {
    expect(await lines(passed)).to.deep.equal([]);
    const [first = ''] = await lines(lostData);
    expect(first).to.match(/^::error title=FAIL%3A too-tight::rto: 2\.31 s/);
    expect((await lines(doubtful))[0]).to.match(/^::warning title=INCONCLUSIVE/);
    expect((await lines(notBroughtUp))[0]).to.match(/^::warning title=ENVIRONMENT/);
    expect(forOutput(await refused(githubReporter))).to.match(
      /^::error file=bad\.yaml,line=3,title=drill file::bad\.yaml: /,
    );
  });

  it('has ten at most, each one line, whatever a name says', async () => {
    const all = await lines(...Array.from({ length: 9 }, () => named(EVIL)));
    expect(all).to.have.length(10);
    for (const line of all) {
      expect(line).to.match(/^::error title=[^:,]*::/);
    }
    expect(all[0]).to.include('%250A');
  });

  it('is the only one whose lines are commands', () => {
    expect(forOutput('::error::forged')).to.equal('\\u003a:error::forged');
    expect(forOutput('\u3000::error::forged')).to.equal('\u3000\\u003a:error::forged');
    expect(forOutput('a ##vso[task.complete]')).to.equal('a #\\u0023vso[task.complete]');
  });
});

describe('tap', () => {
  it('has a test for each target and each verdict', async () => {
    const lines = (await written(tapReporter, [passed, lostData])).split('\n');
    expect(lines.slice(0, 3)).to.deep.equal([
      'TAP version 14',
      '1..7',
      'ok 1 - region-outage rto: 2.31 s, target 15 s',
    ]);
    expect(lines.filter((line) => line.startsWith('not ok'))).to.have.length(3);
    expect(await refused(tapReporter)).to.include('not ok 1 - bad.yaml');
    expect(await refused(tapReporter)).to.include('ok 2 - good.yaml # SKIP not started');
  });

  it('says what was broken and when, on what, by which version, and what that does not prove', async () => {
    const result = { ...passed, faults: [FAULT], machine: MACHINE, drill_version: '0.1.0' };
    const comments = (await written(tapReporter, [result]))
      .split('\n')
      .filter((line) => line.startsWith('# '));
    const text = comments.join('\n');
    for (const part of [
      'lose-region east, kill, 2 s after the steady state (at 12 s, 2026-11-22 20:13:29 UTC): killed',
      '# machine 2 cores',
      '# drill 0.1.0',
      '# PostgreSQL 18.4',
      '# One run that met its targets proves',
    ]) {
      expect(text).to.include(part);
    }
  });

  it('skips nothing because of a name', async () => {
    const text = await written(tapReporter, [named('a # SKIP\nok 9 - forged')]);
    for (const line of text.split('\n')) expect(line).not.to.match(/(^|[^\\])# SKIP|^ok 9/);
  });
});

describe('a series in every report', () => {
  it('says what was broken and when, what each phase went into, on what, and what that does not prove', async () => {
    const causes = [
      { kind: 'declared-by-drill', phase: 'decide', ms: 2 },
      { kind: 'step', step: 'promote', phase: 'promote', ms: 50 },
    ] as const;
    const trials = [1, 2, 3].map((seed): Result => {
      const started_at = `2026-11-22T20:1${seed}:29.000Z`;
      const faults = [{ ...FAULT, at_ms: 2_000 + 100 * seed, started_at }];
      const recovery = { ...passed.recovery!, causes: seed === 3 ? [] : causes };
      const drill = { ...passed.drill, seed };
      const facts = { faults, machine: MACHINE, drill_version: '0.1.0', recovery, drill };
      return { ...passed, ...facts, id: `${passed.id.slice(0, -1)}${seed}` };
    });
    const made = Object.entries(KINDS).filter(([name, { writes }]) => {
      return writes === 'report' && name !== 'github' && name !== 'json';
    });
    const rule = { gate: 'worst' } as const;
    const series = judgeSeries({ id: 'S', rule, trials })!;
    const options = { commandName: 'drill', columns: 100, hasColour: false, runs: 'x' };
    const texts = new Map([['text', seriesText(series, options)]]);
    for (const [name, reporter] of made) {
      const kind = (output: Pick<Output, 'write'>) =>
        reporter.make(output as Output, new ManualClock());
      texts.set(name, await written(kind, trials, true));
    }
    for (const [name, raw] of texts) {
      const text = raw.replaceAll(/\s+/g, ' ').replaceAll('&#40;', '(').replaceAll('&#41;', ')');
      if (name === 'openmetrics') {
        expect(text).to.include(`} ${Date.parse('2026-11-22T20:13:29.000Z') / 1_000}`);
        expect(text).to.include('version="0.1.0"').and.to.include('cores="2"');
        continue;
      }
      for (const part of [
        'lose-region east, kill, in 3 of 3 trials, 2.1 s to 2.3 s after the steady state',
        '(2026-11-22 20:11:29 UTC to 2026-11-22 20:13:29 UTC)',
        'in 2 of 2 trials, e.g. 2 ms: drill declared it by itself',
        '2 cores',
        '0.1.0',
        'not of a production system',
      ]) {
        expect(text, name).to.include(part);
      }
    }
  });
});

describe('openmetrics', () => {
  const text = async (...results: Result[]) => await written(openmetricsReporter, results);

  it('has each number with its unit, and ends as the format asks', async () => {
    const lines = (await text(passed)).split('\n');
    const labels = '{drill="region-outage",strategy="warm-standby"}';
    expect(lines).to.include(`drill_rto_seconds${labels} 2.31`);
    expect(lines).to.include(`drill_verdict_code${labels} 0`);
    expect(lines).to.include('# UNIT drill_rto_seconds seconds');
    expect(lines.slice(-2)).to.deep.equal(['# EOF', '']);
  });

  it('has no RTO of a drill without a disaster', async () => {
    const without = { ...passed, drill: { ...passed.drill, disaster: 'none' as const } };
    for (const isSeries of [false, true]) {
      const lines = await written(openmetricsReporter, [without], isSeries);
      expect(lines).to.match(/^drill_back_after_seconds\{[^}]*\} 2.31$/m);
      expect(lines).not.to.match(/^drill_rto_seconds/m);
    }
  });

  it('says when the last trial of a series ended', async () => {
    const later = { ...passed, id: 'two', started_at: '2026-11-30T00:00:00.000Z', wall_ms: 1_500 };
    const lines = (await written(openmetricsReporter, [later, passed], true)).split('\n');
    const at = lines.filter((line) => line.startsWith('drill_finished_timestamp_seconds{'));
    expect(at.map((line) => Number(line.split(' ')[1]))).to.deep.equal([
      Date.parse('2026-11-30T00:00:01.500Z') / 1_000,
    ]);
  });

  it('has no number that was not measured', async () => {
    const lines = await text(notBroughtUp);
    expect(lines).not.to.match(/NaN|null|drill_rto_seconds/);
    expect(lines).to.match(/drill_verdict_code\{[^}]*\} 4/);
  });

  it('is whole, whatever a name says', async () => {
    for (const line of (await text(named(EVIL))).split('\n')) {
      expect(line).to.match(/^$|^# |^drill_[a-z_]+\{([a-z]+="([^"\\]|\\.)*",?)+\} [\d.e+-]+$/);
    }
  });
});
