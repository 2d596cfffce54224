import { environmentWords } from '../../../src/measure/journal/end-doubts.ts';
import { expect } from 'chai';
import {
  shortSummary,
  summaryText,
  type SummaryOptions,
} from '../../../src/report/summary/summary.ts';
import { displayWidth } from '../../../src/screen/text.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { phaseMeaning } from '../../../src/report/summary/recovery-section.ts';
import * as results from '../../support/evidence/results.ts';

const { passed, lostData, lied, doubtful, neverRecovered, notBroughtUp, interrupted, leftBehind } =
  results;
const all: Readonly<Record<string, Result>> = {
  ...{ passed, lostData, lied, doubtful, neverRecovered, notBroughtUp, interrupted, leftBehind },
  keptUp: results.keptUp,
};

const failure = {
  what: 'PostgreSQL on west/postgres',
  expected: 'an answer within 15 s',
  found: 'exit code 1 after 310 ms',
  hint: 'free some disk space',
  log: ['LOG:  starting', 'FATAL:  No space left on device'],
};

function show(result: Result, options: Partial<SummaryOptions> = {}): string {
  return summaryText(result, {
    directory: `.drill/runs/${result.id}`,
    commandName: 'drill',
    columns: 80,
    hasColour: false,
    failure: null,
    story: null,
    ...options,
  });
}

