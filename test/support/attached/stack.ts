// A real pair of PostgreSQL servers as users run them, brought up on loopback for a test: nothing
// that drill has made, and it knows them from outside only. Whatever is done to them is a command
// without a shell, as it stands in a drill file.

/** `east/db1` is the primary first. */
export type NodeName = 'east/db1' | 'west/db2';

/**
 * `node`: its daemon, its postmaster and all backends at once. `postgres`: all but the daemon.
 * `daemon`: the daemon alone; PostgreSQL lives on. `freeze`: all of them stand still.
 */
export type How = 'node' | 'postgres' | 'daemon' | 'freeze';

export type Argv = readonly [program: string, ...args: string[]];

export interface Stack {
  readonly directory: string;
  /** As a role of drill's own, without any right beyond what a drill needs. */
  readonly databases: Readonly<Record<NodeName, string>>;
  /** As the superuser. */
  readonly admins: Readonly<Record<NodeName, string>>;
  /** The way of the users in, where there is one before the servers. */
  readonly clients: string | null;
  /** Prints the name of the primary, by the word of what manages it. */
  readonly primary: Argv;
  /** Where each node says by HTTP whether it is the primary: 200 on one. */
  readonly primaryUrls: Readonly<Record<NodeName, string>> | null;
  readonly settings: Argv;
  lose(how: How, node?: NodeName): Argv;
  /** The node goes on where it was frozen, and nothing else is done to it. */
  thaw(node?: NodeName): Argv;
  /** The node is one of the pair again: it follows where the other one has taken over. */
  undo(node?: NodeName): Argv;
  /** The dead-man's switch of `undo`, and its end. */
  arm(seconds: number, node?: NodeName): Argv;
  disarm(node?: NodeName): Argv;
  /** As planned, without loss. */
  switchOver(to?: NodeName): Argv;
  /** Another verb of its script. */
  command(verb: string, ...args: string[]): Argv;
  /** Resolves once nothing of it is left on the machine. */
  down(): Promise<void>;
}
