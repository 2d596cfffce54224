// How stores are named in a journal: by their engine, as in every version; code has their roles.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJournal, readJournal } from '../../src/evidence/journal.ts';
import { JOURNAL_FORMAT, type RunEvent } from '../../src/evidence/event.ts';
import { UnreadableError } from '../../src/evidence/evidence-error.ts';

describe('the stores of a journal', () => {
  let folder: string;
  const file = () => join(folder, 'journal.ndjson');

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-journal-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are written by their engines, and read as they were', () => {
    const events: RunEvent[] = [
      { t: 1, event: 'seed.written', store: 'carts', rows: 3 },
      { t: 2, event: 'workload.stopped', store: 'orders' },
      { t: 3, event: 'verification.checked', checks: [] },
      { t: 4, event: 'verification.checked', store: 'carts', checks: [] },
    ];
    const journal = createJournal(file());
    for (const event of events) journal.append(event);
    journal.close();
    expect(() => journal.append(events[0]!)).to.throw(/EBADF/);
    const names = readFileSync(file(), 'utf8').match(/"store":"\w+"/g);
    expect(names).to.deep.equal(['"store":"redis"', '"store":"postgres"', '"store":"redis"']);
    expect(readJournal(file()).events).to.deep.equal(events);
  });

  it('are the orders where an older version had no other, and named none', () => {
    writeFileSync(file(), '{"t":1,"event":"workload.stopped"}\n{"t":2,"event":"steady.ended"}\n');
    expect(readJournal(file()).events).to.deep.equal([
      { t: 1, event: 'workload.stopped', store: 'orders' },
      { t: 2, event: 'steady.ended' },
    ]);
  });
});

