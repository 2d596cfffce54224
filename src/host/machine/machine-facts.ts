// What a run is measured on: the machine as the system tells of it, and what a container is allowed
// of it. Numbers from two machines are no comparison of two designs.
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

export interface MachineFacts {
  /** Those that drill may run on. */
  readonly cores: number;
  /** `AMD EPYC 7B13`; empty where the system does not say. */
  readonly processor: string;
  readonly memory_bytes: number;
  /** `Debian GNU/Linux 12 (bookworm)`; the kernel's name where the system has no other. */
  readonly system: string;
  /** `Linux 6.1.0-18-amd64` */
  readonly kernel: string;
  /** Processes that ran or waited for a core, over the last minute. */
  readonly load: number;
  /** What the container that drill runs in is held to; a key that is not there: no limit. */
  readonly limits: { readonly cores?: number; readonly memory_bytes?: number };
  /** `Europe/Berlin`, or `UTC+01:00` where it has no name; and its minutes ahead of UTC now. */
  readonly zone: string;
  readonly zone_min: number;
}

/** Never throws: what the system does not tell is empty or absent. */
export function machineFacts(wall_ms: number): MachineFacts {
  const memory_bytes = totalmem();
  const zone_min = 0 - new Date(wall_ms).getTimezoneOffset();
  return {
    cores: availableParallelism(),
    processor: (cpus()[0]?.model ?? '').replaceAll(/\s+/g, ' ').trim(),
    memory_bytes,
    system: systemName(textOf('/etc/os-release')) ?? type(),
    kernel: `${type()} ${release()}`,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    limits: limitsOf(textOf, memory_bytes),
    zone: zoneName(zone_min),
    zone_min,
  };
}

/** `TZ=:/etc/localtime` and `TZ=UTC-3` are zones without a name, whatever the types say. */
function zoneName(ahead_min: number): string {
  const named = Intl.DateTimeFormat().resolvedOptions().timeZone as string | undefined;
  if (named !== undefined) return named;
  const [hours, minutes] = [Math.trunc(Math.abs(ahead_min) / 60), Math.abs(ahead_min) % 60];
  const digits = [hours, minutes].map((each) => String(each).padStart(2, '0')).join(':');
  return `UTC${ahead_min < 0 ? '-' : '+'}${digits}`;
}

/** The line of `/etc/os-release` for people; null where there is none. */
export function systemName(text: string | null): string | null {
  const said = /^PRETTY_NAME=(.*)$/m.exec(text ?? '')?.[1];
  const name = said?.replaceAll(/^["']|["']$/g, '').trim() ?? '';
  return name === '' ? null : name;
}

/** Of the control group: version 2 first, then version 1. `read` gives a file's text, or null. */
export function limitsOf(
  read: (file: string) => string | null,
  memory_bytes: number,
): MachineFacts['limits'] {
  const [quota, period] = (read('/sys/fs/cgroup/cpu.max') ?? oldQuota(read)).trim().split(/\s+/);
  const cores = Number(quota) / Number(period);
  const most = Number(
    read('/sys/fs/cgroup/memory.max') ?? read('/sys/fs/cgroup/memory/memory.limit_in_bytes'),
  );
  return {
    ...(Number.isFinite(cores) && cores > 0 ? { cores: Math.round(cores * 100) / 100 } : {}),
    // No limit is "max", or a number that no machine has.
    ...(most > 0 && most < memory_bytes ? { memory_bytes: most } : {}),
  };
}

function oldQuota(read: (file: string) => string | null): string {
  const quota = read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us') ?? 'max';
  return `${quota.trim()} ${read('/sys/fs/cgroup/cpu/cpu.cfs_period_us') ?? ''}`;
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
