// Things worth knowing about a run that change no verdict.
import { formatBytes, formatDuration } from '../base/units.ts';
import { NO_EFFECT } from '../drill/fault/fault.ts';
import type { Plan, StoreRole } from '../drill/plan/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import { counted, ofStore, plainDetail } from '../measure/words.ts';
import { disasterOf, eventsOf, firstOf } from '../measure/timeline.ts';
import { ZERO_LOSS_WRITES_MIN } from '../drill/measurement.ts';
import type { Exposure, Loss, Recovery } from '../drill/measurement.ts';
import type { Measurement } from '../measure/measured.ts';

export function notesOf(
  plan: Plan,
  events: readonly RunEvent[],
  measurement: Measurement,
): string[] {
  const { recovery, stores } = measurement;
  const name = (store: StoreRole) => (stores.length > 1 ? store : null);
  return [
    ...preflightNotes(plan, events),
    ...(measurement.exposure === null ? [] : exposureNotes(measurement.exposure)),
    ...eventNotes(events),
    ...(recovery === null
      ? []
      : [...moveNotes(plan, events, recovery), ...recoveryNotes(recovery)]),
    ...stores.flatMap(({ store, loss }) => {
      if (loss === null) return [];
      return lossNotes(loss).map((note) => ofStore(name(store), note));
    }),
    ...partNotes(measurement),
  ];
}

/** Where the file says to go on, what the checks found is what they would have told. */
function preflightNotes({ preflight }: Plan, events: readonly RunEvent[]): string[] {
  if (preflight !== 'warn') return [];
  const failed = eventsOf(events, 'preflight.checked').flatMap(({ checks }) =>
    checks.filter(({ ok }) => !ok),
  );
  return failed.map(({ name, detail }) => {
    return `The pre-flight check would have told: ${name}: ${plainDetail(detail)}.`;
  });
}

function exposureNotes({ region, bytes, ms, detail }: Exposure): string[] {
  const parts = [
    ...(bytes === null ? [] : [formatBytes(bytes)]),
    ...(ms === null ? [] : [`about ${formatDuration(ms)}`]),
  ];
  if (parts.length > 0) {
    return [`Before the disaster: losing ${region} now would lose ${parts.join(', ')}.`];
  }
  const why = plainDetail(detail);
  const what = `Before the disaster nobody could say what losing ${region} would lose`;
  return [why === '' ? `${what}.` : `${what}: ${why}.`];
}

/** Where service is moved and nothing was broken, the pause is the number that counts. */
function moveNotes(
  plan: Plan,
  events: readonly RunEvent[],
  { longest_gap_ms }: Recovery,
): string[] {
  const { steady, after } = longest_gap_ms;
  const { service, region } = disasterOf(plan, events)?.effect ?? NO_EFFECT;
  if (service !== 'lost' || region !== 'untouched' || after === null) return [];
  const before = steady === null ? '' : `, ${formatDuration(steady)} at most before it`;
  return [`The planned move paused clients for ${formatDuration(after)}${before}.`];
}

function eventNotes(events: readonly RunEvent[]): string[] {
  const notes = eventsOf(events, 'disaster.undeclared').map(
    ({ reason }) => `No recovery ran: ${reason}.`,
  );
  for (const { reason } of eventsOf(events, 'service.missing')) {
    notes.push(`The run stopped waiting for service: ${reason}.`);
  }
  for (const { node, reason, expected } of eventsOf(events, 'node.ended')) {
    if (!expected && node.includes('/')) notes.push(`${node} ended by itself (${reason}).`);
  }
  const from = firstOf(events, 'steady.started')?.t ?? Infinity;
  const to = firstOf(events, 'workload.stopped')?.t ?? Infinity;
  const stalls = eventsOf(events, 'runner.stalled')
    .filter(({ t, ms }) => t >= from && t - ms <= to)
    .map(({ ms }) => ms);
  if (stalls.length > 0) {
    const longest = formatDuration(Math.max(...stalls));
    const times = counted(stalls.length, 'time');
    notes.push(`While it measured, drill itself did not get to run ${times}, ${longest} at most.`);
  }
  for (const { region, ms } of eventsOf(events, 'region.returned')) {
    notes.push(`Region ${region} came back on its own disks, after ${formatDuration(ms)}.`);
  }
  for (const { reason } of eventsOf(events, 'backup.failed')) {
    notes.push(`A base backup failed: ${plainDetail(reason)}.`);
  }
  if (firstOf(events, 'warm-up.ended')?.settled === false) {
    notes.push('The latency had not settled when the warm-up ended.');
  }
  return notes;
}

function spreadNote(spread_ms: number): string {
  const spread = formatDuration(spread_ms);
  return `The docker engine saw the last node of the region hit ${spread} after the first.`;
}

function recoveryNotes(recovery: Recovery): string[] {
  const { rto, longest_gap_ms, unserved, is_unnoticed, fault_spread_ms } = recovery;
  if (fault_spread_ms !== undefined && rto.value !== 0) return [spreadNote(fault_spread_ms)];
  if (rto.value !== 0) return [];
  if (is_unnoticed === true) return ['Clients noticed nothing.'];
  const { steady, after } = longest_gap_ms;
  if (steady === null || after === null) return [];
  const gaps = `up to ${formatDuration(after)} between acknowledgements`;
  const before = `${formatDuration(steady)} before the fault`;
  const missed = unserved === 0 ? '' : `${counted(unserved, 'operation')} not served, `;
  const noticed = `clients noticed: ${missed}${gaps}, ${before}`;
  return [`No outage was long enough to count, but ${noticed}.`];
}

function lossNotes(loss: Loss): string[] {
  const notes: string[] = [];
  const never = loss.second?.never_durable ?? 0;
  if (never > 0) {
    const writes = counted(never, 'lost write');
    notes.push(`Of the loss, ${writes} had been acknowledged, never durable on the old primary.`);
  }
  if (loss.classes.intended > 0) {
    const writes = counted(loss.classes.intended, 'write');
    notes.push(
      `${writes} acknowledged after the mistake went with it, as a restore to before it does.`,
    );
  }
  if (loss.wrong_reads > 0) {
    notes.push(`${counted(loss.wrong_reads, 'read')} missed a row that had been acknowledged.`);
  }
  if (loss.split_brain_possible > 0) {
    const writes = counted(loss.split_brain_possible, 'write');
    notes.push(`${writes} may have been acknowledged by both sides at once.`);
  }
  if (loss.rpo_after_return_ms !== null) {
    const rpo = formatDuration(loss.rpo_after_return_ms);
    notes.push(`Without the writes that came back with the lost region, the RPO is ${rpo}.`);
  }
  if (loss.classes.duplicated > 0) {
    notes.push(`${counted(loss.classes.duplicated, 'write')} stored more than once.`);
  }
  if (loss.classes.lost === 0 && loss.acknowledged_before < ZERO_LOSS_WRITES_MIN) {
    const writes = counted(loss.acknowledged_before, 'write');
    notes.push(`Only ${writes} acknowledged just before the disaster.`);
  }
  return notes;
}

/** Of stores that could be counted where others could not: the result has no number for them. */
function partNotes({ loss: total, stores }: Measurement): string[] {
  if (total !== null) return [];
  return stores.flatMap(({ store, loss }) => {
    if (loss === null) return [];
    const lost = counted(loss.classes.lost, 'acknowledged write');
    return [ofStore(store, `${lost} lost, of ${loss.outcomes.acknowledged}.`)];
  });
}
