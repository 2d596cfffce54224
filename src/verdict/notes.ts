// Things worth knowing about a run that change no verdict.
import { formatDuration } from '../base/units.ts';
import { runtimeFacts } from '../drill/file/runtimes.ts';
import { ZERO_LOSS_WRITES_MIN } from '../drill/measurement.ts';
import type { Exposure, Loss, Recovery } from '../drill/measurement.ts';
import { clockStart } from '../drill/plan/clock.ts';
import type { StoreRole } from '../drill/plan/plan.ts';
import { exposureWords } from '../measure/journal/exposure.ts';
import { isBusy } from '../host/machine/load.ts';
import { machineIn } from '../measure/journal/facts.ts';
import { busySentence } from '../measure/journal/run-doubts.ts';
import type { Measurement } from '../measure/measured.ts';
import { lastLooks } from '../measure/loss/own-failures.ts';
import { stallsOf } from '../measure/journal/stalls.ts';
import type { Timeline } from '../measure/timeline.ts';
import { counted, ofStore, plainDetail } from '../measure/words.ts';

export function notesOf(run: Timeline, measurement: Measurement): string[] {
  const { recovery, exposure, stores } = measurement;
  const name = (store: StoreRole) => (stores.length > 1 ? store : null);
  return [
    ...preflightNotes(run),
    ...busyNotes(run),
    ...(exposure === null ? [] : [exposureNote(run, exposure)]),
    ...eventNotes(run),
    ...movedNotes(run),
    ...leftNotes(run),
    ...(recovery === null ? [] : [...moveNotes(run, recovery), ...recoveryNotes(run, recovery)]),
    ...stores.flatMap(({ store, loss }) => {
      return loss === null ? [] : lossNotes(loss).map((note) => ofStore(name(store), note));
    }),
    ...unknownNotes(run, measurement),
    ...partNotes(measurement),
    ...baselineNotes(run, measurement),
  ];
}

/** What the past was made with, and who holds the run against it where the run itself does not. */
function baselineNotes({ plan }: Timeline, { baseline }: Measurement): string[] {
  if (baseline === null || plan.targets.rto_regression === null) return [];
  const rule = 'The target rto_regression is judged over all trials of the series together.';
  return [...(baseline.judged === 'series' ? [rule] : []), ...baseline.unlike];
}

/** Why there are so many more of them than on a runtime whose nodes refuse. */
function unknownNotes(run: Timeline, { loss }: Measurement): string[] {
  const takesIn = runtimeFacts(run.first('topology.up')?.runtime)?.takesIn ?? null;
  // What is frozen or cut off answers nobody on any runtime.
  if (takesIn === null || run.disaster?.effect.region !== 'dead') return [];
  if (loss === null || loss.outcomes.unknown === 0) return [];
  return [
    `${takesIn} takes connections to a region that is gone and then drops them, so that clients ` +
      'are told nothing: writes that are refused where nodes refuse connections are unknown here.',
  ];
}

/** A check that failed is a note and no doubt where the file says to go on. */
function preflightNotes(run: Timeline): string[] {
  if (run.plan.preflight !== 'warn') return [];
  const checks = run.all('preflight.checked').flatMap((event) => event.checks);
  return checks
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => {
      const went = 'The check before the fault warned, and the drill went on (preflight: warn)';
      return `${went}: ${name}: ${plainDetail(detail)}.`;
    });
}

/** Its times are then not those of the design alone. */
function busyNotes(run: Timeline): string[] {
  const machine = machineIn(run);
  return machine !== null && isBusy(machine) ? [busySentence(machine)] : [];
}

function exposureNote({ disaster, plan }: Timeline, exposure: Exposure): string {
  const when = disaster === null ? 'Before anything was broken' : `Just before ${clockStart(plan)}`;
  const { region, detail } = exposure;
  const loss = exposureWords(exposure, 'were');
  if (loss !== '') return `${when}, losing ${region} would have lost ${loss}.`;
  const why = plainDetail(detail);
  const what = `${when} nobody could say what losing ${region} would lose`;
  return why === '' ? `${what}.` : `${what}: ${why}.`;
}

/** The primary of somebody's own system that is another one once more, without being asked for. */
function movedNotes(run: Timeline): string[] {
  const { disaster, plan } = run;
  if (disaster === null || plan.attached === undefined) return [];
  const taken = run.all('database.writable').filter(({ t }) => {
    return t >= disaster.started_ms && t < run.failback_ms;
  });
  return taken.slice(1).map(({ node, t }) => {
    const when = formatDuration(t - disaster.started_ms);
    return `The primary moved once more: ${node} took writes ${when} after ${clockStart(plan)}.`;
  });
}

/** Where a run was stopped, nobody waits for servers to follow. */
function leftNotes(run: Timeline): string[] {
  if (run.disaster === null || run.ends.length === 0) return [];
  const taking = lastLooks(run).filter(({ state }) => state === 'primary');
  if (taking.length === 0) return []; // which is told as a failure
  const looked = run.last('servers.followed')?.t ?? -Infinity;
  const isSeen = looked >= (run.failback_ms === Infinity ? 0 : run.failback_ms);
  const others = isSeen ? '' : '; nobody looked whether every other one follows';
  return [
    `When the run ended, ${taking.map(({ node }) => node).join(' and ')} took writes${others}.`,
  ];
}

