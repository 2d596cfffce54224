// What the engine has counted of a container: the time that it ran, and its memory.
import type { NodeUsage } from '../../../evidence/event.ts';
import type { MemoryLook } from '../../system/region.ts';

/** Of a container that dies meanwhile the engine counts only a part, whatever its types say. */
export interface CountedByEngine {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: object;
  };
}

/** By the names of cgroups 1, of which some end in those of cgroups 2, or by these. */
function counterOf(found: CountedByEngine | null, name: string): number {
  const counters: Readonly<Record<string, number | undefined>> = {
    ...found?.memory_stats?.stats,
  };
  return counters[`total_${name}`] ?? counters[name] ?? 0;
}

/** Null where it did not run any more. */
export function countedIn(
  found: CountedByEngine | null,
): Pick<NodeUsage, 'cpu_ms' | 'memory_bytes'> | null {
  const cpu_ns = found?.cpu_stats?.cpu_usage?.total_usage;
  const { usage } = found?.memory_stats ?? {};
  if (cpu_ns === undefined || usage === undefined) return null;
  // Files cached for it make room when somebody needs the memory; `docker stats` does the same.
  const cached = counterOf(found, 'inactive_file');
  return { cpu_ms: cpu_ns / 1e6, memory_bytes: usage - cached };
}

/**
 * What it cannot give back, and the kernel's limit. No file that is cached counts here, be it in
 * use: all of them go where nothing else is left. Null where it did not run any more.
 */
export function memoryIn(found: CountedByEngine | null): MemoryLook['used'] {
  const { usage, limit } = found?.memory_stats ?? {};
  if (usage === undefined || limit === undefined) return null;
  const files = counterOf(found, 'active_file') + counterOf(found, 'inactive_file');
  return { held_bytes: usage - files, limit_bytes: limit };
}
