// One look at a server of a system that somebody else runs.

/** `refuses`: it lets nobody in, or does nothing; `silent`: no answer came in time. */
export const SERVER_STATES = ['primary', 'standby', 'refuses', 'silent'] as const;
export type ServerState = (typeof SERVER_STATES)[number];

/** The check that is open where there is nobody whom the others could follow. */
export const TAKES_WRITES = 'a server takes writes';

const STATE_WORDS: Readonly<Record<ServerState, string>> = {
  primary: 'takes writes',
  standby: 'is a standby',
  refuses: 'lets nobody in',
  silent: 'is silent',
};

/** What each of them is, where none takes writes. */
export function unledWords(servers: readonly Pick<ServerLook, 'node' | 'state'>[]): string {
  const each = servers.map(({ node, state }) => `${node} ${STATE_WORDS[state]}`).join(', ');
  return servers.every(({ state }) => state === 'standby')
    ? `${each}, as after an undo that has the old primary follow one that nobody has promoted`
    : each;
}

/** By a write of drill's own where it is no standby. Times are on the run's clock. */
export interface ServerLook {
  /** `east/db1` */
  readonly node: string;
  readonly asked_ms: number;
  readonly answered_ms: number;
  readonly state: ServerState;
  /** On which it took the write, 0 where it does not tell; null: it took none. */
  readonly timeline: number | null;
  readonly detail: string;
}
