import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunDirectory, runsDirectory } from '../../../src/archive/run-directory.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { plantResult } from '../../support/evidence/plant-result.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { call } from '../../support/cli/drill-verbs.ts';
import { showVerb } from '../../../src/cli/verbs/show.ts';
import { unpackRun } from '../../evidence/corpus.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { lostData, notBroughtUp, passed } from '../../support/evidence/results.ts';

const args = { run: 'latest' };
/** Of the corpus. */
const FAILED_RUN = 'target-missed';

describe('drill show', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-show-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  function plant(result: Result, events: readonly RunEvent[] = []): string {
    const place = createRunDirectory(runsDirectory(directory), result.id);
    plantResult(place, result, events);
    return place;
  }

  async function show(...args: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(['show', ...args], directory, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  it('prints the summary of the latest run, whatever its verdict, and exits 0', async () => {
    plant(passed);
    plant(lostData);
    const { code, out } = await show();
    expect(code).to.equal(0);
    expect(out).to.match(/^\nFAIL {2}too-tight/);
    expect(out).to.include(`evidence  .drill/runs/${lostData.id}`);
  });

  it('prints the run that is named, as JSON if asked', async () => {
    plant(passed);
    plant(lostData);
    const { out } = await show('region-outage', '--json');
    expect(JSON.parse(out)).to.deep.equal(passed);
  });

  it('shows from the journal what failed in the environment', async () => {
    const facts = {
      what: 'west/postgres',
      expected: 'a',
      found: 'b',
      hint: 'c',
      log: ['FATAL: x'],
    };
    plant(notBroughtUp, [{ t: 1, event: 'environment.failed', ...facts }]);
    expect((await show()).out).to.include('│ FATAL: x');
  });

  it('says how to get a result where there is none, or a damaged one', async () => {
    const place = plant(passed);
    writeFileSync(join(place, 'result.json'), '{');
    const damaged = await show();
    expect(damaged.code).to.equal(3);
    expect(damaged.err).to.match(/is damaged[^]*drill judge/);
    rmSync(join(place, 'result.json'));
    expect((await show()).err).to.include('it has no result.json');
  });

  it('shows what the evidence gives where the result is another one, and exits 3', async () => {
    const place = createRunDirectory(runsDirectory(directory), lostData.id);
    unpackRun(FAILED_RUN, place);
    const file = join(place, 'result.json');
    const stored = JSON.parse(readFileSync(file, 'utf8')) as Result;
    expect(stored.verdict).to.equal('fail');
    expect((await show()).code).to.equal(0);
    for (const forged of [{ ...stored, verdict: 'pass', reasons: [] }, passed]) {
      writeFileSync(file, JSON.stringify(forged));
      const { code, out, err } = await show();
      expect(code).to.equal(3);
      expect(out).to.match(/^\nFAIL /);
      expect(err).to.include('its result.json is unverified (');
      expect(JSON.parse((await show('--json')).out)).to.include({ verdict: 'fail' });
    }
    rmSync(join(place, 'plan.json'));
    const blind = await show();
    expect([blind.code, blind.out]).to.deep.equal([3, '']);
    expect(blind.err).to.include('its result.json is unverified: ');
  });

  it('looks where the configuration or DRILL_OUT says, the flag first', async () => {
    const place = createRunDirectory(runsDirectory(directory, 'there'), passed.id);
    plantResult(place, passed);
    expect((await show()).code).to.equal(2);
    expect(await call(showVerb, args, directory, { DRILL_OUT: 'there' })).to.include({ code: 0 });
    writeFileSync(join(directory, 'drill.config.yaml'), 'out: there\n');
    const { out } = await show();
    expect(out).to.include(`drill judge there/${passed.id}`);
    expect((await show('--out', 'elsewhere')).err).to.include('no runs in');
    writeFileSync(join(directory, 'drill.config.yaml'), 'oot: there\n');
    expect((await show()).err).to.match(/oot.*\n[^]*no runs in/);
  });

  it('takes a result that lacks keys for damaged', async () => {
    const place = plant(passed);
    writeFileSync(join(place, 'result.json'), '{"schema":"drill.result/1"}');
    expect((await show()).err).to.include('is damaged');
  });

  it('is a usage error for a run that is not there', async () => {
    plant(passed);
    const { code, err } = await show('nothing-like-it');
    expect(code).to.equal(2);
    expect(err).to.include('there is no run "nothing-like-it"');
  });
});
