// The stated capacity of an app instance: so many requests a second, with room for a short burst.

const BURST_S = 0.25;

/** Takes one token at `now_ms`; false when none is left. */
export type TakeToken = (now_ms: number) => boolean;

/** A bucket that starts full and holds a quarter of a second's tokens, at least 1. */
export function tokenBucket(capacity_per_s: number): TakeToken {
  const most = Math.max(1, capacity_per_s * BURST_S);
  let tokens = most;
  let last_ms: number | null = null;
  return (now_ms) => {
    const passed_ms = last_ms === null ? 0 : Math.max(0, now_ms - last_ms);
    tokens = Math.min(most, tokens + (passed_ms * capacity_per_s) / 1000);
    last_ms = now_ms;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
