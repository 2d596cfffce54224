// A scenario with backups alone.
import { parseLsn } from '../../../src/postgres/server/lsn.ts';
import type { Scenario } from './scenario.ts';
import { inScenario, shortDrill } from './load.ts';

/** Of the link between the regions. */
export const BACKUP_LATENCY_MS = 2;

const backup = (wal: string) => `backup: { every: 1h, keep: 2, wal: ${wal} }`;

/** Two regions of which the second has only what the first one's repository took. */
export async function inBackupScenario(
  wal: string,
  seed: number,
  seed_rows: number,
  work: (scenario: Scenario) => Promise<void>,
): Promise<void> {
  const strategy = 'backup-restore';
  const latency = `${BACKUP_LATENCY_MS}ms`;
  const text = shortDrill({ strategy, latency, topology: backup(wal), seed_rows });
  await inScenario(text, seed, work);
}

/** Up to where the log is in the repository. */
export async function endOfLog({ system }: Scenario): Promise<bigint> {
  return parseLsn((await system.backups!.state()).wal.end_lsn!);
}
