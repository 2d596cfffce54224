// The faults on the GSLB, on the real program: what they do to whoever asks over DNS, what their
// proofs take for one and what they do not, and that all is as before once they are healed.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Effect, Undoable } from '../../src/evidence/undo.ts';
import type { LookContext } from '../../src/fault/fault.ts';
import { loseGslb } from '../../src/fault/gslb/lose-gslb.ts';
import { staleDns } from '../../src/fault/gslb/stale-dns.ts';
import { ORDERS_SERVICE } from '../../src/gslb/protocol.ts';
import { resolveService } from '../../src/gslb/resolver.ts';
import { hostClock } from '../../src/host/clock.ts';
import type { Address } from '../../src/host/ports.ts';
import { continueTrees, processStarted, sendSignal } from '../../src/host/process/processes.ts';
import { startProgram, type Program } from '../../src/host/program/program.ts';
import { startKnownService, type KnownService } from '../../src/selftest/known/service.ts';
import { gslbOver, RegionWatch, type RunningGslb } from '../../src/topology/assembled/gslb.ts';
import { gslbNode } from '../../src/topology/embedded/freeze.ts';
import { watchOther } from '../../src/topology/embedded/processes.ts';
import type { Lab } from '../../src/topology/system/system.ts';
import { plan } from '../support/evidence/synthetic.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const clock = hostClock();
const TIMINGS = { every_ms: 40, timeout_ms: 40, failures: 3, ttl_s: 1 };

