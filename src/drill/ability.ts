// What a system can be asked to do, by name. Faults and recoveries list what they need, a strategy
// and a runtime (`file/runtimes.ts`) what they give; `drill check` tells the difference.

/** The abilities, each as what somebody needs: `needs a way to disturb a link`. */
export const ABILITIES = {
  kill: 'a way to kill every process of a region',
  freeze: 'a way to let every process of a region stand still',
  'start-node': 'a way to end one node and start it again',
  'slow-node': 'a way to let a node have little of the processor',
  'limit-memory': 'a limit on the memory of a node',
  'bound-disk': 'a disk of bounded size for one node',
  'disturb-app': 'a way to have an app instance answer with errors, or late',
  'disturb-gslb': 'a way to let the GSLB stand still, or answer as before',
  isolate: 'a way to cut a region off the network',
  'disturb-links': 'a way to disturb a link',
  'destroy-disks': 'a way to take the disks of a region away',
  'open-dead-disk': 'a way to read the disk of a dead region',
  'disturb-stores': 'a way to disturb a store that runs',
  harm: 'a way to change rows behind the back of the clients',
  'scale-app': 'a way to start app instances',
  replication: 'a standby that follows the primary',
  promotion: 'a way to make a standby the primary',
  bidirectional: 'two regions that replicate to each other',
  backups: 'base backups and the log that follows them',
  archive: 'log that is archived, segment by segment',
  rebuild: 'a way to make a region anew from the other one',
  'own-data': 'databases that are filled before the drill',
  commands: 'commands of your own that are agreed to',
  'own-failover': 'a system of your own that fails over by itself, or by your commands',
} as const satisfies Readonly<Record<string, string>>;

export type Ability = keyof typeof ABILITIES;
