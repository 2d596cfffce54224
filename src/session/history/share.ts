// Results go to the shared history too, where there is one: each is on the disk before it is sent,
// and what cannot be sent now goes with a later one. Nothing here stops a drill or changes how it
// ends.
import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { rememberedIn } from '../../archive/history/history-entry.ts';
import { PATIENT, SHORT } from '../../archive/shared/connect.ts';
import { Outbox } from '../../archive/shared/outbox.ts';
import { sendWaiting, type Sent } from '../../archive/shared/send.ts';
import type { DatabaseAddress } from '../../drill/database-address.ts';
import { readWhole } from '../../evidence/evidence-error.ts';
import { runFile } from '../../evidence/run-files.ts';
import type { Upload } from '../../evidence/history-form.ts';
import { hostClock, type Clock } from '../../host/clock.ts';
import { userWords } from '../../host/users.ts';
import { count } from '../../screen/text.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import type { DrillRead } from '../read.ts';
import { seriesFolder, type SeriesFile } from '../series-files.ts';
import type { Session } from '../session.ts';

/** After a database that did not answer nobody waits for it again for so long. */
const PATIENCE_MS = 30_000;

/** Beside the series. */
export function outboxOf(runs: string): Outbox {
  return new Outbox(join(dirname(seriesFolder(runs)), 'history-outbox'));
}

type Own = Pick<Session, 'on' | 'interrupt'>;

/** A run that has ended. */
export async function shareRun(
  runs: string,
  id: string,
  { settings, series }: Pick<DrillRead, 'settings' | 'series'>,
  session: Own,
): Promise<void> {
  if (settings.history === null) return;
  await share(settings.history, runs, session, () => runUpload(runs, id, series ?? null));
}

/** Null where the folder holds no result of its own run. */
export function runUpload(runs: string, id: string, series: string | null): Upload | null {
  const directory = join(runs, id);
  const found = rememberedIn(directory, series);
  if (found === null) return null;
  const file = runFile(directory, 'result');
  const result = readWhole(file).toString('utf8');
  const changed_ms = statSync(file).mtimeMs;
  return { ...sender(changed_ms), kind: 'run', id, ...found, result };
}

/** A series, as far as it has come. */
export async function shareSeries(
  { runs, id }: Pick<SeriesFile, 'runs' | 'id'>,
  results: readonly SeriesResult[],
  address: DatabaseAddress | null,
  session: Own,
): Promise<void> {
  if (address === null || results.length === 0) return;
  await share(address, runs, session, () => seriesUpload(id, results));
}

export function seriesUpload(id: string, results: readonly SeriesResult[]): Upload {
  const now_ms = hostClock().wall();
  return { ...sender(now_ms), kind: 'series', id, results: JSON.stringify(results) };
}

function sender(changed_ms: number) {
  const who = userWords();
  return { schema: 'drill.upload/1', machine: hostname(), who, changed_ms } as const;
}

async function share(
  address: DatabaseAddress,
  runs: string,
  { on, interrupt }: Own,
  made: () => Upload | null,
): Promise<void> {
  const outbox = outboxOf(runs);
  try {
    const upload = made();
    if (upload === null) return;
    outbox.add(upload);
    // Whoever has stopped it waits for nothing more.
    if (interrupt.aborted || isToWait(outbox)) return;
    const sent = await sendWaiting(outbox, address, SHORT);
    if (sent.problems.length > 0) on({ type: 'warning', text: unsentWords(sent, address) });
  } catch (error) {
    const text = `not in the shared history ${address.shown}: ${(error as Error).message}`;
    on({ type: 'warning', text });
  }
}

/** Also where the clock was set back since. */
function isToWait(outbox: Outbox): boolean {
  const failed_ms = outbox.failedAt();
  return failed_ms !== null && Math.abs(hostClock().wall() - failed_ms) < PATIENCE_MS;
}

/** Sends what waits while somebody waits for something else; resolves to what is to be told. */
export async function sendBriefly(runs: string, address: DatabaseAddress): Promise<string[]> {
  try {
    const sent = await sendWaiting(outboxOf(runs), address, SHORT);
    return sent.problems.length === 0 ? [] : [unsentWords(sent, address)];
  } catch (error) {
    return [`what waits for ${address.shown} cannot be read: ${(error as Error).message}`];
  }
}

/** Sends all that waits. */
export async function sendAll(runs: string, address: DatabaseAddress): Promise<Sent> {
  return await sendWaiting(outboxOf(runs), address, PATIENT);
}

/** What is told of what did not go, in a line. */
function unsentWords({ waiting, problems }: Sent, { shown }: DatabaseAddress): string {
  const then = waiting === 0 ? '' : `; ${count(waiting, 'result')} kept here, sent later`;
  return `shared history ${shown}: ${problems.join('; ')}${then}`;
}

interface Keeping {
  readonly runs: string;
  readonly clock: Clock;
  /** As it is named at this moment. */
  readonly address: () => Promise<DatabaseAddress | null>;
  /** Whether something is measured now, which sending would disturb. */
  readonly isHeld: () => boolean;
  readonly say: (text: string) => void;
}

const LOOK_EVERY_MS = 60_000;

/** Sends what waits now and each minute until `stop` aborts; what goes wrong is said once. */
export async function keepSending(
  { runs, clock, address, isHeld, say }: Keeping,
  stop: AbortSignal,
): Promise<void> {
  let said = '';
  while (!stop.aborted) {
    const text = isHeld() ? said : await sentWords(runs, await address());
    if (text !== said && text !== '') say(text);
    said = text;
    await clock.sleep(LOOK_EVERY_MS, stop).catch(() => {});
  }
}

/** Nothing where nothing waits. */
async function sentWords(runs: string, address: DatabaseAddress | null): Promise<string> {
  if (address === null) return '';
  try {
    const sent = await sendAll(runs, address);
    if (sent.problems.length > 0) return unsentWords(sent, address);
    return sent.sent === 0 ? '' : `${count(sent.sent, 'result')} sent to ${address.shown}`;
  } catch (error) {
    return `what waits for ${address.shown} cannot be read: ${(error as Error).message}`;
  }
}
