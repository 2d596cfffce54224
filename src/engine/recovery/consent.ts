// The step before a recovery that asks what it would lose, where the drill file has a limit.
import { beyondConsent, writeConsent, type Consent } from '../../drill/recovery/consent.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { RunContext } from '../frame/context.ts';
import type { StepToCarryOut } from './run-steps.ts';
import type { Stake } from '../faults/preview.ts';

const CONSENT = 'ask what it would lose';

/** `stake`: the last preview; null: there was none. */
export function consentStep(
  run: RunContext,
  consent: Consent,
  stake: Stake | null,
): StepToCarryOut {
  return {
    title: CONSENT,
    onFailure: 'end', // nobody asks twice
    run: async ({ signal }) => {
      const beyond = beyondConsent(consent, stake ?? { bytes: null, ms: null });
      if (beyond === null) return;
      const limit = `recover.max_loss of ${writeConsent(consent)}`;
      if (consent.over === 'fail') {
        throw new OperationFailed({ what: 'the loss', expected: `within ${limit}`, found: beyond });
      }
      const question = `The recovery: ${beyond}, over ${limit}. Press Enter to go on all the same.`;
      const asked = { question, order: 'confirm' } as const;
      run.emit('operator.asked', asked);
      const by = await run.operator.ask(asked, signal);
      run.emit('step.confirmed', { step: CONSENT, by, seen: false });
    },
  };
}
