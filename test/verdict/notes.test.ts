// Notes: each with the event or the number that it comes from, and none without it.
import { expect } from 'chai';
import type { Loss, Recovery } from '../../src/drill/measurement.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import { measure } from '../../src/measure/measure.ts';
import type { Measurement } from '../../src/measure/measured.ts';
import { Timeline } from '../../src/measure/timeline.ts';
import { notesOf } from '../../src/verdict/notes.ts';
import { evidenceOf, journal, plan, TIMES } from '../support/evidence/synthetic.ts';

const { faultStarted, steadyFrom, cut } = TIMES;
const sound = measure(evidenceOf());
const event = (body: object): RunEvent => body as RunEvent;

interface Told {
  readonly events?: readonly RunEvent[];
  readonly plan?: Partial<Plan>;
  readonly numbers?: Partial<Measurement>;
}

const notes = ({ events = journal(), plan: its = {}, numbers = {} }: Told = {}) =>
  notesOf(new Timeline({ ...plan, ...its }, events), { ...sound, ...numbers });

const after = (...events: object[]) => [...journal(), ...events.map(event)];
const recovered = (facts: Partial<Recovery>) => ({
  recovery: { ...sound.recovery!, ...facts },
});
const lost = (facts: Partial<Loss>): Partial<Measurement> => {
  const loss = { ...sound.loss!, ...facts };
  return { loss, stores: [{ store: 'orders', loss }] };
};
const classes = (facts: Partial<Loss['classes']>) =>
  lost({ classes: { ...sound.loss!.classes, ...facts } });

