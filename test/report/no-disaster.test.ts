// Reports of runs that ended before their disaster: no sentence supposes one, nor a recovery.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence } from '../../src/evidence/evidence.ts';
import { readEvidence } from '../../src/evidence/run-files.ts';
import { markdownReporter } from '../../src/report/form/markdown.ts';
import { tapReporter } from '../../src/report/form/tap.ts';
import { junitReporter } from '../../src/report/form/junit.ts';
import { reportPage } from '../../src/report/html/page.ts';
import { seriesText } from '../../src/report/series/text.ts';
import { summaryText } from '../../src/report/summary/summary.ts';
import { runView } from '../../src/report/view/run-view.ts';
import { assess } from '../../src/verdict/assess.ts';
import type { Result } from '../../src/verdict/result.ts';
import { judgeSeries } from '../../src/verdict/series.ts';
import { unpackRun } from '../evidence/corpus.ts';

const SUPPOSED =
  /(after|from|before|since) the disaster|service (was|did|came|never)|Course of the recovery|clients saw|healed first/i;

const PLAIN = { commandName: 'drill', columns: 100, hasColour: false };

describe('a report of a run that ended before its disaster', function () {
  this.timeout(20_000);
  let folder = '';
  let whole: Evidence;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-none-'));
    unpackRun('warm-standby', folder);
    whole = readEvidence(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What there would be, had the run ended at the first event with this name. */
  function endedAt(name: string): Evidence {
    const at = whole.events.findIndex(({ event }) => event === name);
    return { ...whole, events: whole.events.slice(0, at) };
  }

  const page = (evidence: Evidence) => {
    const views = [runView(evidence, assess(evidence))];
    return reportPage({ views, series: [], refused: [] }).replace(/<pre>.*<\/pre>/s, '');
  };
  async function texts(result: Result): Promise<string[]> {
    const options = { directory: '.drill/runs/x', commandName: 'drill', columns: 100 };
    const told = { ...options, hasColour: false, failure: null, story: null };
    const all = [summaryText(result, told)];
    for (const make of [markdownReporter, tapReporter, junitReporter]) {
      const reporter = make({ write: (text) => void all.push(text) });
      reporter.onResult?.(result, '/runs/1');
      await reporter.onEnd?.();
    }
    return all;
  }

  it('is known by what it says of a whole one', async () => {
    const all = [page(whole), ...(await texts(assess(whole)))];
    // TAP has a pass by its numbers alone.
    const told = all.filter((text) => !text.startsWith('TAP'));
    expect(told.filter((text) => SUPPOSED.test(text))).to.have.length(told.length);
    expect(page(whole)).to.include('Times count from the disaster.');
  });

  for (const event of ['steady.started', 'fault.started']) {
    it(`supposes none where it ended before ${event}`, async () => {
      const evidence = endedAt(event);
      const result = assess(evidence);
      for (const text of [page(evidence), ...(await texts(result))]) {
        expect(SUPPOSED.exec(text)?.[0] ?? null, text.slice(0, 200)).to.equal(null);
      }
      expect(page(evidence)).to.include('Times count from the beginning of what is shown.<');
      expect(page(evidence)).to.include('<h2>Course of the run</h2>');
    });
  }

  it('is none of a recovery in a series either', () => {
    const result = assess(endedAt('fault.started'));
    const trials = [1, 2].map((seed): Result => {
      return { ...result, id: String(seed), drill: { ...result.drill, seed } };
    });
    const series = judgeSeries({ id: 'S', rule: { gate: 'worst' }, trials })!;
    const text = seriesText(series, { ...PLAIN, runs: '.drill/runs' });
    expect(text).to.include('No trial measured a recovery time.');
    expect(SUPPOSED.exec(text)).to.equal(null);
  });

  it('says that all was healed only where that was seen', () => {
    const result = { ...assess(endedAt('fault.started')), verdict: 'interrupted' } as const;
    const told = (cleanup: Result['cleanup']) => {
      const options = { directory: 'x', commandName: 'drill', columns: 100, hasColour: false };
      return summaryText({ ...result, cleanup }, { ...options, failure: null, story: null });
    };
    expect(told({ clean: true, left: [] })).to.include('anything was measured; all was healed');
    expect(told(null)).to.include('anything was measured.\n');
    expect(told({ clean: false, left: ['a process'] })).to.include('anything was measured.\n');
  });
});
