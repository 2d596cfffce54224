// Looks for what is wrong with a Redis server that serves.
import { reasonOf } from '../host/operation-failed.ts';
import type { Redis } from 'ioredis';
import type { VerificationResult } from '../evidence/event.ts';
import { carryOut, type VerificationCheck } from '../evidence/verification.ts';
import { infoOf, withConnection, type RedisAddress } from './connection.ts';
import { writeProbe } from './monitor.ts';

const LIMITS = { connect_ms: 5_000, command_ms: 10_000 };

const CHECKS: readonly VerificationCheck<Redis>[] = [
  {
    name: 'redis takes a write',
    proves: 'trust',
    look: async (client) => {
      await writeProbe(client);
      return { ok: true, detail: 'it took one' };
    },
  },
  {
    name: 'redis is a primary',
    proves: 'trust',
    look: async (client) => {
      const info = await infoOf(client, 'replication');
      const role = info.get('role') ?? 'unknown';
      const detail = `role ${role}, ${info.get('connected_slaves')} replicas`;
      return { ok: role === 'master', detail };
    },
  },
  { name: 'redis could write to its disk', proves: 'trust', look: wroteToDisk },
];

export async function inspect(address: RedisAddress): Promise<VerificationResult[]> {
  try {
    return await withConnection(address, LIMITS, (client) => carryOut(CHECKS, client));
  } catch (error) {
    return [{ name: 'redis takes connections', ok: false, detail: reasonOf(error) }];
  }
}

async function wroteToDisk(client: Redis) {
  const info = await infoOf(client, 'persistence');
  const isOn = info.get('aof_enabled') === '1';
  const names = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'];
  const states = names.map((name) => `${name} ${info.get(name) ?? 'unknown'}`);
  const ok = info.get('loading') === '0' && states.every((state) => state.endsWith(' ok'));
  return { ok, detail: `append-only file ${isOn ? 'on' : 'off'}, ${states.join(', ')}` };
}
