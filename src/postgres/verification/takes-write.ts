// Whether the database takes a write.
import type pg from 'pg';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { writeProbe } from '../server/primary.ts';

export const takesWrite: VerificationCheck<pg.Client> = {
  name: 'takes a write',
  proves: 'trust',
  look: async (client) => {
    const { at } = await writeProbe(client);
    return { ok: true, detail: `committed at ${at} of the server's clock` };
  },
};
