// The events of a run: one line each in `journal.ndjson`, and what reporters are told. Names are
// `thing.happened`. `t` is milliseconds since the run's origin, which all programs of the run
// share. Their types follow from the schemas that they are read by.
import * as z from 'zod';
import { chosenBaseline } from '../drill/baseline.ts';
import { todaysKind } from '../drill/fault/registry.ts';
import { PHASES, type Phase } from '../drill/plan/budget.ts';
import { count, type Frozen } from '../drill/planned.ts';
import { roleWritten, STORES, WRITTEN_STORES } from '../drill/stores.ts';
import { filled, filling, restored } from './events/fill.ts';
import { endpoint, keptNode, nodeUsage, writable } from './events/node.ts';
import { confirmed, held, released } from './events/operator.ts';
import {
  bitten,
  followed,
  marked,
  overlapped,
  serverSeen,
  sought,
  watchEnded,
} from './events/own.ts';
import { sample } from './events/sample.ts';
import { markerWritten, survivorsRead } from './events/survivors.ts';
import { sealedFile } from './seal.ts';
import { released as standbyReleased, required, standing } from './events/standby.ts';
import { described, machine, witnessed } from './events/surroundings.ts';
export { PHASES, type Phase };

const text = z.string();
const texts = z.array(text);
const flag = z.boolean();
/** As it was measured: a difference of two clocks or positions can be below zero. */
const number = z.number();
const phase = z.enum(PHASES);
/** A file names a store by its engine, code by its role. */
const writtenStore = z.enum(WRITTEN_STORES).transform((written) => roleWritten(written)!);
/** A journal of before there was a second store names none. */
const store = writtenStore.prefault(STORES.orders.written);
/** By its name of today. */
const faultKind = text.transform((kind): string => todaysKind(kind));

const check = z.strictObject({ name: text, ok: flag, detail: text });

/** What a second look at a fault saw of it; `ok` null: it could not be looked at. */
const look = z.strictObject({ name: text, ok: flag.nullable(), detail: text });

/** A check of a store that serves, by itself or by the runner. */
const verification = check.extend({
  /** `harm`: the data is harmed. Absent, as in older journals: the count is in doubt. */
  proves: z.literal('harm').exactOptional(),
});

/** What the first line of a journal says that it is. */
export const JOURNAL_FORMAT = 'drill.journal/1';

