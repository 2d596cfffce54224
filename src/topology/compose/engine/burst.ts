// A burst of work in a container, and what of a processor it got. It needs a shell in the image,
// which all of them have.

/**
 * Microseconds that the container has used and how often its limit held it back, before and after;
 * of either version of cgroups.
 */
const BURST = `
stat=/sys/fs/cgroup/cpu.stat
[ -r "$stat" ] || stat=/sys/fs/cgroup/cpu/cpu.stat
of() {
  while read -r key value; do
    [ "$key" = "$1" ] && echo "$value"
  done <"$stat"
}
used() {
  usage=$(of usage_usec)
  echo "\${usage:-$(($(cat /sys/fs/cgroup/cpuacct/cpuacct.usage) / 1000))}"
  of nr_throttled
}
used
timeout "$1" sh -c 'while :; do :; done'
used
exit 0`;

/** The command that works for so long. */
export function burstOf(ms: number): readonly string[] {
  return ['sh', '-c', BURST, 'burst', String(ms / 1_000)];
}

/**
 * By what that command printed; not a number where that makes no sense. What its limit has not held
 * back may have all: what it lacks others had, on a machine that is busy.
 */
export function shareIn(said: string, ms: number): number {
  const [before = NaN, heldBefore = NaN, after = NaN, heldAfter = NaN] = said
    .split(/\s+/)
    .map(Number);
  if (heldAfter === heldBefore) return 1;
  return heldAfter > heldBefore ? (after - before) / (1_000 * ms) : NaN;
}
