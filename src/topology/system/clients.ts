// What leads clients to regions.
import type { GslbState } from '../../gslb/protocol.ts';

export interface Gslb {
  readonly host: string;
  readonly port: number;
  /**
   * Moves clients: these regions may be answered from now on. Resolves when the answer is theirs.
   */
  serve(regions: readonly string[], signal?: AbortSignal): Promise<void>;
  state(): Promise<GslbState>;
  /** Resolves once the health checks hold the region to be down (at once if they do already). */
  untilDown(region: string, signal?: AbortSignal): Promise<{ at_ms: number; detail: string }>;
  isDown(region: string): boolean;
}

/** Whether anything takes connections behind a proxy, and what was seen. */
export interface Listening {
  readonly listens: boolean;
  readonly detail: string;
}
