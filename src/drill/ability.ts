// What a system can be asked to do, by name. Faults and recoveries list what they need, a strategy
// and a runtime what they give; `drill check` tells the difference.

/** The abilities, each with what `drill check` says of whoever lacks it: "needs a way to …". */
export const ABILITIES = {
  kill: 'to kill every process of a region',
  freeze: 'to let every process of a region stand still',
  isolate: 'to cut a region off the network',
  'disturb-links': 'to disturb a link',
  'destroy-disks': 'to take the disks of a region away',
  'open-dead-disk': 'to read the disk of a dead region',
  harm: 'to change rows behind the back of the clients',
  'scale-app': 'to start app instances',
  replication: 'a standby that follows the primary',
  promotion: 'to make a standby the primary',
  bidirectional: 'two regions that replicate to each other',
  backups: 'base backups and the log that follows them',
  archive: 'log that is archived, segment by segment',
  rebuild: 'to make a region anew from the other one',
} as const satisfies Readonly<Record<string, string>>;

export type Ability = keyof typeof ABILITIES;
