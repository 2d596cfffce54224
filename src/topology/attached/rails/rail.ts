// A safety rail: what is looked at before drill makes anything in a system of somebody's own, and
// what to type where it refuses.
import type { Allowed } from '../../../drill/attached/consent-form.ts';
import type { OwnPlan } from '../../../drill/own-plan.ts';
import type { Ground } from '../../../postgres/own/ground.ts';
import type { Traffic } from '../../../postgres/own/traffic.ts';

/** One server, as the rails see it. */
export interface Grounded extends Ground {
  readonly node: string;
  readonly isPrimary: boolean;
  /** What others than drill do there; null: nobody has counted it. */
  readonly traffic: Traffic | null;
}

export interface Facts {
  readonly plan: OwnPlan;
  readonly servers: readonly Grounded[];
}

/** Why a drill is refused. */
export interface Refusal {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;
}

export interface Rail {
  readonly name: string;
  /** A consent that allows this lets everything pass; null: none can. */
  readonly allowedBy: Allowed | null;
  /** Null: there is nothing to refuse. */
  readonly find: (facts: Facts) => Refusal | null;
  /** Left out: what it goes by is always asked for. */
  readonly isBlind?: (facts: Facts) => boolean;
}

/** What a rail came to; `refusal` null: it lets the drill pass. */
export interface RailSeen {
  readonly name: string;
  readonly refusal: Refusal | null;
  /** There was something, and the consent allows it. */
  readonly isAllowed: boolean;
  /** False: what it goes by was not asked for, so that it has said nothing. */
  readonly isLookedAt: boolean;
}

/** The first server of which something is wrong. */
export function firstOf(
  { servers }: Facts,
  refusalOf: (server: Grounded) => Refusal | null,
): Refusal | null {
  for (const server of servers) {
    const refusal = refusalOf(server);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** As it is typed in a statement. */
export function sqlName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
