// A way to the database of a queue that lets only so much through.
import { databaseAddress, type DatabaseAddress } from '../../../src/drill/database-address.ts';
import type { TestedLinks } from '../servers/toxiproxy.ts';

type Stream = 'upstream' | 'downstream';

export async function slowWay(
  { links }: TestedLinks,
  address: DatabaseAddress,
  rate_kBs: number,
  streams: readonly Stream[] = ['upstream', 'downstream'],
): Promise<DatabaseAddress> {
  const url = new URL(address.url);
  const link = links.create(`queue-${rate_kBs}`);
  const to = { host: url.hostname, port: Number(url.port) };
  const { port } = await link.addProxy(link.name, to);
  const slow = { type: 'bandwidth', attributes: { rate: rate_kBs }, toxicity: 1 } as const;
  await link.disturb(streams.map((stream) => ({ ...slow, name: stream, stream }))).act();
  url.port = String(port);
  return databaseAddress(url.href)!;
}
