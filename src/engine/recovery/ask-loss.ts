// The step before a recovery that asks what it would lose, where the drill file has a limit.
import { beyondMaxLoss, writeMaxLoss, type MaxLoss } from '../../drill/recovery/max-loss.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { RunContext } from '../frame/context.ts';
import type { StepToCarryOut } from './run-steps.ts';
import type { Stake } from '../faults/preview.ts';

const ASK = 'ask what it would lose';

/** `stake`: the last preview; null: there was none. */
export function askLossStep(
  run: RunContext,
  max_loss: MaxLoss,
  stake: Stake | null,
): StepToCarryOut {
  return {
    title: ASK,
    onFailure: 'end', // nobody asks twice
    run: async ({ signal }) => {
      const beyond = beyondMaxLoss(max_loss, stake ?? { bytes: null, ms: null });
      if (beyond === null) return;
      const limit = `recover.max_loss of ${writeMaxLoss(max_loss)}`;
      if (max_loss.over === 'fail') {
        throw new OperationFailed({ what: 'the loss', expected: `within ${limit}`, found: beyond });
      }
      const question = `The recovery: ${beyond}, over ${limit}. Press Enter to go on all the same.`;
      const asked = { question, order: 'confirm' } as const;
      run.emit('operator.asked', asked);
      const by = await run.operator.ask(asked, signal);
      run.emit('step.confirmed', { step: ASK, by, seen: false });
    },
  };
}
