// Closes the connection once `bytes` bytes went through.
import { passThrough, type ToxicKind } from '../toxic.ts';

export const limitData: ToxicKind = {
  type: 'limit_data',
  defaults: { bytes: 0 },
  begin: ({ bytes = 0 }, { output, memory }) => ({
    ...passThrough(output),
    take: (chunk) => {
      const part = chunk.subarray(0, Math.max(0, bytes - memory.passed_bytes));
      memory.passed_bytes += part.length;
      if (part.length > 0) output.write(part);
      if (memory.passed_bytes >= bytes) output.close();
    },
  }),
};