describe('notes', () => {
  it('are none where a run went well', () => {
    expect(notes()).to.deep.equal([]);
    const nothing = { recovery: null, loss: null, stores: [], exposure: null };
    expect(notes({ numbers: nothing })).to.deep.equal([]);
  });

  it('say which pre-flight checks failed, only where the file says to go on', () => {
    const checks = [
      { name: 'backups', ok: false, detail: 'none is whole' },
      { name: 'standby', ok: true, detail: 'follows' },
    ];
    const events = journal({
      'preflight.checked': [event({ t: 3_000, event: 'preflight.checked', checks })],
    });
    expect(notes({ events })).to.deep.equal([]);
    expect(notes({ events, plan: { preflight: 'warn' } })).to.deep.equal([
      'The check before the fault warned, and the drill went on (preflight: warn): backups: none is whole.',
    ]);
  });

  it('say that the machine was busy when the run began, by the rule of the doctor', () => {
    const machine = { t: 1, event: 'machine.described', processor: '', memory_bytes: 8e9 };
    const told = (load: number) => notes({ events: after({ ...machine, cores: 2, load }) });
    expect(told(4)).to.deep.equal([]);
    expect(told(10)).to.deep.equal([
      'The machine was busy when the run began (load 10 on 2 cores, 5 for each; up to 2 for each is fine).',
    ]);
  });

  it('say who takes writes in a system that a stopped run has left, and what nobody looked at', () => {
    const seen = (node: string, state: string) => {
      return { t: cut, event: 'server.seen', node, state, timeline: 1, detail: '' };
    };
    const left = [
      ...[seen('east/db1', 'primary'), seen('west/db2', 'primary'), seen('east/db1', 'refuses')],
      { t: cut, event: 'watch.ended', over_ms: 1, nodes: [] },
    ];
    const stopped = { t: cut, event: 'run.interrupted', by: 'SIGINT' };
    expect(notes({ events: after(...left) })).to.deep.equal([]);
    expect(notes({ events: after(stopped, ...left) })).to.deep.equal([
      'When the run ended, west/db2 took writes; nobody looked whether every other one follows.',
    ]);
    const followed = { t: cut, event: 'servers.followed', ok: true, checks: [], ms: 1 };
    expect(notes({ events: after(stopped, followed, ...left) })).to.deep.equal([
      'When the run ended, west/db2 took writes.',
    ]);
  });

  it('say what the loss of the region would have been, or why nobody could say', () => {
    const told = (bytes: number | null, detail: string) =>
      notes({ numbers: { exposure: { region: 'east', bytes, ms: null, detail } } });
    expect(told(0, '')).to.deep.equal([
      'Just before the disaster, losing east would have lost nothing.',
    ]);
    const unknown = 'Just before the disaster nobody could say what losing east would lose';
    expect(told(null, '')).to.deep.equal([`${unknown}.`]);
    expect(told(null, 'no standby')).to.deep.equal([`${unknown}: no standby.`]);
    const exposed = { region: 'east', bytes: 0, ms: null, detail: '' };
    const unbroken = { events: journal({ 'fault.started': null }), numbers: { exposure: exposed } };
    expect(notes(unbroken)).to.deep.equal([
      'Before anything was broken, losing east would have lost nothing.',
    ]);
    const waiting = { bytes: 9, region: 'west' };
    const exposure = { region: 'east', bytes: 0, ms: null, detail: '', waiting };
    expect(notes({ numbers: { exposure } })[0]).to.contain('9 B of log were waiting for west');
  });

  it('say in which regions a trial ran, by the last word on them', () => {
    const placed = (kept: boolean, why: string) => ({ t: 1, event: 'regions.placed', kept, why });
    const kept = 'The regions were kept from the trial before: made as new, in the same place.';
    expect(notes({ events: after(placed(true, '')) })).to.deep.equal([kept]);
    const own = [placed(true, ''), placed(false, 'a process was left.')];
    expect(notes({ events: after(...own) })).to.deep.equal([
      'The regions were this trial’s own: a process was left.',
    ]);
  });

  it('say that no recovery ran only where the drill is to ride the outage out', () => {
    const events = after({ t: 6_000, event: 'disaster.undeclared', reason: 'nobody noticed' });
    expect(notes({ events })).to.deep.equal([]);
    expect(notes({ events, plan: { expect: 'ride-out' } })).to.deep.equal([
      'No recovery ran: nobody noticed.',
    ]);
  });

  it('say when the run stopped waiting', () => {
    const missing = { t: faultStarted + 9_000, event: 'service.missing', reason: 'the deadline' };
    expect(notes({ events: after(missing) })).to.deep.equal([
      'The run stopped waiting for service, 9 s after the disaster: the deadline.',
    ]);
    const events = [...journal({ 'fault.started': null }), event(missing)];
    expect(notes({ events })).to.deep.equal(['The run stopped waiting for service: the deadline.']);
  });

  it('name a node of a region that ended by itself since the disaster', () => {
    const ended = (node: string, t: number, expected = false) => ({
      ...{ t, event: 'node.ended', node, reason: 'exit code 1', expected },
    });
    const told = (...ends: object[]) => notes({ events: after(...ends) });
    expect(told(ended('west/app-1', faultStarted))).to.deep.equal([
      'west/app-1 ended by itself (exit code 1).',
    ]);
    expect(told(ended('west/app-1', faultStarted - 1))).to.deep.equal([]); // a reason then
    expect(told(ended('east/app-1', faultStarted, true))).to.deep.equal([]);
    expect(told(ended('gslb', faultStarted))).to.deep.equal([]);
  });

  it('count how often each program stood still while it measured, ends included', () => {
    const stall = (t: number, ms: number) => ({ t, event: 'runner.stalled', ms });
    const told = (...stalls: object[]) => notes({ events: after(...stalls) });
    const words = (times: string, longest: string) => [
      `While it measured, drill itself did not get to run ${times}, ${longest} at most.`,
    ];
    expect(told(stall(6_000, 40), stall(7_000, 90))).to.deep.equal(words('2 times', '90 ms'));
    expect(told(stall(steadyFrom, 30))).to.deep.equal(words('1 time', '30 ms'));
    expect(told(stall(cut + 30, 30))).to.deep.equal(words('1 time', '30 ms'));
    expect(told(stall(steadyFrom - 1, 30), stall(cut + 31, 30))).to.deep.equal([]);
    expect(told({ t: 6_000, event: 'program.stalled', program: 'gslb', ms: 300 })).to.deep.equal([
      'While it measured, the gslb stood still 1 time, 300 ms at most.',
    ]);
    const gslb = { t: 6_000, event: 'program.stalled', program: 'gslb', ms: 300 };
    expect(told(stall(6_000, 40), gslb, stall(7_000, 90))).to.deep.equal([
      ...words('2 times', '90 ms'),
      'While it measured, the gslb stood still 1 time, 300 ms at most.',
    ]);
    const unstarted = journal({ 'steady.started': null, 'workload.stopped': null });
    const events = [...unstarted, event(stall(6_000, 40))];
    expect(notes({ events })).to.deep.equal([]);
    const endless = [...journal({ 'workload.stopped': null }), event(stall(cut + 999, 30))];
    expect(notes({ events: endless })).to.deep.equal(words('1 time', '30 ms'));
  });

  it('tell of a region that came back, a backup that failed and a latency that never settled', () => {
    const told = notes({
      events: [
        ...journal({
          'warm-up.ended': [event({ t: 900, event: 'warm-up.ended', settled: false, ms: 900 })],
        }),
        event({ t: 9_000, event: 'region.returned', region: 'east', ms: 700 }),
        event({ t: 9_001, event: 'backup.failed', reason: 'no room.' }),
      ],
    });
    expect(told).to.deep.equal([
      'Region east came back on its own disks, after 700 ms.',
      'A base backup failed: no room.',
      'The latency had not settled when the warm-up ended.',
    ]);
    expect(notes({ events: journal({ 'warm-up.ended': null }) })).to.deep.equal([]);
  });
});

