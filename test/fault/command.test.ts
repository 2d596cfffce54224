// The fault `command` where a number hangs on when it bit: it is looked at from its start, and not
// from the end of a command that takes its time, or that only asks for what comes later.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../../src/fault/command.ts';
import type { FaultContext } from '../../src/fault/fault.ts';
import { hostClock } from '../../src/host/clock.ts';
import { runCommand } from '../../src/host/command.ts';
import { CommandFailed, CommandGoesOn } from '../../src/host/process/command-failed.ts';
import { liveTree, ownProcess } from '../../src/host/process/processes.ts';
import { bites } from '../../src/topology/attached/seen.ts';
import { untilUndone, type OwnSystem } from '../../src/topology/system/own.ts';
import type { System } from '../../src/topology/system/system.ts';
import { plan } from '../support/evidence/results.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import type { Heal } from '../support/system/fault-context.ts';
import { hangUp, startTcpServer, type TcpServer } from '../support/servers/tcp.ts';

describe('the fault command', () => {
  const clock = hostClock();
  let server: TcpServer;

  beforeEach(async () => {
    server = await startTcpServer(hangUp);
  });
  afterEach(() => server.close());

  type Run = OwnSystem['run'];

  function contextOf(run: Run, stated: object, rto_from: 'fault' | 'effect') {
    const { port } = server;
    const placeOf = () => ({ host: '127.0.0.1', port, database: null });
    const own: Partial<OwnSystem> = {
      run,
      bites: (seen) => bites(seen, { placeOf, run: (argv, ms) => run(argv, ms) }),
    };
    const seen = { by: 'refuses', where: 'there' } as const;
    const fault = plannedFault('command', {
      ...{ region: 'east', title: 'it', run: ['a'], undo: null, arm: null, disarm: null, seen },
      ...{ takes_at_most_ms: 2_000, starts: 'call', ...stated },
    });
    return {
      ...{ fault, clock, system: { own } as System, mistake: null },
      signal: new AbortController().signal,
      plan: { ...plan, targets: { ...plan.targets, rto_from } },
    } as unknown as FaultContext<'command', System>;
  }

  type Undone = Pick<FaultContext<'command', System>, 'fault' | 'system'>;
  const isUndone = async ({ fault, system }: Undone) =>
    await untilUndone(fault, clock, () => system.own!.bites(fault));

  it('is looked at while its command runs', async () => {
    let gone_ms = NaN;
    const run = async () => {
      await clock.sleep(250);
      void server.close();
      gone_ms = clock.now();
      await clock.sleep(600);
    };
    const { bitten } = await command.inject(contextOf(run, {}, 'effect'));
    const injected_ms = clock.now();
    const seen = await bitten;
    expect(seen!.not_yet_ms).to.be.at.most(gone_ms);
    expect(seen!.answered_ms).to.be.within(gone_ms, injected_ms - 300);
  });

  it('is there once it is seen, where the command only asks for it', async () => {
    const run = async () => void setTimeout(() => void server.close(), 300);
    const began_ms = clock.now();
    const { bitten } = await command.inject(contextOf(run, { starts: 'effect' }, 'fault'));
    expect(clock.now() - began_ms).to.be.at.least(295);
    expect((await bitten)!.answered_ms).to.be.at.most(clock.now());
  });

  it('was not seen where it never bites, and nobody looks where no number hangs on it', async () => {
    const run = async () => {};
    const never = await command.inject(contextOf(run, { takes_at_most_ms: 100 }, 'effect'));
    expect(await never.bitten).to.equal(null);
    expect(await command.inject(contextOf(run, {}, 'fault'))).not.to.have.property('bitten');
  });

  it('is proved by a command that says yes, and by none that could not be run', async () => {
    const seen = { by: 'command', command: ['looks'] } as const;
    const told = async (code: number | null) => {
      const run = async (argv: readonly string[]) => {
        if (argv[0] === 'looks' && code !== 0) throw new CommandFailed(argv, 'it failed', code);
      };
      const context = contextOf(run, { seen, takes_at_most_ms: 200 }, 'fault');
      const [proof] = await command.prove(context);
      const [look] = await command.look!({ ...context, watch_ms: 500, isAlone: true });
      return [proof!.ok, look!.ok, await isUndone(context)];
    };
    expect(await told(0)).to.deep.equal([true, true, false]);
    expect(await told(1)).to.deep.equal([false, false, true]);
    for (const code of [null, 126, 127, 255]) {
      expect(await told(code), String(code)).to.deep.equal([false, null, false]);
    }
  });

  it('is silent no more once it answers, and not where it is refused', async () => {
    const silent = { seen: { by: 'silent', where: 'there' }, takes_at_most_ms: 200 };
    const { fault, system } = contextOf(async () => {}, silent, 'fault');
    expect(await isUndone({ fault, system })).to.equal(true);
    await server.close();
    expect(await isUndone({ fault, system })).to.equal(false);
  });

  it('ends with all that it has started where the run is stopped, and then says so', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'drill-fault-'));
    const [pid, logFile] = [join(directory, 'pid'), join(directory, 'log')];
    const hanging = ['sh', '-c', `echo $$ > ${pid}; sleep 3; true`];
    const run: Run = (argv, atMost_ms, signal) =>
      runCommand(argv, { environment: process.env, logFile, atMost_ms, signal });
    try {
      for (const stated of [{ run: hanging }, { run: ['true'], arm: hanging }]) {
        const stop = new AbortController();
        const context = { ...contextOf(run, stated, 'fault'), signal: stop.signal };
        setTimeout(() => stop.abort(new Error('stopped')), 150);
        const ended = await command.inject(context).catch((error: Error) => error.message);
        expect(ended).to.equal('stopped');
        expect(liveTree(Number(readFileSync(pid, 'utf8')))).to.deep.equal([]);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('is not undone as long as it goes on and cannot be ended, which the end says', async () => {
    const asked: string[] = [];
    const run: Run = async ([program = '']) => {
      asked.push(program);
      await Promise.resolve();
      if (program === 'breaks') throw new CommandGoesOn(program, [ownProcess()]);
    };
    for (const undo of [['mends'], null]) {
      const heals: Heal[] = [];
      const defer: FaultContext['defer'] = async (_, heal) => void heals.push(heal);
      const stated = { run: ['breaks'], undo, disarm: ['disarms'] };
      const context = { ...contextOf(run, stated, 'fault'), defer, deferToEnd: defer };
      const failed = await command.inject(context).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(CommandGoesOn);
      const [left] = await Promise.allSettled(heals.map((heal) => heal()));
      expect(left).to.deep.equal({ status: 'rejected', reason: failed });
    }
    expect(asked).to.deep.equal(['breaks', 'mends', 'breaks']);
  });

  it('ends its looks with a command that fails', async () => {
    const run = () => Promise.reject(new Error('no'));
    const failed = await command
      .inject(contextOf(run, {}, 'effect'))
      .catch((error: unknown) => error);
    expect(failed).to.have.property('message', 'no');
  });
});
