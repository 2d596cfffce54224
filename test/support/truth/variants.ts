// Copies of a run whose truth is known, damaged on purpose: one thing is wrong with each.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { EventName, RunEvent } from '../../../src/evidence/event.ts';
import { readJournal } from '../../../src/evidence/journal.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import type { Reading } from '../../../src/evidence/survivors.ts';
import type { KnownRow } from '../../../src/selftest/known/service.ts';
import { writeEvents, writeStored } from '../../../src/selftest/known/files.ts';

/** The directory of a copy; the caller removes it. */
export function copyOf(directory: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'drill-truth-'));
  cpSync(directory, copy, { recursive: true });
  return copy;
}

function changeEvents(
  directory: string,
  change: (events: readonly RunEvent[]) => readonly RunEvent[],
): void {
  writeEvents(directory, change(readJournal(runFile(directory, 'journal')).events));
}

/** It never happened. */
export function withoutEvent(directory: string, name: EventName): void {
  changeEvents(directory, (events) => events.filter(({ event }) => event !== name));
}

/** It happened otherwise. */
export function alterEvent(directory: string, name: EventName, changes: object): void {
  changeEvents(directory, (events) =>
    events.map((event) => (event.event === name ? { ...event, ...changes } : event)),
  );
}

/** It happened besides, right after the fault had been injected. */
export function addEvent(directory: string, body: { event: EventName }): void {
  changeEvents(directory, (events) => {
    const at = events.findIndex(({ event }) => event === 'fault.proved') + 1;
    const t = events[at]!.t;
    return [...events.slice(0, at), { t, ...body } as RunEvent, ...events.slice(at)];
  });
}

/** The serving database holds these rows, and the journal knows how many. */
export function changeStored(directory: string, rows: readonly KnownRow[]): void {
  writeStored(directory, rows);
  alterEvent(directory, 'survivors.read', { rows: rows.length });
}

/** The journal says that a reading gave so many rows. */
export function alterReading(directory: string, reading: Reading, rows: number): void {
  changeEvents(directory, (events) =>
    events.map((event) => {
      const isIt = event.event === 'survivors.read' && event.reading === reading;
      return isIt ? { ...event, rows } : event;
    }),
  );
}

export function changePlan(directory: string, change: (plan: Plan) => Plan): void {
  const file = runFile(directory, 'plan');
  const plan = JSON.parse(readFileSync(file, 'utf8')) as Plan;
  writeFileSync(file, JSON.stringify(change(plan)));
}

/** Rewrites the bytes of a file; null removes it. */
export function changeBytes(
  directory: string,
  name: 'ledger' | 'survivors' | 'journal',
  change: (bytes: Buffer) => Uint8Array | null,
): void {
  const file = runFile(directory, name);
  const bytes = change(readFileSync(file));
  if (bytes === null) rmSync(file);
  else writeFileSync(file, bytes);
}
