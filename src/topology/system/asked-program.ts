// A program that a run stands on, as far as it is asked whether it gets to run.
import type { Stall } from '../../host/stalls.ts';

/** A program of drill's own, or the proxy server, that is asked whether it gets to run. */
export interface AskedProgram {
  /** `gslb`, `proxy`, `east/app-1` */
  readonly name: string;
  /**
   * When it stood still, on CLOCK_MONOTONIC; null: it keeps no such times, and its answer alone
   * says something. Nothing comes while it stands still; rejects where it is gone.
   */
  ask(signal: AbortSignal): Promise<readonly Stall[] | null>;
  /** Whether silence says that it stands still: nothing that a fault breaks lies in between. */
  readonly isDirect: boolean;
}
