// Names, descriptions and reasons that would drive a terminal, turn text round or be commands of a
// CI runner, in every form in which a run is told.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareHtml } from '../../src/report/compare/page.ts';
import { compareMarkdown, compareText } from '../../src/report/compare/text.ts';
import { makeReporters } from '../../src/report/reporters.ts';
import { forOutput } from '../../src/screen/paint.ts';
import { processScreen, type ColourChoice } from '../../src/screen/process-screen.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import type { Result } from '../../src/verdict/result.ts';
import { makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';
import { compared, warmStandby } from '../support/evidence/compared.ts';
import { disaster, untilTheFault } from '../support/evidence/planted-events.ts';
import { lied, plan } from '../support/evidence/results.ts';

/** Clears the screen, colours, rings, sets a title, hides; C1; directions; line ends. */
const EVIL =
  'a\u001b[2J\u001b[42m PASS \u0007\u001b]0;t\u0007\u001b[8m\u009b1A\u007f\u202eb\u2066\u2028c\r';
// eslint-disable-next-line no-control-regex
const DRIVING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
/** The codes that drill's own styles have, and no cursor, title or hidden text. */
// eslint-disable-next-line no-control-regex
const OWN = /\u001b\[(1|2|22|3[0-79]|4[0-79]|49)m/g;

const hostile: Result = {
  ...lied,
  drill: { ...lied.drill, name: EVIL, strategy: EVIL },
  reasons: [EVIL],
  notes: [EVIL],
};
const events: RunEvent[] = [
  ...untilTheFault,
  ...disaster,
  { t: 6_000, event: 'run.noted', text: EVIL },
  { t: 6_001, event: 'step.failed', step: EVIL, reason: EVIL },
  {
    t: 6_002,
    event: 'environment.failed',
    what: EVIL,
    expected: EVIL,
    found: EVIL,
    hint: EVIL,
    log: [EVIL],
  },
];

describe('hostile text', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  async function told(spec: string, colour: ColourChoice, isTTY: boolean) {
    const [out, err]: [string[], string[]] = [[], []];
    const stdout = { isTTY, columns: 100, rows: 30, write: (text: string) => out.push(text) };
    const stderr = { isTTY, columns: 100, rows: 30, write: (text: string) => err.push(text) };
    const screen = processScreen({ stdout, stderr, env: {} }, colour);
    const reporter = makeReporters(spec, { screen, directory: folder });
    reporter.onPlan?.({ ...plan, name: EVIL, description: EVIL });
    for (const event of events) reporter.onEvent?.(event);
    reporter.onResult?.(hostile, join(folder, 'run'));
    await reporter.onEnd?.();
    return { out: out.join(''), err: err.join('') };
  }

  it('reaches no log raw, by any reporter', async () => {
    const specs = ['plain', 'live', 'json', 'junit', 'markdown', 'github', 'tap', 'openmetrics'];
    for (const spec of [...specs, 'plain,json=a.json,junit=a.xml']) {
      const { out, err } = await told(spec, 'never', false);
      expect(out + err, spec).not.to.match(DRIVING);
      expect(out + err, spec).to.include('\\u001b[2J');
    }
    expect(readFileSync(join(folder, 'a.xml'), 'utf8')).not.to.match(DRIVING);
    const json = JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8')) as Result;
    expect(json.reasons).to.deep.equal([EVIL]);
  });

  it('reaches no terminal but among the colours of drill itself', async () => {
    const { out, err } = await told('plain', 'always', false);
    for (const text of [out, err]) {
      expect(text).to.match(OWN);
      expect(text.replaceAll(OWN, '')).not.to.match(DRIVING);
      // Not even as a colour that drill has, too: a badge cannot be forged.
      expect(text).not.to.include('\u001b[42m PASS');
      expect(text).to.include('\\u001b[42m PASS');
    }
  });

  it('stays the value that it is in JSON on standard output', async () => {
    const { out } = await told('json', 'never', false);
    expect((JSON.parse(out) as Result).drill.name).to.equal(EVIL);
  });

  it('reaches no comparison raw: text, Markdown or page', () => {
    const comparison = compared([warmStandby({ name: EVIL, result: hostile })]);
    const text = compareText(comparison, { columns: 100, hasColour: false });
    for (const form of [forOutput(text), compareMarkdown(comparison), compareHtml(comparison)]) {
      expect(form).not.to.match(DRIVING);
      expect(form).to.match(/\\{1,2}u001b/);
    }
  });
});
