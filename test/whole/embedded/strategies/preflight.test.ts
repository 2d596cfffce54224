// What is broken before the disaster: with `preflight: require` the drill ends before it breaks
// anything, with `warn` it goes on and says so.
import { expect } from 'chai';
import { Client } from 'pg';
import type { Lab } from '../../../../src/topology/system/system.ts';
import type { InProcessRun } from '../../../support/whole/in-process-run.ts';
import {
  ACTIVE_ACTIVE,
  BACKUP_RESTORE,
  eventsNamed,
  failedChecks,
  reasonsOf,
  runShort,
  shortDrill,
  WARM_STANDBY,
  withSystem,
} from '../../../support/whole/short-run.ts';
import { it } from '../../../support/commands.ts';

const LOSE_EAST = '{ at: 500ms, kind: lose-region, region: east }';
const LINK = '\n  links: { east-west: { latency: 2ms } }';

/** Nothing was broken: inconclusive, with the check that failed. */
function endedBeforeTheDisaster(ended: InProcessRun, check: string, detail: RegExp): void {
  expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
  const disasters = eventsNamed(ended, 'fault.started').filter(({ disaster }) => disaster);
  expect(disasters).to.deep.equal([]);
  expect(eventsNamed(ended, 'recovery.started')).to.deep.equal([]);
  expect(ended.result.gates.map(({ verdict }) => verdict)).not.to.include('pass');
  expect(failedChecks(ended)[check]).to.match(detail);
  expect(reasonsOf(ended)).to.contain(`The pre-flight check failed: ${check}`);
}

const withoutArchive = (preflight: string) =>
  shortDrill({
    topology: BACKUP_RESTORE,
    faults: `{ at: beforehand, kind: break-archive },
  { at: 500ms, kind: lose-region, region: east, disks: destroyed }`,
    more: `recover: { with: restore-backup, instances: 1 }\npreflight: ${preflight}\n`,
  });

/** A row of the same key on both sides while neither sees the other: applying it fails for ever. */
async function plantConflict(system: Lab): Promise<void> {
  await system.link('east-west').sever();
  for (const name of ['east', 'west']) {
    const { host, port } = system.region(name).nodes()[0]!;
    const client = new Client({ host, port, ...system.way.database! });
    await client.connect();
    await client.query('insert into stock (key, region) values (9999, $1)', [name]);
    await client.end();
  }
  await system.link('east-west').restore();
  for (let tries = 0; tries < 300; tries++) {
    const checks = await system.bidirectional!.check();
    if (checks.every(({ detail }) => /errors in applying/.test(detail))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the conflict stopped nobody');
}

describe('a pre-flight check that fails', function () {
  this.timeout(120_000);

  it.full('as archiving does, ends the drill before the disaster', async () => {
    const ended = await runShort(withoutArchive('require'));
    endedBeforeTheDisaster(ended, 'log in west/storage', /archiving [0-9A-F]{24} fails/);
  });

  it.full('is told and no more with preflight: warn', async () => {
    const ended = await runShort(withoutArchive('warn'));
    expect(failedChecks(ended)['log in west/storage']).to.match(/fails/);
    expect(eventsNamed(ended, 'fault.started').map(({ kind }) => kind)).to.include('lose-region');
    expect(eventsNamed(ended, 'recovery.started')).to.have.length(1);
    expect(ended.result.notes.join('\n')).to.contain(
      'The check before the fault warned, and the drill went on (preflight: warn): log in west/storage',
    );
    // Nothing that was written since has reached the other region.
    expect(ended.result.loss!.lost, reasonsOf(ended)).to.be.above(0);
  });

  it.full(
    'as replication does whose standby is gone, ends the drill before the disaster',
    async () => {
      const drill = shortDrill({ topology: WARM_STANDBY + LINK, faults: LOSE_EAST });
      const ended = await runShort(drill, ({ runtime }) => ({
        runtime: withSystem(runtime, async (system) => {
          await system.link('east-west').sever();
          return {};
        }),
      }));
      endedBeforeTheDisaster(ended, 'replication east → west', /^no standby is connected/);
    },
  );

  it('as a subscription does that stopped at a conflict, ends the drill before the disaster', async () => {
    const drill = shortDrill({ topology: ACTIVE_ACTIVE + LINK, faults: LOSE_EAST });
    const ended = await runShort(drill, ({ runtime }) => ({
      runtime: withSystem(runtime, async (system) => {
        await plantConflict(system);
        return {};
      }),
    }));
    endedBeforeTheDisaster(ended, 'replication east → west', /errors in applying: \d+/);
    endedBeforeTheDisaster(ended, 'replication west → east', /errors in applying: \d+/);
    // It is not said that both hold the same either.
    expect(ended.result.divergence?.ok ?? null).not.to.equal(true);
  });
});
