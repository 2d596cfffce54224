// Clients that write through programs of a team's own: what each of their lines proves, and what
// becomes of those that die, hang, or say something else.
import { expect } from 'chai';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_NODE, OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { hostClock, until } from '../../src/host/clock.ts';
import { liveTree } from '../../src/host/process/processes.ts';
import { it, some } from '../support/commands.ts';
import { openTestWorkload, rowsOf } from './harness.ts';

const clock = hostClock();
const TIMEOUT_MS = 400;

describe('clients through programs of a team’s own', function () {
  this.timeout(20_000);
  const directory = mkdtempSync(join(tmpdir(), 'drill-command-'));
  const taken = join(directory, 'taken');
  const pids = join(directory, 'pids');
  beforeEach(() => {
    rmSync(taken, { force: true });
    rmSync(pids, { force: true });
  });
  after(() => rmSync(directory, { recursive: true }));

  /** A shell script that keeps what it was handed and then does something with `$line`. */
  const program = (then: string): string[] => {
    const file = join(directory, 'write.sh');
    writeFileSync(
      file,
      `#!/bin/bash
       echo $$ >> ${pids}
       answer() { echo "{\\"sequence\\":$sequence,\\"outcome\\":\\"$1\\",\\"node\\":\\"west/app-1\\"}"; }
       while read -r line; do
         echo "$line" >> ${taken}
         sequence=\${line#*'"sequence":'}; sequence=\${sequence%%,*}
         ${then}
       done\n`,
    );
    chmodSync(file, 0o755);
    return [file];
  };
  const run = async (command: readonly string[], { workers = 2, for_ms = 500 } = {}) => {
    const told: string[] = [];
    const own = {
      by: 'command',
      run: 'run-1',
      command,
      workers,
      environment: { PATH: process.env['PATH'], DRILL_RUN: 'run-1' },
    } as const;
    const planned = { via: 'sql', rate_per_s: 20, timeout_ms: TIMEOUT_MS } as const;
    const test = await openTestWorkload(
      { host: '', port: 0 },
      planned,
      { gslb: null, own },
      (text) => told.push(text),
    );
    test.workload.run();
    await clock.sleep(for_ms);
    const rows = rowsOf(await test.finish());
    return { rows, told };
  };
  const handed = () => (existsSync(taken) ? readFileSync(taken, 'utf8').trim().split('\n') : []);
  const started = () => readFileSync(pids, 'utf8').trim().split('\n').map(Number);
  const outcomes = (rows: readonly { readonly outcome: number }[]) => [
    ...new Set(rows.map(({ outcome }) => outcome)),
  ];
  const nobodyLives = async () => {
    const waiting = { clock, deadline_ms: clock.now() + 5_000, every_ms: 20 };
    const gone = await until(waiting, async () =>
      started().every((pid) => liveTree(pid).length === 0) ? true : null,
    );
    expect(gone, 'a program lives on').to.equal(true);
  };

  for (const [outcome, test] of some(['acknowledged', 'refused', 'unknown'] as const, 1)) {
    test(`hold a write for ${outcome} where the program says so, and know the node`, async () => {
      const { rows, told } = await run(program(`answer ${outcome}`));
      expect(rows.length).to.be.greaterThan(5);
      expect(outcomes(rows)).to.deep.equal([OUTCOME[outcome]]);
      expect(new Set(rows.map(({ node }) => node))).to.deep.equal(new Set([1]));
      expect(told).to.deep.equal([]);
      const first = JSON.parse(handed()[0]!) as Record<string, unknown>;
      expect(first).to.include({ run: 'run-1', writer: 1, sequence: 1 });
      expect(first['payload']).to.match(/^[a-p]{64}$/);
      expect(handed()).to.have.length(rows.length);
      expect(started()).to.have.length(2);
      await nobodyLives();
    });
  }

  it('know no server by a name that none has, and tell that once', async () => {
    const { rows, told } = await run(
      program(
        'echo "{\\"sequence\\":$sequence,\\"outcome\\":\\"acknowledged\\",\\"node\\":\\"db2\\"}"',
      ),
      { for_ms: 200 },
    );
    expect(outcomes(rows)).to.deep.equal([OUTCOME.acknowledged]);
    expect(new Set(rows.map(({ node }) => node))).to.deep.equal(new Set([NO_NODE]));
    expect(told).to.deep.equal([
      'a program of the clients: it names "db2", which is no server of topology.system.databases',
    ]);
  });

  it.full(
    'hold for unknown what is not answered in time, and begin anew with another program',
    async () => {
      const { rows } = await run(program('[ "$sequence" = 1 ] && sleep 60; answer acknowledged'), {
        for_ms: 1_200,
      });
      const [hung, others] = [true, false].map((isFirst) =>
        rows.filter(({ sequence }) => (sequence === 1) === isFirst),
      );
      expect(outcomes(hung!)).to.include(OUTCOME.unknown);
      expect(outcomes(others!)).to.include(OUTCOME.acknowledged);
      expect(started().length).to.be.greaterThan(2);
      await nobodyLives();
    },
  );

  it('hold for refused what no program was free for: it was never handed over', async () => {
    const { rows } = await run(program('sleep 60'), { workers: 1 });
    expect(outcomes(rows)).to.have.members([OUTCOME.unknown, OUTCOME.refused]);
    const ids = handed().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(ids.length).to.be.greaterThan(0);
    for (const { writer, sequence } of ids) {
      const row = rows.find((each) => each.writer === writer && each.sequence === sequence);
      expect(row!.outcome).to.equal(OUTCOME.unknown);
    }
  });

  it('hold for unknown what a program had in hand when it died, and start it again', async () => {
    const { rows, told } = await run(
      program(`[[ $line == *'"writer":1,"sequence":2,'* ]] && exit 3; answer acknowledged`),
      { for_ms: 1_500 },
    );
    const inHand = rows.filter(({ writer, sequence }) => writer === 1 && sequence === 2);
    expect(outcomes(inHand)).to.deep.equal([OUTCOME.unknown]);
    expect(told.join(' ')).to.contain('it ended (exit code 3)');
    const late = rows.filter(({ sequence }) => sequence > 4);
    expect(outcomes(late)).to.deep.equal([OUTCOME.acknowledged]);
    await nobodyLives();
  });

  it.full('start one that dies at once at a bounded pace', async () => {
    const { rows } = await run(program('exit 3'), { workers: 1, for_ms: 1_500 });
    expect(outcomes(rows)).to.have.members([OUTCOME.unknown, OUTCOME.refused]);
    expect(started().length).to.be.within(2, 5);
  });

  const garbage: Readonly<Record<string, string>> = {
    'no JSON': 'echo done',
    'another sequence': 'sequence=99; answer acknowledged',
    'no outcome': 'echo "{\\"sequence\\":$sequence}"',
    'an outcome of its own': 'answer stored',
    nothing: 'echo',
    'a number': 'echo 7',
  };
  for (const [[what, body], test] of some(Object.entries(garbage), 2)) {
    test(`hold a write for unknown where the program says ${what}, and tell`, async () => {
      const { rows, told } = await run(program(body), { for_ms: 200 });
      expect(outcomes(rows)).to.include(OUTCOME.unknown);
      expect(outcomes(rows)).not.to.include(OUTCOME.acknowledged);
      expect(told.join(' ')).to.contain('which is no answer');
    });
  }

  it('hold a write for unknown where a line of the program has no end, and end it', async () => {
    const { rows, told } = await run(program('cat /dev/zero'), { workers: 1, for_ms: 200 });
    expect(outcomes(rows)).to.include(OUTCOME.unknown);
    expect(told.join(' ')).to.contain('more than 1 MB in one line, which is no answer');
    await nobodyLives();
  });

  it('believe no second word on a write', async () => {
    const { rows, told } = await run(program('answer refused; answer acknowledged'), {
      workers: 8,
      for_ms: 300,
    });
    expect(outcomes(rows)).to.deep.equal([OUTCOME.refused]);
    expect(told.join(' ')).to.contain('had nothing in hand');
  });
});
