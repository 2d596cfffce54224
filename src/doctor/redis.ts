// Whether the second store can run here: only drills that ask for Redis need it.
import { locateRedis } from '../redis/binaries.ts';
import { ok, type DoctorCheck, type DoctorContext } from './check.ts';

export const redisServer: DoctorCheck = {
  name: 'Redis',
  isNeeded: ({ runtime, redis }) => runtime === 'embedded' && redis,
  isQuick: true,
  async look({ environment }: DoctorContext) {
    const { server, version } = locateRedis(environment);
    return ok(`${version}, ${server}`);
  },
};
