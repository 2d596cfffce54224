// Marks of the steps of somebody's own recovery: each says which phase ends with its step. It ends
// where drill sees the same, by looks that begin as soon as the step has ended; no step waits for
// them. The step's own end would be a word alone: a later step may have done it by the first look.
import { regionOf } from '../../base/node-name.ts';
import type { StepMark } from '../../drill/recovery/by-hand.ts';
import type { ServerLook } from '../../evidence/events/server-look.ts';
import type { StepFacts } from '../../recovery/procedure.ts';
import type { OwnSystem } from '../../topology/system/own.ts';
import type { System } from '../../topology/system/system.ts';
import { beforeDeadline } from '../frame/before-deadline.ts';
import { asBug, type RunContext } from '../frame/context.ts';

/** For the next look at each server, of which one may answer nothing. */
const LOOK_AT_MOST_MS = 5_000;

interface Sight {
  readonly ok: boolean;
  readonly detail: string;
  /** When it was seen. */
  readonly at_ms: number;
}

interface Asked {
  readonly own: OwnSystem;
  readonly now: () => number;
  readonly lost: string;
  readonly ended_ms: number;
  readonly signal: AbortSignal;
}

export class StepMarks {
  readonly #run: RunContext;
  readonly #system: System;
  readonly #lost: string;
  readonly #looks: Promise<void>[] = [];

  /** `lost`: the region that the system fails over from. */
  constructor(run: RunContext, system: System, lost: string) {
    this.#run = run;
    this.#system = system;
    this.#lost = lost;
  }

  /** Looks beside the steps that follow. */
  ended({ step, mark }: NonNullable<StepFacts['marked']>, ended_ms: number): void {
    const { own } = this.#system;
    if (own === null) throw new Error('a mark of a step is for a system of somebody’s own');
    const run = this.#run;
    const look = async () => {
      const sight = await beforeDeadline(run, ended_ms + LOOK_AT_MOST_MS, (signal) =>
        SIGHTS[mark]({ own, now: () => run.clock.now(), lost: this.#lost, ended_ms, signal }),
      );
      const { at_ms, ...seen } = sight ?? { ...UNSEEN, at_ms: run.clock.now() };
      run.emit('step.marked', { step, mark, ...seen }, at_ms);
    };
    const looking = look();
    looking.catch((bug: unknown) => run.signal.aborted || run.fail(asBug(bug)));
    this.#looks.push(looking);
  }

  /** Resolves once all that was marked was looked at. */
  async over(): Promise<void> {
    await Promise.all(this.#looks);
  }
}

const UNSEEN = { ok: false, detail: 'no look at it was over in time' } as const;

const SIGHTS: Readonly<Record<StepMark, (asked: Asked) => Promise<Sight>>> = {
  fenced: async ({ own, lost, ended_ms, signal }) =>
    await own.until((picture) => {
      const there = picture.filter(({ node }) => regionOf(node) === lost);
      if (!areSince(there, ended_ms)) return null;
      // One that says nothing to drill may take writes of others.
      const isFenced = ({ state }: ServerLook) => state !== 'primary' && state !== 'silent';
      return { ok: there.every(isFenced), ...inWords(there) };
    }, signal),
  writable: async ({ own, lost, ended_ms, signal }) =>
    await own.until((picture) => {
      const others = picture.filter(({ node }) => regionOf(node) !== lost);
      const taking = others.filter(
        ({ state, asked_ms }) => state === 'primary' && asked_ms >= ended_ms,
      );
      if (taking.length > 0) return { ok: true, ...inWords(taking.slice(0, 1)) };
      return areSince(others, ended_ms) ? { ok: false, ...inWords(others) } : null;
    }, signal),
  redirected: async ({ own, now, lost, signal }) => {
    const { node, detail } = await own.leadsTo(signal);
    return { ok: node !== null && regionOf(node) !== lost, detail, at_ms: now() };
  },
};

function areSince(looks: readonly ServerLook[], since_ms: number): boolean {
  return looks.every(({ asked_ms }) => asked_ms >= since_ms);
}

/** What they saw, and when the last of them had. */
function inWords(looks: readonly ServerLook[]): Pick<Sight, 'detail' | 'at_ms'> {
  return {
    detail: looks.map(({ node, detail }) => `${node}: ${detail}`).join('; '),
    at_ms: Math.max(...looks.map(({ answered_ms }) => answered_ms)),
  };
}
