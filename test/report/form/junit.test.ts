import { expect } from 'chai';
import { junitReporter } from '../../../src/report/form/junit.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { judgeSeries } from '../../../src/verdict/series.ts';
import {
  doubtful,
  interrupted,
  lied,
  lostData,
  neverRecovered,
  notBroughtUp,
  passed,
} from '../../support/evidence/results.ts';

async function xml(...results: readonly Result[]): Promise<string> {
  let text = '';
  const reporter = junitReporter({ write: (each) => (text += each) });
  for (const result of results) reporter.onResult?.(result, '/runs/1');
  await reporter.onEnd?.();
  return text;
}

/** `tests/failures/errors/skipped` as the root element counts them, which CI systems go by. */
function counts(text: string): string {
  const root = /<testsuites [^>]*>/.exec(text)?.[0] ?? '';
  const of = (name: string) => new RegExp(`${name}="(\\d+)"`).exec(root)?.[1];
  return ['tests', 'failures', 'errors', 'skipped'].map(of).join('/');
}

describe('junit reporter', () => {
  it('has one case per gate and one for the verdict', async () => {
    expect(counts(await xml(passed))).to.equal('3/0/0/0');
  });

  it('makes a missed gate a failure with its numbers', async () => {
    const text = await xml(lostData);
    expect(counts(text)).to.equal('4/3/0/0');
    expect(text).to.include(
      '<failure message="2.31 s, at least 2.3 s, target 1 s: over by 1.3 s (2.3 ×)"',
    );
  });

  it('makes a lie a failure although every gate passed', async () => {
    expect(counts(await xml(lied))).to.equal('3/1/0/0');
  });

  it('makes what could not be judged an error, never a pass', async () => {
    expect(counts(await xml(doubtful))).to.equal('3/0/3/0');
  });

  it('shows a system that could not be brought up as an error though there are no gates', async () => {
    expect(counts(await xml(notBroughtUp))).to.equal('1/0/1/0');
  });

  it('skips the gates of an interrupted run, which itself is an error', async () => {
    expect(counts(await xml(interrupted))).to.equal('3/0/1/2');
  });

  it('has an error for each file that could not be run, and skips the others', async () => {
    let text = '';
    const reporter = junitReporter({ write: (each) => (text += each) });
    await reporter.onRefused?.([
      { file: 'a.yaml', reasons: ['a.yaml:3:1: error: x', 'another'] },
      { file: 'b.yaml', reasons: [] },
    ]);
    expect(counts(text)).to.equal('2/0/1/1');
    expect(text).to.include('<error message="a.yaml:3:1: error: x; another" type="usage"');
  });

  it('names what was due and was not run, which is nobody’s mistake', async () => {
    let text = '';
    const reporter = junitReporter({ write: (each) => (text += each) });
    const reasons = ['it was not run: drill was stopped before'];
    await reporter.onEnd?.([{ file: 'a.yaml', reasons }]);
    expect(counts(text)).to.equal('1/0/1/0');
    expect(text).to.include(`<error message="${reasons[0]}" type="not-run"`);
  });

  it('adds up several drills', async () => {
    const text = await xml(passed, lostData);
    expect(counts(text)).to.equal('7/3/0/0');
    expect(text.match(/<testsuite /g)).to.have.length(2);
  });

  it('orders elements and attributes as the common JUnit schema wants them', async () => {
    const text = await xml(lostData, interrupted);
    const suites = text.split('<testsuite ').slice(1);
    for (const suite of suites) {
      expect(suite).to.match(/^name="[^"]+" timestamp="[^"]+" time="[\d.]+" tests="\d+"/);
      expect(suite.indexOf('<properties>')).to.be.lessThan(suite.indexOf('<testcase'));
    }
    const cases = text.match(/<testcase [^>]*>/g) ?? [];
    for (const each of cases) expect(each).to.match(/classname="[^"]+" name="[^"]+"/);
  });

  it('escapes what XML cannot hold', async () => {
    const nasty = { ...lied, reasons: ['a <b> & "c" \u0000\u001b[31m ]]> end'] };
    const text = await xml(nasty);
    // eslint-disable-next-line no-control-regex
    expect(text).not.to.match(/[\u0000-\u0008\u001b]/);
    expect(text).to.include('a &lt;b');
    expect(text).not.to.include('<b>');
  });

  it('has one suite for the trials of a drill, and no number that none of them has', async () => {
    let text = '';
    const reporter = junitReporter({ write: (each) => (text += each) });
    const trials = [passed, { ...neverRecovered, id: 'never' }];
    for (const result of trials) reporter.onResult?.(result, '/runs/1');
    reporter.onSeries?.([judgeSeries({ id: 'S', rule: { gate: 'worst' }, trials })!]);
    await reporter.onEnd?.();
    expect(text.match(/<testsuite /g)).to.have.length(1);
    expect(text).to.include('name="rto_min_ms" value="2310"');
    expect(text).not.to.match(/rto_max_ms|"null"/);
  });
});
