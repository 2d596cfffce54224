// Evidence of a run with a failback, made up for tests: after the cut the same clients go on with
// west, which then hands service back to east. Times are milliseconds since the run's origin.
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Evidence } from '../../../src/evidence/evidence.ts';
import { MARKER_WRITER } from '../../../src/evidence/ledger/operation.ts';
import type { SurvivorRow } from '../../../src/evidence/survivors.ts';
import {
  acknowledged,
  drive,
  EAST,
  evidenceOf,
  fromWest,
  goneFor,
  journal,
  plan,
  refuses,
  rowOf,
  SPACING_MS,
  TIMES,
  type Op,
  type Reply,
  type Service,
} from './synthetic.ts';

export const BACK = {
  phase: 22_500,
  resumed: 23_000,
  protected: 25_000,
  moving: 28_000,
  moved: 28_200,
  cut: 35_000,
} as const;

export const backPlan: Plan = {
  ...plan,
  failback: true,
  targets: { ...plan.targets, failback_rto_ms: 1_000 },
};

/** East again, on the timeline that its promotion began. */
export const fromEastAgain: Reply = {
  outcome: 'acknowledged',
  after_ms: 2,
  node: EAST,
  timeline: 3,
};

/** West serves until the move, nobody for so long, and then east. */
export function movesIn(pause_ms: number, meanwhile: Service = () => refuses): Service {
  return (now, index) => {
    if (now < BACK.moving) return fromWest;
    return now < BACK.moving + pause_ms ? meanwhile(now, index) : fromEastAgain;
  };
}

/** What the clients sent up to the first cut, its marker included. */
export const beforeTheCut: readonly Op[] = drive(goneFor(600));

const backMarker: Op = {
  kind: 'marker',
  writer: MARKER_WRITER,
  sequence: 2,
  scheduled_ms: BACK.cut + 1_100,
  outcome: 'acknowledged',
  node: EAST,
  timeline: 3,
};

/** What they sent afterwards: their ids go on where they were. */
export function driveBack(service: Service, until_ms: number = BACK.cut): Op[] {
  const before = beforeTheCut.length - 1;
  const ops: Op[] = [];
  for (let at = 0; BACK.resumed + at * SPACING_MS < until_ms; at++) {
    const scheduled_ms = BACK.resumed + at * SPACING_MS;
    const { after_ms, ...reply } = service(scheduled_ms, at);
    const writer = ((before + at) % 16) + 1;
    const sequence = Math.floor((before + at) / 16) + 1;
    ops.push({ writer, sequence, scheduled_ms, done_ms: scheduled_ms + after_ms, ...reply });
  }
  ops.push(backMarker);
  return ops;
}

/** Of a failback that went well: what was sent, and what stood there before it and after it. */
export const afterTheCut: readonly Op[] = driveBack(movesIn(150));
export const servingAtCut: readonly SurvivorRow[] = acknowledged(beforeTheCut).map(rowOf);
export const servingAtEnd: readonly SurvivorRow[] = [
  ...servingAtCut,
  ...acknowledged(afterTheCut).map(rowOf),
];

type Changes = Parameters<typeof journal>[0];

/** The events of the failback; `changes` replaces those of a name (null: it never happened). */
export function backEvents(changes: Changes = {}): RunEvent[] {
  const { phase, resumed, moving, moved, cut } = BACK;
  const store = 'orders';
  const checks = [{ name: 'seen', ok: true, detail: 'so it is' }];
  const written = { writer: MARKER_WRITER, sequence: 2, node: 'east/app-1', ok: true, detail: '' };
  const how = 'rewound';
  const events: RunEvent[] = [
    { t: phase, event: 'phase.started', phase: 'failback', at_most_ms: 60_000 },
    { t: resumed + 1, event: 'workload.started', store, scheduled_from_ms: resumed },
    { t: BACK.protected, event: 'region.protected', region: 'east', how, ms: 2_000 },
    { t: moving, event: 'switchover.started', from: 'west', to: 'east' },
    { t: moving + 20, event: 'database.writable', node: 'east/postgres', timeline: 3 },
    { t: moved, event: 'switchover.ended' },
    { t: cut, event: 'workload.stopped', store },
    { t: cut + 1_000, event: 'workload.drained', store, in_flight: 0 },
    { t: cut + 1_110, event: 'marker.written', store, ...written },
    { t: cut + 1_300, event: 'verification.checked', checks },
    { t: cut + 1_400, event: 'rows.salvaged', rows: 3 },
  ];
  const kept = events.filter(({ event }) => changes[event] === undefined);
  return [...kept, ...Object.values(changes).flatMap((replacement) => replacement ?? [])];
}

export interface BackParts {
  readonly before?: readonly Op[];
  readonly after?: readonly Op[];
  /** At the first cut, and after the failback; all that was acknowledged, unless it is said. */
  readonly serving?: readonly SurvivorRow[];
  readonly last?: readonly SurvivorRow[] | null;
  readonly events?: readonly RunEvent[];
  readonly drilled?: readonly RunEvent[];
  readonly plan?: Plan;
}

/** Of a run that went well, but for what `parts` says. */
export function evidenceOfBack(parts: BackParts = {}): Evidence {
  const { before = beforeTheCut, after = afterTheCut, events = backEvents() } = parts;
  const serving = parts.serving ?? acknowledged(before).map(rowOf);
  const last = parts.last ?? [...serving, ...acknowledged(after).map(rowOf)];
  const facts = { node: 'east/postgres', timeline: 3, snapshot: '', ok: true, detail: '' };
  const read: RunEvent = {
    ...({ t: BACK.cut + 1_200, event: 'survivors.read', store: 'orders' } as const),
    ...{ reading: 'after-failback', rows: last.length, ...facts },
  };
  const isRead = parts.last !== null;
  return evidenceOf({
    ops: [...before, ...after],
    plan: parts.plan ?? backPlan,
    readings: isRead ? { serving, 'after-failback': last } : { serving },
    events: [...(parts.drilled ?? journal()), ...events, ...(isRead ? [read] : [])],
  });
}

/** What was acknowledged by the old side in the last `ms` before the fault. */
export function lastBefore(ops: readonly Op[], ms: number): Op[] {
  const { faultStarted } = TIMES;
  return acknowledged(ops).filter(
    ({ done_ms }) => done_ms! <= faultStarted && done_ms! > faultStarted - ms,
  );
}
