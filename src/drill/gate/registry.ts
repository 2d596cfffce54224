// Every gate, in the order in which results show them: the drill file's `targets`, the plan's, the
// words of `drill plan` and the gates of a result follow from this list.
import { availability } from './availability.ts';
import { errors } from './errors.ts';
import { failbackRto } from './failback-rto.ts';
import type { GateDefinition } from './gate.ts';
import { lostWrites, redisLostWrites } from './lost-writes.ts';
import { p99Latency } from './p99-latency.ts';
import { redisRpo, rpo } from './rpo.ts';
import { rtoRegression } from './rto-regression.ts';
import { rto } from './rto.ts';
import { splitBrain } from './split-brain.ts';
import { steadyWithin } from './steady-within.ts';

export const GATES = [
  rto,
  rpo,
  lostWrites,
  redisRpo,
  redisLostWrites,
  splitBrain,
  p99Latency,
  failbackRto,
  availability,
  errors,
  steadyWithin,
  rtoRegression,
] as const satisfies readonly GateDefinition[];

export type GateEntry = (typeof GATES)[number];
