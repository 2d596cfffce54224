// Writes streamed log into segment files: `<segment>.partial`, of full size from the start, until
// the segment is whole.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { renameDurably, syncPath } from '../../host/durable.ts';
import type { LogSource } from '../replicate/replication-connection.ts';
import { segmentName, segmentStart } from '../server/lsn.ts';
import type { Owner } from '../../host/files.ts';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
export const PARTIAL = '.partial';

interface SegmentPlace extends Pick<LogSource, 'timeline' | 'segment_bytes'> {
  readonly directory: string;
  readonly owner: Owner;
}

interface OpenSegment {
  readonly name: string;
  readonly start: bigint;
  readonly file: FileHandle;
}

export class SegmentWriter {
  readonly #place: SegmentPlace;
  readonly #onWhole: (segment: string) => void;
  #open: OpenSegment | null = null;

  /** `onWhole` is told the name of each segment that is whole and on the disk. */
  constructor(place: SegmentPlace, onWhole: (segment: string) => void) {
    this.#place = place;
    this.#onWhole = onWhole;
  }

  /**
   * Resolves when all of it is on the disk. Writing over what is there already does no harm: it is
   * the same log.
   */
  async write(lsn: bigint, data: Buffer): Promise<void> {
    const size = BigInt(this.#place.segment_bytes);
    let at = lsn;
    let rest = data;
    while (rest.length > 0) {
      const segment = await this.#segmentAt(at);
      const offset = Number(at - segment.start);
      const piece = rest.subarray(0, Number(size) - offset);
      await writeAll(segment.file, piece, offset);
      at += BigInt(piece.length);
      rest = rest.subarray(piece.length);
      if (at === segment.start + size) await this.#finish(segment);
    }
    await this.#open?.file.datasync();
  }

  async close(): Promise<void> {
    const segment = this.#open;
    this.#open = null;
    await segment?.file.close();
  }

  async #segmentAt(lsn: bigint): Promise<OpenSegment> {
    const { directory, timeline, segment_bytes, owner } = this.#place;
    const start = segmentStart(lsn, segment_bytes);
    if (this.#open?.start === start) return this.#open;
    await this.close();
    const name = segmentName(timeline, lsn, segment_bytes);
    const file = await open(join(directory, name + PARTIAL), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    this.#open = { name, start, file };
    await file.chmod(0o600);
    if (owner !== null) await file.chown(owner.uid, owner.gid);
    await file.truncate(segment_bytes);
    await file.sync();
    await syncPath(directory);
    return this.#open;
  }

  async #finish({ name, file }: OpenSegment): Promise<void> {
    await file.datasync();
    await this.close();
    const path = join(this.#place.directory, name);
    await renameDurably(path + PARTIAL, path);
    this.#onWhole(name);
  }
}

async function writeAll(file: FileHandle, data: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await file.write(data, done, data.length - done, offset + done);
    done += bytesWritten;
  }
}
