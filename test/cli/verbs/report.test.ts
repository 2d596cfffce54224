import { expect } from 'chai';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

  const refused = async (args: Record<string, unknown>) => {
    return await report(args).then(
      () => '',
      (error: Error) => error.message,
    );
  };

  it('writes a page into the folder of the run, says so, and nothing where it is called', async () => {
    const before = readdirSync(folder);
    const { code, stderr } = await report();
    expect(code, stderr).to.equal(0);
    const page = `.drill/runs/${passed.id}/report.html`;
    expect(stderr).to.equal(`written: ${page}\n`);
    expect(readFileSync(join(folder, page), 'utf8')).to.include('</html>');
    expect(readdirSync(folder)).to.deep.equal(before);
    expect((await report()).code, 'a second time').to.equal(0);
  });

  it('writes where --output says, and says so; - is the standard output', async () => {
    const page = await report({ output: 'a.html' });
    expect(page.stderr).to.equal('written: a.html\n');
    expect(readFileSync(join(folder, 'a.html'), 'utf8')).to.include('</html>');
    const comment = await report({ output: 'pr.md', reporter: 'markdown' });
    expect(comment.stderr).to.equal('written: pr.md\n');
    expect(readFileSync(join(folder, 'pr.md'), 'utf8')).to.match(/^### PASS: region-outage/);
    const shown = await report({ output: '-' });
    expect(shown.stdout).to.match(/^<!doctype html>/);
    expect(shown.stderr).to.equal('');
  });

  it('takes the place of no file that is no report', async () => {
    writeFileSync(join(folder, 'good.yaml'), GOOD);
    for (const args of [{ output: 'good.yaml' }, { reporter: 'html=good.yaml' }]) {
      expect(await refused(args)).to.match(/cannot write .*good\.yaml: there is a file that is no/);
    }
    expect(readFileSync(join(folder, 'good.yaml'), 'utf8')).to.equal(GOOD);
    for (const kind of ['html', 'markdown', 'json', 'junit', 'tap', 'openmetrics', 'github']) {
      for (const time of ['the first', 'the second']) {
        expect(
          (await report({ reporter: kind, output: 'again' })).code,
          `${kind}, ${time}`,
        ).to.equal(0);
      }
    }
  });

  it('writes several forms, each where it is told', async () => {
    const { code, stdout } = await report({ reporter: 'markdown,junit=a.xml' });
    expect(code).to.equal(0);
    expect(stdout).to.match(/^### PASS: region-outage/);
    expect(readFileSync(join(folder, 'a.xml'), 'utf8')).to.include('name="region-outage"');
  });

  it('refuses what is no report, and a page that nobody wrote', async () => {
    expect(await refused({ reporter: 'live' })).to.include('--reporter: expected html');
    expect(await refused({ reporter: 'tap', open: true })).to.include('--open shows the page');
    expect(await refused({ reporter: 'tap,junit=a.xml', output: 'b' })).to.include('--output is');
    expect(await refused({ output: 'a,b' })).to.include('without a comma');
    expect(await refused({ output: '-', open: true })).to.include('--open shows the page');
    expect(existsSync(join(folder, '.drill', 'runs', passed.id, 'report.html'))).to.equal(false);
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
