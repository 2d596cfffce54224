// lose-region: a whole region is lost at once. It is killed, its network goes silent while its
// processes live, or all of it stands still.
import * as z from 'zod';
import { defineFault, NO_EFFECT, regionSetting, type Effect } from './fault.ts';

export const LOSS_WAYS = ['kill', 'partition', 'freeze'] as const;
export type LossWay = (typeof LOSS_WAYS)[number];

const REGION = { kill: 'dead', partition: 'isolated', freeze: 'frozen' } as const;
const PHRASE: Readonly<Record<LossWay, string>> = {
  kill: 'every process of the region is killed at once and its links are cut',
  partition: 'the network of the region goes silent, its processes live',
  freeze: 'every process of the region stands still, its links stay up',
};

const disks = z.enum(['kept', 'destroyed']);

export const loseRegion = defineFault({
  summary: 'a whole region at once: its processes killed, its network cut off, or all of it frozen',
  proof: 'Each node is looked at (dead, frozen, or running and cut off), each link is tried.',
  target: 'region',
  settings: {
    region: regionSetting,
    how: z
      .enum(LOSS_WAYS)
      .default('kill')
      .describe(
        'kill: SIGKILL to every process, links down. partition: its network goes silent, its ' +
          'processes live. freeze: its processes stand still, its links stay up.',
      ),
    disks: disks
      .optional()
      .describe('The disks of a killed region. Default: kept; destroyed with backup-restore.'),
  },
  planned: { how: z.enum(LOSS_WAYS), disks },
  ends: 'partition and freeze end after so long. Default: after the recovery.',
  plan: ({ how, disks }, { hasBackups }) => {
    return { how, disks: disks ?? disksAfter(how, hasBackups) };
  },
  effect: ({ how, disks }): Effect => ({
    ...NO_EFFECT,
    service: 'lost',
    region: REGION[how],
    disks: how === 'kill' ? disks : 'kept',
    seenByChecks: true,
    heals: how !== 'kill',
  }),
  needs: ({ how, disks }) => {
    if (how === 'partition') return ['isolate'];
    if (how === 'freeze') return ['freeze'];
    return disks === 'destroyed' ? ['kill', 'destroy-disks'] : ['kill'];
  },
  // The heal of a kill ends nothing, and what is cut off can be ended as it is.
  holds: ({ how }, region) => (how === 'freeze' ? region : null),
  phrase: ({ how, disks }) =>
    disks === 'destroyed' ? `${PHRASE[how]}; its disks are gone` : PHRASE[how],
  words: ({ how, disks }) =>
    how === 'kill' && disks === 'destroyed' ? [how, 'disks destroyed'] : [how],
  variant: ({ how }) => how,
  defaults: ({ how }, { hasBackups, strategy }) => {
    const why = how === 'kill' ? `with ${strategy}` : 'what lives on keeps them';
    return { disks: { value: disksAfter(how, hasBackups), why } };
  },
  problems: ({ how, disks, for: lasts_ms }) => {
    if (how === 'kill' && lasts_ms !== undefined) {
      const message = 'what is killed stays dead; with for, say how: partition or how: freeze';
      return [{ key: 'for', message }];
    }
    if (how === 'kill' || disks !== 'destroyed') return [];
    return [{ key: 'disks', message: `how: ${how} leaves the region alive, with its disks` }];
  },
});

/** A region that is restored from backups lost its disks with its power; else they are asked. */
function disksAfter(how: LossWay, hasBackups: boolean): 'kept' | 'destroyed' {
  return how === 'kill' && hasBackups ? 'destroyed' : 'kept';
}