/** The bodies of events, by name. Everything in here ends up on disk: no secrets. */
export const EVENTS = {
  'run.started': {
    /** The version of the journal's format; absent in journals of before it had one. */
    schema: z.literal(JOURNAL_FORMAT).exactOptional(),
    id: text,
    name: text,
    at: text,
    origin_ms: number,
    drill_version: text,
    /** Of `plan.json` and `drill.yaml`; absent in journals of old versions. */
    plan_sha256: text.exactOptional(),
    drill_sha256: text.exactOptional(),
  },
  /** What drill runs on, as it is when the run begins; absent in journals of old versions. */
  'machine.described': machine,
  'baseline.chosen': chosenBaseline,
  /** A first run's one-off work and other things worth a line. */
  'run.noted': { text, about: z.literal('salvage').exactOptional() },
  'phase.started': { phase, at_most_ms: number },
  'phase.ended': { phase, ms: number },
  'node.started': { node: text, pid: count, ms: number },
  'node.ended': { node: text, reason: text, expected: flag },
  'topology.up': {
    runtime: text,
    postgres: text,
    proxy: text,
    settings: z.record(text, text),
    endpoints: z.array(endpoint),
    nodes: texts,
  },
  /**
   * Of a trial: its regions are made in the place that an earlier trial had (`kept`), which `by` is
   * the run directory of; or in one of their own, and why.
   */
  'regions.placed': { kept: flag, by: text.nullable(), why: text },
  /** The run works with a system that the run `run` brought up, which stays up afterwards. */
  'system.claimed': { run: text },
  /** Rows that earlier drills had left in the stores are gone. */
  'stores.emptied': { rows: count },
  'data.filling': filling,
  'data.filled': filled,
  'seed.written': { store, rows: count },
  'warm-up.ended': { settled: flag, ms: number, p99_ms: number.nullable() },
  'steady.started': {},
  'steady.ended': {},
  /** At the beginning and at the end of the steady phase. */
  'usage.sampled': {
    nodes: z.array(nodeUsage),
    /** Sent from one region to the other since the system came up; null: not known. */
    replicated_bytes: number.nullable(),
  },
  /** What a store of a serving region is and holds at the end of the steady phase. */
  'store.described': { store, ...described },
  /** A base backup in the other region's repository, checked against its manifest. */
  'backup.taken': { name: text, files: count, bytes: number, ms: number, lsn: text },
  'backup.failed': { reason: text },
  /** The repository receives the primary's log; what it had before went up to `lsn`, null: none. */
  'wal.streaming': { lsn: text.nullable() },
  /** No log comes to the repository that receives it. */
  'wal.broken': { reason: text },
  /** What losing the region now would lose; null: cannot be said. */
  'exposure.previewed': {
    region: text,
    bytes: number.nullable(),
    ms: number.nullable(),
    detail: text,
    /** Synchronous: log that waits for the other region, of which nobody was told yet. */
    waiting: z.strictObject({ bytes: number, region: text }).exactOptional(),
  },
  'preflight.checked': { checks: z.array(check) },
  /** The safety rails of a system of somebody's own, before anything is made in it. */
  'rails.looked': { checks: z.array(check) },
  'workload.started': { store, scheduled_from_ms: number },
  /** `standby`: where commits wait for one, as far as it could be asked. */
  'workload.sampled': {
    ...sample,
    store,
    lag_bytes: number.nullable(),
    standby: standing.exactOptional(),
  },
  'fault.started': { index: count, kind: faultKind, region: text, disaster: flag },
  'fault.injected': { index: count, detail: text },
  /** An operator's mistake: what it did, and the position of the log just before it. */
  'data.harmed': { statement: z.enum(['delete', 'update']), rows: count, lsn: text, name: text },
  /** Whether a restored database has again what the mistake had harmed. */
  'data.verified': { rows: count, ok: flag, detail: text },
  /** What a fault waited for; `found` null: it did not come. */
  'fault.awaited': { index: count, condition: text, found: text.nullable() },
  /** An independent probe saw the effect, or did not. */
  'fault.proved': { index: count, ok: flag, checks: z.array(check) },
  'fault.seen': bitten,
  /** Once more: before the next fault, before its heal, or at the end. */
  'fault.looked': { index: count, checks: z.array(look) },
  /** Whether the links are still as slow as the plan has them, at the end. */
  'links.looked': { checks: z.array(look) },
  /** `by`: what ended it; `gone`: what was not there any more; absent in old journals. */
  'fault.healed': { index: count, by: z.enum(['schedule', 'end']), gone: texts.exactOptional() },
  /** What was broken may still be so. */
  'heal.failed': { index: count, reason: text },
  /** By a witness that did not do it (an engine, by its own events); `t` is within `error_ms`. */
  'node.witnessed': { node: text, action: witnessed, error_ms: number },
  'region.down': { region: text, detail: text },
  'region.up': { region: text },
  /** A region that was lost is there again, on the disks that it had. */
  'region.returned': { region: text, ms: number },
  /** The lost region follows the serving one again. */
  'region.protected': {
    region: text,
    how: z.enum(['rewound', 'cloned', 'followed', 'returned', 'rebuilt']),
    ms: number,
  },
  /** Commits wait for the synchronous standby no more; and again. */
  'standby.released': standbyReleased,
  'standby.required': required,
  /** A planned move of service, without loss. */
  'switchover.started': { from: text, to: text },
  'switchover.ended': {},
  /** A row that two serving databases hold differently, both values as text. */
  'row.diverged': { table: text, key: text, values: z.record(text, text.nullable()) },
  /** The serving databases compared; `differing` counts rows that are not listed too. */
  'convergence.checked': { rows: count, differing: count, ok: flag, detail: text },
  /** Rows of the dead disk that the serving database lacks; they are in `salvage.ndjson`. */
  'rows.salvaged': { rows: count },
  'operator.asked': { question: text, order: text },
  /** The run waits, under its load, before what comes next. */
  'run.held': held,
  /** `step`: it is held again before what comes after. */
  'run.released': released,
  'disaster.declared': { by: text },
  'disaster.undeclared': { reason: text },
  'recovery.started': { with: text, steps: texts },
  'step.started': { step: text },
  /** A person says that it is done. */
  'step.confirmed': confirmed,
  /** Drill saw it, so long after it was said to be done. */
  'step.seen': { step: text, ms: number },
  'step.ended': { step: text, ms: number },
  /** When drill had looked at what the step says that it ends. */
  'step.marked': marked,
  /** `ms`: what the try took; absent in old journals. `goes_on`: it is tried again, or overcome. */
  'step.failed': {
    step: text,
    reason: text,
    ms: number.exactOptional(),
    goes_on: z.literal(true).exactOptional(),
  },
  'recovery.finished': {},
  /** What of it still lived when the fence came, as far as this machine's processes tell. */
  'fence.found': { region: text, running: texts, frozen: texts },
  'fence.proved': { checks: z.array(check) },
  /** Whether it still holds, after each heal and at the end. */
  'fence.checked': { checks: z.array(check) },
  /** The links that shut the region out are open again; `gone`: what of it was open already. */
  'fence.lifted': { region: text, gone: texts },
  'promote.sent': { node: text, again: flag },
  'database.writable': writable,
  /** A restore from a base backup and the log after it, and how long each part took. */
  'database.restored': restored,
  'app.ready': { region: text, instances: count },
  /** The GSLB's first answer without the lost region. */
  'gslb.redirected': { region: text },
  /** The first client that a fault let have an older answer: the nodes in it, and those due. */
  'gslb.withheld': { told: texts, due: texts },
  'service.sustained': { rto_ms: number },
  'service.missing': { reason: text },
  'workload.stopped': { store },
  'workload.drained': { store, in_flight: count },
  /** What a look at a server of somebody's own saw, where that was another thing before. */
  'server.seen': serverSeen,
  'servers.followed': followed,
  /** Each of the two took a write between writes that the other one took; told as it lasts. */
  'primaries.overlapped': overlapped,
  /** What the looks at the servers of somebody's own took of them, from the first to the last. */
  'watch.ended': watchEnded,
  /** Which servers have the marker, besides the one that serves. */
  'marker.sought': { store, ...sought },
  'marker.written': { store, ...markerWritten },
  'survivors.read': { store, ...survivorsRead },
  /** `node`: which one was looked at; absent where it is not one node. */
  'verification.checked': {
    checks: z.array(verification),
    store: writtenStore.exactOptional(),
    node: text.exactOptional(),
  },
  /** The runner itself did not get to run for so long (stopped, starved, suspended). */
  'runner.stalled': { ms: number },
  /**
   * A program of drill, or the proxy server, did not get to run for so long, up to the time of
   * the event. `silent`: it had still not answered by then.
   */
  'program.stalled': { program: text, ms: number, silent: z.literal(true).exactOptional() },
  'clock.jumped': { ms: number },
  'evidence.damaged': { file: text, problem: text },
  /** What the run's numbers come from besides the journal, as it is at the end. */
  'evidence.closed': { files: z.array(sealedFile) },
  'system.kept': { nodes: z.array(keptNode) },
  'cleanup.ended': { clean: flag, left: texts, ms: number },
  'run.interrupted': { by: text },
  /** The run was stopped because it took longer than it may: inconclusive. */
  'run.limited': { reason: text },
  'run.stopped': { condition: text, found: text, verdict: z.enum(['inconclusive', 'fail']) },
  /** The system could not be brought up: exit code 4. `log` is the end of its log. */
  'environment.failed': {
    what: text,
    expected: text,
    found: text,
    hint: text,
    log: texts,
    /** The machine ran out of something: nothing since then proves anything of the system. */
    machine: z.literal(true).exactOptional(),
  },
  /** A bug in drill: exit code 70. */
  'internal.failed': { message: text, stack: text },
  'run.finished': { wall_ms: number },
  /** The last line: what `result.json` was when it was written. No result depends on it. */
  'result.written': { sha256: text },
} as const satisfies Record<string, z.ZodRawShape>;

