// `drill compare`: what it takes and refuses, and finished runs.
import { expect } from 'chai';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRunDirectory, runsDirectory } from '../../../src/archive/run-directory.ts';
import type { FinishedRun } from '../../../src/archive/compare.ts';
import type { Result } from '../../../src/verdict/result.ts';
import type { Comparison } from '../../../src/verdict/comparison.ts';
import { backupRestore, pilotLight, warmStandby } from '../../support/evidence/compared.ts';
import { plantResult } from '../../support/evidence/plant-result.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { unpackRun } from '../../evidence/corpus.ts';
import { GOOD, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

describe('drill compare', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  async function compare(...args: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(['compare', ...args], folder, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  function plant({ result, plan }: FinishedRun): string {
    const place = createRunDirectory(runsDirectory(folder), result.id);
    plantResult(place, result);
    if (plan !== null) writeFileSync(join(place, 'plan.json'), JSON.stringify(plan));
    return result.id;
  }

  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const hasStarted = () => existsSync(join(folder, '.drill'));

  describe('given what it cannot take', () => {
    it('says what it expects where nothing is given', async () => {
      const { code, err } = await compare();
      expect(code).to.equal(2);
      expect(err).to.include('expected: drill compare <what..>');
    });

    it('says how drills of systems of somebody’s own are compared', async () => {
      write('own.yaml', ownDrill());
      const { code, err } = await compare('own.yaml', 'own.yaml');
      expect(code).to.equal(2);
      expect(err).to.include('own breaks a system of your own');
      expect(err).to.include(
        'drill run own.yaml --confirm own; and once each was run: drill compare',
      );
    });

    it('guesses at a run that is not there', async () => {
      plant(warmStandby());
      const { code, err } = await compare('warm-stanby');
      expect(code).to.equal(2);
      expect(err).to.include('; did you mean warm-standby?');
    });

    it('explains a file and a folder that are not there, and a folder without drills', async () => {
      expect((await compare('none.yaml')).err).to.include(
        'none.yaml: error: there is no such file',
      );
      expect((await compare('no/such')).err).to.include('no drill file, folder or run "no/such"');
      mkdirSync(join(folder, 'empty'));
      write('drill.config.yaml', 'keep: never\n');
      writeFileSync(join(folder, 'empty', 'notes.txt'), '');
      expect((await compare('empty')).err).to.include('no drill files in the folder empty');
      const { code, err } = await compare('.');
      expect([code, err.split('\n')[0]]).to.deep.equal([
        2,
        'drill: there are no drill files in the folder .',
      ]);
    });

    it('starts nothing when one of the files has an error', async () => {
      write('good.yaml', GOOD);
      write('bad.yaml', GOOD.replace('15s', '15'));
      const { code, err } = await compare('good.yaml', 'bad.yaml');
      expect(code).to.equal(2);
      expect(err).to.include('bad.yaml:3:17: error').and.to.include('nothing was started');
      expect(hasStarted()).to.equal(false);
    });

    it('refuses a number of repeats that is none', async () => {
      write('good.yaml', GOOD);
      for (const repeat of ['0', '1.5', '-1', '101', 'many']) {
        const { code, err } = await compare('good.yaml', `--repeat=${repeat}`);
        expect(code, repeat).to.equal(2);
        expect(err).to.include('--repeat: expected a');
      }
      expect(hasStarted()).to.equal(false);
    });

    it('refuses to change what finished runs were made with', async () => {
      const id = plant(warmStandby());
      for (const flag of ['--seed=2', '--set=targets.rto=1s', '--repeat=2', '--runtime=compose']) {
        const { code, err } = await compare(id, flag);
        expect(code, flag).to.equal(2);
        expect(err).to.include('goes with drill files');
      }
    });

    it('finds out beforehand that a file cannot be written, or two would be one', async () => {
      write('good.yaml', GOOD);
      expect((await compare('good.yaml', '--html=.')).err).to.match(
        /--html: cannot write .*folder/,
      );
      const both = await compare('good.yaml', '--json', '--markdown');
      expect(both.code).to.equal(2);
      expect(both.err).to.include('--json and --markdown would both write to stdout');
      const one = await compare('good.yaml', '--html=a', '--markdown=./a');
      expect(one.err).to.include('--markdown and --html would both write to a');
      expect(hasStarted()).to.equal(false);
    });

    it('says how to get at the result of a run that has none', async () => {
      const id = plant(warmStandby());
      const place = join(runsDirectory(folder), id);
      writeFileSync(join(place, 'result.json'), '{');
      const { code, err } = await compare(id);
      expect(code).to.equal(3);
      expect(err).to.match(/is damaged[^]*drill judge/);
    });
  });

  describe('given finished runs', () => {
    it('shows them from cold to hot without running anything, and exits 0 if all passed', async () => {
      const ids = [warmStandby(), backupRestore(), pilotLight()].map(plant);
      const { code, out, err } = await compare(...ids);
      expect([code, err]).to.deep.equal([0, '']);
      expect(out).to.match(/strategy +backup-restore +pilot-light +warm-standby\n/);
      expect(out).to.include(`.drill/runs/${ids[0]}`);
    });

    it('takes an id, the beginning of one, the name of a drill, a path and latest, each once', async () => {
      const id = plant(warmStandby());
      const words = [id, id.slice(0, -2), 'warm-standby', `.drill/runs/${id}`, 'latest'];
      for (const word of words) expect((await compare(word)).code, word).to.equal(0);
      const { out } = await compare(...words, '--json');
      expect((JSON.parse(out) as Comparison).drills[0]!.runs).to.have.length(1);
    });

    it('exits with the worst of their verdicts', async () => {
      const passed = plant(warmStandby());
      const open = plant(pilotLight({ result: { verdict: 'inconclusive' } }));
      const failed = plant(backupRestore());
      const worse = plant(pilotLight({ name: 'no', result: { verdict: 'fail' } }));
      expect((await compare(passed, failed)).code).to.equal(0);
      expect((await compare(passed, open)).code).to.equal(3);
      expect((await compare(open, worse, passed)).code).to.equal(1);
    });

    it('says what was not alike, as text and as data, and compares them all the same', async () => {
      const { plan } = warmStandby();
      const workload = { ...plan!.workload, rate_per_s: 50 };
      const ids = [plant(warmStandby()), plant(pilotLight({ plan: { workload } }))];
      const { code, out } = await compare(...ids, '--json');
      expect(code).to.equal(0);
      const { differences } = JSON.parse(out) as Comparison;
      expect(differences.map(({ key }) => key)).to.deep.equal(['workload.rate']);
      const { out: text } = await compare(...ids);
      expect(text).to.include('workload.rate: 50/s (pilot-light), 200/s (warm-standby)');
    });

    it('compares a run whose plan is gone, and says that it is', async () => {
      const ids = [plant(warmStandby()), plant(pilotLight({ plan: null }))];
      const { code, out } = await compare(...ids);
      expect(code).to.equal(0);
      expect(out).to.include('The plan of pilot-light cannot be read');
    });

    it('says in every form that a stored result does not agree with its evidence', async () => {
      const id = '20261122T201317Z-target-missed-3fa2';
      const place = createRunDirectory(runsDirectory(folder), id);
      unpackRun('target-missed', place);
      const file = join(place, 'result.json');
      const stored = JSON.parse(readFileSync(file, 'utf8')) as Result;
      const forms = [[], ['--markdown'], ['--html'], ['--json']];
      const shown = async (form: readonly string[]) => {
        const { code, out } = await compare(id, ...form);
        return { code, text: out.replaceAll(/\s+/g, ' ') };
      };
      for (const form of forms) {
        const { code, text } = await shown(form);
        expect(code).to.equal(1);
        if (form[0] === '--json') expect(text).to.include('"unverified": null');
        else expect(text).not.to.include('unverified');
      }
      writeFileSync(file, JSON.stringify({ ...stored, verdict: 'pass', reasons: [] }));
      for (const form of forms) {
        const { code, text } = await shown(form);
        expect(code, 'what the evidence gives is the worse').to.equal(1);
        expect(text, form.join()).to.match(
          /unverified.*verdict: stored .*pass.*, recomputed .*fail/,
        );
      }
    });

    it('writes each form to a file, and one of them to stdout', async () => {
      const id = plant(warmStandby());
      const args = ['--markdown=out/table.md', '--html=page.html'];
      const { out, err } = await compare(id, ...args);
      expect(out).to.include('Compared: 1 drill');
      expect(err).to.equal('written: out/table.md\nwritten: page.html\n');
      const table = readFileSync(join(folder, 'out', 'table.md'), 'utf8');
      expect(table).to.include('| strategy | warm-standby |');
      expect(readFileSync(join(folder, 'page.html'), 'utf8')).to.match(/^<!doctype html>/);
      const piped = await compare('--markdown', id);
      expect(piped.out).to.equal(table);
      expect(piped.err).to.include('Compared: 1 drill');
      expect((await compare(id, '--quiet', '--html')).err).to.equal('');
    });

    it('takes a word after --markdown and --html for what is to be compared', async () => {
      const id = plant(warmStandby());
      expect((await compare('--html', id)).out).to.match(/^<!doctype html>/);
      expect((await compare('--html=', id)).err).to.include('--html: expected a value');
    });
  });
});
