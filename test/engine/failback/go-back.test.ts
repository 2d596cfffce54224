// The way back of somebody's own system: what its steps come to is seen and not believed, and where
// one fails, what came before it is undone.
import { expect } from 'chai';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackStep } from '../../../src/drill/recovery/back.ts';
import { goBack } from '../../../src/engine/failback/go-back.ts';
import { Scope } from '../../../src/engine/frame/scope.ts';
import type { UndoEntry } from '../../../src/evidence/undo.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { runCommand } from '../../../src/host/command.ts';
import type { ServerLook } from '../../../src/evidence/events/server-look.ts';
import type { OwnSystem } from '../../../src/topology/system/own.ts';
import type { System } from '../../../src/topology/system/system.ts';
import { plan } from '../../support/evidence/results.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

const DEADLINE_MS = 300;

describe('the way back of somebody’s own system', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-go-back-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string) => join(folder, name);
  const says = (name: string) => [
    'sh',
    '-c',
    `echo ${name} >> '${file('said')}'; touch '${file(name)}'`,
  ];
  const said = () =>
    existsSync(file('said')) ? readFileSync(file('said'), 'utf8').trim().split('\n') : [];
  type Command = Extract<BackStep, { by: 'command' }>;
  const step = (title: string, more: Partial<Command> = {}): BackStep => {
    return { by: 'command', title, command: says(title), seen: null, undo: null, ...more };
  };

  /** East follows once the file `follows` is there, and is the primary once `moved` is. */
  async function go(back: readonly BackStep[], sustain_ms = 10) {
    const clock = hostClock();
    const environment = { PATH: process.env['PATH']! };
    const log: UndoEntry[] = [];
    const place = { id: 'in-test', directory: folder, logs: folder, scratch: folder };
    const recover = { ...plan.recover, with: 'commands', deadline_ms: DEADLINE_MS, back } as const;
    const sustain = { ...plan.sustain, for_ms: sustain_ms };
    const workload = { ...plan.workload, timeout_ms: 10 };
    const scope = new Scope({ append: (entry) => void log.push(entry) }, clock, folder);
    const test = new ContextInTest(
      { ...plan, gslb: null, strategy: 'own-system', recover, sustain, workload },
      { place, environment, clock, scope },
    );
    const look = (node: string, isPrimary: boolean): ServerLook => ({
      ...{ node, asked_ms: 0, answered_ms: 0, timeline: null, detail: '' },
      state: isPrimary ? 'primary' : 'standby',
    });
    const picture = () => {
      const isMoved = existsSync(file('moved'));
      return [look('east/db1', isMoved), look('west/db2', !isMoved)];
    };
    let asked = 0;
    const own: Partial<OwnSystem> = {
      picture,
      until: async (find, signal) => {
        for (;;) {
          const found = find(picture());
          if (found !== null) return found;
          await clock.sleep(20, signal);
        }
      },
      follow: async () => {
        asked += 1;
        const ok = existsSync(file('follows'));
        return [{ name: 'what is written comes to it', ok, detail: 'it had not come' }];
      },
      run: (command, atMost_ms) =>
        runCommand(command, { environment, logFile: file('log'), atMost_ms }),
    };
    let began = 0;
    const load = { begin: async () => void (began += 1) };
    const done = await goBack(test.run, { own, directory: folder } as unknown as System, load);
    const told = test.events.flatMap((event) => {
      if (event.event === 'region.protected') return [`${event.region} ${event.how}`];
      if (event.event === 'step.failed') return [`failed: ${event.step}`];
      return event.event.startsWith('switchover') ? [event.event] : [];
    });
    const followed = test.events.flatMap((event) =>
      event.event === 'servers.followed' ? [event.ok] : [],
    );
    return { done, told, log, began, test, asked, followed };
  }

  it('is the steps until it follows, then clients, then those that move service', async () => {
    const { done, told, began, asked, followed } = await go([
      step('rebuild'),
      step('follows', { mark: 'follows' }),
      step('moved'),
    ]);
    expect(done).to.equal(true);
    expect(began).to.equal(1);
    expect(told).to.deep.equal([
      ...['east rebuilt', 'switchover.started', 'switchover.ended', 'west followed'],
    ]);
    expect(said()).to.deep.equal(['rebuild', 'follows', 'moved']);
    expect([asked, followed]).to.deep.equal([2, []]);
  });

  it('begins no move where the lost region does not follow, whatever a step says', async function () {
    this.timeout(20_000);
    const { done, told, began, test, followed } = await go([
      step('rebuild', { mark: 'follows' }),
      step('moved'),
    ]);
    expect(done).to.equal(false);
    expect(began).to.equal(0);
    expect(told).to.deep.equal(['failed: see that east follows']);
    expect(followed).to.deep.equal([false]);
    expect(said()).to.deep.equal(['rebuild']);
    expect(test.events.find(({ event }) => event === 'run.noted'))
      .to.have.property('text')
      .that.contains('it had not come');
  });

  it('has failed where the primary is elsewhere after its steps', async function () {
    this.timeout(20_000);
    const first = step('follows', { mark: 'follows' });
    const { done, told } = await go([first, step('nothing')]);
    expect(done).to.equal(false);
    expect(told.slice(1)).to.deep.equal([
      'switchover.started',
      'failed: see that the primary is in east',
    ]);
  });

  it('does not take it that the lost region follows where it takes writes itself', async function () {
    this.timeout(20_000);
    const { done, told, test } = await go([
      step('follows'),
      step('moved', { mark: 'follows' }),
      step('move'),
    ]);
    expect(done).to.equal(false);
    expect(told).to.deep.equal(['failed: see that east follows']);
    expect(test.events.find(({ event }) => event === 'run.noted'))
      .to.have.property('text')
      .that.contains('east/db1 is the primary itself');
  });

  it('undoes what came before a step that fails, the last one first', async () => {
    const { done, told, log } = await go([
      step('follows', { mark: 'follows', undo: says('undo-1') }),
      step('warm', { undo: says('undo-2') }),
      step('fails', { command: ['false'], undo: says('undo-3') }),
      step('moved'),
    ]);
    expect(done).to.equal(false);
    expect(told.at(-1)).to.equal('failed: fails');
    expect(said()).to.deep.equal(['follows', 'warm', 'undo-3', 'undo-2', 'undo-1']);
    const undone = log.filter(({ undo }) => undo === 'undone');
    expect(undone).to.have.length(3);
    expect(log[0]).to.include({ undo: 'command', title: 'follows', disarm: null });
  });

  it('leaves to the end of the run what an undo could not do', async () => {
    const { told, log } = await go([
      step('follows', { mark: 'follows', undo: ['false'] }),
      step('fails', { command: ['false'] }),
      step('moved'),
    ]);
    expect(told.at(-1)).to.equal('failed: undo "follows"');
    expect(log.some(({ undo }) => undo === 'undone')).to.equal(false);
  });

  it('runs no undo of a way back that went well, and strikes each off', async () => {
    const { done, log } = await go([
      step('follows', { mark: 'follows', undo: says('undo-1') }),
      step('moved', { undo: says('undo-2') }),
    ]);
    expect(done).to.equal(true);
    expect(said()).to.deep.equal(['follows', 'moved']);
    expect(log.filter(({ undo }) => undo === 'undone')).to.have.length(2);
  });
});
