// The consent to drill a system of somebody's own, held against what is to be run and against what
// is really there, before anything is begun.
import { isOwnPlan, type OwnPlan } from '../../drill/own-plan.ts';
import { differencesFrom, type Difference } from '../../drill/consent/consent.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { hostClock } from '../../host/clock.ts';
import { shellWord } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import type { Met } from '../../topology/attached/meet.ts';
import type { ConsentRead } from '../consent/read-consent.ts';
import type { DrillRead } from '../read.ts';
import type { Surroundings } from '../session.ts';

/** In the environment: the hash of the consent, where nobody types the name of the drill. */
const CONFIRMED = 'DRILL_CONSENT';

type Place = Pick<Surroundings, 'directory' | 'environment'>;

/**
 * Throws a `UserError` where the drill is of somebody's own system and not what they agreed to.
 * `confirmed`: the name of the drill, as somebody has typed it; null: nobody has. Resolves to whom
 * this machine speaks to; null: drill makes the system.
 */
export async function requireConsent(
  drill: DrillRead,
  { environment }: Pick<Place, 'environment'>,
  confirmed: string | null,
): Promise<Met | null> {
  const { plan, consent: read } = drill;
  if (!isOwnPlan(plan)) return null;
  if (read === undefined)
    throw new Error('nobody looked for a consent to a system of somebody’s own');
  const { consent, problem } = read;
  const attach = `drill attach ${shellWord(drill.file)}`;
  if (consent === null) {
    throw new UserError(`${plan.name}: expected a consent in ${read.file}: ${problem}`, {
      hint: `${attach}, which only looks, and writes it`,
    });
  }
  const refuse = ({ point, expected, found }: Difference): never => {
    const what = `${plan.name} is not what ${consent.by} agreed to in ${read.file}`;
    throw new UserError(`${what}: ${point}: expected ${expected}, found ${found}`, {
      hint:
        consent.drill === plan.name
          ? `${attach}, which looks again, and writes a new consent`
          : `${ownConsent(plan)}, then ${attach}: each drill has a consent of its own`,
    });
  };
  const [first] = differencesFrom(consent, plan, hostClock().wall());
  if (first !== undefined) refuse(first);
  requireConfirmed(drill, read, environment, confirmed);
  // What follows speaks to the system: the drivers are loaded now, and for such drills alone.
  const { meetAgreed } = await import('../../topology/attached/meet.ts');
  const found = await meetAgreed(plan.attached, environment);
  return 'point' in found ? refuse(found) : found;
}

/** The line of a drill file by which its consent is no other drill's. */
export function ownConsent({ name }: OwnPlan): string {
  return `topology.guard.consent: ${name}-consent.yaml`;
}

/** Throws an `EnvironmentError` where a run before has left the primary elsewhere. */
export async function requirePrimaryThere({ plan }: DrillRead, { primary }: Met): Promise<void> {
  if (!isOwnPlan(plan)) return;
  const { primaryElsewhere } = await import('../../topology/attached/rails/place.ts');
  const elsewhere = primaryElsewhere(plan, primary.server.node);
  if (elsewhere !== null) throw new EnvironmentError(elsewhere);
}

/** That this drill is meant: its name was typed, or its consent is named by its hash. */
function requireConfirmed(
  { plan }: DrillRead,
  { sha256: hash }: ConsentRead,
  environment: Place['environment'],
  confirmed: string | null,
): void {
  const named = (environment[CONFIRMED] ?? '').split(',').map((each) => each.trim());
  if (confirmed === plan.name || named.includes(hash!)) return;
  const found =
    confirmed !== null
      ? `--confirm ${confirmed}`
      : environment[CONFIRMED] === undefined
        ? 'neither'
        : `${CONFIRMED}=${environment[CONFIRMED]}`;
  const expected = `its name typed, or ${CONFIRMED}, since it breaks a system of your own`;
  throw new UserError(`${plan.name}: expected ${expected}; found ${found}`, {
    hint: `--confirm ${shellWord(plan.name)}; where nobody types: ${CONFIRMED}=${hash}`,
  });
}
