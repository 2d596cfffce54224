// Ways from this machine into the containers of a run, and what is asked there.
import { LOOPBACK } from '../../host/ports.ts';
import type { GslbAddress } from '../../gslb/protocol.ts';
import { oneRow, withConnection, type DatabaseAddress } from '../../postgres/server/connection.ts';
import { infoOf, withConnection as withRedis } from '../../redis/connection.ts';
import type { Container } from './container.ts';

/** Inside its container. */
export const GSLB_DNS = 5353;
const GSLB_CONTROL = 9000;
const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };

/** `17.6` */
export async function versionOf(primary: DatabaseAddress): Promise<string> {
  const { version } = await withConnection(primary, LIMITS, (client) =>
    oneRow<{ version: string }>(client, `select split_part(version(), ' ', 2) as version`),
  );
  return version;
}

/** `8.0.3`; `port` is the operator's way in. */
export async function redisVersionOf(port: number, password: string): Promise<string> {
  const limits = { connect_ms: LIMITS.connect_ms, command_ms: LIMITS.statement_ms };
  return await withRedis({ host: LOOPBACK, port, password }, limits, async (client) => {
    return (await infoOf(client, 'server')).get('redis_version') ?? 'unknown';
  });
}

/** Where clients ask the GSLB, and where the runner does. */
export function gslbPlaces(container: Container): {
  readonly address: GslbAddress;
  readonly control: GslbAddress;
} {
  return {
    address: { host: LOOPBACK, port: container.port(GSLB_DNS, 'udp') },
    control: { host: LOOPBACK, port: container.port(GSLB_CONTROL) },
  };
}
