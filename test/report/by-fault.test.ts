// Which fault cost what, in each report: planted numbers, in words and as a table; and whose proof it
// is that is told while several faults last.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultFacts } from '../../src/drill/run-facts.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import { readEvidence } from '../../src/evidence/run-files.ts';
import { reportPage } from '../../src/report/html/page.ts';
import { eventLine } from '../../src/report/live/event-line.ts';
import { saidOf } from '../../src/report/summary/said.ts';
import { summaryText } from '../../src/report/summary/summary.ts';
import { runView } from '../../src/report/view/run-view.ts';
import { displayWidth } from '../../src/screen/text.ts';
import { assess } from '../../src/verdict/assess.ts';
import type { Result } from '../../src/verdict/result.ts';
import { unpackRun } from '../evidence/corpus.ts';
import { passed, plan } from '../support/evidence/results.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const fault = (index: number, kind: string, target: string, healed_ms: number | null) => {
  const facts = { how: [], at_ms: 0, started_ms: 0, started_at: null, injected_ms: 1, detail: '' };
  return { index, kind, target, disaster: index === 0, healed_ms, ...facts } as FaultFacts;
};
const met = { due: 100, served: 100, slow: 0, refused: 0, unknown: 0, unsent: 0, p99_ms: 20 };
const result: Result = {
  ...passed,
  drill: { ...passed.drill, disaster: 'none' },
  faults: [
    fault(0, 'latency', 'east-west', 3_000),
    fault(1, 'kill-node', 'east/app-1', null),
    fault(2, 'latency', 'east-west', 9_000),
  ],
  recovery: {
    ...passed.recovery!,
    served_within_ms: 180,
    by_fault: [
      { ...met, faults: [0], ms: 2_000, served: 90, slow: 10 },
      { ...met, faults: [0, 1], ms: 1_000, served: 60, refused: 30, unknown: 9, unsent: 1 },
      { ...met, faults: [], ms: 500, p99_ms: null },
    ],
  },
};

describe('which fault cost what', () => {
  it('is told in a sentence for each, with what slow means', () => {
    const said = saidOf(result).find(({ title }) => title === 'What clients met, by fault');
    expect(said!.sentences).to.deep.equal([
      'latency east-west, 2 times (2 s): 100 operations: 90 served in time, 10 slow; p99 latency 20 ms.',
      'latency east-west, 2 times + since kill-node east/app-1 (1 s): 100 operations: ' +
        '60 served in time, 30 refused, 9 unknown, 1 unsent; p99 latency 20 ms.',
      'while none of them lasted (500 ms): 100 operations: all served in time.',
      'Slow is slower than 180 ms.',
      'In the p99 latency, what was not acknowledged took the timeout.',
    ]);
    expect(saidOf(passed).map(({ title }) => title)).to.not.include(said!.title);
  });

  it('stands in the summary, which keeps to its width', () => {
    const options = { directory: 'x', commandName: 'drill', hasColour: false };
    const text = summaryText(result, { ...options, columns: 80, failure: null, story: null });
    expect(text).to.include('\n  latency east-west, 2 times (2 s)\n    100 operations: 90 served');
    const [, section = ''] = /^(What clients met, by fault\n(?:.+\n)+)/m.exec(text) ?? [];
    for (const line of section.split('\n')) expect(displayWidth(line)).to.be.at.most(80);
  });

  it('is a table of the page, and each fault has a row in the drawing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drill-by-fault-'));
    try {
      unpackRun('warm-standby', folder);
      const evidence = readEvidence(folder);
      const view = runView(evidence, assess(evidence));
      const [from_ms, to_ms] = [view.disaster_ms!, view.disaster_ms! + 500];
      const faults = ['one', 'two', 'one'].map((name) => {
        return { name, isDisaster: false, from_ms, to_ms };
      });
      const without = {
        ...view,
        result,
        faults,
        plan: { ...view.plan, disaster: 'none' as const },
      };
      const page = reportPage({ views: [without], series: [], refused: [] });
      expect(page).to.include('<h2>What clients met, by fault</h2>');
      expect(page).to.match(
        /<td[^>]*>latency east-west, 2 times \(2 s\)<\/td><td>100<\/td><td>90</,
      );
      expect(page.match(/class="fault-bar"/g)).to.have.lengthOf(3);
      expect(page).to.include('>one, 2 times</text>').and.to.include('>two, 500 ms</text>');
      const whole = reportPage({ views: [view], series: [], refused: [] });
      expect(whole).to.not.include('class="fault-bar"').and.to.not.include('by fault');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is told of by name while a run goes on, where there are several', () => {
    const faults = [
      plannedFault('latency', { link: 'east-west', latency_ms: 50 }),
      plannedFault('half-done-runbook', { step: 'promote', fails: 1, does: 'all' }, { index: 1 }),
    ];
    const told = (index: number, of: typeof faults) => {
      const proved: RunEvent = { t: 1, event: 'fault.proved', index, ok: true, checks: [] };
      return eventLine(proved, { ...plan, faults: of })?.text;
    };
    expect(told(0, faults)).to.equal('latency east-west took effect');
    expect(told(1, faults)).to.equal('half-done-runbook took effect');
    expect(told(0, faults.slice(0, 1))).to.equal('the fault took effect');
  });
});