describe('the events of a journal', () => {
  let folder: string;
  const file = () => join(folder, 'journal.ndjson');
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-journal-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has faults by their names of today', () => {
    const of = (kind: string) =>
      ({ t: 1, event: 'fault.started', index: 0, kind, region: 'east', disaster: true }) as const;
    for (const [former, today] of [
      ['slow-link', 'latency'],
      ['cut-link', 'partition'],
      ['kill-node', 'kill-node'],
    ] as const) {
      writeFileSync(file(), `${JSON.stringify(of(former))}\n`);
      expect(readJournal(file()).events).to.deep.equal([of(today)]);
    }
  });

  const problemOf = (event: string, body: object): string => {
    writeFileSync(
      file(),
      `${JSON.stringify({ t: 1, event, ...body })}\n{"t":2,"event":"steady.ended"}\n`,
    );
    const { events, problems } = readJournal(file());
    expect(
      events.map(({ t }) => t),
      'the others are read',
    ).to.include(2);
    return problems[0]?.replace(`line 1 (${event}) is no such event: `, '') ?? '';
  };

  it('have every field of their name, each of its kind, and no other', () => {
    const wal = { index: 0, ok: true, checks: [{ name: 'a', ok: true, detail: '' }] };
    expect(problemOf('fault.proved', wal)).to.equal('');
    const odd: [object, string][] = [
      [{ ...wal, ok: 'true' }, 'ok: expected true or false, found "true"'],
      [{ ...wal, ok: null }, 'ok: expected true or false, found nothing'],
      [{ ...wal, index: 0.5 }, 'index: expected a whole number, found the number 0.5'],
      [{ ...wal, index: -1 }, 'index: expected at least 0, found the number -1'],
      [{ ...wal, checks: {} }, 'checks: expected a list, found an empty mapping'],
      [
        { ...wal, checks: [{ name: 'a', detail: '' }] },
        'checks.0.ok: expected true or false, found nothing',
      ],
      [{ ...wal, store: 'redis' }, 'expected no key "store"'],
      [{ index: 0, ok: true }, 'checks: expected a list, found nothing'],
    ];
    for (const [body, problem] of odd) expect(problemOf('fault.proved', body)).to.equal(problem);
    const drained = { store: 'mysql', in_flight: 0 };
    expect(problemOf('workload.drained', drained)).to.equal(
      'store: expected postgres or redis, found "mysql"',
    );
    expect(problemOf('fault.heeled', {})).to.equal(
      'line 1 has an event of no known name, "fault.heeled"',
    );
    expect(problemOf('toString', {})).to.match(/no known name/);
  });

  it('may have null where it says that nothing was measured, and nowhere else', () => {
    const warm = { settled: false, ms: 3, p99_ms: null };
    expect(problemOf('warm-up.ended', warm)).to.equal('');
    expect(problemOf('warm-up.ended', { ...warm, ms: NaN })).to.equal(
      'ms: expected a number, found nothing',
    );
  });

  it('are not read where a later version wrote them in a format of its own', () => {
    const started = { id: 'a', name: 'a', at: '', origin_ms: 0, drill_version: '9' };
    const read = (schema: unknown) => problemOf('run.started', { ...started, schema });
    expect(() => read('drill.journal/2')).to.throw(
      UnreadableError,
      'the journal is drill.journal/2, which this version of drill cannot read',
    );
    expect(read(JOURNAL_FORMAT)).to.equal('');
    expect(read(2), 'no format at all').to.match(/^schema: expected /);
    expect(problemOf('steady.ended', { schema: 'drill.journal/2' })).to.match(/expected no key/);
  });

  it('are no values that are not even a mapping', () => {
    for (const line of ['null', '7', '[]', '"a"']) {
      writeFileSync(file(), `${line}\n`);
      expect(readJournal(file()).problems, line).to.deep.equal(['line 1 is not an event']);
    }
  });

  it('have a time that is a number', () => {
    for (const t of ['"1"', 'null', '1e999', '[1]']) {
      writeFileSync(file(), `{"t":${t},"event":"steady.ended"}\n`);
      expect(readJournal(file()), t).to.deep.equal({
        events: [],
        problems: ['line 1 is not an event'],
      });
    }
  });

  it('say of what kind a part of the system is, and how it is spoken to', () => {
    const up = { runtime: 'embedded', postgres: '18', proxy: 'own', settings: {}, nodes: [] };
    const part = (facts: object) => {
      const endpoint = { name: 'gslb', kind: 'gslb', host: '', port: 53, protocol: 'udp-dns' };
      return problemOf('topology.up', { ...up, endpoints: [{ ...endpoint, ...facts }] });
    };
    for (const kind of ['gslb', 'proxy', 'edge-link', 'database', 'carts', 'app']) {
      expect(part({ kind })).to.equal('');
    }
    for (const protocol of ['udp-dns', 'http', 'postgres', 'redis']) {
      expect(part({ protocol })).to.equal('');
    }
    expect(part({ kind: 'other' })).to.match(/^endpoints\.0\.kind: expected /);
    expect(part({ protocol: 'smtp' })).to.match(/^endpoints\.0\.protocol: expected /);
    expect(part({ port: '53' })).to.match(/^endpoints\.0\.port: expected /);
  });

  it('have all that was sampled, looked at, proved or kept, or are none', () => {
    const counts = { acknowledged: 1, refused: 0, unknown: 0, unsent: 0, in_flight: 2 };
    const sampled = { ...counts, rate_per_s: 1, p99_ms: null, total_acknowledged: 1 };
    const usage = { node: 'a', cpu_ms: 1, memory_bytes: 1, disk_bytes: null };
    const bodies: readonly (readonly [event: string, body: object, less: object])[] = [
      ['workload.sampled', { ...sampled, lag_bytes: null }, { lag_bytes: null }],
      [
        'fault.looked',
        { index: 0, checks: [{ name: 'a', ok: null, detail: '' }] },
        { index: 0, checks: [{ name: 'a' }] },
      ],
      [
        'verification.checked',
        { checks: [{ name: 'a', ok: false, detail: '', proves: 'harm' }] },
        { checks: [{ name: 'a', ok: false, detail: '', proves: 'trust' }] },
      ],
      ['system.kept', { nodes: [{ node: 'a', url: '', connect: '' }] }, { nodes: [{}] }],
      [
        'usage.sampled',
        { nodes: [usage], replicated_bytes: null },
        { nodes: [{}], replicated_bytes: null },
      ],
    ];
    for (const [event, body, less] of bodies) {
      expect(problemOf(event, body), event).to.equal('');
      expect(problemOf(event, less), event).to.contain('expected');
    }
  });
});
