// What events say of the nodes of a system that is up, and of how to reach them.
import * as z from 'zod';
import { count } from '../../drill/planned.ts';

const text = z.string();

/** How to reach one part of the running system. Passwords never stand here. */
export const endpoint = z.strictObject({
  /** `gslb`, `proxy`, `clients-east/app-1`, `east/postgres`, `east/app-1`. */
  name: text,
  kind: z.enum(['gslb', 'proxy', 'edge-link', 'database', 'carts', 'app', 'way-in']),
  host: text,
  port: count,
  protocol: z.enum(['udp-dns', 'http', 'postgres', 'redis']),
});

/** What was left running on purpose, and how to reach it. */
export const keptNode = z.strictObject({ node: text, url: text, connect: text });

export const nodeUsage = z.strictObject({
  node: text,
  /** Processor time since it began. */
  cpu_ms: z.number(),
  memory_bytes: z.number(),
  /** What it keeps on disk; null where that is not known. */
  disk_bytes: z.number().nullable(),
});

/** A database that takes writes, by a write that it took. */
export const writable = {
  node: z.string(),
  timeline: count,
  /** Log that it had received and not replayed when it was to be promoted. */
  replay_bytes: z.number().exactOptional(),
  /** Until then it was a standby, as far as somebody watched it. */
  not_before_ms: z.number().exactOptional(),
};
