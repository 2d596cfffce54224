import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { combine, makeReporters } from '../../src/report/reporters.ts';
import { UserError } from '../../src/screen/user-error.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { recordingScreen } from '../support/cli/recording-screen.ts';
import { lostData, passed, plan } from '../support/evidence/results.ts';

describe('reporters', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-report-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const make = (spec: string | null, more: { json?: boolean; quiet?: boolean } = {}) => {
    const screen = recordingScreen();
    const clock = new ManualClock();
    return { screen, reporter: makeReporters(spec, { screen, directory, clock, ...more }) };
  };
  const complaint = (spec: string) => {
    try {
      make(spec);
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
    return 'none';
  };

  it('puts progress on stderr and the summary on stdout', async () => {
    const { screen, reporter } = make(null);
    reporter.onPlan?.(plan);
    reporter.onResult?.(passed, join(directory, '.drill', 'runs', passed.id));
    await reporter.onEnd?.();
    expect(screen.stderr.text()).to.match(/^region-outage/);
    expect(screen.stdout.text()).to.include('PASS');
    expect(screen.stdout.text()).to.include(`evidence  .drill/runs/${passed.id}\n`);
  });

  it('leaves stdout to the JSON of one drill, and moves the summary to stderr', async () => {
    const { screen, reporter } = make('live', { json: true });
    reporter.onResult?.(passed, directory);
    await reporter.onEnd?.();
    expect(JSON.parse(screen.stdout.text())).to.deep.equal(passed);
    expect(screen.stderr.text()).to.include('PASS');
  });

  it('writes the JSON of several drills as an array', async () => {
    const { screen, reporter } = make('json');
    reporter.onResult?.(passed, directory);
    reporter.onResult?.(lostData, directory);
    await reporter.onEnd?.();
    expect(JSON.parse(screen.stdout.text())).to.deep.equal([passed, lostData]);
  });

  it('writes reports to files, in folders that it makes', async () => {
    const { screen, reporter } = make('plain,junit=out/drill.xml,json=out/drill.json');
    reporter.onResult?.(passed, directory);
    await reporter.onEnd?.();
    expect(readFileSync(join(directory, 'out/drill.xml'), 'utf8')).to.match(/^<\?xml/);
    expect(JSON.parse(readFileSync(join(directory, 'out/drill.json'), 'utf8'))).to.deep.equal(
      passed,
    );
    expect(screen.stdout.text()).to.include('PASS');
  });

  it('is down to one line with --quiet, and says nothing on stderr', async () => {
    const { screen, reporter } = make('live', { quiet: true });
    reporter.onPlan?.(plan);
    reporter.onResult?.(passed, directory);
    await reporter.onEnd?.();
    expect(screen.stderr.text()).to.equal('');
    expect(screen.stdout.text().trimEnd().split('\n')).to.have.length(1);
  });

  it('refuses what it cannot do, with a guess at what was meant', () => {
    expect(complaint('junti=x')).to.include('; did you mean junit?');
    expect(complaint('live,,json')).to.include('an empty name');
    expect(complaint('live=x')).to.include('takes no file');
    expect(complaint('junit=')).to.include('names no file');
    expect(complaint('live,plain')).to.include('both write to stderr');
    expect(complaint('json,junit')).to.include('give one a file: junit=FILE');
    expect(complaint('json=a,junit=a')).to.include('both write to a');
    expect(complaint('json=a,junit=./a')).to.include('both write to ./a');
    expect(complaint('constructor')).to.include('expected live, plain');
  });

  it('refuses a file that cannot be written before anything starts', () => {
    expect(complaint('junit=.')).to.match(/cannot write .*it is a folder/);
  });

  it('names a reporter that throws, drops it, and goes on with the others', async () => {
    const told: string[] = [];
    const complaints: string[] = [];
    const broken = {
      onPlan: () => {
        throw new Error('no ink');
      },
      onEnd: () => {
        told.push('broken');
      },
    };
    const fine = { onPlan: () => void told.push('plan'), onEnd: () => void told.push('end') };
    const both = combine(
      [
        ['broken', broken],
        ['fine', fine],
      ],
      (message) => complaints.push(message),
    );
    both.onPlan?.(plan);
    both.onPlan?.(plan);
    await both.onEnd?.();
    expect(told).to.deep.equal(['plan', 'plan', 'end']);
    expect(complaints).to.have.length(1);
    expect(complaints[0]).to.match(/"broken" failed.*no ink/);
  });

  it('survives a reporter that rejects at the end', async () => {
    const complaints: string[] = [];
    const broken = { onEnd: () => Promise.reject(new Error('disk full')) };
    await combine([['junit', broken]], (message) => complaints.push(message)).onEnd?.();
    expect(complaints[0]).to.include('disk full');
  });
});
