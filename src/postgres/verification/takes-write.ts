// Whether the database takes a write.
import type pg from 'pg';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { PROBE, writeProbe } from '../server/primary.ts';

/** `probe`: the table that is written to. */
export function takesWriteTo(probe: string): VerificationCheck<pg.Client> {
  return {
    name: 'takes a write',
    proves: 'trust',
    look: async (client) => {
      const { at } = await writeProbe(client, probe);
      return { ok: true, detail: `committed at ${at} of the server's clock` };
    },
  };
}

export const takesWrite = takesWriteTo(PROBE);
