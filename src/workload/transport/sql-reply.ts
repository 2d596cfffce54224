// What PostgreSQL's answer to one statement of a client proves, by whichever way the client came.
import { describeFailure, isDefiniteFailure } from '../../app/write-failure.ts';
import { OUTCOME } from '../../evidence/ledger/operation.ts';
import { endWithoutMachine } from '../../host/machine/machine-error.ts';
import { bareReply, type Reply } from './transport.ts';

/** `doubt`: what a notice said meanwhile; null: nothing casts doubt on it. */
export function done(
  answer: Pick<Reply, 'node' | 'timeline' | 'isWrongRead'>,
  doubt: string | null,
): Reply {
  return {
    outcome: doubt === null ? OUTCOME.acknowledged : OUTCOME.unknown,
    ...answer,
    isUnprotected: doubt !== null,
    detail: doubt ?? 'done',
  };
}

/** A statement that failed; `isDefinite`: it certainly had no effect. */
export function notDone(error: unknown): { readonly reply: Reply; readonly isDefinite: boolean } {
  const isDefinite = isDefiniteFailure(error);
  const outcome = isDefinite ? OUTCOME.refused : OUTCOME.unknown;
  return { reply: bareReply(outcome, describeFailure(error)), isDefinite };
}

/**
 * No statement leaves before the server has let the client in: whatever ended the connection, such
 * as a balancer that takes connections for servers which are gone, nothing is stored.
 */
export function notLetIn(error: unknown): Reply {
  endWithoutMachine(error);
  return bareReply(OUTCOME.refused, describeFailure(error));
}
