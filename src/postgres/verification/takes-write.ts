// Whether the database takes a write.
import type pg from 'pg';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { oneRow } from '../server/connection.ts';
import { PROBE_WRITE } from '../server/primary.ts';

export const takesWrite: VerificationCheck<pg.Client> = {
  name: 'takes a write',
  proves: 'trust',
  look: async (client) => {
    const { at } = await oneRow<{ at: string }>(client, `${PROBE_WRITE} returning at::text`);
    return { ok: true, detail: `committed at ${at} of the server's clock` };
  },
};
