// Makes a running primary hand its log over to a repository: what the bring-up does before the
// start, since only `archive_mode` needs to be there then; as long as there is no command, segments
// wait.
import { alterSystem } from '../../../src/postgres/server/primary.ts';
import { installArchiving, type ArchiveOptions } from '../../../src/postgres/backup/archiver.ts';
import { withConnection, type DatabaseAddress } from '../../../src/postgres/server/connection.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };

export async function startArchiving(
  primary: DatabaseAddress,
  options: ArchiveOptions,
): Promise<void> {
  const { archive_command, archive_timeout } = installArchiving(options);
  const settings = { archive_command: archive_command!, archive_timeout: archive_timeout! };
  await withConnection(primary, LIMITS, (client) => alterSystem(client, settings));
}