export type Endpoint = Frozen<z.output<typeof endpoint>>;
export type WorkloadSample = Frozen<z.output<z.ZodObject<typeof sample>>>;
export type CheckResult = Frozen<z.output<typeof check>>;
export type LookResult = Frozen<z.output<typeof look>>;
export type VerificationResult = Frozen<z.output<typeof verification>>;
export type KeptNode = Frozen<z.output<typeof keptNode>>;
export type StandbySeen = Frozen<z.output<typeof standing>>;
export type NodeUsage = Frozen<z.output<typeof nodeUsage>>;

export type EventName = keyof typeof EVENTS;

export type EventBodies = { [N in EventName]: BodyOf<(typeof EVENTS)[N]> };

type BodyOf<S extends z.ZodRawShape> = keyof S extends never
  ? Record<never, never>
  : FrozenKeys<z.output<z.ZodObject<S>>>;

type FrozenKeys<T> = { readonly [K in keyof T]: Frozen<T[K]> };

/** A union over all names: `event.event === 'fault.started'` narrows the body. */
export type RunEvent = { [N in EventName]: { t: number; event: N } & EventBodies[N] }[EventName];

/** Records an event at the time of the call, or at `t` when it happened earlier. */
export type Emit = <N extends EventName>(name: N, body: EventBodies[N], t?: number) => void;
