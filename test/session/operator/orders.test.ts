import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { operatorOf } from '../../../src/session/operator/operator.ts';
import { giveOrder, orderGiven, takeOrder } from '../../../src/session/operator/orders.ts';

describe('orders', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-orders-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are taken once, the oldest first, and only where they are wanted', () => {
    giveOrder(folder, 'pause', 'a test');
    giveOrder(folder, 'declare', 'a test');
    expect(takeOrder(folder, ['declare'])).to.include({ order: 'declare' });
    expect(takeOrder(folder, ['declare'])).to.equal(null);
    expect(takeOrder(folder, ['declare', 'pause'])?.by).to.match(/, by a test$/);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('are none where there is no folder, something else in its place, or no order in a file', () => {
    expect(takeOrder(join(folder, 'none'), ['halt'])).to.equal(null);
    symlinkSync(folder, join(folder, 'link'));
    giveOrder(folder, 'halt', 'a test');
    expect(takeOrder(join(folder, 'link'), ['halt'])).to.equal(null);
    writeFileSync(join(folder, '1-0123abcd.json'), '{"order":"explode","by":"x"}');
    expect(takeOrder(folder, ['halt'])).to.include({ order: 'halt' });
    expect(readdirSync(folder)).to.deep.equal(['link']);
  });

  const waiting = (signal: AbortSignal) =>
    orderGiven(folder, ['approve'], { clock: hostClock(), signal });

  it('are waited for until somebody gives one, or nobody wants it any more', async () => {
    const given = waiting(new AbortController().signal);
    giveOrder(folder, 'approve', 'a test');
    expect((await given).order).to.equal('approve');
    const stop = new AbortController();
    const never = waiting(stop.signal);
    stop.abort(new Error('enough'));
    expect(await never.catch((error: Error) => error.message)).to.equal('enough');
  });

  describe('an operator', () => {
    const question = { question: 'Declare?', order: 'declare' } as const;
    const never = new AbortController().signal;

    it('answers at the terminal, or by an order, whichever comes first', async () => {
      const atTerminal = operatorOf(folder, () => Promise.resolve(), hostClock());
      expect(await atTerminal.ask(question, never)).to.equal('the operator');
      const held = (_: string, signal: AbortSignal) =>
        new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      const elsewhere = operatorOf(folder, held, hostClock()).ask(question, never);
      giveOrder(folder, 'declare', 'a test');
      expect(await elsewhere).to.match(/, by a test$/);
    });

    it('is still waited for where the terminal is gone', async () => {
      const gone = () => Promise.reject(new Error('stdin was closed before Enter was pressed'));
      const answered = operatorOf(folder, gone, hostClock()).ask(question, never);
      giveOrder(folder, 'declare', 'a test');
      expect(await answered).to.match(/, by a test$/);
    });

    it('holds a run once for each time that somebody orders it', async () => {
      const operator = operatorOf(folder, null, hostClock());
      expect(operator.holdAsked()).to.equal(null);
      giveOrder(folder, 'pause', 'a test');
      expect(operator.holdAsked()).to.match(/, by a test$/);
      giveOrder(folder, 'resume', 'a test');
      expect(await operator.release(never)).to.deep.include({ order: 'resume' });
      expect(operator.holdAsked()).to.equal(null);
    });

    it('holds it again after one step', async () => {
      const operator = operatorOf(folder, null, hostClock());
      giveOrder(folder, 'pause', 'a test');
      operator.holdAsked();
      giveOrder(folder, 'step', 'a step');
      expect(await operator.release(never)).to.deep.include({ order: 'step' });
      expect(operator.holdAsked()).to.match(/, by a step$/);
      expect(operator.holdAsked()).to.equal(null);
    });

    it('is not let go by what was ordered before it was held', async () => {
      const operator = operatorOf(folder, null, hostClock());
      for (const order of ['resume', 'step', 'pause'] as const) giveOrder(folder, order, 'a test');
      operator.holdAsked();
      const stop = new AbortController();
      const released = operator.release(stop.signal);
      stop.abort(new Error('still held'));
      expect(await released.catch((error: Error) => error.message)).to.equal('still held');
    });

    it('is not answered for by an order of before the question', async () => {
      giveOrder(folder, 'declare', 'a test');
      const stop = new AbortController();
      const asked = operatorOf(folder, null, hostClock()).ask(question, stop.signal);
      await hostClock().sleep(250);
      stop.abort(new Error('nobody answered'));
      expect(await asked.catch((error: Error) => error.message)).to.equal('nobody answered');
    });

    it('answers the question that the order is about, and no other one', async () => {
      const second = { question: 'Is the second step done?', order: 'confirm' } as const;
      const asked = operatorOf(folder, null, hostClock()).ask(second, never);
      giveOrder(folder, 'confirm', 'an old page', 'Is the first step done?');
      await hostClock().sleep(250);
      giveOrder(folder, 'confirm', 'a new page', second.question);
      expect(await asked).to.match(/, by a new page$/);
    });

    it('is not waited for once the question is taken back', async () => {
      const stop = new AbortController();
      const asked = operatorOf(folder, null, hostClock()).ask(question, stop.signal);
      stop.abort(new Error('healed'));
      expect(await asked.catch((error: Error) => error.message)).to.equal('healed');
    });
  });
});
