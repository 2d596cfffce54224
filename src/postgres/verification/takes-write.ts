// Whether the database takes a write.
import type pg from 'pg';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { PROBE, writeProbe } from '../server/primary.ts';

/** `probe`: the table that is written to; `timeline_sql`: as `writeProbe` asks for it. */
export function takesWriteTo(probe: string, timeline_sql?: string): VerificationCheck<pg.Client> {
  return {
    name: 'takes a write',
    proves: 'trust',
    look: async (client) => {
      const { at } = await writeProbe(client, probe, timeline_sql);
      return { ok: true, detail: `committed at ${at} of the server's clock` };
    },
  };
}

export const takesWrite = takesWriteTo(PROBE);
