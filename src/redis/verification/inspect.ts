// Looks for what is wrong with a Redis server that serves.
import { reasonOf } from '../../host/operation-failed.ts';
import type { Redis } from 'ioredis';
import type { VerificationResult } from '../../evidence/event.ts';
import { carryOut, type VerificationCheck } from '../../evidence/verification.ts';
import { withConnection, type RedisAddress } from '../connection.ts';
import { isPrimary } from './is-primary.ts';
import { takesWrite } from './takes-write.ts';
import { wroteToDisk } from './wrote-to-disk.ts';

const LIMITS = { connect_ms: 5_000, command_ms: 10_000 };

const CHECKS: readonly VerificationCheck<Redis>[] = [takesWrite, isPrimary, wroteToDisk];

export async function inspect(address: RedisAddress): Promise<VerificationResult[]> {
  try {
    return await withConnection(address, LIMITS, (client) => carryOut(CHECKS, client));
  } catch (error) {
    return [{ name: 'redis takes connections', ok: false, detail: reasonOf(error) }];
  }
}
