// What a phase of the recovery went into, as far as the evidence proves it: a kind, and the numbers
// of it. Durations are milliseconds. Types follow from the forms, which results are read by.
import * as z from 'zod';
import { oneOf, type ValuesOf } from './planned.ts';

const text = z.string();
const number = z.number();

const KINDS = {
  /** So many failed checks in a row; the first that failed began `first_ms` after the fault. */
  'health-checks': {
    failures: number,
    every_ms: number,
    first_ms: number,
    /** How long each waited for an answer; 0: they were refused at once. */
    timeout_ms: number,
  },
  /** What nobody detects is declared once what injects the fault has ended. */
  'fault-injection': {},
  /** The GSLB stood still until so long after the fault (`lose-gslb`). */
  'gslb-lost': { until_ms: number },
  'declared-by-drill': {},
  'declared-after': { after_ms: number },
  'declared-by-operator': {},
  'declared-by-command': {},
  /** What was decided was held back. */
  'declared-late': { by_ms: number },
  step: { step: text },
  /** A step that failed and was tried again, with what lay between. */
  'step-tries': { step: text, tries: number },
  fence: { checks: number },
  /**
   * From the request to the first write that is taken. `replay_bytes`: received and not replayed
   * when it was asked; null: not known.
   */
  promotion: { node: text, asked: number, replay_bytes: number.nullable() },
  'backup-copy': { bytes: number.nullable() },
  'backup-check': { bytes: number.nullable() },
  'log-replay': {},
  'app-start': { node: text },
  /** An app that ran, until it found its database taking writes. */
  'app-ready': { region: text, instances: number },
  /** The GSLB would have answered the new region, and no client asked. */
  'no-question': { clients: number, ttl_ms: number },
  /** The GSLB would have answered the new region, and clients were told another (`stale-dns`). */
  'stale-answers': {},
  /**
   * Clients that went on with the answer of DNS that they had, in this phase until `held_ms` after
   * the answers had moved; `still` of them went on after the phase. `hung`: requests that went
   * unanswered until their timeout, of all `operations` that they sent.
   */
  'dns-cache': {
    clients: number,
    still: number,
    held_ms: number,
    ttl_ms: number,
    hung: number,
    operations: number,
  },
  errors: { region: text, operations: number },
  'slow-answers': { region: text, operations: number, within_ms: number },
  /** Requests of clients that had moved, unanswered until their timeout. */
  'hung-requests': { operations: number, timeout_ms: number },
  unsent: { operations: number },
  /** Nothing failed any more: the wait for the next answer. */
  'next-answer': {},
  /** Service was back before what the phase ends with. */
  'service-back': {},
} as const satisfies Record<string, z.ZodRawShape>;

type Kinds = typeof KINDS;

export type Cause = {
  readonly [K in keyof Kinds]: { readonly kind: K } & ValuesOf<Kinds[K]>;
}[keyof Kinds];

/** The largest cause of a phase; `ms` of the phase went into it. */
export type PhaseCause = Cause & { readonly phase: string; readonly ms: number };

const KIND_NAMES = Object.keys(KINDS) as (keyof Kinds)[];

export const phaseCause = oneOf(
  'kind',
  KIND_NAMES.map((kind) => {
    return z.looseObject({ kind: z.literal(kind), phase: text, ms: number, ...KINDS[kind] });
  }),
) as z.ZodType<PhaseCause>;
