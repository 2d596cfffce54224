// Every report of a run says what the terminal says of it: its reasons, what speaks against a
// number, drill's own stalls, what was left behind, and how far the numbers go.
import { expect } from 'chai';
import { measure } from '../../src/measure/measure.ts';
import { jsonReporter } from '../../src/report/form/json.ts';
import { junitReporter } from '../../src/report/form/junit.ts';
import { markdownReporter } from '../../src/report/form/markdown.ts';
import { reportPage } from '../../src/report/html/page.ts';
import type { Reporter } from '../../src/report/reporter.ts';
import { summaryText } from '../../src/report/summary/summary.ts';
import { runView } from '../../src/report/view/run-view.ts';
import type { Output } from '../../src/screen/screen.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Result } from '../../src/verdict/result.ts';
import { passed, rtoGate } from '../support/evidence/results.ts';
import { smallDrive, smallJournal, smallPlan } from '../support/evidence/small.ts';
import { evidenceOf } from '../support/evidence/synthetic.ts';

/** What a gate is open for, which no reason of the run repeats. */
const OPEN = 'The health checks of region west say nothing of the client.';
const LEFT = 'container drill-1-east-postgres';

const events = smallJournal();
const evidence = evidenceOf({ plan: smallPlan, events, ops: smallDrive() });
const stalled = judge(
  smallPlan,
  [...events, ...stallsAmong(events)].toSorted((one, other) => one.t - other.t),
  measure(evidence),
);

/** Unclean, with a stall of drill itself and a target that nobody could judge. */
const result: Result = {
  ...passed,
  verdict: 'unclean',
  reasons: ['The clean-up was not complete.'],
  notes: stalled.notes,
  gates: [{ ...rtoGate, verdict: 'inconclusive', reason: OPEN }],
  cleanup: { clean: false, left: [LEFT] },
};

function stallsAmong(all: typeof events): typeof events {
  const at = all.find(({ event }) => event === 'workload.stopped')!;
  return [{ ...at, event: 'runner.stalled', ms: 276, t: at.t - 1 }];
}

/** Nothing of how a report is laid out. */
function plain(text: string): string {
  const decoded = text
    .replaceAll(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)))
    .replaceAll('&apos;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  return decoded.replaceAll(/[\s•]+/g, ' ');
}

async function written(make: (output: Output) => Reporter): Promise<string> {
  let text = '';
  const write = (each: string) => (text += each);
  const reporter = make({ write } as unknown as Output);
  reporter.onResult?.(result, '/runs/1');
  await reporter.onEnd?.();
  return plain(text);
}

describe('what a report says besides its numbers', () => {
  const options = { ...{ columns: 100, hasColour: false, commandName: 'drill' }, story: null };
  const terminal = plain(summaryText(result, { ...options, directory: '/runs/1', failure: null }));
  const unread = [{ result, problem: 'gone' }];
  const reports: Readonly<Record<string, () => string | Promise<string>>> = {
    terminal: () => terminal,
    markdown: async () => await written(markdownReporter),
    html: () => plain(reportPage({ views: [runView(evidence, result)], series: [], refused: [] })),
    'html without evidence': () =>
      plain(reportPage({ views: [], unread, series: [], refused: [] })),
    junit: async () => await written(junitReporter),
  };
  const said: Readonly<Record<string, string>> = {
    'why it is so': 'The clean-up was not complete.',
    'a stall of drill itself': 'drill itself did not get to run 1 time, 276 ms at most.',
    'why a target is not judged': OPEN,
    'what was left behind': LEFT,
    'what the error bar is of': 'The error bar is that of this one run',
    'the second opinion': 'Second opinion: 5 rows are on the old primary only',
    'how far one run goes': 'not of a production system',
  };
  for (const [name, report] of Object.entries(reports)) {
    for (const [what, sentence] of Object.entries(said)) {
      it(`${name}: ${what}`, async () => expect(await report()).to.include(sentence));
    }
  }

  it('json: the result itself, with its notes and what was left behind', async () => {
    let text = '';
    const reporter = jsonReporter({ write: (each: string) => (text += each) } as unknown as Output);
    reporter.onResult?.(result, '/runs/1');
    await reporter.onEnd?.();
    expect(JSON.parse(text)).to.deep.equal(result);
  });
});
