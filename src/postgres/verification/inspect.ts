// Looks for damage in a database that serves.
import { reasonOf } from '../../host/operation-failed.ts';
import type pg from 'pg';
import type { VerificationResult } from '../../evidence/event.ts';
import { carryOut, type VerificationCheck } from '../../evidence/verification.ts';
import { errorCode, withConnection, type DatabaseAddress } from '../server/connection.ts';
import { checksums } from './checksums.ts';
import { heaps, indexes } from './amcheck.ts';
import { takesWrite } from './takes-write.ts';
import { timeline } from './timeline.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 60_000, synchronous_commit: 'local' } as const;

const CHECKS: readonly VerificationCheck<pg.Client>[] = [
  takesWrite,
  timeline,
  indexes,
  heaps,
  checksums,
];

/** The SQLSTATEs of `data_corrupted` and `index_corrupted`. */
const CORRUPTED = ['XX001', 'XX002'];

/** `more_ms`: so much longer each check may take than one of a small database. */
export async function inspect(
  address: DatabaseAddress,
  more_ms = 0,
): Promise<VerificationResult[]> {
  try {
    const limits = { ...LIMITS, statement_ms: LIMITS.statement_ms + more_ms };
    return await withConnection(address, limits, (client) =>
      carryOut(CHECKS, client, (error) => CORRUPTED.includes(errorCode(error))),
    );
  } catch (error) {
    return [{ name: 'takes connections', ok: false, detail: reasonOf(error) }];
  }
}
