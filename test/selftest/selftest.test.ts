// The self-test itself: a right instrument is called right, a wrong one wrong, and one that said
// that it could not measure neither.
import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVE, type TruthRun } from '../../src/selftest/known/run.ts';
import { EnvironmentError } from '../../src/host/environment-error.ts';
import { runTruths } from '../../src/selftest/known/runs.ts';
import { lossRow } from '../../src/selftest/planted/losses.ts';
import { outageRow, sustainFor } from '../../src/selftest/planted/outages.ts';
import { lostChecks, setClock } from '../../src/selftest/planted/surroundings.ts';
import type { PlantedRow, Standing } from '../../src/selftest/row.ts';
import { verdictOf } from '../../src/selftest/selftest.ts';
import { requireEven } from '../support/truth/even.ts';

const STEPS = [
  { after_ms: 0, behave: { kind: 'hang' } },
  { after_ms: 200, behave: SERVE },
] as const;
const SHORT = { steps: STEPS, sustain: { for_ms: 1_000 } } as const;
/** Back for less than `sustain.for`, and then gone again. */
const FLAPPING = [
  { after_ms: 0, behave: { kind: 'half' } },
  { after_ms: 150, behave: SERVE },
  { after_ms: 300, behave: { kind: 'refuse' } },
  { after_ms: 450, behave: SERVE },
] as const;
/** On a machine that is so slow, 450 ms late would pass for served, were that not stated. */
const LATE = { kind: 'late', by_ms: 450 } as const;
const ON_SLOW = {
  steady: { kind: 'late', by_ms: 60 },
  sustain: sustainFor(LATE),
  steps: [
    { after_ms: 0, behave: LATE },
    { after_ms: 200, behave: { kind: 'late', by_ms: 60 } },
  ],
} as const;
const never = new AbortController().signal;

