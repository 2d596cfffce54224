// The scope undoes in reverse, whatever fails, and has the undo on disk before the effect.
import { expect } from 'chai';
import { Scope } from '../../../src/engine/frame/scope.ts';
import type { Effect, UndoEntry } from '../../../src/evidence/undo.ts';
import { hostClock, type Clock } from '../../../src/host/clock.ts';

const never = new AbortController().signal;

function scopeWith(clock: Clock = hostClock()) {
  const written: UndoEntry[] = [];
  const scope = new Scope({ append: (entry) => written.push(entry) }, clock, '/own');
  return { scope, written };
}

const directory = (path: string): Effect => ({ undo: 'directory', path });

describe('scope', () => {
  it('undoes in the exact reverse of the order in which things were made', async () => {
    const { scope } = scopeWith();
    const undone: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      await scope.defer(directory(name), async () => void undone.push(name));
    }
    expect(await scope.close(never)).to.deep.equal([]);
    expect(undone).to.deep.equal(['c', 'b', 'a']);
  });

  it('has written the undo entry before defer returns, i.e. before the effect', async () => {
    const { scope, written } = scopeWith();
    const deferring = scope.defer(directory('a'), async () => {});
    expect(written).to.deep.equal([directory('a')]);
    await deferring;
  });

  it('undoes the rest where one undo fails, and names what is left', async () => {
    const { scope, written } = scopeWith();
    const undone: string[] = [];
    const processes = { undo: 'processes', run: 'r' } as const;
    await scope.defer(directory('a'), async () => void undone.push('a'));
    await scope.defer(processes, async () => void undone.push('r'));
    await scope.defer(directory('b'), async () => {
      throw new Error('it is stuck');
    });
    // The directory shows whose the log is: it goes last, and with nothing left.
    expect(await scope.close(never)).to.deep.equal([
      'directory b: it is stuck',
      'directory a: kept until the rest is undone (directory)',
    ]);
    expect(undone).to.deep.equal(['r']);
    expect(written).not.to.deep.include({ undo: 'done' });
  });

  it('leaves nothing of what goes with its own system, once that has gone', async () => {
    const gone: string[] = [];
    const close = async (system: string, ends: boolean) => {
      const { scope, written } = scopeWith();
      await scope.defer(directory('a'), async () => void gone.push('a'));
      await scope.defer({ undo: 'processes', run: 'r' }, async () => {
        if (!ends) throw new Error('it lives');
      });
      const facts = { node: 'west/postgres', how: 'stop-replication', system };
      await scope.defer({ undo: 'disturbed-store', ...facts }, async () => {
        throw new Error('it is dead');
      });
      const left = await scope.close(never);
      return { left, isDone: written.at(-1)!.undo === 'done' };
    };
    expect(await close('/own', true)).to.deep.equal({ left: [], isDone: true });
    expect(gone).to.deep.equal(['a']);
    const disturbed = 'stop-replication of west/postgres: it is dead';
    expect((await close('/own', false)).left)
      .to.include(disturbed)
      .and.have.length(3);
    // A system that stays up is another matter.
    expect((await close('/another', true)).left)
      .to.include(disturbed)
      .and.have.length(2);
  });

  it('does not wait for ever for an undo that hangs', async () => {
    const impatient: Clock = {
      ...hostClock(),
      sleep: (_ms, signal) => hostClock().sleep(20, signal),
    };
    const { scope } = scopeWith(impatient);
    await scope.defer(directory('a'), () => new Promise(() => {}));
    expect(await scope.close(never)).to.deep.equal(['directory a: not undone within 10 s']);
  });

  it('stops waiting when it is told to, and names everything that is left', async () => {
    const { scope } = scopeWith();
    const kill = new AbortController();
    await scope.defer(directory('a'), async () => {});
    await scope.defer(directory('b'), () => new Promise(() => kill.abort()));
    expect(await scope.close(kill.signal)).to.deep.equal([
      'directory b: not undone, the clean-up was stopped',
      'directory a: not undone, the clean-up was stopped',
    ]);
  });

  it('strikes off what was healed in time, and does not heal it again', async () => {
    const { scope, written } = scopeWith();
    const undone: string[] = [];
    const toxics = (name: string) => ({ undo: 'toxics', url: '', toxics: [name] }) as const;
    const healA = await scope.deferHeal(toxics('a'), async () => void undone.push('a'));
    await scope.deferHeal(toxics('b'), async () => void undone.push('b'));
    expect(written).to.deep.equal([
      { ...toxics('a'), id: 1 },
      { ...toxics('b'), id: 2 },
    ]);
    await healA();
    expect(written.at(-1)).to.deep.equal({ undo: 'undone', id: 1 });
    expect(await scope.close(never)).to.deep.equal([]);
    expect(undone).to.deep.equal(['a', 'b']);
    expect(written.at(-1)).to.deep.equal({ undo: 'done' });
  });

  it('heals in the end what could not be healed in time', async () => {
    const { scope, written } = scopeWith();
    let failures = 1;
    const heal = await scope.deferHeal({ undo: 'toxics', url: '', toxics: [] }, async () => {
      if (failures-- > 0) throw new Error('not yet');
    });
    expect(await heal().catch((error: Error) => error.message)).to.equal('not yet');
    expect(written).to.have.length(1);
    expect(await scope.close(never)).to.deep.equal([]);
  });

  it('refuses new effects once it is closed', async () => {
    const { scope } = scopeWith();
    await scope.close(never);
    const late = await scope.defer(directory('a'), async () => {}).catch((e: Error) => e.message);
    expect(late).to.equal('the run is over: nothing more is created');
  });
});
