// What drill wrote is known again as a report of its own, however a command ended, so that the next
// one may take its place; what somebody else wrote is not.
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareRuns } from '../../src/archive/compare.ts';
import { hostClock } from '../../src/host/clock.ts';
import { compareHtml } from '../../src/report/compare/page.ts';
import { compareMarkdown } from '../../src/report/compare/text.ts';
import { KINDS } from '../../src/report/kinds.ts';
import { isOwnReport } from '../../src/report/own-report.ts';
import type { Reporter } from '../../src/report/reporter.ts';
import { forOutput } from '../../src/screen/paint.ts';
import type { Output } from '../../src/screen/screen.ts';
import { judgeSeries } from '../../src/verdict/series.ts';
import { makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';
import { pilotLight, warmStandby } from '../support/evidence/compared.ts';
import { doubtful, lostData, notBroughtUp, passed } from '../support/evidence/results.ts';

const results = [passed, lostData, doubtful, notBroughtUp];
const refused = [{ file: 'a.yaml', reasons: ['3:5: error: rto'] }];
const ENDS: Readonly<Record<string, (reporter: Reporter) => Promise<void>>> = {
  'a run of each verdict': async (reporter) => {
    for (const result of results) reporter.onResult?.(result, '/runs/1');
    await reporter.onEnd?.();
  },
  'one run that failed': async (reporter) => {
    reporter.onResult?.(lostData, '/runs/1');
    await reporter.onEnd?.();
  },
  'a series': async (reporter) => {
    const trials = [passed, { ...passed, id: 'two' }];
    for (const result of trials) reporter.onResult?.(result, '/runs/1');
    reporter.onSeries?.([judgeSeries({ id: 'S', rule: { gate: 'worst' }, trials })!]);
    await reporter.onEnd?.();
  },
  'nothing that was run': async (reporter) => await reporter.onRefused?.(refused),
};

describe('a report of drill', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  const isOwn = (text: string) => {
    const path = join(folder, 'file');
    writeFileSync(path, text);
    return isOwnReport(path);
  };

  for (const [name, kind] of Object.entries(KINDS)) {
    if (kind.writes !== 'report') continue;
    for (const [what, tell] of Object.entries(ENDS)) {
      it(`is known again: ${name}, of ${what}`, async () => {
        let text = '';
        const output = { write: (each: string) => (text += forOutput(each)), hasColour: false };
        await tell(kind.make(output as unknown as Output, hostClock()));
        expect(isOwn(text), text.slice(0, 200)).to.equal(true);
      });
    }
  }

  it('is known again: a comparison', () => {
    const comparison = compareRuns([warmStandby(), pilotLight()], 0);
    expect(isOwn(compareMarkdown(comparison))).to.equal(true);
    expect(isOwn(compareHtml(comparison))).to.equal(true);
    expect(isOwn(JSON.stringify(comparison, null, 2))).to.equal(true);
  });

  it('is nothing that somebody else wrote, but for an empty file', () => {
    const others = [
      'drill: 1\nname: x\n',
      '{ "name": "dr-drill" }',
      '# drill\n',
      '<!doctype html>',
    ];
    for (const text of others) expect(isOwn(text), text).to.equal(false);
    expect(isOwn('')).to.equal(true);
  });
});
