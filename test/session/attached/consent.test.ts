// Nobody drills a system of somebody's own because nobody looked for their consent.
import { expect } from 'chai';
import { requireConsent } from '../../../src/session/attached/consent.ts';
import type { DrillRead } from '../../../src/session/read.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';

describe('the consent to drill a system of somebody’s own', () => {
  it('is asked for: without one that was looked for, drill has a bug', async () => {
    const drill = { file: 'drill.yaml', plan: planOf(ownDrill()) } as DrillRead;
    const met = requireConsent(drill, { environment: {} }, 'own');
    expect(await met.catch((error: Error) => error.message)).to.match(
      /^nobody looked for a consent/,
    );
  });
});
