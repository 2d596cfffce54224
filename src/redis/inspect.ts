// Looks for what is wrong with a Redis server that serves: its role, its link, whether it could
// write down what it holds, and one write.
import type { Redis } from 'ioredis';
import type { CheckResult } from '../evidence/event.ts';
import { infoOf, withConnection, type RedisAddress } from './connection.ts';
import { writeProbe } from './probe.ts';

const LIMITS = { connect_ms: 5_000, command_ms: 10_000 };

type Check = (client: Redis) => Promise<Omit<CheckResult, 'name'>>;

const CHECKS: readonly (readonly [string, Check])[] = [
  ['redis takes a write', takesWrite],
  ['redis is a primary', isPrimary],
  ['redis could write to its disk', wroteToDisk],
];

/** Every check, in this order; one that cannot be made counts as failed, with the reason. */
export async function inspect(address: RedisAddress): Promise<CheckResult[]> {
  try {
    return await withConnection(address, LIMITS, async (client) => {
      const results: CheckResult[] = [];
      for (const [name, check] of CHECKS) {
        const found = await check(client).catch((error: Error) => {
          return { ok: false, detail: error.message };
        });
        results.push({ name, ...found });
      }
      return results;
    });
  } catch (error) {
    return [{ name: 'redis takes connections', ok: false, detail: (error as Error).message }];
  }
}

async function takesWrite(client: Redis) {
  await writeProbe(client);
  return { ok: true, detail: 'it took one' };
}

async function isPrimary(client: Redis) {
  const info = await infoOf(client, 'replication');
  const role = info.get('role') ?? 'unknown';
  return {
    ok: role === 'master',
    detail: `role ${role}, ${info.get('connected_slaves')} replicas`,
  };
}

async function wroteToDisk(client: Redis) {
  const info = await infoOf(client, 'persistence');
  const isOn = info.get('aof_enabled') === '1';
  const names = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'];
  const states = names.map((name) => `${name} ${info.get(name) ?? 'unknown'}`);
  const ok = info.get('loading') === '0' && states.every((state) => state.endsWith(' ok'));
  return { ok, detail: `append-only file ${isOn ? 'on' : 'off'}, ${states.join(', ')}` };
}
