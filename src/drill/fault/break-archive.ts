// break-archive: the archive command fails from now on. No client notices, nothing stops, and what
// could be restored grows older.
import { defineFault, NO_EFFECT } from './fault.ts';

export const breakArchive = defineFault({
  summary: 'archiving fails from now on, and nobody is told: the log stays with the primary',
  proof: 'The primary counts that a segment of log, ended for this, could not be archived.',
  target: 'primary',
  settings: {},
  planned: {},
  ends: 'It works again after so long. Default: after the recovery.',
  holds: () => 'the broken archive',
  plan: () => ({}),
  effect: () => NO_EFFECT,
  needs: () => ['backups', 'archive'],
  phrase: () => 'the archive command fails from now on, and nobody is told',
  words: () => [],
});
