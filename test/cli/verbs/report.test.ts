import { expect } from 'chai';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportVerb } from '../../../src/cli/verbs/report.ts';
import { runVerb } from '../../../src/cli/verbs/run.ts';
import { showVerb } from '../../../src/cli/verbs/show.ts';
import type { Verb } from '../../../src/cli/verb.ts';
import { GOOD, call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';
import { plantResult } from '../../support/evidence/plant-result.ts';
import { passed } from '../../support/evidence/results.ts';

describe('drill report', () => {
  let folder = '';
  beforeEach(() => {
    folder = makeFolder();
    const place = join(folder, '.drill', 'runs', passed.id);
    mkdirSync(place, { recursive: true });
    plantResult(place, passed);
  });
  afterEach(() => removeFolder(folder));

  const report = async (args: Record<string, unknown> = {}) => {
    return await call(reportVerb, { run: 'latest', ...args }, folder);
  };

  it('writes a page that is named after the run, and says so', async () => {
    const { code, stderr } = await report();
    expect(code, stderr).to.equal(0);
    expect(stderr).to.equal(`written: ${passed.id}.html\n`);
    expect(readFileSync(join(folder, `${passed.id}.html`), 'utf8')).to.include('</html>');
  });

  it('writes several forms, each where it is told', async () => {
    const { code, stdout } = await report({ reporter: 'markdown,junit=a.xml' });
    expect(code).to.equal(0);
    expect(stdout).to.match(/^### PASS: region-outage/);
    expect(readFileSync(join(folder, 'a.xml'), 'utf8')).to.include('name="region-outage"');
  });

  it('refuses what is no report, and a page that nobody wrote', async () => {
    const refused = async (args: Record<string, unknown>) => {
      return await report(args).then(
        () => '',
        (error: Error) => error.message,
      );
    };
    expect(await refused({ reporter: 'live' })).to.include('--reporter: expected html');
    expect(await refused({ reporter: 'tap', open: true })).to.include('--open shows the page');
    expect(existsSync(join(folder, `${passed.id}.html`))).to.equal(false);
  });

  for (const [name, verb, args] of [
    ['show', showVerb, { run: 'latest' }],
    ['report', reportVerb, { run: 'latest', reporter: 'tap' }],
    ['run', runVerb, { files: ['good.yaml'] }],
  ] satisfies readonly (readonly [string, Verb, Record<string, unknown>])[]) {
    it(`tells what is wrong in the configuration file once, as ${name} does`, async () => {
      writeFileSync(join(folder, 'good.yaml'), GOOD);
      writeFileSync(join(folder, 'drill.config.yaml'), 'outt: x\n');
      const { stderr } = await call(verb, args, folder);
      expect(stderr.match(/outt: unknown key/g), stderr).to.have.length(1);
    });
  }
});
