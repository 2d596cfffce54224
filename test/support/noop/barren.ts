// A machine on which nothing can be brought up: what surrounds a run is seen without waiting for
// one.
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import type { SystemSource } from '../../../src/session/runtime-of.ts';

export function notUp(): Promise<never> {
  const [what, expected, found] = ['east/postgres', 'that it answers', 'nothing'];
  return Promise.reject(new EnvironmentError({ what, expected, found, hint: 'drill doctor' }));
}

/** As `source` of a run's options. */
export function barrenSource(): SystemSource {
  return { runtime: { up: notUp }, preflight: async () => {}, release: () => {} };
}