describe('drill selftest', function () {
  this.timeout(60_000);
  let plain: TruthRun;
  let dropping: TruthRun;
  let flapping: TruthRun;
  let late: TruthRun;
  const { TMPDIR: usual } = process.env;
  afterEach(() => {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
  });

  before(async () => {
    const lie = { kind: 'drop', every: 7 } as const;
    const scenarios = [SHORT, { ...SHORT, lie }, { ...SHORT, steps: FLAPPING }, ON_SLOW];
    [plain, dropping, flapping, late] = (await runTruths(scenarios)) as [
      ...[TruthRun, TruthRun, TruthRun, TruthRun],
    ];
  });
  after(() => {
    for (const run of [plain, dropping, flapping, late]) run?.remove();
  });

  it('calls an outage inside that is, with how far off the number is', function () {
    requireEven(this, plain);
    const row = outageRow('refused', plain);
    const [first, last] = plain.east.switches;
    expect(row).to.include({ standing: 'inside', planted: last!.at_ms - first!.at_ms, note: '' });
    expect(row.error).to.equal(row.measured! - row.planted);
  });

  it('plants an outage until its last switch, though one at half speed came before', function () {
    requireEven(this, flapping);
    const row = outageRow('flapping', flapping);
    const { switches } = flapping.east;
    const planted = switches.at(-1)!.at_ms - switches[0]!.at_ms;
    expect(row).to.include({ standing: 'inside', planted, note: '' });
  });

  it('plants answers that are too late on a slow machine too', function () {
    requireEven(this, late);
    const { standing, planted, measured } = outageRow('too late', late);
    expect(standing, `${planted} ms, measured ${measured}`).to.equal('inside');
  });

  it('calls it outside where the service was back at another time', function () {
    requireEven(this, plain);
    for (const off_ms of [-60, 60]) {
      const switches = plain.east.switches.map((each, at) => {
        return at === 0 ? each : { ...each, at_ms: each.at_ms + off_ms };
      });
      const east = Object.assign(Object.create(plain.east) as typeof plain.east, { switches });
      expect(outageRow('refused', { ...plain, east }).standing, String(off_ms)).to.equal('outside');
    }
  });

  it('calls it not measured where drill says so, with its reason', () => {
    const reasons = ['The machine was busy.'];
    const assess = () => {
      const result = plain.assess();
      const gates = result.gates.map((gate) => ({ ...gate, measured: null }));
      return { ...result, verdict: 'inconclusive' as const, gates, reasons };
    };
    const row = outageRow('refused', { ...plain, assess });
    expect(row).to.include({ standing: 'unmeasured', error: null, note: reasons[0] });
  });

  it('counts each harmed write that is in another class, and each that is none', function () {
    requireEven(this, dropping);
    const { harmed } = dropping.east;
    expect(harmed).to.have.length.greaterThan(20);
    const right = lossRow(dropping, 'lost', 'dropped');
    expect(right).to.include({ planted: harmed.length, measured: harmed.length, error: 0 });
    expect(right.standing).to.equal('inside');
    const with_ = (others: typeof harmed) => {
      const east = Object.assign(Object.create(dropping.east) as typeof dropping.east, {
        harmed: others,
      });
      return lossRow({ ...dropping, east }, 'lost', 'dropped');
    };
    // One was not harmed that drill found, one was that it did not find.
    expect(with_(harmed.slice(1))).to.include({ error: 1, standing: 'outside' });
    const other = { writer: 99, sequence: 1 };
    expect(with_([...harmed, other])).to.include({ error: 1, standing: 'outside' });
    expect(with_([...harmed.slice(1), other])).to.include({ error: 2, standing: 'outside' });
    // The same count in another class is none of them.
    const row = lossRow(dropping, 'duplicated', 'stored twice');
    expect(row).to.include({ measured: 0, error: 2 * harmed.length, standing: 'outside' });
    // What got no answer is unknown, and no error.
    const open = dropping.east.requests.find(({ status }) => status === null)!;
    const more = with_([...harmed, open]);
    expect(more).to.include({ planted: harmed.length, error: 0, standing: 'inside' });
    expect(more.note).to.equal('1 more got no answer in time: they are unknown');
  });

  it('raises the alarm for as many lost checks as it takes, and for no fewer', async () => {
    const rows = await lostChecks().plant(never);
    expect(rows.map(({ planted, measured }) => [planted, measured])).to.deep.equal([
      [0, 0],
      [1, 1],
    ]);
  });

  it('measures the same while the wall clock is set, and tells that it was', async function () {
    const rows = await setClock().plant(never);
    expect(rows.map(({ standing }) => standing)).not.to.include('outside');
    expect(rows.at(-1)).to.include({ planted: 3_600_000, standing: 'inside' });
  });

  it('is a pass of truths that are inside alone, and none of nothing', () => {
    const rows = (...all: Standing[]) => all.map((standing) => ({ standing }) as PlantedRow);
    expect(verdictOf(rows('inside', 'inside'))).to.equal('pass');
    expect(verdictOf(rows('inside', 'unmeasured'))).to.equal('inconclusive');
    expect(verdictOf(rows('inside', 'unmeasured', 'outside'))).to.equal('fail');
    expect(verdictOf([])).to.equal('inconclusive');
  });

  it('says what the machine lacks: a folder for temporary files', async () => {
    process.env['TMPDIR'] = '/nowhere/at/all';
    const error = await runTruths([SHORT]).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(EnvironmentError);
    expect((error as Error).message).to.include('/nowhere/at/all');
  });

  it('leaves nothing where it is stopped', async () => {
    const place = mkdtempSync(join(tmpdir(), 'drill-stopped-'));
    process.env['TMPDIR'] = place;
    try {
      const stop = new AbortController();
      const running = runTruths([SHORT, SHORT], stop.signal);
      setTimeout(() => stop.abort(new Error('stopped')), 400);
      const error = await running.catch((thrown: unknown) => thrown);
      expect(String(error)).to.include('stopped');
      expect(readdirSync(place)).to.deep.equal([]);
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
