// The file that was asked for, whatever became of the command: each reporter writes it, says why,
// and no program that reads it takes it for a pass.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { KINDS } from '../../../src/report/kinds.ts';
import type { Reporter } from '../../../src/report/reporter.ts';
import { makeReporters, writeUnfinished } from '../../../src/report/reporters.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { judgeSeries } from '../../../src/verdict/series.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { interrupted, leftBehind, notBroughtUp, passed } from '../../support/evidence/results.ts';

/** Whether whoever reads a report of this kind goes on as after a pass. */
const IS_GREEN: Readonly<Record<string, (text: string) => boolean>> = {
  html: (text) =>
    text.includes('class="badge pass"') && !/No result|class="badge (?!pass)/.test(text),
  markdown: (text) => !/### (?!PASS)/.test(text),
  json: (text) =>
    /"verdict": "pass"/.test(text) && !/"drill.refused|"verdict": "(?!pass)/.test(text),
  junit: (text) => /<testsuites [^>]*failures="0"[^>]*errors="0"/.test(text),
  github: (text) => !/::(error|warning) /.test(text),
  tap: (text) => !/^not ok/m.test(text),
  openmetrics: (text) => !/^(drill_not_run|drill_verdict_code)\{.*\} [^0]/m.test(text),
};

const reports = Object.keys(KINDS).filter((name) => KINDS[name]!.writes === 'report');
const internal: Result = { ...passed, verdict: 'internal', reasons: ['drill: no such state.'] };
const ended: Readonly<Record<string, Result>> = {
  'exit 4': notBroughtUp,
  'exit 5': leftBehind,
  'exit 70': internal,
  'Ctrl-C': interrupted,
};

describe('a report that was asked for', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-green-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const options = () => ({ screen: recordingScreen(), directory, summary: false });
  const path = (name: string) => join(directory, `out.${name}`);
  const specOf = (name: string) => `${name}=${path(name)}`;

  async function written(name: string, tell: (reporter: Reporter) => void | Promise<void>) {
    const made = options();
    const reporter = makeReporters(specOf(name), made);
    await tell(reporter);
    expect(made.screen.stderr.text(), name).to.equal('');
    return readFileSync(path(name), 'utf8');
  }

  it('is known by what it says of a pass', async () => {
    expect(Object.keys(IS_GREEN).toSorted()).to.deep.equal(reports.toSorted());
    for (const name of reports) {
      const text = await written(name, async (reporter) => {
        reporter.onResult?.(passed, '/runs/1');
        await reporter.onEnd?.();
      });
      expect(IS_GREEN[name]!(text), name).to.equal(true);
    }
  });

  for (const [how, result] of Object.entries(ended)) {
    it(`is written, says why and is not green after ${how}`, async () => {
      for (const name of reports) {
        const text = await written(name, async (reporter) => {
          reporter.onResult?.(result, '/runs/1');
          await reporter.onEnd?.();
        });
        expect(IS_GREEN[name]!(text), name).to.equal(false);
        if (name !== 'openmetrics') expect(text, name).to.match(wordsOf(result));
      }
    });

    it(`is not green after ${how} in the last trial of a series`, async () => {
      const trials = [passed, { ...result, id: 'last', drill: { ...passed.drill, seed: 2 } }];
      const rule = { gate: 'worst' } as const;
      for (const name of reports) {
        const text = await written(name, async (reporter) => {
          for (const each of trials) reporter.onResult?.(each, '/runs/1');
          reporter.onSeries?.([judgeSeries({ id: 'S', rule, trials })!]);
          await reporter.onEnd?.();
        });
        expect(IS_GREEN[name]!(text), name).to.equal(false);
      }
    });
  }

  it('is written, says why and is not green after exit 2', async () => {
    for (const name of reports) {
      const text = await written(name, async (reporter) => {
        await reporter.onRefused?.([{ file: 'bad.yaml', reasons: ['3:5: error: rto'] }]);
      });
      expect(IS_GREEN[name]!(text), name).to.equal(false);
      expect(text).to.include('bad.yaml');
    }
  });

  it('is not green where a drill that was due was never run, and has what was', async () => {
    const unmade = [{ file: 'two.yaml', reasons: ['it was not run'] }];
    for (const name of reports) {
      const text = await written(name, async (reporter) => {
        reporter.onResult?.(passed, '/runs/1');
        await reporter.onEnd?.(unmade);
      });
      expect(IS_GREEN[name]!(text), name).to.equal(false);
      expect(text).to.include('two.yaml');
      if (name !== 'github') expect(text, name).to.include(passed.drill.name);
    }
  });

  it('is not the green one of the run before while another one goes on, or after its kill', async () => {
    for (const name of reports) {
      const green = await written(name, async (reporter) => {
        reporter.onResult?.(passed, '/runs/1');
        await reporter.onEnd?.();
      });
      writeFileSync(path(name), green);
      await writeUnfinished(specOf(name), 'a.yaml', options());
      const text = readFileSync(path(name), 'utf8');
      expect(IS_GREEN[name]!(text), name).to.equal(false);
      expect(text).to.include('a.yaml').and.not.to.include(passed.drill.name);
      if (name !== 'openmetrics') expect(text, name).to.include('drill was ended before');
    }
  });

  it('is written once to a pipe, and added once to what others write to', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    await writeUnfinished('junit=pipe', 'a.yaml', options());
    const summary = join(directory, 'summary.md');
    writeFileSync(summary, 'of others\n');
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
    await writeUnfinished(null, 'a.yaml', { ...options(), environment });
    expect(readFileSync(summary, 'utf8')).to.equal('of others\n');
  });
});

/** The beginning of its first reason, whatever a format makes of other characters. */
function wordsOf({ reasons }: Result): RegExp {
  return new RegExp(/^[\w ]+/.exec(reasons[0] ?? '')![0]);
}
