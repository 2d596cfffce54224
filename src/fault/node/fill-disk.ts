// fill-disk: a file takes up what is free on the disk of one store, but for the stated share.
import { formatBytes } from '../../base/units.ts';
import { needed, type NodeDisk } from '../../topology/system/region.ts';
import { apply, seenAs, type Fault, type FaultContext, type Seen } from '../fault.ts';

/**
 * A PostgreSQL that ends gives back a megabyte or two. Half a segment of its log is still no room
 * to begin the next one.
 */
const SLACK_BYTES = 8 * 2 ** 20;

export const fillDisk: Fault<'fill-disk'> = {
  kind: 'fill-disk',
  inject: async (context) => {
    const { node, region, free } = context.fault;
    await apply(context, context.system.region(region).mayDie(node));
    await apply(context, diskHit(context).fill(free));
    return { detail: `filled the disk of ${node}` };
  },
  ...seenAs(({ fault }: FaultContext<'fill-disk'>) => `the disk of ${fault.node} is full`, see),
};

function diskHit({ system, fault }: FaultContext<'fill-disk'>): NodeDisk {
  const { diskOf } = system.region(fault.region);
  return needed(diskOf, 'bound-disk', `region ${fault.region}`)(fault.node);
}

/** By whoever else has the disk, and by a write that it refuses where nothing is to be free. */
async function see(context: FaultContext<'fill-disk'>): Promise<Seen> {
  const { size_bytes, free_bytes, refuses, by } = await diskHit(context).look(SLACK_BYTES);
  const { free } = context.fault;
  const isFull = free_bytes <= free * size_bytes + SLACK_BYTES;
  const room = `${formatBytes(free_bytes)} of ${formatBytes(size_bytes)} free`;
  const write = `a write of ${formatBytes(SLACK_BYTES)} is ${refuses ? 'refused' : 'taken'}`;
  return { ok: isFull && (refuses || free > 0), detail: `${room}, ${write} (${by})` };
}
