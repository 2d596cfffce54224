// Whoever can be asked while something runs, and may hold it: somebody at its terminal, where there
// is one, and whoever gives an order from elsewhere. The first answer counts.
import type { Operator, Question } from '../../engine/frame/context.ts';
import type { Clock } from '../../host/clock.ts';
import type { Surroundings } from '../session.ts';
import { forgetOrders, orderGiven, takeOrder } from './orders.ts';

const AT_TERMINAL = 'the operator';

/** Of what nobody stands beside. */
export const NOBODY: Operator = {
  ask: () => Promise.reject(new Error('nobody can be asked')),
  holdAsked: () => null,
  release: () => Promise.reject(new Error('nobody holds it')),
};

/** `folder` is where orders are put. */
export function operatorOf(
  folder: string,
  atTerminal: Surroundings['ask'],
  clock: Pick<Clock, 'sleep'>,
): Operator {
  let stepper: string | null = null;
  return {
    ask: (asked, signal) => answerTo(asked, { folder, atTerminal, clock, signal }),
    holdAsked: () => {
      const by = takeOrder(folder, ['pause'])?.by ?? stepper;
      stepper = null;
      if (by !== null) forgetOrders(folder, ['resume', 'step']);
      return by;
    },
    release: async (signal) => {
      const { order, by } = await orderGiven(folder, ['resume', 'step'], { clock, signal });
      if (order === 'resume') return { order, by };
      stepper = by;
      return { order: 'step', by };
    },
  };
}

/** Answers to another question count for nothing. */
async function answerFrom(
  folder: string,
  { question, order }: Question,
  how: Pick<Asking, 'clock' | 'signal'>,
): Promise<string> {
  for (;;) {
    const { by, about = question } = await orderGiven(folder, [order], how);
    if (about === question) return by;
  }
}

interface Asking {
  readonly folder: string;
  readonly atTerminal: Surroundings['ask'];
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
}

async function answerTo(
  { question, order }: Question,
  { folder, atTerminal, clock, signal }: Asking,
): Promise<string> {
  forgetOrders(folder, [order]);
  const answered = new AbortController();
  const until = AbortSignal.any([signal, answered.signal]);
  const ways = [
    answerFrom(folder, { question, order }, { clock, signal: until }),
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
}
