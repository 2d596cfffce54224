// What can be done to a Redis server that runs: a replica hears nothing of its primary, and what
// stands on a primary tells whether that loses everything. Each can be done twice.
import { withConnection, type RedisAddress } from './connection.ts';

const LIMITS = { connect_ms: 2_000, command_ms: 5_000 };
const NOT_THE_PASSWORD = 'drill-has-stopped-replication';
/** It is there before, and goes with everything else. */
const WITNESS_KEY = 'drill:before-the-flush';

/** Its primary refuses it, until it has the password again; a replica it stays all the time. */
export async function setFollowing(replica: RedisAddress, follows: boolean): Promise<void> {
  await withConnection(replica, LIMITS, async (client) => {
    await client.config('SET', 'masterauth', follows ? replica.password : NOT_THE_PASSWORD);
    if (!follows) await client.call('CLIENT', 'KILL', 'TYPE', 'master');
  });
}

export async function followsNobody(replica: RedisAddress): Promise<boolean> {
  return await withConnection(replica, LIMITS, async (client) => {
    const [, password] = (await client.config('GET', 'masterauth')) as [string, string];
    return password === NOT_THE_PASSWORD;
  });
}

export async function markBeforeFlush(primary: RedisAddress): Promise<void> {
  await withConnection(primary, LIMITS, (client) => client.set(WITNESS_KEY, '1'));
}

export async function isMarkGone(primary: RedisAddress): Promise<boolean> {
  return await withConnection(primary, LIMITS, async (client) => {
    return (await client.exists(WITNESS_KEY)) === 0;
  });
}
