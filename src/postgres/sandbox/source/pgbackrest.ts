// A repository of pgBackRest, restored by its own program, which checks every file against its sum.
// Nothing of the team's configuration is read, so that the program knows this repository alone.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BackupOf } from '../../../drill/restore/backups.ts';
import type { RestoreCheckResult, RestoreFinding } from '../../../evidence/backup/restore-form.ts';
import { EnvironmentError } from '../../../host/environment-error.ts';
import { findProgram, makePrivateDirectory } from '../../../host/files.ts';
import { lackIn } from '../../../host/machine/lacks.ts';
import { lackError } from '../../../host/machine/machine-error.ts';
import { OperationFailed } from '../../../host/operation-failed.ts';
import { runToEnd } from '../../../host/process/run-to-end.ts';
import { secretOf } from '../../../host/process/stated-secret.ts';
import { UserError } from '../../../screen/user-error.ts';
import { inShell } from '../../restore/restore-target.ts';
import { ownerOf } from '../../server/identity.ts';
import { refuseKilled } from '../deadline.ts';
import { viewNamed, type ArchivedFile } from './archive-view.ts';
import { folderOf, requireReadable, unreadable } from './folder.ts';
import { chosenBackup, parseInfo, type StoredBackup } from './pgbackrest-info.ts';
import type { BackupSource, Laying, Opening } from './source.ts';

const PASSPHRASE = 'the passphrase of the repository (backup.passphrase)';
/** What it says of an encrypted repository, without its passphrase and by another. */
const ENCRYPTED = /Salted__/;
const UNLIKELY = /CryptoError|FormatError/;
const SAID_MAX = 500;
const INFO_AT_MOST_MS = 60_000;
const HISTORY = /^[0-9A-F]{8}\.history$/;
const STORED = /^([0-9A-F]{24})-[0-9a-f]{40}(\.\w+)?$/;

type Stated = BackupOf<'pgbackrest'>;

interface Repository {
  readonly path: string;
  readonly stanza: string;
  readonly program: string;
  readonly environment: Opening['environment'];
  readonly isEncrypted: boolean;
}

/** A finding says why there is nothing that could be restored. */
export async function openPgbackrest(
  stated: Stated,
  opening: Opening,
): Promise<BackupSource | RestoreFinding> {
  const repository = await findRepository(stated, opening);
  const info = await askInfo(repository, opening, []);
  if (typeof info === 'string') {
    const text = `pgbackrest info says nothing of the stanza ${stated.stanza}: ${info}`;
    return { code: 'damaged-backup', text };
  }
  const backup = chosenBackup(info, stated.set);
  if (typeof backup === 'string') return { code: 'no-backup', text: backup };
  const alone = await askInfo(repository, opening, [`--set=${backup.label}`]);
  if (
    typeof alone !== 'string' &&
    !alone.some((each) => each.label === backup.label && each.hasTablespaces)
  ) {
    return sourceOf(repository, backup, stated);
  }
  const found = typeof alone === 'string' ? alone : 'tablespaces, which drill does not restore';
  throw new UserError(`backup: expected ${backup.label} without tablespaces, found ${found}`);
}

