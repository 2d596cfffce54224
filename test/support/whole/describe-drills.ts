// Every drill that comes with drill, on either runtime: the same verdict, the same reasons, the same
// kind of loss, and nothing left behind.
import { expect } from 'chai';
import type { Context } from 'mocha';
import { basename, join } from 'node:path';
import type { Result } from '../../../src/verdict/result.ts';
import { atEngine, composeEnvironment, requireDocker } from '../servers/docker.ts';
import { ROOT, Workplace } from './drill-cli.ts';
import { it } from '../commands.ts';
import { compiledSchemas, invalidIn } from '../evidence/valid-files.ts';
import { findProgram } from '../find-program.ts';
import { requirePart } from '../require.ts';
import { runMeasured } from './run-measured.ts';
import { DRILL_CASES, type DrillCase } from './stock-drills.ts';

export const FOLDER = join(ROOT, 'drills');

/** In `npm test`, in short; all of them as they stand in `npm run test:full`. */
const IN_TEST = {
  // region-outage.test.ts has the warm standby.
  embedded: [
    'strategies/backup-restore.yaml',
    'strategies/pilot-light.yaml',
    'strategies/active-active.yaml',
  ],
  // Apps are started by the one from backups too, and by less than a pilot light.
  compose: [
    'region-outage.yaml',
    'strategies/backup-restore.yaml',
    'strategies/active-active.yaml',
  ],
};
const SHORT = ['steady.for=1s', 'faults.0.at=500ms', 'sustain.for=1s'];
/** Containers take more processor. */
const FEWER_CLIENTS = ['workload.rate=80/s', 'targets.rpo=5s'];

export function describeDrills(runtime: 'embedded' | 'compose'): void {
  describe(`the drills that come with drill, ${runtime}`, function () {
    this.timeout(240_000);
    let place: Workplace;

    before(function () {
      if (runtime === 'compose') requireDocker(this);
    });
    beforeEach(() => (place = new Workplace()));
    afterEach(() => {
      const runs = place.runs().map((run) => basename(run));
      const left = [
        ...place.leftBehind(),
        ...(runtime === 'compose' ? runs.flatMap(atEngine) : []),
      ];
      place.remove();
      expect(left).to.deep.equal([]);
    });

    for (const wanted of DRILL_CASES) {
      for (const { command, title, sets, writes } of waysToRun(runtime, wanted.file)) {
        command(`${wanted.file}${title} ends with ${wanted.verdict}`, async function () {
          if (runtime === 'embedded') requireNeeds(this, wanted);
          const args = ['run', join(FOLDER, wanted.file), '--runtime', runtime, ...sets];
          const { code, stdout, stderr } = await runMeasured(
            place,
            args,
            runtime === 'compose' ? composeEnvironment() : {},
          );
          const result = place.result();
          expect(result.runtime, stdout + stderr).to.include({ kind: runtime });
          expectReasons(result, wanted);
          expect(result.verdict, stdout + stderr).to.equal(wanted.verdict);
          expect(code).to.equal(wanted.code);
          for (const reason of result.reasons) {
            expect(stdout.replaceAll(/\s+/g, ' ')).to.contain(reason);
          }
          expectLoss(result, wanted, writes);
          expect(place.events().map(({ event }) => event)).to.include.members([...wanted.events]);
          expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
          const run = place.runs().find((each) => basename(each) === result.id)!;
          expect(invalidIn(run, compiledSchemas({ isClosed: true }))).to.deep.equal([]);
        });
      }
    }
  });
}

function waysToRun(runtime: 'embedded' | 'compose', file: string) {
  const whole = { command: it.full, title: '', sets: [] as string[], writes: 1_000 };
  if (!IN_TEST[runtime].includes(file)) return [whole];
  const settings = runtime === 'compose' ? [...SHORT, ...FEWER_CLIENTS] : SHORT;
  const sets = settings.flatMap((setting) => ['--set', setting]);
  return [{ command: it, title: ' in short', sets, writes: 100 }, whole];
}

function requireNeeds(context: Context, { needs }: DrillCase): void {
  if (!needs.includes('redis')) return;
  const found = findProgram('redis-server') ?? findProgram('valkey-server');
  requirePart(
    context,
    'redis',
    found !== null,
    'neither redis-server nor valkey-server is on PATH',
  );
}

function expectReasons({ reasons }: Result, wanted: DrillCase): void {
  expect(reasons, reasons.join('\n')).to.have.length(wanted.reasons.length);
  for (const [at, pattern] of wanted.reasons.entries()) expect(reasons[at]).to.match(pattern);
}

function expectLoss(
  { loss }: Result,
  { loses, isSilent, diverges, second }: DrillCase,
  writes: number,
): void {
  expect(loss!.acknowledged).to.be.above(writes);
  if (loses === 'nothing') expect(loss).to.include({ lost: 0, rpo_ms: 0, lost_bytes: 0 });
  if (isSilent) expect(loss!.unknown).to.be.above(0);
  const { unexpected, corrupt, duplicated, diverged, split_brain } = loss!;
  expect({ unexpected, corrupt, duplicated, split_brain }).to.deep.equal({
    ...{ unexpected: 0, corrupt: 0, duplicated: 0, split_brain: 0 },
  });
  expect(diverged > 0, `${diverged} diverged`).to.equal(diverges);
  if (second !== 'agrees') {
    expect(loss!.second).to.equal(null);
    return;
  }
  expect(loss!.second).to.include({ agrees: true });
  expect(loss!.second!.only_old).to.be.at.least(loss!.lost - loss!.second!.never_durable);
}
