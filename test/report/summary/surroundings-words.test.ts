// Machine, versions, sizes, moments and what one run does not prove, in words.
import { expect } from 'chai';
import { assess } from '../../../src/verdict/assess.ts';
import { faultSentence, wallWords } from '../../../src/report/summary/fault-words.ts';
import {
  machineWords,
  notProvedBy,
  storeWords,
  surroundingsOf,
} from '../../../src/report/summary/surroundings-words.ts';
import type { FaultFacts } from '../../../src/drill/run-facts.ts';
import type { MachineFacts } from '../../../src/host/machine/machine-facts.ts';
import { doubtful, lostData, notBroughtUp, passed } from '../../support/evidence/results.ts';
import { evidenceOf } from '../../support/evidence/synthetic.ts';

const machine: MachineFacts = {
  cores: 2,
  processor: 'AMD EPYC',
  memory_bytes: 8_200_000_000,
  system: 'Debian 12',
  kernel: 'Linux 6.1',
  load: 0.4,
  limits: {},
  zone: 'Etc/UTC',
  zone_min: 0,
};
const fault: FaultFacts = {
  index: 0,
  kind: 'lose-region',
  target: 'east',
  how: ['kill'],
  disaster: true,
  at_ms: 2_000,
  started_ms: 11_000,
  started_at: '2026-11-28T23:30:05.250Z',
  injected_ms: 11_040,
  healed_ms: null,
  detail: 'killed east/postgres',
};

describe('the words of a machine', () => {
  it('are its parts, and what its container is held to', () => {
    expect(machineWords(machine)).to.equal(
      '2 cores (AMD EPYC), 8.2 GB of memory, Debian 12, Linux 6.1; load 0.4 at the start',
    );
    const held = { ...machine, processor: '', limits: { cores: 1.5, memory_bytes: 2e9 } };
    expect(machineWords(held)).to.equal(
      '2 cores, 8.2 GB of memory, Debian 12, Linux 6.1; load 0.4 at the start; ' +
        'held to 1.5 cores and 2.0 GB by its container',
    );
  });

  it('say how much a store holds, and not what it does not know', () => {
    const store = { store: 'postgres', node: 'east/postgres', version: '18.4' } as const;
    expect(storeWords({ ...store, bytes: 24e6, rows: 5_120 })).to.equal(
      'east/postgres (PostgreSQL 18.4): 24 MB, about 5,120 rows',
    );
    expect(storeWords({ ...store, bytes: 24e6, rows: null })).not.to.include('rows');
    const redis = { store: 'redis', node: 'east/redis', version: '7.0.15' } as const;
    expect(storeWords({ ...redis, bytes: 1.2e6, rows: 16 })).to.equal(
      'east/redis (Redis 7.0.15): 1.2 MB in memory, about 16 keys',
    );
  });

  it('name what is known, and nothing that is not', () => {
    const result = assess(evidenceOf());
    expect(surroundingsOf({ ...result, machine })).to.deep.include([
      'machine',
      machineWords(machine),
    ]);
    const { drill_version: _, machine: __, databases: ___, ...old } = result;
    expect(surroundingsOf({ ...old, runtime: null })).to.deep.equal([]);
  });
});

describe('the moment of a fault', () => {
  it('is told by plan, run and wall clock, in the zone of the machine too', () => {
    expect(faultSentence(fault, null)).to.equal(
      'lose-region east, kill, 2 s after the steady state (at 11 s, 2026-11-28 23:30:05 UTC): ' +
        'killed east/postgres. The clock starts here.',
    );
    const there = { ...machine, zone: 'Asia/Kolkata', zone_min: 330 };
    expect(wallWords(fault.started_at!, there)).to.equal(
      '2026-11-28 23:30:05 UTC (2026-11-29 05:00:05 Asia/Kolkata)',
    );
    const west = { ...machine, zone: 'America/New_York', zone_min: -300 };
    expect(wallWords(fault.started_at!, west)).to.equal(
      '2026-11-28 23:30:05 UTC (18:30:05 America/New_York)',
    );
  });

  it('is told with its heal, and without a wall clock where there was none', () => {
    const told = faultSentence({ ...fault, started_at: null, healed_ms: 19_000 }, null);
    expect(told)
      .to.include('(at 11 s): ')
      .and.to.match(/Healed 8 s later\.$/);
  });
});

describe('what one run does not prove', () => {
  it('is how often the targets are met, and how many trials that takes', () => {
    const [first] = notProvedBy({ ...passed, faults: [fault] });
    expect(first).to.equal(
      'One run that met its targets proves, with 95 % confidence, that at least 5 % of such ' +
        'outages do; to say so of 95 % of them takes 59 trials, all met (--repeat 59).',
    );
  });

  it('is trials that lead the primary of somebody’s own system back', () => {
    const drill = { ...passed.drill, strategy: 'own-system' };
    const [first] = notProvedBy({ ...passed, faults: [fault], drill });
    expect(first).to.match(/\(--repeat 59, with failback: true\)\.$/);
  });

  it('is another thing after a miss, a doubt, and where nothing was measured', () => {
    expect(notProvedBy(lostData)[0]).to.match(/^One run that missed a target proves that it can/);
    expect(notProvedBy(doubtful)[0]).to.match(/^One run that could not be judged proves neither/);
    const failed = { ...doubtful, verdict: 'fail' } as const;
    expect(notProvedBy(failed)[0]).to.match(/^One run that failed proves that it can fail, and/);
    expect(notProvedBy(notBroughtUp)).to.deep.equal([
      'Nothing was measured, so nothing is proved.',
    ]);
  });

  it('names the one moment, the machine and the size', () => {
    const databases = [
      { store: 'postgres', node: 'east/postgres', version: '18.4', bytes: 24e6, rows: 1 },
    ] as const;
    const [, moment, around] = notProvedBy({ ...passed, faults: [fault], machine, databases });
    expect(moment).to.match(
      /^It was one fault at one moment: lose-region east, kill, 2 s after the steady state\. It fell /,
    );
    expect(around).to.match(/^It was measured on a machine of 2 cores, with databases of 24 MB /);
    const drill = { ...passed.drill, strategy: 'own-system' } as const;
    expect(notProvedBy({ ...passed, drill, machine, databases }).at(-1)).to.equal(
      'It was measured with databases of 24 MB, by a load that drill made from a machine of 2 ' +
        'cores: these are times of that system as it was then, under that load. More data and ' +
        'more load give other times.',
    );
  });
});
