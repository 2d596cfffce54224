// What a journal says of the machine that drill runs on, and of the stores that it measures.
import * as z from 'zod';
import { count } from '../../drill/planned.ts';

const text = z.string();
const number = z.number();

/** As it is when the run begins. */
export const machine = {
  cores: count,
  processor: text,
  memory_bytes: number,
  system: text,
  kernel: text,
  /** Processes that ran or waited for a core, over the last minute. */
  load: number,
  /** What the container around drill allows; a key that is not there: no limit. */
  limits: z.strictObject({ cores: number.exactOptional(), memory_bytes: number.exactOptional() }),
  /** `Europe/Berlin`, and its minutes ahead of UTC. */
  zone: text,
  zone_min: number,
} as const;

export const described = {
  node: text,
  /** Of the server's program. */
  version: text,
  bytes: count,
  /** Keys, or rows, as the store knows without a look at each; null: it does not. */
  rows: count.nullable(),
} as const;

/** What a container engine tells of a container. */
export const witnessed = z.enum(['die', 'oom', 'pause', 'unpause', 'start']);