/** The pause is the number that counts where service is moved and nothing was broken. */
function moveNotes({ plan }: Timeline, { longest_gap_ms }: Recovery): string[] {
  const { steady, after } = longest_gap_ms;
  if (plan.recover.with !== 'switch-over' || after === null) return [];
  const before = steady === null ? '' : `, ${formatDuration(steady)} at most before it`;
  return [`The planned move paused clients for ${formatDuration(after)}${before}.`];
}

/** Nodes of a region that nobody ended. */
function ownEnds(run: Timeline) {
  return run.all('node.ended').filter(({ node, expected }) => !expected && node.includes('/'));
}

/** Those before the disaster, which are no notes but reasons. */
export function earlyEnds(run: Timeline) {
  const disaster_ms = run.disaster?.started_ms ?? Infinity;
  return ownEnds(run).filter(({ t }) => t < disaster_ms);
}

function regionNotes(run: Timeline): string[] {
  const placed = run.last('regions.placed');
  if (placed === undefined) return [];
  if (!placed.kept) return [`The regions were this trial’s own: ${plainDetail(placed.why)}.`];
  return ['The regions were kept from the trial before: made as new, in the same place.'];
}

function eventNotes(run: Timeline): string[] {
  return [
    ...regionNotes(run),
    ...(run.plan.expect === 'ride-out' ? run.all('disaster.undeclared') : []).map(
      ({ reason }) => `No recovery ran: ${reason}.`,
    ),
    ...run.all('service.missing').map(({ t, reason }) => {
      const since = run.disaster === null ? null : formatDuration(t - run.disaster.started_ms);
      const when = since === null ? '' : `, ${since} after ${clockStart(run.plan)}`;
      return `The run stopped waiting for service${when}: ${reason}.`;
    }),
    ...ownEnds(run)
      .filter((end) => !earlyEnds(run).includes(end))
      .map(({ node, reason }) => `${node} ended by itself (${reason}).`),
    ...triedAgainNotes(run),
    ...markNotes(run),
    ...stallNotes(run),
    ...run.all('region.returned').map(({ region, ms }) => {
      return `Region ${region} came back on its own disks, after ${formatDuration(ms)}.`;
    }),
    ...run
      .all('backup.failed')
      .map(({ reason }) => `A base backup failed: ${plainDetail(reason)}.`),
    ...(run.first('warm-up.ended')?.settled === false
      ? ['The latency had not settled when the warm-up ended.']
      : []),
  ];
}

/** Tries of steps that failed and did not end the recovery. */
function triedAgainNotes(run: Timeline): string[] {
  const overcome = run.all('step.failed').filter(({ goes_on }) => goes_on === true);
  return overcome.map(({ step, reason, ms = 0 }) => {
    const after = formatDuration(ms);
    return `A try of the step "${step}" failed after ${after}: ${plainDetail(reason)}.`;
  });
}

/** Words of steps that drill saw otherwise: no number is made of them. */
function markNotes(run: Timeline): string[] {
  const others = run.all('step.marked').filter(({ ok }) => !ok);
  return others.map(({ step, mark, detail }) => {
    const found = `drill looked after it and saw otherwise: ${plainDetail(detail)}`;
    return `The step "${step}" is marked ${mark}, and ${found}.`;
  });
}

function stallNotes(run: Timeline): string[] {
  const from = run.first('steady.started')?.t ?? Infinity;
  const to = run.first('workload.stopped')?.t ?? Infinity;
  const stalls = stallsOf(run).filter(({ from_ms, to_ms }) => to_ms >= from && from_ms <= to);
  return [...new Set(stalls.map(({ who }) => who))].map((who) => {
    const its = stalls.filter((one) => one.who === who);
    const longest = formatDuration(Math.max(...its.map(({ from_ms, to_ms }) => to_ms - from_ms)));
    const what = its[0]!.isRunner ? 'did not get to run' : 'stood still';
    return `While it measured, ${who} ${what} ${counted(its.length, 'time')}, ${longest} at most.`;
  });
}

function recoveryNotes(run: Timeline, recovery: Recovery): string[] {
  const { rto, longest_gap_ms, unserved, is_unnoticed, fault_spread_ms } = recovery;
  if (rto.value !== 0) {
    if (fault_spread_ms === undefined) return [];
    const spread = formatDuration(fault_spread_ms);
    const witness = runtimeFacts(run.first('topology.up')?.runtime)?.witness ?? 'A witness';
    return [`${witness} saw the last node of the region hit ${spread} after the first.`];
  }
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

/** The loss of the stores that could be counted, where the result has no number for all of them. */
function partNotes({ loss: total, stores }: Measurement): string[] {
  if (total !== null) return [];
  return stores.flatMap(({ store, loss }) => {
    if (loss === null) return [];
    const lost = counted(loss.classes.lost, 'acknowledged write');
    return [ofStore(store, `${lost} lost, of ${loss.outcomes.acknowledged}.`)];
  });
}
