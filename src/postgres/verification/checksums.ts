// Whether the server has met a page whose checksum was wrong.
import { OperationFailed } from '../../host/operation-failed.ts';
import type pg from 'pg';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { oneRow } from '../server/connection.ts';

export const checksums: VerificationCheck<pg.Client> = {
  name: 'page checksums',
  proves: 'harm',
  look: async (client) => {
    const { setting, failures } = await oneRow<{ setting: string; failures: string }>(
      client,
      `select current_setting('data_checksums') as setting,
         coalesce(sum(checksum_failures), 0)::text as failures from pg_stat_database`,
    );
    // Without them nobody can have met a wrong one.
    if (setting !== 'on') {
      throw new OperationFailed({ what: 'data_checksums', expected: 'on', found: setting });
    }
    return { ok: failures === '0', detail: `${setting}, ${failures} failures` };
  },
};
