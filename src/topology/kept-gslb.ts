// The GSLB of a system that another runner brought up, heard and asked over HTTP.
import { reasonOf } from '../host/operation-failed.ts';
import { connectProgram, type ProgramAddress } from '../host/program/program-client.ts';
import type { GslbAddress } from '../gslb/protocol.ts';
import { gslbOver, RegionWatch, tellUnheard, type RunningGslb } from './gslb.ts';
import type { UpContext } from './system/system.ts';
import { notIntact, type Subject } from './intact.ts';

export interface KeptGslb {
  readonly control: Omit<ProgramAddress, 'title'>;
  /** Where clients ask. */
  readonly address: GslbAddress;
  /** The zero of the times that it tells, on this machine's monotonic clock. */
  readonly origin_ms: number;
}

/**
 * Its events from before this run are another drill's. Where it is not heard any more, detection
 * cannot be trusted.
 */
export async function attachGslb(
  { control, address, origin_ms }: KeptGslb,
  context: UpContext,
  subject: Subject,
  closers: (() => Promise<void>)[],
): Promise<RunningGslb> {
  const { clock, emit } = context;
  const offset_ms = origin_ms - context.origin_ms;
  const from_ms = clock.now() - offset_ms;
  const watch = new RegionWatch(emit, offset_ms);
  const client = connectProgram({ title: 'gslb', ...control });
  closers.push(async () => client.close());
  const take = (name: string, body: unknown) => {
    if ((body as { at_ms: number }).at_ms >= from_ms) watch.take(name, body);
  };
  await client.follow(take, tellUnheard(emit)).catch((error: unknown) => {
    throw notIntact(subject, context, [`the GSLB does not answer: ${reasonOf(error)}`]);
  });
  return gslbOver(client, address, watch, clock);
}
