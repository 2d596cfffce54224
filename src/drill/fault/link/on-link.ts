// What faults on a link have in common: which link, which way, what its parts notice of it.
import * as z from 'zod';
import { name } from '../../planned.ts';
import { linkDefault, linkSetting, NO_EFFECT, type Effect, type Surroundings } from '../fault.ts';

export const fromSetting = z
  .string()
  .optional()
  .describe('Only what comes from this end of the link: a region, or clients. Default: both ways.');

/** What a plan holds of a fault that can be one-way. */
export const way = {
  link: name,
  /** The end of the link whose words are hit; null: both. */
  from: name.nullable().default(null),
};

/** The parts of a definition that are the same for each of them. */
export const ON_LINK = {
  target: 'link',
  links: ({ link }: { readonly link: string }) => [link],
  needs: () => ['disturb-links'] as const,
  defaults: (_: unknown, around: Surroundings) => linkDefault(around),
  ends: 'It ends after so long. Default: after the recovery.',
} as const;

export const ONE_LINK = { link: linkSetting };

/** Of a link on which some of it arrives, or all of it later: a health check may pass. */
export function disturbed(): Effect {
  return { ...NO_EFFECT, service: 'degraded' };
}

/** `, what comes from east`; empty where it is both ways. */
export function oneWay(from: string | null): string {
  return from === null ? '' : `, what comes from ${from}`;
}

/** For a comparison of drills. */
export function wayWords(from: string | null): string[] {
  return from === null ? [] : [`from ${from}`];
}
