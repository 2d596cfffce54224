// Takes whole segments over HTTP, as a primary's archive_command brings them: `PUT /wal/<name>`
// gives 201 when it is on the disk, 200 when the same was there already. Anything else is refused.
import { createHash } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { syncPath } from '../../host/durable.ts';
import { RUN_HEADER } from '../../host/http.ts';
import type { Address } from '../../host/ports.ts';
import { isAllowed } from '../../host/program/program-server.ts';
import { sumOf } from '../backup/file-sum.ts';
import { SEGMENT_NAME } from '../server/lsn.ts';
import { readLogHeader, LOG_FILE, TAKEN } from './stored-log.ts';
import type { LogSource } from '../replicate/replication-connection.ts';
import type { RepositorySettings } from './protocol.ts';

const PATH = /^\/wal\/([^/]+)$/;
/** PostgreSQL's largest segment. */
const BYTES_MAX = 1024 * 1024 * 1024;
const HEAD_BYTES = 64;

interface IntakeOptions extends Pick<RepositorySettings, 'run' | 'token' | 'owner'> {
  readonly directory: string;
  readonly listen: Address;
  /** Why a segment of this source is not wanted; null when it is. */
  readonly refuse: (source: LogSource) => string | null;
  /** A segment (or a note about a backup) is on the disk. */
  readonly onStored: (name: string, bytes: number) => void;
}

export interface Intake extends Address {
  /** Takes nothing any more; resolves when nothing is being written either. */
  close(): Promise<void>;
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/** Resolves once it listens. */
export function startIntake(options: IntakeOptions): Promise<Intake> {
  const { listen, run } = options;
  const taking = new Set<Promise<void>>();
  let count = 0;
  const server = createServer((request, response) => {
    response.setHeader(RUN_HEADER, run);
    response.setHeader('connection', 'close');
    const half = join(options.directory, TAKEN + String((count += 1)));
    const taken = answer(request, response, options, half).finally(() => taking.delete(taken));
    taking.add(taken);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen, () => {
      const { address, port } = server.address() as AddressInfo;
      const close = async () => {
        server.close();
        server.closeAllConnections();
        await Promise.all(taking);
      };
      resolve({ host: address, port, close });
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: IntakeOptions,
  half: string,
): Promise<void> {
  let status: number;
  let text = '';
  try {
    status = await take(request, options, half);
  } catch (error) {
    status = error instanceof Refusal ? error.status : 500;
    text = `${(error as Error).message}\n`;
  }
  await rm(half, { force: true });
  if (response.destroyed) return;
  response.writeHead(status, { 'content-length': Buffer.byteLength(text) });
  response.end(text);
  request.resume(); // whoever still sends would not get to read the answer
}

async function take(
  request: IncomingMessage,
  options: IntakeOptions,
  half: string,
): Promise<number> {
  const { directory, token, refuse, onStored } = options;
  if (!isAllowed(request.headers.authorization, token)) {
    throw new Refusal(401, 'expected "authorization: Bearer <token>"');
  }
  const name = PATH.exec(request.url ?? '')?.[1];
  if (request.method !== 'PUT' || name === undefined || !LOG_FILE.test(name)) {
    throw new Refusal(404, 'expected PUT /wal/<segment>');
  }
  const bytes = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(bytes > 0 && bytes <= BYTES_MAX)) {
    throw new Refusal(411, `expected a content-length of at most ${BYTES_MAX}`);
  }
  const written = await write(request, half, options);
  if (written.bytes !== bytes) {
    throw new Refusal(400, `${name}: expected ${bytes} bytes, found ${written.bytes}`);
  }
  if (SEGMENT_NAME.test(name)) {
    const source = readLogHeader(name, written.head, bytes);
    const reason = typeof source === 'string' ? source : refuse(source);
    if (reason !== null) throw new Refusal(409, reason);
  }
  if (!(await putInPlace(half, join(directory, name)))) {
    if ((await sumOf(join(directory, name), bytes, 'SHA256')) === written.sum) return 200;
    throw new Refusal(409, `${name}: the storage has another file of this name`);
  }
  onStored(name, bytes);
  return 201;
}

/** False when there is one of that name. */
async function putInPlace(half: string, path: string): Promise<boolean> {
  try {
    await link(half, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await syncPath(dirname(path));
  return true;
}

/** Writes the segment; it is on the disk when this resolves. */
async function write(request: IncomingMessage, half: string, { owner }: IntakeOptions) {
  const hash = createHash('sha256');
  let bytes = 0;
  let head: Buffer = Buffer.alloc(0);
  const file = await open(half, 'w', 0o600);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk]).subarray(0, HEAD_BYTES);
      await file.writeFile(chunk);
      bytes += chunk.length;
    }
    if (owner !== null) await file.chown(owner.uid, owner.gid);
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, head, sum: hash.digest('hex') };
}