describe('the faults on the GSLB', () => {
  const ended = new AbortController();
  let directory: string;
  let services: KnownService[];
  let program: Program;
  let address: Address;
  let gslb: RunningGslb;
  let watch: RegionWatch;
  let told: string[];

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-gslb-'));
    program = startProgram({
      title: 'gslb',
      module: new URL('../../src/gslb/main.ts', import.meta.url),
      env: { ...process.env },
      logFile: join(directory, 'gslb.log'),
      onEvent: (name, body) => watch.take(name, body),
    });
  });
  beforeEach(async () => {
    const nodes = ['east/app-1', 'east/app-2', 'west/app-1'];
    services = await Promise.all(nodes.map((node) => startKnownService({ clock, node })));
    told = [];
    const emit = (name: string) => void told.push(name);
    watch = new RegionWatch(emit);
    const endpoints = services.map(({ node, host, port }) => {
      return { node, region: node.split('/')[0]!, service: 'orders', host, port };
    });
    const settings = { origin_ms: 0, run: 'test', ...TIMINGS, endpoints, serving: ['east'] };
    address = (await program.request('start', settings)) as Address;
    const own = { pid: program.pid, started: processStarted(program.pid) ?? '' };
    const watched = watchOther({ clock, emit: () => {} }, 'gslb', own, ended.signal);
    const node = gslbNode(watched, address, 'test');
    gslb = gslbOver({ channel: program, address, watch, clock, node });
    await until(async () => (await answer()).length === 2);
  });
  afterEach(async () => {
    sendSignal(program.pid, 'SIGCONT');
    await program.request('stop', {}).catch(() => {}); // it forgets everything, unless it has died
    await Promise.all(services.map((each) => each.close()));
  });
  after(async () => {
    ended.abort();
    sendSignal(program.pid, 'SIGKILL');
    await program.exited;
    rmSync(directory, { recursive: true });
  });

  const answer = async () => {
    const { addresses } = await resolveService(address, ORDERS_SERVICE, { timeout_ms: 2_000 });
    return addresses.map(({ node }) => node);
  };
  const until = async (isSo: () => Promise<boolean> | boolean) => {
    const limit_ms = clock.now() + 5_000;
    while (!(await isSo())) {
      if (clock.now() > limit_ms) throw new Error('it did not happen within 5 s');
      await clock.sleep(5);
    }
  };

  function contextOf<K extends 'lose-gslb' | 'stale-dns'>(kind: K, own: Partial<RunningGslb> = {}) {
    const heals: (() => Promise<readonly string[]>)[] = [];
    const entries: Effect[] = [];
    const context: LookContext<K> = {
      plan: { ...plan, gslb: TIMINGS },
      fault: plannedFault(kind, { node: 'gslb' } as never),
      system: { gslb: { ...gslb, ...own } } as Partial<Lab> as Lab,
      clock,
      signal: new AbortController().signal,
      mistake: null,
      watch_ms: 200,
      isAlone: true,
      deferToEnd: async () => {},
      defer: async (entry, heal) => {
        entries.push(entry);
        heals.push(heal);
        await Promise.resolve();
      },
    };
    return { context, entries, heal: () => heals[0]!() };
  }
  const nothing = (): Undoable => ({
    entry: { undo: 'none' },
    act: async () => {},
    undo: () => Promise.resolve([]),
  });
  const oks = (checks: readonly { ok: boolean | null }[] = []) => checks.map(({ ok }) => ok);

  it('let it stand still, seen from outside, and answer as before', async () => {
    const { context, entries, heal } = contextOf('lose-gslb');
    const before = await answer();
    await loseGslb.inject(context);
    const own = { pid: program.pid, started: processStarted(program.pid) };
    expect(entries.map(({ undo }) => undo)).to.deep.equal(['stopped-processes']);
    // Here it is run by tsx, which may have a compiler beside it.
    expect(entries[0]!['processes']).to.deep.include(own);
    expect(oks(await loseGslb.prove(context))).to.deep.equal([true, true]);
    expect(oks(await loseGslb.look!(context))).to.deep.equal([true, true]);
    expect(await heal()).to.deep.equal([]);
    expect(await answer()).to.deep.equal(before);
    expect(oks(await loseGslb.look!(context))).to.deep.equal([false, false]);
    expect(told, 'no region seems down for it').not.to.include('region.down');
  });

  it('are no such thing where it goes on, and told where somebody else let it', async () => {
    const { context } = contextOf('lose-gslb', { freeze: nothing });
    await loseGslb.inject(context);
    expect(oks(await loseGslb.prove(context))).to.deep.equal([false, false]);
    const other = contextOf('lose-gslb');
    await loseGslb.inject(other.context);
    continueTrees([program.pid]);
    expect(oks(await loseGslb.look!(other.context))).to.deep.equal([false, false]);
    expect(await other.heal()).to.deep.equal(['the standstill of gslb']);
  });

  it('have a redirect wait while it stands still, until it is given up', async () => {
    const still = gslb.freeze();
    await still.act();
    const given = new AbortController();
    const givenUp = gslb
      .serve(['east'], given.signal)
      .then(String, (error: Error) => error.message);
    let isDone = false;
    const served = gslb.serve(['west']).then(() => (isDone = true));
    await clock.sleep(150);
    given.abort(new Error('no more'));
    expect(await givenUp).to.equal('no more');
    expect(isDone).to.equal(false);
    await still.undo();
    await served;
    expect(await answer()).to.deep.equal(['west/app-1']);
  });

  it('hold what DNS answers, seen by its serial, whatever the GSLB is told and sees', async () => {
    const { context, entries, heal } = contextOf('stale-dns');
    await staleDns.inject(context);
    expect(entries).to.deep.equal([{ undo: 'held-answers' }]);
    expect(oks(await staleDns.prove(context))).to.deep.equal([true]);
    expect(told, 'nothing would have changed so far').not.to.include('gslb.withheld');
    await services[1]!.behave({ kind: 'refuse' });
    await until(async () => (await gslb.state()).regions['east']?.nodes['east/app-2'] === false);
    expect(await answer()).to.deep.equal(['east/app-1', 'east/app-2']);
    await gslb.serve(['west']);
    expect((await gslb.state()).answered).to.deep.equal(['west']);
    expect(await answer()).to.deep.equal(['east/app-1', 'east/app-2']);
    expect(oks(await staleDns.look!(context))).to.deep.equal([true]);
    await until(() => told.filter((name) => name === 'gslb.withheld').length === 2);
    expect(told, 'no client is redirected').not.to.include('gslb.redirected');
    expect(await heal()).to.deep.equal([]);
    expect(await answer()).to.deep.equal(['west/app-1']);
    expect(oks(await staleDns.look!(context))).to.deep.equal([false]);
    await until(() => told.includes('gslb.redirected'));
  });

  it('hold nothing where that did nothing, and tell where somebody else let go', async () => {
    const { context } = contextOf('stale-dns', { hold: nothing });
    await staleDns.inject(context);
    expect(oks(await staleDns.prove(context))).to.deep.equal([false]);
    const other = contextOf('stale-dns');
    await staleDns.inject(other.context);
    await program.request('hold', { on: false });
    await until(async () => oks(await staleDns.look!(other.context))[0] === false);
    expect(await other.heal()).to.deep.equal(['the held answers']);
  });

  // The last one: there is no program after it.
  it('hold nothing any more where it has died', async () => {
    const held = gslb.hold();
    await held.act();
    sendSignal(program.pid, 'SIGKILL');
    await program.exited;
    await until(async () => (await gslb.look(100)).state === 'dead');
    expect(await held.undo()).to.deep.equal([]);
  });
});
