// Whether the database writes on the timeline that its control file names.
import type pg from 'pg';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { oneRow } from '../server/connection.ts';

export const timeline: VerificationCheck<pg.Client> = {
  name: 'timeline',
  proves: 'trust',
  look: async (client) => {
    // `pg_is_in_recovery()` turns false before the control file knows the new timeline.
    await client.query('checkpoint');
    const row = await oneRow<{ written: string; recorded: number; recovering: boolean }>(
      client,
      `select substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) as written,
         (select timeline_id from pg_control_checkpoint()) as recorded,
         pg_is_in_recovery() as recovering`,
    );
    const written = parseInt(row.written, 16);
    const ok = !row.recovering && written === row.recorded;
    return { ok, detail: `writes on timeline ${written}, the control file says ${row.recorded}` };
  },
};
