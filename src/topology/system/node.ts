// One process or container of a region, as it can be seen from outside.

export interface NodeState {
  readonly node: string;
  readonly kind: 'postgres' | 'redis' | 'app';
  readonly host: string;
  readonly port: number;
  /** What can be seen of it from outside, without believing the call that changed it. */
  look(timeout_ms: number): Promise<NodeLook>;
  /** Its live processes, where they are processes of this machine; else empty. */
  pids(): readonly number[];
}

export interface NodeLook {
  readonly state: 'running' | 'frozen' | 'dead';
  readonly detail: string;
}
