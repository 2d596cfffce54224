// Never a false green with a second store: whatever goes wrong with Redis alone keeps the drill from
// passing, and says why.
import { expect } from 'chai';
import type { Store } from '../../../src/topology/system/store.ts';
import { requireRedis } from '../../support/servers/redis.ts';
import { SHORT_DRILL } from '../../support/whole/drill-cli.ts';
import {
  runMeasuredInProcess,
  withStore,
  type InProcessRun,
} from '../../support/whole/in-process-run.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { it } from '../../support/commands.ts';
import { worldFails } from '../../support/whole/built.ts';

const DRILL = SHORT_DRILL.replace('topology:\n', 'topology:\n  redis: {}\n');

describe('a drill with Redis that proves nothing does not pass', function () {
  this.timeout(90_000);
  before(function () {
    requireRedis(this);
  });

  /** The Redis of a region does some things in another way. */
  const runWith = async (region: string, change: Partial<Store>): Promise<InProcessRun> => {
    const planned = planOf(DRILL);
    const plan = { ...planned, recover: { ...planned.recover, deadline_ms: 6_000 } };
    return await runMeasuredInProcess(plan, ({ runtime }) => ({
      runtime: withStore(runtime, region, 'carts', () => change),
    }));
  };
  const reasonsOf = ({ result }: InProcessRun) => result.reasons.join('\n');
  const has = ({ events }: InProcessRun, name: string) =>
    events.some(({ event }) => event === name);

  it.full('when its replica does not follow: inconclusive, and nothing is broken', async () => {
    const ended = await runWith('east', { replication: async () => null });
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
    expect(reasonsOf(ended)).to.contain('replication east → west (redis)');
    expect(has(ended, 'fault.started')).to.equal(false);
  });

  it.full(
    'when the old primary still takes writes: the fence is not proved, nothing is promoted',
    async () => {
      const accepted = { accepted: true, detail: 'it took a write' };
      const ended = await runWith('east', { tryWrite: async () => accepted });
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
      expect(reasonsOf(ended)).to.contain('east/redis takes no write? it took a write');
      expect(has(ended, 'promote.sent')).to.equal(false);
    },
  );

  it.full('when the replica cannot be promoted: a step failed', async () => {
    const promote = () => worldFails('the replica will not lead');
    const ended = await runWith('west', { promote });
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
    expect(reasonsOf(ended)).to.contain('the replica will not lead');
  });

  it.full(
    'when the replica only says that it was promoted: no write of the carts comes back',
    async () => {
      const ended = await runWith('west', { promote: async () => ({ timeline: 0 }) });
      expect(ended.result.verdict, reasonsOf(ended)).to.not.equal('pass');
      expect(has(ended, 'app.ready')).to.equal(false);
    },
  );

  it.full('when the carts cannot be read: inconclusive, with the reason', async () => {
    const readRows = () => worldFails('the carts are locked');
    const ended = await runWith('west', { readRows });
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
    expect(reasonsOf(ended)).to.contain('the carts are locked');
  });

  it.full('when somebody is still at work in Redis at the cut', async () => {
    const ended = await runWith('west', { activeClients: async () => 1 });
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
    expect(reasonsOf(ended)).to.contain('client backends idle (redis)');
  });
});
