// `controls:` of a drill file: what is refused, and that the plan, the result and every report
// name what the file named, and nothing where it named none; the same of values from outside of it.
import { expect } from 'chai';
import { describePlan } from '../../src/drill/plan/describe-plan.ts';
import { planFrom } from '../../src/drill/plan/read-plan.ts';
import { jsonReporter } from '../../src/report/form/json.ts';
import { junitReporter } from '../../src/report/form/junit.ts';
import { markdownReporter } from '../../src/report/form/markdown.ts';
import { seriesArticle } from '../../src/report/html/series-article.ts';
import { reportPage } from '../../src/report/html/page.ts';
import type { Reporter } from '../../src/report/reporter.ts';
import { seriesText } from '../../src/report/series/text.ts';
import { summaryText } from '../../src/report/summary/summary.ts';
import { runView } from '../../src/report/view/run-view.ts';
import type { Output } from '../../src/screen/screen.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Result } from '../../src/verdict/result.ts';
import { judgeSeries } from '../../src/verdict/series.ts';
import { measure } from '../../src/measure/measure.ts';
import { GOOD, heads, parse } from '../support/plan/drill-file.ts';
import { planOf } from '../support/plan/plan-of.ts';
import { passed } from '../support/evidence/results.ts';
import { evidenceOf } from '../support/evidence/synthetic.ts';
import { smallDrive, smallJournal, smallPlan } from '../support/evidence/small.ts';

const CONTROLS = ['SOC2-A1.2', 'ISO27001:2022 A.8.14', 'NIST CP-4(1)'];
const SAID = CONTROLS.join(', ');
const OUTSIDE = [
  { key: 'targets.rto', value: '9s', from: '--set' },
  { key: 'topology.gslb.ttl', value: '3s', from: 'drill.config.yaml' },
];
const GIVEN =
  'targets.rto=9s (--set), topology.gslb.ttl=3s (drill.config.yaml): not in the drill file';
const file = (text: string) => `${GOOD}controls: ${text}\n`;

