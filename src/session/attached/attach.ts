// `drill attach` without its words: looks at a system of somebody's own, and writes the consent.
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isOwnPlan, type OwnPlan } from '../../drill/own-plan.ts';
import { makeConsent, writeSystemConsent } from '../../drill/consent/consent.ts';
import type { Allowed, SystemConsent } from '../../drill/attached/consent-form.ts';
import { hostClock } from '../../host/clock.ts';
import { sha256 } from '../../host/sha256.ts';
import { userWords } from '../../host/users.ts';
import { UserError } from '../../screen/user-error.ts';
import type { SystemFound, Tried } from '../../topology/attached/look-around.ts';
import { missingCommands } from '../commands.ts';
import type { ConsentRead } from '../consent/read-consent.ts';
import type { DrillRead } from '../read.ts';
import type { Surroundings } from '../session.ts';
import { ownConsent, requireConsent, requirePrimaryThere } from './consent.ts';

const DAY_MS = 86_400_000;

export interface Attached {
  readonly found: SystemFound;
  readonly consent: SystemConsent;
  readonly file: string;
  readonly sha256: string;
}

type Place = Pick<Surroundings, 'environment'>;

/** Only looks: nothing is made there, and no command is run but those that say who it is. */
export async function attachTo(
  read: DrillRead,
  { environment }: Place,
  { allow, days }: { readonly allow: readonly Allowed[]; readonly days: number },
): Promise<Attached> {
  const { plan, consent: before } = ownOf(read);
  const { file } = before;
  const { lookAround } = await import('../../topology/attached/look-around.ts');
  const found = await lookAround(plan, allow, environment);
  const now_ms = hostClock().wall();
  const agreed = {
    by: `${userWords()} on ${hostname()}`,
    at: new Date(now_ms).toISOString(),
    until: new Date(now_ms + days * DAY_MS).toISOString(),
    allow: [...new Set(allow)],
    system_identifier: found.identifier,
    identity: plan.attached.identity?.is ?? null,
  };
  const consent = makeConsent(plan, agreed, sha256);
  const text = writeSystemConsent(consent);
  requireOwn(plan, before, file);
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UserError(`the consent cannot be written: ${(error as Error).message}`, {
      hint: 'topology.guard.consent: a file that can be written',
    });
  }
  return { found, consent, file, sha256: sha256(text) };
}

/** A consent of another drill, which would go, was not given for this one. */
function requireOwn(plan: OwnPlan, consent: ConsentRead, file: string): void {
  const there = consent.consent?.drill;
  if (there === undefined || there === plan.name) return;
  throw new UserError(`${file} is the consent to the drill ${there}: it is left as it is`, {
    hint: ownConsent(plan),
  });
}

/** On the strength of the consent that is there; what only tells something is run, and no more. */
export async function dryRun(
  read: DrillRead,
  { environment }: Place,
  confirmed: string | null,
): Promise<readonly Tried[]> {
  const { plan } = ownOf(read);
  const met = await requireConsent(read, { environment }, confirmed);
  if (met !== null) await requirePrimaryThere(read, met);
  const { isTried, tryCommands } = await import('../../topology/attached/look-around.ts');
  const untried = missingCommands(read, { environment }, (command) => !isTried(command));
  const missing = untried.map(({ what, found: detail }) => ({ what, ok: false, detail }));
  return [...missing, ...(await tryCommands(plan, environment))];
}

/** Throws a `UserError` where drill makes the system itself. */
function ownOf({ plan, consent, file }: DrillRead) {
  if (isOwnPlan(plan) && consent !== undefined) return { plan, consent };
  throw new UserError(`${file}: expected a drill of a system of your own (runtime: attached)`, {
    hint: `drill run ${file} makes its system itself, and needs no consent`,
  });
}
