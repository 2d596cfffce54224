// What the engine has counted of a container: the time that it ran, and its memory.
import type { NodeUsage } from '../../../evidence/event.ts';

/** Of a container that dies meanwhile the engine counts only a part, whatever its types say. */
export interface CountedByEngine {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: { readonly usage?: number; readonly stats?: object };
}

/** Null where it did not run any more. */
export function countedIn(
  found: CountedByEngine | null,
): Pick<NodeUsage, 'cpu_ms' | 'memory_bytes'> | null {
  const cpu_ns = found?.cpu_stats?.cpu_usage?.total_usage;
  const { usage, stats } = found?.memory_stats ?? {};
  if (cpu_ns === undefined || usage === undefined) return null;
  // Files cached for it make room when somebody needs the memory; `docker stats` does the same.
  // The second name is that of cgroups 1.
  const counters: Readonly<Record<string, number | undefined>> = { ...stats };
  const cached = counters['total_inactive_file'] ?? counters['inactive_file'] ?? 0;
  return { cpu_ms: cpu_ns / 1e6, memory_bytes: usage - cached };
}
