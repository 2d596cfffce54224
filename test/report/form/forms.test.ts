// Reports for other programs: what they say of a pass, a miss, a doubt, a drill that was refused.
import { expect } from 'chai';
import { githubReporter } from '../../../src/report/form/github.ts';
import { markdownReporter } from '../../../src/report/form/markdown.ts';
import { openmetricsReporter } from '../../../src/report/form/openmetrics.ts';
import { tapReporter } from '../../../src/report/form/tap.ts';
import type { Reporter } from '../../../src/report/reporter.ts';
import { forOutput } from '../../../src/screen/paint.ts';
import type { Output } from '../../../src/screen/screen.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { judgeSeries } from '../../../src/verdict/series.ts';
import { doubtful, lostData, notBroughtUp, passed } from '../../support/evidence/results.ts';

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

  it('skips nothing because of a name', async () => {
    const text = await written(tapReporter, [named('a # SKIP\nok 9 - forged')]);
    for (const line of text.split('\n')) expect(line).not.to.match(/(^|[^\\])# SKIP|^ok 9/);
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
