// The lines of `history.ndjson`: what a run measured, so that it is known when its folder is gone,
// and under which facts, once for all runs that share them. Each line has a checksum of its own.
import { crc32 } from 'node:zlib';
import { fitted, type Fit } from '../../drill/misfit.ts';
import { factsLine, historyEntry, type HistoryLine } from '../../evidence/history-form.ts';
import { beganAt, RUN_ID } from '../run-list.ts';

/** More than a line of any run takes. */
const LINE_LENGTH = 2 ** 20;
/** Between the time in an id and the beginning of its run: somebody may have been asked first. */
const DAY_MS = 86_400_000;
const SUM = /^,"sum":"([0-9a-f]{8})"\}$/;
const SUM_LENGTH = ',"sum":"01234567"}'.length;

export function writeLine(line: HistoryLine): string {
  const text = JSON.stringify(line);
  return `${text.slice(0, -1)},"sum":"${sumOf(text)}"}\n`;
}

/** The line, or what is wrong with it. */
export function readLine(line: string): Fit<HistoryLine> {
  if (line.length > LINE_LENGTH) return { problem: `it is longer than ${LINE_LENGTH} characters` };
  // The end alone: to search ten thousand lines for it takes longer than to read them.
  const end = line.slice(-SUM_LENGTH);
  const [, claimed] = SUM.exec(end) ?? [];
  if (claimed === undefined) return { problem: 'it is cut off, or no line of the history' };
  const whole = `${line.slice(0, -SUM_LENGTH)}}`;
  if (sumOf(whole) !== claimed) return { problem: 'it is not as it was written' };
  try {
    return historyLineIn(JSON.parse(whole));
  } catch {
    return { problem: 'it is no JSON' };
  }
}

/** A line of which nobody knows who wrote it. */
export function historyLineIn(line: unknown): Fit<HistoryLine> {
  const { schema } = (line ?? {}) as { readonly schema?: unknown };
  if (schema === factsLine.shape.schema.value) return fitted(factsLine, line);
  if (schema !== historyEntry.shape.schema.value) {
    return { problem: `it is of another version of drill: ${JSON.stringify(schema)}` };
  }
  const read = fitted(historyEntry, line);
  if ('problem' in read) return read;
  const { id, at } = read.value;
  if (!RUN_ID.test(id)) return { problem: 'id: it is that of no run' };
  const isOff = Math.abs(Date.parse(at) - beganAt(id)) > DAY_MS;
  return isOff ? { problem: `at: ${at} is not when ${id} began` } : read;
}

function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
