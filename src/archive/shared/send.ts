// Sends what waits in the outbox of a shared history. What one entry is refused for holds no other
// one up; what the database does not take stays.
import type { Client } from 'pg';
import { isRefusal } from '../../base/sql-state.ts';
import type { DatabaseAddress } from '../../drill/database-address.ts';
import { hostNow } from '../../host/clock.ts';
import { SharedHistoryError, withHistory, type Limits } from './connect.ts';
import { databaseWords } from '../../host/database/words.ts';
import { migrate } from './migrations.ts';
import type { Outbox } from './outbox.ts';
import { upload } from './upload.ts';

export interface Sent {
  readonly sent: number;
  /** Still there. */
  readonly waiting: number;
  /** Why, each once, in a sentence. */
  readonly problems: readonly string[];
}

/** Never rejects for what the database does, nor for what is wrong with an entry. */
export async function sendWaiting(
  outbox: Outbox,
  address: DatabaseAddress,
  limits: Limits,
): Promise<Sent> {
  const names = outbox.waiting();
  if (names.length === 0) return { sent: 0, waiting: 0, problems: [] };
  const progress = { sent: 0, problems: new Set<string>() };
  let failed: string | null = null;
  try {
    await withHistory(address, limits, async (client) => {
      await migrate(client);
      const end_ms = hostNow() + limits.all_ms;
      for (const name of names) {
        if (hostNow() > end_ms) break;
        await sendOne(client, { outbox, name, address }, progress);
      }
    });
  } catch (error) {
    if (!(error instanceof SharedHistoryError)) throw error;
    failed = error.message;
  }
  outbox.noteFailure(failed);
  const { sent, problems } = progress;
  if (failed !== null) problems.add(failed);
  return { sent, waiting: outbox.waiting().length, problems: [...problems] };
}

interface One {
  readonly outbox: Outbox;
  readonly name: string;
  readonly address: DatabaseAddress;
}

async function sendOne(
  client: Client,
  { outbox, name, address }: One,
  progress: { sent: number; readonly problems: Set<string> },
): Promise<void> {
  const read = outbox.read(name);
  if (read === null) return;
  if ('problem' in read) {
    progress.problems.add(`${name} is damaged and was set aside: ${read.problem}`);
    outbox.setAside(name);
    return;
  }
  try {
    await upload(client, read.value);
  } catch (error) {
    // Another entry may be taken all the same.
    if (!isRefusal(error) && !(error instanceof SharedHistoryError)) throw error;
    progress.problems.add(`it refuses ${read.value.id}: ${databaseWords(error, address)}`);
    return;
  }
  outbox.remove(name);
  progress.sent++;
}
