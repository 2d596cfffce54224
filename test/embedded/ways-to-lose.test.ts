// Whole drills of the built command, for each way in which a region can be lost and three seeds: the
// loss and the recovery time that it reports, against a count and a client that have nothing to do
// with drill's own. And stopped half-way, with parts that stand still: nothing stays behind.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { LOSS_WAYS, type LossWay } from '../../src/drill/registry-names.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import { areStopped } from '../../src/host/processes.ts';
import { SHORT_DRILL, Workplace, type Ended } from '../support/drill-cli.ts';
import { Prober } from '../support/prober.ts';
import { requirePart } from '../support/require.ts';
import { TOO_BUSY } from '../support/run-measured.ts';
import { sharedMemoryOf, stillThere } from '../topology/shared-memory-of.ts';

/** Of the short drill: clients keep a DNS answer for so long, and the prober keeps none. */
const TTL_MS = 1_000;
const TOLERANCE_MS = 300;

/** Far apart, so that something is lost. */
const drillOf = (how: LossWay) =>
  SHORT_DRILL.replace('region: east }', `region: east, how: ${how} }`).replace(
    '  gslb:',
    '  links: { east-west: { latency: 80ms } }\n  gslb:',
  );
const words = ({ stdout, stderr }: Ended) => stdout + stderr;
const isFault = ({ event }: RunEvent) => event === 'fault.started';

for (const how of LOSS_WAYS) {
  describe(`a region that is lost by ${how}`, function () {
    this.timeout(180_000);
    let place: Workplace;

    beforeEach(() => (place = new Workplace(drillOf(how))));
    afterEach(async () => {
      await place.run(['clean', '--kept']);
      const left = place.leftBehind();
      place.remove();
      expect(left).to.deep.equal([]);
    });

    for (const seed of [1, 2, 3]) {
      it(`costs what an independent count and client say (seed ${seed})`, async function () {
        const { ended, back_ms } = await drillAndProbe(place, seed);
        const { reasons, loss, recovery, verdict } = place.result();
        const isEven = !reasons.some((reason) => TOO_BUSY.test(reason));
        requirePart(this, 'idle-machine', isEven, 'the machine was too busy to keep the schedule');
        expect(verdict, words(ended)).to.equal('pass');
        const exported = await exportOf(place);
        const kept = new Set(await idsInWest(place));
        const acknowledged = idsWith(exported, ({ outcome }) => outcome === 'acknowledged');
        const gone = acknowledged.filter((id) => !kept.has(id));
        if (how !== 'freeze') expect(gone.length, 'something is lost').to.be.above(0);
        expect(idsWith(exported, (row) => row.class === 'lost')).to.have.members(gone);
        expect(loss!.lost).to.equal(gone.length);
        const strangers = new Set(kept);
        for (const { writer, sequence } of exported) strangers.delete(`${writer}-${sequence}`);
        expect([...strangers]).to.deep.equal([]);
        expect(loss!.split_brain).to.equal(0);
        expect(loss!.second).to.include({ agrees: true, never_durable: 0 });
        expect(loss!.second!.only_old).to.be.at.least(gone.length);
        const told = `rto ${recovery!.rto_ms}, an independent client: ${back_ms}`;
        expect(recovery!.rto_ms, told).to.be.at.least(back_ms! - TOLERANCE_MS);
        const low_ms = recovery!.rto_ms! - recovery!.uncertainty_ms!;
        expect(low_ms, told).to.be.at.most(back_ms! + TTL_MS + TOLERANCE_MS);
      });
    }
  });
}

for (const how of ['partition', 'freeze'] as const) {
  describe(`a run that is stopped while a region is lost by ${how}`, function () {
    this.timeout(120_000);
    let place: Workplace;
    let held: ReturnType<typeof sharedMemoryOf>;

    beforeEach(() => {
      // Nobody declares it, so that nothing is fenced when the run is stopped.
      const drill = `${drillOf(how)}declare: after 10s\n`;
      place = new Workplace(drill);
    });
    afterEach(() => place.remove());

    const left = () => [...place.leftBehind(), ...stillThere(held)];
    const untilLost = async () => {
      const run = place.start(['run', 'drill.yaml', '--reporter', 'plain']);
      await run.event('the fault', ({ event }) => event === 'fault.proved');
      held = sharedMemoryOf(place.processes());
      return run;
    };

    it('by Ctrl-C heals, cleans up and exits with 130', async () => {
      const run = await untilLost();
      run.child.kill('SIGINT');
      const ended = await run.ended;
      expect(left()).to.deep.equal([]);
      expect(ended.code, words(ended)).to.equal(130);
      expect(place.events().map(({ event }) => event)).to.include('fault.healed');
      expect(place.result().cleanup).to.deep.equal({ clean: true, left: [] });
    });

    it('by SIGKILL is cleaned by drill clean', async () => {
      const run = await untilLost();
      run.child.kill('SIGKILL');
      await run.ended;
      const stopped = place.processes().filter((pid) => areStopped([pid]));
      if (how === 'freeze') expect(stopped, 'stand still').to.have.length.at.least(2);
      const cleaned = await place.run(['clean']);
      expect(cleaned.code, words(cleaned)).to.equal(0);
      expect(left()).to.deep.equal([]);
    });
  });
}

/** `back_ms` after the fault; null: the client never saw service come back. */
async function drillAndProbe(place: Workplace, seed: number) {
  const args = ['run', 'drill.yaml', '--seed', String(seed), '--keep', 'always'];
  const run = place.start([...args, '--reporter', 'plain']);
  const prober = new Prober(await run.event('the system', ({ event }) => event === 'topology.up'));
  try {
    await run.event('the cut', ({ event }) => event === 'workload.stopped');
  } finally {
    await prober.backAfter(0);
  }
  const ended = await run.ended;
  const events = place.events();
  const began = events.find((event) => event.event === 'run.started');
  const fault_ms = (began?.event === 'run.started' ? began.origin_ms : 0) + events.find(isFault)!.t;
  const back = await prober.backAfter(fault_ms);
  return { ended, back_ms: back === null ? null : back - fault_ms };
}

interface Exported {
  readonly writer: string;
  readonly sequence: string;
  readonly outcome: string;
  readonly class: string;
  readonly kind: string;
}

async function exportOf(place: Workplace): Promise<Exported[]> {
  const { stdout } = await place.run(['ledger', 'latest', '--format', 'ndjson']);
  const rows = stdout.trim().split('\n');
  return rows.map((row) => JSON.parse(row) as Exported).filter(({ kind }) => kind !== 'read');
}

function idsWith(rows: readonly Exported[], isIt: (row: Exported) => boolean): string[] {
  return rows.filter(isIt).map(({ writer, sequence }) => `${writer}-${sequence}`);
}

/** Asked in the system that was kept, with a plain client. */
async function idsInWest(place: Workplace): Promise<string[]> {
  const { kept } = place.result();
  const { url, connect } = kept.find(({ node }) => node === 'west/postgres')!;
  const passfile = /PGPASSFILE='([^']+)'/.exec(connect)![1]!;
  const password = readFileSync(passfile, 'utf8').trim().split(':').at(-1)!;
  const { hostname, port, username, pathname } = new URL(url);
  const to = { host: hostname, port: Number(port), user: username, password };
  const client = new Client({ ...to, database: pathname.slice(1) });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `select writer || '-' || sequence as id from orders`,
    );
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}
