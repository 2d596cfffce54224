// A base backup over the replication protocol, for servers whose package has no pg_basebackup: what
// the server sends is unpacked as it comes.
import { driverFailure, OperationFailed } from '../../host/operation-failed.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Client, Connection, Submittable } from 'pg';
import { writePrivateFile, type Owner } from '../../host/files.ts';
import { MANIFEST_FILE } from './backup-manifest.ts';
import { openReplication, type ReplicationAddress } from '../replicate/replication-connection.ts';

const CONNECT_MS = 5_000;
/** A server that says nothing for so long does so for ever (a link that swallows everything). */
const SILENT_AT_MOST_MS = 60_000;
const BACKUP_NAME = 'drill_base_backup';
/** Kinds of the stream's messages (PostgreSQL's "Streaming Replication Protocol"). */
const MESSAGE = { archive: 0x6e, manifest: 0x6d, data: 0x64 } as const;
/** It carries its own log, so it need not wait until that is archived, which may never be. */
const COMMAND =
  "BASE_BACKUP (LABEL 'drill', CHECKPOINT 'fast', WAL true, WAIT false, MANIFEST 'yes', " +
  "MANIFEST_CHECKSUMS 'SHA256')";

export interface BackupOptions {
  /** The connection of a role that may replicate. */
  readonly from: ReplicationAddress;
  /** An empty directory, owned by the databases' user. */
  readonly directory: string;
  /** The databases' user; null: this process's own. */
  readonly owner: Owner;
  readonly signal: AbortSignal;
}

/**
 * Fills the directory with a copy of the running server, its manifest and the write-ahead log that
 * makes it consistent. Rejects when the copy is not whole; `verifyBackup` checks what was written.
 */
export async function takeBaseBackup(options: BackupOptions): Promise<void> {
  const { from, directory, owner, signal } = options;
  signal.throwIfAborted();
  const client = await openReplication(from, BACKUP_NAME, CONNECT_MS, signal);
  const unpacking = unpack(directory, owner);
  const stop = () => {
    void client.end().catch(() => {});
    unpacking.process.kill('SIGKILL');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const received = receive(client, unpacking.input);
    // Unpacking that fails (a full disk) leaves nobody to take what is still sent.
    const [manifest] = await Promise.all([
      received.finally(() => unpacking.input.end()),
      unpacking.done.catch((error: Error) => {
        void client.end().catch(() => {});
        throw error;
      }),
    ]);
    writePrivateFile(join(directory, MANIFEST_FILE), manifest, owner);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    unpacking.process.kill('SIGKILL');
    await client.end().catch(() => {});
  }
}

type Input = NonNullable<ChildProcess['stdin']>;

/** `tar`, as the databases' user, so that the files are its own. */
function unpack(directory: string, owner: Owner) {
  const tar = spawn('tar', ['-x', '-f', '-', '-C', directory], {
    stdio: ['pipe', 'ignore', 'pipe'],
    cwd: '/',
    ...owner,
  });
  let said = '';
  tar.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  tar.stdin.on('error', () => {}); // its end tells why
  const done = new Promise<void>((resolve, reject) => {
    tar.once('error', (error) => reject(failed(`that tar cannot be run: ${error.message}`)));
    tar.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(failed(`that tar ended with ${signal ?? code}: ${said.trim()}`));
    });
  });
  done.catch(() => {});
  return { process: tar, input: tar.stdin, done };
}

/** Passes the archive on to `archive` and resolves to the manifest. */
function receive(client: Client, archive: Input): Promise<string> {
  return new Promise((resolve, reject) => {
    client.query(new BaseBackup(archive, { resolve, reject }));
    client.once('end', () => reject(failed('a connection that ended before')));
  });
}

function failed(found: string): OperationFailed {
  return new OperationFailed({ what: 'the base backup', expected: 'a whole one', found });
}

interface Settle {
  readonly resolve: (manifest: string) => void;
  readonly reject: (error: Error) => void;
}

/** Given to `client.query`, which calls its methods as the server's messages arrive. */
class BaseBackup implements Submittable {
  readonly #archive: Input;
  readonly #settle: Settle;
  readonly #manifest: Buffer[] = [];
  #archives = 0;
  #part: 'archive' | 'manifest' | null = null;
  #socket: Socket | null = null;
  #problem: Error | null = null;
  #isPaused = false;

  constructor(archive: Input, settle: Settle) {
    this.#archive = archive;
    this.#settle = settle;
  }

  submit(connection: Connection): null {
    const socket = connection.stream as Socket;
    this.#socket = socket;
    socket.setTimeout(SILENT_AT_MOST_MS, () => {
      socket.destroy(new Error(`the server was silent for ${SILENT_AT_MOST_MS / 1000} s`));
    });
    connection.query(COMMAND);
    return null;
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    const kind = chunk[0];
    if (kind === MESSAGE.archive) {
      this.#part = 'archive';
      // A second one would be a tablespace, for which there is no directory here.
      if (++this.#archives > 1) this.#problem ??= failed('a server with tablespaces');
    } else if (kind === MESSAGE.manifest) this.#part = 'manifest';
    else if (kind === MESSAGE.data) this.#take(chunk.subarray(1));
  }

  #take(piece: Buffer): void {
    const copy = Buffer.from(piece); // pg uses its memory again
    if (this.#part === 'manifest') {
      this.#manifest.push(copy);
      return;
    }
    if (this.#archives > 1 || this.#archive.write(copy) || this.#archive.destroyed) return;
    if (this.#isPaused) return; // what was read already comes all the same
    this.#isPaused = true;
    this.#socket!.pause();
    const goOn = () => {
      this.#archive.off('drain', goOn).off('close', goOn);
      this.#isPaused = false;
      this.#socket!.resume();
    };
    this.#archive.on('drain', goOn).on('close', goOn);
  }

  handleError(error: Error): void {
    this.#settle.reject(this.#problem ?? driverFailure(error, 'BASE_BACKUP'));
  }

  handleReadyForQuery(): void {
    if (this.#problem !== null) return this.#settle.reject(this.#problem);
    const manifest = Buffer.concat(this.#manifest).toString('utf8');
    if (manifest === '') this.#settle.reject(failed('no manifest'));
    else this.#settle.resolve(manifest);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
}