describe('controls of a drill file', () => {
  it('are a list of texts, as they stand there', () => {
    const named = parse(file('[SOC2-A1.2, "ISO27001:2022 A.8.14", NIST CP-4(1)]')).drill;
    expect(named?.controls).to.deep.equal(CONTROLS);
    expect(parse(GOOD).drill).not.to.have.property('controls');
    const most = Array.from({ length: 64 }, (_, at) => `C-${at}`);
    expect(parse(file(`[${most.join(', ')}]`)).drill?.controls).to.have.length(64);
    expect(parse(file(`[${'x'.repeat(64)}]`)).drill?.controls).to.have.length(1);
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['SOC2-A1.2', /controls: expected a list/],
    ['[]', /controls/],
    ['[SOC2-A1.2, SOC2-A1.1, SOC2-A1.2]', /"SOC2-A1.2" is listed twice, as number 1 and 3/],
    ['[1.2]', /expected a control such as SOC2-A1\.2/],
    ['[""]', /expected a control such as SOC2-A1\.2/],
    ['[" A1"]', /expected a control such as SOC2-A1\.2/],
    ['["A1 "]', /expected a control such as SOC2-A1\.2/],
    ['["A1, A2"]', /expected a control such as SOC2-A1\.2/],
    ['["<b>"]', /expected a control such as SOC2-A1\.2/],
    ['["A\\n1"]', /expected a control such as SOC2-A1\.2/],
    [`[${'x'.repeat(65)}]`, /64 at most/],
    [`[${Array.from({ length: 65 }, (_, at) => `C-${at}`).join(', ')}]`, /controls/],
  ];
  for (const [text, message] of wrong) {
    it(`are refused: ${text.slice(0, 40)}`, () => {
      expect(heads(file(text)).join('\n')).to.match(message);
    });
  }
});

describe('controls in what drill says', () => {
  const plan = planOf(file('[SOC2-A1.2, "ISO27001:2022 A.8.14", NIST CP-4(1)]'));
  const result: Result = {
    ...passed,
    drill: { ...passed.drill, controls: CONTROLS, outside: OUTSIDE },
  };
  const series = judgeSeries({ id: 'S', rule: { gate: 'worst' }, trials: [result, result] })!;
  const none = judgeSeries({ id: 'S', rule: { gate: 'worst' }, trials: [passed, passed] })!;
  const plain = { columns: 100, hasColour: false, commandName: 'drill', runs: '.drill/runs' };
  const written = async (make: (output: Pick<Output, 'write'>) => Reporter, of: Result) => {
    let text = '';
    const reporter = make({ write: (each) => (text += each) });
    reporter.onResult?.(of, '/runs/1');
    await reporter.onEnd?.();
    return text;
  };

  it('stand in the plan, which is read again, and in the result that follows from it', () => {
    expect(plan.controls).to.deep.equal(CONTROLS);
    expect(planFrom(JSON.parse(JSON.stringify(plan)))).to.have.nested.property('plan.controls[0]');
    expect(describePlan(plan).controls).to.deep.equal(CONTROLS);
    const events = smallJournal();
    const ops = smallDrive();
    const evidence = evidenceOf({ plan: smallPlan, events, ops });
    const named = { ...smallPlan, controls: CONTROLS, outside: OUTSIDE };
    expect(judge(named, events, measure(evidence)).drill).to.deep.include({
      controls: CONTROLS,
      outside: OUTSIDE,
    });
    expect(judge(smallPlan, events, measure(evidence)).drill).not.to.have.any.keys(
      'controls',
      'outside',
    );
  });

  it('stand in every report of a run, and nowhere where there are none', async () => {
    const show = (of: Result) => {
      return summaryText(of, { ...plain, directory: 'runs/1', failure: null, story: null });
    };
    const page = (of: Result) => {
      const evidence = evidenceOf({ plan: smallPlan, events: smallJournal(), ops: smallDrive() });
      return reportPage({ views: [runView(evidence, of)], series: [], refused: [] });
    };
    expect(show(result)).to.match(new RegExp(`^controls {2}${escaped(SAID)}$`, 'm'));
    expect(show(result)).to.match(new RegExp(`^given {5}${escaped(GIVEN)}$`, 'm'));
    expect(page(result)).to.include(`Controls: ${SAID}</p>`);
    expect(page(result)).to.include(`Given: ${GIVEN}</p>`);
    expect(await written(markdownReporter, result)).to.include('Controls: SOC2-A1.2, ISO27001:');
    expect(await written(markdownReporter, result)).to.include('Given: targets.rto=9s ');
    expect(await written(junitReporter, result)).to.include(
      `<property name="controls" value="${SAID}"/>`,
    );
    expect(await written(junitReporter, result)).to.include(
      `<property name="given" value="${GIVEN}"/>`,
    );
    const json = JSON.parse(await written((out) => jsonReporter(out as Output), result)) as Result;
    expect(json.drill.controls).to.deep.equal(CONTROLS);
    const silent = [show(passed), page(passed), await written(markdownReporter, passed)];
    expect([...silent, await written(junitReporter, passed)].join('\n')).not.to.match(
      /controls|given:|"given"|^given/im,
    );
  });

  it('stand in every report of a series', () => {
    expect(series.drill.controls).to.deep.equal(CONTROLS);
    expect(seriesText(series, plain)).to.match(new RegExp(`^controls {2}${escaped(SAID)}$`, 'm'));
    expect(seriesText(series, plain)).to.match(new RegExp(`^given {5}${escaped(GIVEN)}$`, 'm'));
    expect(seriesArticle(series)).to.include(`Controls: ${SAID}</p>`);
    expect(seriesArticle(series)).to.include(`Given: ${GIVEN}</p>`);
    expect(`${seriesText(none, plain)}${seriesArticle(none)}`).not.to.match(/controls|Given:/i);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.()]/g, '\\$&');
}
