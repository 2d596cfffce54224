// A burst of work in a container, and what of a processor it got. It needs a shell in the image,
// which all of them have.

/** Microseconds that the container has used, before and after; of either version of cgroups. */
const BURST = `
used() {
  if [ -r /sys/fs/cgroup/cpu.stat ]; then
    while read -r key value; do
      [ "$key" = usage_usec ] && echo "$value"
    done </sys/fs/cgroup/cpu.stat
  else
    echo $(($(cat /sys/fs/cgroup/cpuacct/cpuacct.usage) / 1000))
  fi
}
used
timeout "$1" sh -c 'while :; do :; done'
used
exit 0`;

/** The command that works for so long. */
export function burstOf(ms: number): readonly string[] {
  return ['sh', '-c', BURST, 'burst', String(ms / 1_000)];
}

/** By what that command printed; not a number where that makes no sense. */
export function shareIn(said: string, ms: number): number {
  const [before = NaN, after = NaN] = said.split(/\s+/).map(Number);
  return (after - before) / (1_000 * ms);
}