/** A string says why it tells of no backup. */
async function askInfo(
  repository: Repository,
  { identity, signal }: Opening,
  which: readonly string[],
): Promise<readonly StoredBackup[] | string> {
  const { program, path, stanza, environment } = repository;
  const words = [...wordsOf(repository), ...which, '--output=json', 'info'];
  const { stdout, all, problem } = await runToEnd(program, words, {
    environment,
    owner: ownerOf(identity),
    atMost_ms: INFO_AT_MOST_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  refuseKilled('pgbackrest info', `an answer within ${INFO_AT_MOST_MS / 1000} s`, problem);
  const found = problem === null ? parseInfo(stdout, stanza) : `${problem}: ${all.trim()}`;
  if (typeof found !== 'string') return found;
  refuseMachine(path, found);
  // Opened by another passphrase it is no text, and what quotes it no JSON.
  const isClosed = repository.isEncrypted ? UNLIKELY.test(stdout) : ENCRYPTED.test(stdout);
  if (!isClosed) return found;
  throw new EnvironmentError({
    what: `the repository ${path}, which is encrypted`,
    expected: 'the passphrase that opens it',
    found: repository.isEncrypted ? 'another one' : 'none',
    hint: 'backup.passphrase says where it comes from, such as { env: NAME }',
  });
}

/** What the machine refused says nothing of the backup. */
function refuseMachine(path: string, said: string): void {
  const what = `the repository ${path}`;
  if (/Permission denied/.test(said)) throw unreadable(what);
  const lack = lackIn(said);
  if (lack !== null) throw lackError(lack, { what, found: said.slice(0, SAID_MAX) });
}

async function findRepository(
  { path: stated, stanza, passphrase }: Stated,
  { directory, environment, variables, identity }: Opening,
): Promise<Repository> {
  const path = folderOf(stated, directory, 'backup.path');
  const stanzas = join(path, 'backup');
  const isThere = existsSync(join(stanzas, stanza));
  if (!isThere) {
    const there = existsSync(stanzas) ? readdirSync(stanzas) : [];
    const found = there.length === 0 ? 'no stanza' : `stanza ${there.join(', ')}`;
    const expected = `expected the stanza ${stanza} in the repository ${path}`;
    throw new UserError(`backup: ${expected}, found ${found}`);
  }
  const program = findProgram('pgbackrest', environment['PATH']);
  if (program === null) {
    throw new EnvironmentError({
      what: 'a backup of pgBackRest',
      expected: 'the program pgbackrest, which restores it',
      found: 'none on PATH',
      hint: 'apt-get install pgbackrest',
    });
  }
  await requireReadable(
    join(stanzas, stanza, 'backup.info'),
    `the repository ${path}`,
    ownerOf(identity),
  );
  const isEncrypted = passphrase !== undefined;
  const own = isEncrypted
    ? { PGBACKREST_REPO1_CIPHER_PASS: await secretOf(PASSPHRASE, passphrase, variables) }
    : {};
  return { path, stanza, program, environment: { ...environment, ...own }, isEncrypted };
}

/** Before a command. Each writes nothing but to its own output. */
function wordsOf({ path, stanza, isEncrypted }: Repository): string[] {
  return [
    '--no-config',
    `--stanza=${stanza}`,
    `--repo1-path=${path}`,
    ...(isEncrypted ? ['--repo1-cipher-type=aes-256-cbc'] : []),
    '--log-level-file=off',
    '--log-level-stderr=warn',
  ];
}

function sourceOf(repository: Repository, backup: StoredBackup, { jobs }: Stated): BackupSource {
  const { label, bytes, system, range } = backup;
  const { program, environment } = repository;
  return {
    facts: { kind: 'pgbackrest', label, format: 'repository', bytes },
    system,
    range,
    environment,
    lay: (laying) => restoreBy(repository, backup, laying, jobs),
    view: (directory) => {
      const view = viewNamed(directory, archivedSince(repository, backup));
      const get = (data: string) => {
        const words = [program, ...wordsOf(repository), `--pg1-path=${data}`, 'archive-get'];
        return `${words.map((word) => `'${inShell(word)}'`).join(' ')} '%f' '%p'`;
      };
      return { ...view, get };
    },
  };
}

async function restoreBy(
  repository: Repository,
  { label, pageErrors }: StoredBackup,
  { data, identity, atMost_ms, signal }: Laying,
  jobs: number,
): Promise<RestoreCheckResult> {
  const owner = ownerOf(identity);
  const aside = join(dirname(data), 'pgbackrest');
  for (const each of [data, aside]) makePrivateDirectory(each, owner);
  const words = [
    ...wordsOf(repository),
    `--pg1-path=${data}`,
    `--set=${label}`,
    `--process-max=${jobs}`,
    `--lock-path=${aside}`,
    // It would put them where they were, which is maybe where they are.
    `--tablespace-map-all=${join(aside, 'tablespaces')}`,
    // What to replay, and how far, drill's own settings say.
    '--type=none',
    '--log-level-console=info',
    'restore',
  ];
  const { all, problem } = await runToEnd(repository.program, words, {
    environment: repository.environment,
    owner,
    atMost_ms,
    signal,
  });
  refuseKilled(`backup ${label}`, 'pgbackrest to restore it', problem);
  const name = 'files agree with the sums of pgBackRest';
  if (problem !== null) {
    const said = all.split('\n').filter((line) => /\b(ERROR|FATAL)\b/.test(line));
    const found = said.length === 0 ? `${problem}: ${all.trim().slice(-SAID_MAX)}` : said.join(' ');
    refuseMachine(repository.path, all);
    throw new OperationFailed({
      what: `backup ${label}`,
      expected: 'pgbackrest to restore it',
      found,
    });
  }
  if (pageErrors) {
    const detail = 'when the backup was taken there were pages in it whose sums are wrong';
    return { name, state: 'failed', detail };
  }
  const files = /file total = (\d+)/.exec(all)?.[1];
  return { name, state: 'passed', detail: files === undefined ? 'all of them' : `${files} files` };
}

function* archivedSince(
  { path, stanza }: Repository,
  { archive, first }: StoredBackup,
): Generator<ArchivedFile> {
  const place = join(path, 'archive', stanza, archive);
  if (!existsSync(place)) return;
  for (const name of readdirSync(place)) {
    if (HISTORY.test(name)) yield { name, path: join(place, name) };
    if (!/^[0-9A-F]{16}$/.test(name)) continue;
    for (const file of readdirSync(join(place, name))) {
      const segment = STORED.exec(file)?.[1];
      // Of whatever timeline: the rest of a name is where it lies.
      if (segment === undefined || segment.slice(8) < first.slice(8)) continue;
      yield { name: segment, path: join(place, name, file) };
    }
  }
}