describe('notes of the recovery', () => {
  const unbroken = { value: 0, low: 0, high: 30 };
  const gaps = (steady: number | null, since: number | null) => ({
    longest_gap_ms: { steady, after: since },
  });

  it('say how far apart the nodes died, and who saw it', () => {
    const numbers = recovered({ fault_spread_ms: 12 });
    const tail = 'saw the last node of the region hit 12 ms after the first.';
    expect(notes({ numbers })).to.deep.equal([`A witness ${tail}`]);
    const up = { t: 1, event: 'topology.up', runtime: 'compose', nodes: [], endpoints: [] };
    expect(notes({ numbers, events: after(up) })).to.deep.equal([`The docker engine ${tail}`]);
  });

  it('say whether clients noticed an outage too short to count', () => {
    const told = (facts: Partial<Recovery>) =>
      notes({ numbers: recovered({ rto: unbroken, ...facts }) });
    expect(told({ is_unnoticed: true })).to.deep.equal(['Clients noticed nothing.']);
    const seen = { is_unnoticed: false, ...gaps(5, 28) };
    const tail = 'up to 28 ms between acknowledgements, 5 ms before the fault.';
    expect(told({ ...seen, unserved: 0 })).to.deep.equal([
      `No outage was long enough to count, but clients noticed: ${tail}`,
    ]);
    expect(told({ ...seen, unserved: 3 })).to.deep.equal([
      `No outage was long enough to count, but clients noticed: 3 operations not served, ${tail}`,
    ]);
    expect(told({ ...seen, ...gaps(null, 28) })).to.deep.equal([]);
    expect(told({ ...seen, ...gaps(5, null) })).to.deep.equal([]);
  });

  it('say how long a planned move paused clients, and no disaster', () => {
    const recover = { ...plan.recover, with: 'switch-over' } as const;
    const told = (steady: number | null, since: number | null) =>
      notes({ plan: { recover }, numbers: recovered(gaps(steady, since)) });
    expect(told(5, 30)).to.deep.equal([
      'The planned move paused clients for 30 ms, 5 ms at most before it.',
    ]);
    expect(told(null, 30)).to.deep.equal(['The planned move paused clients for 30 ms.']);
    expect(told(5, null)).to.deep.equal([]);
    expect(notes({ numbers: recovered(gaps(5, 30)) })).to.deep.equal([]);
    const nothing = journal({ 'fault.started': null });
    expect(notes({ events: nothing, numbers: recovered(gaps(5, 30)) })).to.deep.equal([]);
  });
});

describe('notes of the loss', () => {
  it('have one for each thing that was counted, and none for zero', () => {
    const second = { only_old: 2, agrees: true, unexplained: 0, unknown: 0, never_durable: 2 };
    expect(notes({ numbers: lost({ second }) })).to.deep.equal([
      'Of the loss, 2 lost writes had been acknowledged, never durable on the old primary.',
    ]);
    expect(notes({ numbers: lost({ second: { ...second, never_durable: 0 } }) })).to.deep.equal([]);
    expect(notes({ numbers: classes({ intended: 1 }) })).to.deep.equal([
      '1 write acknowledged after the mistake went with it, as a restore to before it does.',
    ]);
    expect(notes({ numbers: lost({ wrong_reads: 2 }) })).to.deep.equal([
      '2 reads missed a row that had been acknowledged.',
    ]);
    expect(notes({ numbers: lost({ split_brain_possible: 1 }) })).to.deep.equal([
      '1 write may have been acknowledged by both sides at once.',
    ]);
    expect(notes({ numbers: lost({ rpo_after_return_ms: 40 }) })).to.deep.equal([
      'Without the writes that came back with the lost region, the RPO is 40 ms.',
    ]);
    expect(notes({ numbers: classes({ duplicated: 3 }) })).to.deep.equal([
      '3 writes stored more than once.',
    ]);
  });

  it('say when hardly anything was there to be lost', () => {
    expect(notes({ numbers: lost({ acknowledged_before: 19 }) })).to.deep.equal([
      'Only 19 writes acknowledged just before the disaster.',
    ]);
    expect(notes({ numbers: lost({ acknowledged_before: 20 }) })).to.deep.equal([]);
    const some = classes({ lost: 1 });
    const loss = { ...some.loss!, acknowledged_before: 19 };
    expect(notes({ numbers: { loss, stores: [{ store: 'orders', loss }] } })).to.deep.equal([]);
  });

  it('name the store where there are two, and the part that was counted where not all were', () => {
    const loss = { ...sound.loss!, wrong_reads: 1 };
    const stores = [
      { store: 'orders', loss },
      { store: 'carts', loss: null },
    ] as const;
    expect(notes({ numbers: { loss, stores } })).to.deep.equal([
      'PostgreSQL: 1 read missed a row that had been acknowledged.',
    ]);
    const { acknowledged } = loss.outcomes;
    expect(notes({ numbers: { loss: null, stores } })).to.deep.equal([
      'PostgreSQL: 1 read missed a row that had been acknowledged.',
      `PostgreSQL: 0 acknowledged writes lost, of ${acknowledged}.`,
    ]);
  });
});
