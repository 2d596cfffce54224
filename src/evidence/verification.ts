// What a store is looked at for once it serves: checks, each with what it proves.
import { reasonOf } from '../host/operation-failed.ts';
import type { VerificationResult } from './event.ts';

/** A check of one store; `Client` is a connection to it. */
export interface VerificationCheck<Client> {
  /** Its name in the journal and in reasons. */
  readonly name: string;
  /**
   * What is proved when it finds something: `harm` to the data, which fails the run, or only a
   * reason not to `trust` the count, which leaves it inconclusive.
   */
  readonly proves: 'harm' | 'trust';
  /** Rejects where it cannot look: that proves nothing, whatever the check is about. */
  readonly look: (client: Client) => Promise<{ readonly ok: boolean; readonly detail: string }>;
}

/**
 * The result of every check, in their order. `isFinding` tells an error that is itself what a check
 * looks for from one that kept it from looking.
 */
export async function carryOut<Client>(
  checks: readonly VerificationCheck<Client>[],
  client: Client,
  isFinding: (error: unknown) => boolean = () => false,
): Promise<VerificationResult[]> {
  const results: VerificationResult[] = [];
  for (const { name, proves, look } of checks) {
    const { ok, detail, hasLooked } = await look(client).then(
      (found) => ({ ...found, hasLooked: true }),
      (error: unknown) => ({ ok: false, detail: reasonOf(error), hasLooked: isFinding(error) }),
    );
    const isProof = !ok && hasLooked && proves === 'harm';
    results.push({ name, ok, detail, ...(isProof ? { proves } : {}) });
  }
  return results;
}
