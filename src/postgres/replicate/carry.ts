// Bytes that go to a server and come back from it for no other purpose than to see how the way
// between carries them.
import { hostNow } from '../../host/clock.ts';
import { withConnection, type DatabaseAddress } from '../server/connection.ts';

/** How long they take besides an empty question. Rejects where the connection is lost meanwhile. */
export async function carry(
  address: DatabaseAddress,
  { up, down }: { readonly up: number; readonly down: number },
  atMost_ms: number,
): Promise<{ readonly bytes: number; readonly ms: number }> {
  const limits = { connect_ms: atMost_ms, statement_ms: atMost_ms };
  return await withConnection(address, limits, async (client) => {
    const ask = async (sent: number, returned: number) => {
      const began = hostNow();
      const values = ['x'.repeat(sent), returned];
      await client.query("select length($1::text), repeat('x', $2::int)", values);
      return hostNow() - began;
    };
    const empty_ms = await ask(0, 0);
    return { bytes: up + down, ms: (await ask(up, down)) - empty_ms };
  });
}
