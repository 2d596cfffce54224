// The page of a run: what its pictures show is what the evidence says, and it is only text.
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence } from '../../../src/evidence/evidence.ts';
import { OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { readEvidence } from '../../../src/evidence/run-files.ts';
import { reportPage } from '../../../src/report/html/page.ts';
import { timeAxis, timeScale } from '../../../src/report/html/axis.ts';
import { curvesChart } from '../../../src/report/html/curves.ts';
import { runView, type RunView } from '../../../src/report/view/run-view.ts';
import { forOutput } from '../../../src/screen/paint.ts';
import { assess } from '../../../src/verdict/assess.ts';
import { judgeSeries } from '../../../src/verdict/series.ts';
import { corpusRuns, unpackRun } from '../../evidence/corpus.ts';

const EVIL = `"><script>alert(1)</script><img src=x onerror=alert(2)>'&amp;</style>\u001b[2J`;

describe('the page of a run', () => {
  let folder = '';
  let evidence: Evidence;
  let view: RunView;
  let page = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-page-'));
    unpackRun('warm-standby', folder);
    evidence = readEvidence(folder);
    view = runView(evidence, assess(evidence));
    page = reportPage({ views: [view], series: [], refused: [] });
  });
  after(() => rmSync(folder, { recursive: true }));

  it('counts every acknowledged write in the time that it shows, and every failure', () => {
    const { operations } = evidence.stores[0]!;
    const { from_ms, span_ms, served, failed_per_s } = view.rates!;
    const to_ms = from_ms + failed_per_s.length * span_ms;
    const isShown = (ms: number) => ms >= from_ms && ms < to_ms;
    let [acknowledged, failed] = [0, 0];
    for (let row = 0; row < operations!.count; row++) {
      const isAnswered = operations!.outcome.at(row) === OUTCOME.acknowledged;
      if (isAnswered && isShown(operations!.done_ms.at(row))) acknowledged++;
      if (!isAnswered && isShown(operations!.scheduled_ms.at(row))) failed++;
    }
    const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);
    const counted = (sum(served.flatMap(({ per_s }) => per_s)) * span_ms) / 1000;
    expect(counted).to.be.closeTo(acknowledged, 0.01);
    expect((sum(failed_per_s) * span_ms) / 1000).to.be.closeTo(failed, 0.01);
    expect(acknowledged).to.be.greaterThan(300);
    expect(failed).to.be.greaterThan(20);
  });

  it('is written where a curve is nothing all the time', () => {
    const scale = timeScale(0, 1_000, 0);
    const curves = [{ name: 'lag', kind: 'lag', values: [0, 0] }];
    const chart = {
      title: '',
      heading: '',
      unit: 'bytes',
      curves,
      from_ms: 0,
      span_ms: 500,
    } as const;
    expect(curvesChart(scale, chart, [])).to.contain('>0 B<');
    expect(timeAxis(timeScale(5, 5, 0), 0, 9).match(/<line/g)).to.have.length(1);
  });

  it('has the lost region serve until the disaster and the other one after it', () => {
    const { from_ms, span_ms, served } = view.rates!;
    const of = (name: string) => served.find(({ region }) => region === name)!.per_s;
    const disaster = Math.ceil((view.disaster_ms! - from_ms) / span_ms);
    expect(
      of('east')
        .slice(disaster + 5)
        .every((rate) => rate === 0),
    ).to.equal(true);
    expect(
      of('west')
        .slice(0, disaster)
        .every((rate) => rate === 0),
    ).to.equal(true);
    expect(Math.max(...of('west').slice(disaster))).to.be.greaterThan(40);
  });

  it('has each mark where its time is', () => {
    const { course, disaster_ms, marks } = view;
    const { x } = timeScale(course.from_ms, course.to_ms, disaster_ms!);
    const drawn = [...page.matchAll(/data-mark="(\w+)" data-ms="([\d.]+)"><line x1="([\d.]+)"/g)];
    expect(drawn.map(([, name]) => name)).to.have.members(marks.map(({ name }) => name));
    for (const [, name, , left] of drawn) {
      const { at_ms } = marks.find((mark) => mark.name === name)!;
      expect(Number(left), name).to.be.closeTo(x(at_ms), 0.06);
    }
  });

  it('has phases that add up to the RTO', () => {
    const { phases, result, disaster_ms } = view;
    expect(phases.at(-1)!.to_ms - disaster_ms!).to.be.closeTo(result.recovery!.rto_ms!, 1);
  });

  it('has every chart, and every section', () => {
    const charts = [
      'Course of the recovery',
      'Throughput and errors',
      'Latency',
      'Replication lag',
    ];
    for (const chart of charts) expect(page).to.include(`aria-label="${chart}"`);
    const titles = ['What was broken', 'Recovery', 'Writes', 'Steps of the recovery'];
    for (const title of titles) expect(page).to.include(`<h2>${title}</h2>`);
    expect(page).not.to.match(/NaN|undefined|null</);
  });

  it('says that split-brain writes were not measured, and why', () => {
    const loss = { ...view.result.loss!, split_brain: null, split_brain_missing: 'nobody <says>' };
    const result = { ...view.result, loss };
    const views = [{ ...view, result }];
    const row = /split brain<\/\w+><\w+[^>]*>not measured<\/\w+><\w+[^>]*>nobody &lt;says&gt;</;
    expect(reportPage({ views, series: [], refused: [] })).to.match(row);
    expect(page).not.to.contain('split brain');
  });

  it('needs nothing else, runs one script that it names, and is small', () => {
    const [data = [], script = [], ...others] = page.matchAll(/<script([^>]*)>(.*?)<\/script>/gs);
    expect(others).to.deep.equal([]);
    expect(data[1]).to.equal(' type="application/json" id="chart-data"');
    expect(script[1]).to.equal('');
    const hash = createHash('sha256').update(script[2]!).digest('base64');
    expect(page).to.include(`default-src &#39;none&#39;`);
    expect(page).to.include(`script-src &#39;sha256-${hash}&#39;`);
    const rest = page.replace(script[0]!, '');
    expect(rest).not.to.match(/<link|<img|<iframe|src=|href=|url\((?!#)|@import/i);
    expect(script[2]).not.to.match(/fetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(/);
    // Written as it is: a script that an output changes would not be run.
    expect(forOutput(page)).to.equal(page);
    expect(page.length).to.be.lessThan(400_000);
  });

  it('is text, whatever the evidence says', () => {
    const { result } = view;
    const hostile = {
      ...result,
      drill: { ...result.drill, name: EVIL },
      reasons: [EVIL],
      notes: [EVIL],
      gates: result.gates.map((gate) => ({ ...gate, name: EVIL, reason: EVIL })),
      cleanup: { clean: false, left: [EVIL] },
    };
    const views = [
      {
        ...view,
        result: hostile,
        story: { ...view.story, description: EVIL, broken: [EVIL] },
        faults: view.faults.map((fault) => ({ ...fault, name: EVIL })),
        steps: view.steps.map((step) => ({ ...step, name: EVIL, failed: EVIL })),
        marks: view.marks.map((mark) => ({ ...mark, name: EVIL })),
        conditions: [[EVIL, EVIL] as const],
      },
    ];
    const refused = [{ file: EVIL, reasons: [EVIL] }];
    const trials = [hostile, { ...hostile, id: EVIL }];
    const series = [judgeSeries({ id: EVIL, rule: { gate: 'worst' }, trials })!];
    const text = reportPage({ views, series, refused });
    expect(text.match(/<script/g)).to.have.length(2);
    expect(text).not.to.match(/<script>alert|<img/);
    expect(text).not.to.include('\u001b');
    expect(text).to.include('&lt;script&gt;');
  });

  it('says of a run whose evidence cannot be read what cannot be shown, and why', () => {
    const problem = `plan.json: ${EVIL}`;
    const unread = [{ result: { ...view.result, id: 'run-9' }, problem }];
    const text = reportPage({ views: [], unread, series: [], refused: [] });
    expect(text).to.include('<h2>What cannot be read</h2>').and.to.include('plan.json: ');
    expect(text)
      .to.include('run run-9')
      .and.not.to.match(/<script>alert|<img/);
  });

  it('can be made of every run of the corpus', () => {
    for (const name of corpusRuns()) {
      const place = join(folder, name);
      unpackRun(name, place);
      const run = readEvidence(place);
      const text = reportPage({ views: [runView(run, assess(run))], series: [], refused: [] });
      expect(text, name)
        .to.include('</html>')
        .and.not.to.match(/NaN|undefined/);
      expect(text.length, name).to.be.lessThan(400_000);
    }
  }).timeout(60_000);
});