describe('summary', () => {
  it('begins with the verdict and says in one sentence what happened', () => {
    const [, title = '', , sentence] = show(passed).split('\n');
    expect(title).to.match(/^PASS {2}region-outage/);
    expect(sentence).to.equal(
      'Service was back 2.31 s after the disaster; no acknowledged write was lost.',
    );
  });

  it('shows each gate with measured value, target and margin', () => {
    expect(show(passed)).to.match(
      /✓ {2}rto {2}2\.31 s {2}target 15 s {2}12\.69 s to spare \(85 %\)/,
    );
    const wide = show(lostData, { columns: 100 });
    expect(wide).to.match(
      /✗ {2}rto .*2\.31 s, at least 2\.3 s .*target 1 s .*over by 1\.3 s \(2\.3 ×\)/,
    );
    // No room for the brackets: never half a number.
    expect(show(lostData)).to.match(/✗ {2}rto .*2\.31 s, at least 2\.3 s .*over by 1\.3 s$/m);
    expect(show(lostData)).to.match(/✗ {2}lost_writes .*12 writes .*12 writes too many/);
  });

  it('shows every phase with its duration, and the whole with its uncertainty', () => {
    const text = show(passed);
    for (const { name } of results.recovery.phases) expect(text).to.match(new RegExp(`  ${name} `));
    expect(text).to.match(/RTO +2\.31 s .*at most 11 ms less/);
  });

  it('cuts off no margin, and says of what time a value is below where there is no room', () => {
    const value = { measured: 215.4, low: 215.4, high: 215.4, target: 500, unit: 'ms' } as const;
    const when = 'since the first fault';
    const gate = { ...passed.gates[0]!, ...value, name: 'p99_latency', when };
    const gates = [...passed.gates, gate];
    const narrow = show({ ...passed, gates }, { columns: 70 });
    expect(narrow).to.match(/p99_latency {2}215 ms +target 500 ms +285 ms to spare\n/);
    expect(narrow).to.contain('p99_latency is since the first fault');
    const wide = show({ ...passed, gates });
    expect(wide).to.contain('215 ms since the first fault').and.not.contain('p99_latency is');
  });

  it('says of the phase in which service came back, and of those after it, no more than that', () => {
    const phases = [
      { name: 'detect', ms: 700 },
      { name: 'decide', ms: 670 },
      { name: 'fence', ms: 0 },
      { name: 'stabilise', ms: 0 },
    ];
    const meanings = (rto_ms: number | null) =>
      phases.map(({ name }) => phaseMeaning({ phases, rto_ms }, name));
    const usual = 'until the full rate was back';
    expect(meanings(1_370)).to.deep.equal([
      'until health checks saw it',
      'until service was back',
      'after service was back',
      usual,
    ]);
    expect(meanings(null)[1]).to.equal('until it was declared');
  });

  it('says which phases were never seen', () => {
    expect(show(neverRecovered).match(/never seen/g)).to.have.length(5);
  });

  it('says that service did not come back, and the least that the RTO can be', () => {
    const text = show(neverRecovered);
    expect(text).to.include(
      'Service did not come back while it was watched; no acknowledged write was lost.',
    );
    expect(text).to.match(/✗ {2}rto {2}over 1 m 00 s {2}target 15 s/);
  });

  it('says that no server takes writes where it was left so', () => {
    const failures = [{ code: 'no-primary', text: 'No server takes writes.' }] as const;
    expect(show({ ...neverRecovered, failures }).replaceAll(/\s+/g, ' ')).to.contain(
      'Service did not come back while it was watched; no server takes writes now; no acknowledged',
    );
    const nothing = { ...neverRecovered, failures, recovery: null, loss: null };
    expect(show(nothing)).to.contain('No server takes writes now.');
  });

  it('says of service that was disturbed before the disaster no more than was seen', () => {
    const recovery = { ...neverRecovered.recovery!, disturbed_before_ms: 300 };
    const text = show({ ...doubtful, recovery });
    expect(text.replaceAll(/\s+/g, ' ')).to.contain(
      'Service was disturbed before the disaster, and not seen to be whole again in time;',
    );
    expect(text).to.match(/RTO +– +disturbed before the disaster/);
    expect(text).not.to.contain('did not come back');
  });

  it('does not say of a run that was broken off, or of what nobody saw, that it never came back', () => {
    const { recovery } = neverRecovered;
    const unseen = { ...recovery!, outages: [] };
    const stopped = { ...interrupted, recovery };
    expect(show(stopped)).to.contain('Stopped before anything was measured');
    for (const result of [stopped, { ...doubtful, recovery: unseen }]) {
      expect(show(result)).to.match(/RTO +– +not measured/);
      expect(show(result)).not.to.contain('did not come back');
    }
    expect(show({ ...doubtful, recovery: unseen })).to.contain(
      'The recovery time was not measured;',
    );
  });

  it('counts what was lost, how far it reaches back, and which ids they are', () => {
    const text = show(lostData);
    expect(text).to.include('12 acknowledged writes were lost,');
    expect(text).to.match(/2,412 {2}acknowledged {2}2,400 kept, 12 lost/);
    expect(text).to.include('3.1 kB of payload');
    expect(text).to.include('1-151 2-150');
    expect(text).to.include('--only lost');
  });

  it('names every lie that was found and none that was not', () => {
    const text = show(lied);
    for (const name of ['unexpected', 'duplicated', 'split_brain', 'wrong_reads']) {
      expect(text).to.include(name);
      expect(show(passed)).not.to.include(name);
    }
    expect(text).not.to.include('corrupt');
  });

  it('says that split-brain writes were not measured, and why', () => {
    const said = 'Split-brain writes: at least 2, more not measured, since nobody says.';
    expect(show(results.nameless)).to.contain(said);
    expect(show(passed)).not.to.match(/split.brain/i);
  });

  it('does not present an inconclusive run as certain', () => {
    const text = show(doubtful);
    expect(text).to.include('not certain enough to judge');
    expect(text).to.match(/\? {2}rpo {2}not measured/);
    expect(text).to.include('No second opinion: the old primary did not start');
  });

  it('shows what failed in the environment with the last lines of its log', () => {
    const text = show(notBroughtUp, { failure });
    expect(text).to.match(/found +exit code 1 after 310 ms/);
    expect(text).to.include('│ FATAL:  No space left on device');
    expect(text).to.include('drill doctor');
  });

  it('tells a cause that has a section of its own once, in the words of the user', () => {
    const found = 'no postgres:17 here';
    const told = { what: 'images', expected: 'all', found, hint: 'see drill doctor' };
    const reasons = [environmentWords(told), 'And another one.'];
    const log = [`PROBLEM images ${found}; fix: see`, 'another line'];
    const text = show(
      { ...notBroughtUp, reasons },
      { failure: { ...told, log }, commandName: 'npx drill' },
    );
    expect(text.split(found)).to.have.length(2);
    expect(text).to.include('• And another one.').and.to.include('│ another line');
    expect(text).to.match(/try +see npx drill doctor/);
    // Without that section, as in a line for each drill, the reason is told.
    expect(show({ ...notBroughtUp, reasons })).to.include(found);
  });

  it('lists what was left behind and how to clean it', () => {
    const text = show(leftBehind);
    expect(text).to.include('• directory /tmp/drill-3fa2/east (EBUSY)');
    expect(text).to.include(`next      drill clean ${leftBehind.id}\n`);
  });

  it('prints commands that work as they stand: for kept, broken-off and distant runs', () => {
    const { keptUp } = results;
    expect(show(keptUp)).to.include(`drill down ${keptUp.id}\n`);
    expect(show({ ...doubtful, cleanup: null })).to.include(`drill clean ${doubtful.id}\n`);
    expect(show(doubtful)).not.to.include('drill clean');
    expect(show(passed, { directory: '/my runs/x' })).to.include("drill judge '/my runs/x'");
    const odd = show(passed, { directory: '/a\n## b' });
    expect(odd)
      .to.include(String.raw`drill judge $'/a\n## b'`)
      .and.not.match(/^## b/m);
  });

  it('prints the command that reaches what was kept, in one piece', () => {
    expect(show(results.keptUp)).to.include(`\n    ${results.keptUp.kept[0]!.connect}\n`);
  });

  it('gives the reason of gates that stay open once, whole, and not again when it is above', () => {
    const why = 'The disaster was never injected, so there is nothing to measure or to judge here.';
    const gates = doubtful.gates.map((gate) => ({ ...gate, reason: why }));
    const times = (text: string) => text.replace(/\s+/g, ' ').split(why).length - 1;
    expect(times(show({ ...doubtful, gates }))).to.equal(1);
    expect(times(show({ ...doubtful, gates, reasons: [why] }))).to.equal(1);
  });

  it('prints the settings that change the numbers, and where the evidence lies', () => {
    const text = show(passed);
    expect(text).to.include('wal_retrieve_retry_interval 100ms');
    expect(text).to.include('evidence  .drill/runs/20261122T201317Z-region-outage-3fa2');
  });

  it('keeps to the width, except for paths and commands that are to be copied', () => {
    for (const [name, result] of Object.entries(all)) {
      for (const columns of [60, 80, 120]) {
        for (const line of show(result, { columns }).split('\n')) {
          if (/drill|PGPASSFILE/.test(line)) continue;
          expect(displayWidth(line), `${name} at ${columns}: ${line}`).to.be.at.most(columns);
        }
      }
    }
  });

  it('says the same with and without colour', () => {
    for (const result of Object.values(all)) {
      // eslint-disable-next-line no-control-regex
      const stripped = show(result, { hasColour: true }).replace(/\u001b\[[0-9;]*m/g, '');
      const words = (text: string) => text.split(/\s+/).join(' ').trim();
      expect(words(stripped)).to.equal(words(show(result)));
    }
  });

  it('says whose system was drilled, and how that comes down', () => {
    const against = '20261122T200000Z-region-outage-77aa';
    const text = show({ ...passed, against }).replaceAll(/\s+/g, ' ');
    expect(text).to.include(`of run ${against}, up still`);
    expect(text).to.include(`drill down ${against}`);
    expect(show(passed)).not.to.include('up still');
  });

  it('has a short form: the verdict, each gate, the place, and why it is no pass', () => {
    const options = { ...{ directory: 'here', commandName: 'drill', columns: 80 } };
    const text = shortSummary(lostData, {
      ...options,
      hasColour: false,
      failure: null,
      story: null,
    });
    expect(text.split('\n')[0]).to.equal(
      'FAIL too-tight · rto 2.31 s, at least 2.3 s (target 1 s) · rpo 58 ms, at most 63 ms (target 1 s) · lost_writes 12 writes (target 0 writes) · here',
    );
    expect(text).to.include('12 acknowledged writes are lost');
  });
});
