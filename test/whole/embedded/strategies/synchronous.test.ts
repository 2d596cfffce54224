// A synchronous standby: what its name costs a survivor that still carries it, and what an answer
// with a warning is worth.
import { expect } from 'chai';
import { Client } from 'pg';
import { OUTCOME } from '../../../../src/evidence/ledger/operation.ts';
import { assess } from '../../../../src/verdict/assess.ts';
import { withDatabase } from '../../../support/whole/in-process-run.ts';
import type { Scenario } from '../../../support/scenario/scenario.ts';
import { expectExactLoss, idsServedBy, idsWith } from '../../../support/scenario/count.ts';
import {
  inScenario,
  loadUntil,
  shortDrill as scenarioDrill,
  WITH_APP,
} from '../../../support/scenario/load.ts';
import {
  eventsNamed,
  reasonsOf,
  runShort,
  shortDrill,
  WARM_STANDBY,
} from '../../../support/whole/short-run.ts';
import { it } from '../../../support/commands.ts';

const SYNC = 'replication: { mode: sync }';

describe('the names of synchronous standbys that are left on the survivor', function () {
  this.timeout(300_000);

  const drill = (deadline: string) =>
    shortDrill({
      topology: `${WARM_STANDBY}\n  ${SYNC}`,
      targets: 'rto: 5s',
      faults: '{ at: 300ms, kind: lose-region, region: east }',
      more: `recover: { deadline: ${deadline} }`,
    });

  it.full(
    'are seen as service that does not come back, although a server was promoted',
    async () => {
      const ended = await runShort(drill('6s'), ({ runtime }) => ({
        runtime: withDatabase(runtime, 'west', ({ synchronous }) => ({
          synchronous: { ...synchronous!, release: async () => {} },
        })),
      }));
      expect(eventsNamed(ended, 'database.writable'), 'promoted').to.have.lengthOf(1);
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
      expect(ended.result.recovery!.rto_ms).to.equal(null);
      expect(eventsNamed(ended, 'service.sustained')).to.deep.equal([]);
    },
  );

  it('are taken away before the promotion, so that clients are served', async () => {
    const ended = await runShort(drill('15s'));
    expect(eventsNamed(ended, 'service.sustained'), reasonsOf(ended)).to.have.lengthOf(1);
    expect(ended.result.recovery!.rto_ms).to.not.equal(null);
    expect(ended.result.loss!.lost).to.equal(0);
  });
});

describe('an answer with a warning', function () {
  this.timeout(300_000);

  it('is no promise: the write is unknown in the ledger, and vanished afterwards', async () => {
    const text = scenarioDrill({ strategy: 'warm-standby', topology: SYNC, west: WITH_APP });
    await inScenario(text.replace('timeout: 1s', 'timeout: 10s'), 1, async (scenario) => {
      await loadUntil(scenario, 20, 0);
      await scenario.system.link('east-west').sever();
      await scenario.run.clock.sleep(200);
      const before = new Set(await idsServedBy(scenario, 'east'));
      expect(await cancelWaits(scenario)).to.be.above(0);
      const visible = await idsServedBy(scenario, 'east');
      const warned = visible.filter((id) => !before.has(id));
      expect(warned.length, 'committed here alone').to.be.above(0);
      await scenario.loseAndRecover();
      const evidence = await scenario.verify();
      const [unknown, acknowledged] = [
        new Set(idsWith(evidence, OUTCOME.unknown)),
        new Set(idsWith(evidence, OUTCOME.acknowledged)),
      ];
      expect(warned.filter((id) => acknowledged.has(id))).to.deep.equal([]);
      expect(warned.filter((id) => !unknown.has(id))).to.deep.equal([]);
      expect(await expectExactLoss(scenario, evidence)).to.deep.equal([]);
      const { loss } = assess(evidence);
      expect(loss!.vanished).to.be.at.least(warned.length);
    });
  });
});

/** As the role that waits, which may cancel its own; how many waits were ended. */
async function cancelWaits({ system, run }: Scenario): Promise<number> {
  const nodes = system.region('east').nodes();
  const { host, port } = nodes.find(({ kind }) => kind === 'postgres')!;
  const client = new Client({ host, port, ...system.way.database! });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`,
    );
    await run.clock.sleep(100);
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}
