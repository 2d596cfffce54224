// Sums of files as a manifest of PostgreSQL has them.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sumOf } from '../../../src/postgres/backup/file-sum.ts';

describe('the sum of a file', () => {
  it('is that of the standard, by each way', async () => {
    const place = mkdtempSync(join(tmpdir(), 'drill-sum-'));
    try {
      const file = join(place, 'file');
      writeFileSync(file, '123456789');
      // 0xE3069283 is the check value of CRC-32C; its least byte comes first.
      expect(await sumOf(file, 9, 'CRC32C')).to.equal('839206e3');
      expect(await sumOf(file, 9, 'SHA256')).to.match(/^15e2b0d3c33891eb/);
      expect(await sumOf(file, 9, 'SHA224')).to.match(/^9b3e61bf29f17c75/);
      expect(await sumOf(file, 9, 'NONE')).to.equal('');
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
