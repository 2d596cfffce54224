// Whether the server takes a write.
import type { Redis } from 'ioredis';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { writeProbe } from '../probe.ts';

export const takesWrite: VerificationCheck<Redis> = {
  name: 'redis takes a write',
  proves: 'trust',
  look: async (client) => {
    await writeProbe(client);
    return { ok: true, detail: 'it took one' };
  },
};
