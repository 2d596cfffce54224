// Whether the server is a primary.
import type { Redis } from 'ioredis';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { infoOf } from '../connection.ts';

export const isPrimary: VerificationCheck<Redis> = {
  name: 'redis is a primary',
  proves: 'trust',
  look: async (client) => {
    const info = await infoOf(client, 'replication');
    const role = info.get('role') ?? 'unknown';
    return {
      ok: role === 'master',
      detail: `role ${role}, ${info.get('connected_slaves')} replicas`,
    };
  },
};
