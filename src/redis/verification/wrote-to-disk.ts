// Whether the server could write down what it holds.
import type { Redis } from 'ioredis';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { infoOf } from '../connection.ts';

export const wroteToDisk: VerificationCheck<Redis> = {
  name: 'redis could write to its disk',
  proves: 'trust',
  look: async (client) => {
    const info = await infoOf(client, 'persistence');
    const isOn = info.get('aof_enabled') === '1';
    const names = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'];
    const states = names.map((name) => `${name} ${info.get(name) ?? 'unknown'}`);
    const ok = info.get('loading') === '0' && states.every((state) => state.endsWith(' ok'));
    return { ok, detail: `append-only file ${isOn ? 'on' : 'off'}, ${states.join(', ')}` };
  },
};
