// One connection for many questions.
import { expect } from 'chai';
import { KeptConnection } from '../../src/host/kept-connection.ts';

describe('a kept connection', () => {
  /** Connections are numbers, from 1 up. */
  function kept() {
    const ended: number[] = [];
    let opened = 0;
    const open = () => Promise.resolve(++opened);
    return { connection: new KeptConnection(open, (one: number) => ended.push(one)), ended };
  }

  it('is asked one question after the other', async () => {
    const { connection } = kept();
    const seen: string[] = [];
    const ask = (name: string) =>
      connection.ask(async (one) => {
        seen.push(`${name} asks ${one}`);
        await Promise.resolve();
        seen.push(`${name} knows`);
      });
    await Promise.all([ask('a'), ask('b')]);
    expect(seen).to.deep.equal(['a asks 1', 'a knows', 'b asks 1', 'b knows']);
  });

  it('is replaced after a failure, which nobody but who asked hears of', async () => {
    const { connection, ended } = kept();
    const failed = connection.ask(() => Promise.reject(new Error('no')));
    const next = connection.ask((one) => Promise.resolve(one));
    const reason = await failed.then(
      () => 'none',
      (error: Error) => error.message,
    );
    expect([reason, await next, ended]).to.deep.equal(['no', 2, [1]]);
  });

  it('is closed once none is left, one that a failed question left behind included', async () => {
    const events: string[] = [];
    const end = async () => {
      await new Promise(setImmediate);
      events.push('ended');
    };
    const connection = new KeptConnection(() => Promise.resolve(1), end);
    await connection.ask(() => Promise.reject(new Error('no'))).catch(() => {});
    await connection.close();
    events.push('closed');
    expect(events).to.deep.equal(['ended', 'closed']);
  });
});
