// Whoever can be asked while something runs: somebody at its terminal, where there is one, and
// whoever gives an order from elsewhere. The first answer counts.
import type { AskOperator } from '../../engine/frame/context.ts';
import type { Clock } from '../../host/clock.ts';
import { forgetOrders, orderGiven } from './orders.ts';
import type { Surroundings } from '../session.ts';

const AT_TERMINAL = 'the operator';

/** `folder` is where orders are put. */
export function operatorOf(
  folder: string,
  atTerminal: Surroundings['ask'],
  clock: Pick<Clock, 'sleep'>,
): AskOperator {
  return async ({ question, order }, signal) => {
    forgetOrders(folder, [order]);
    const answered = new AbortController();
    const until = AbortSignal.any([signal, answered.signal]);
    const ways = [
      orderGiven(folder, [order], { clock, signal: until }).then(({ by }) => by),
      ...(atTerminal === null ? [] : [atTerminal(question, until).then(() => AT_TERMINAL)]),
    ];
    try {
      return await Promise.any(ways);
    } catch (error) {
      signal.throwIfAborted();
      throw (error as AggregateError).errors[0];
    } finally {
      answered.abort(new Error('it was answered'));
    }
  };
}
